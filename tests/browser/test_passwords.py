"""Passwords in a real browser: the proof is the one that the server reckons with, and bad ones are told from good."""

import base64
import hashlib
import json
import unicodedata
from typing import Any

import pytest

from chalicelib.domain.passwords import ITERATIONS, SALT_BYTES, spell
from infra.local.cloud import LocalCloud
from tests.browser.chromium import Chromium, Page
from tests.deployed.stack import Stack

pytestmark = pytest.mark.deployed

SALT = bytes(range(200, 216))
PASSWORDS = {
    "ascii": "correct horse battery staple",
    "umlauts": "Zürcher Geschnetzeltes mit Rösti",
    "decomposed": unicodedata.normalize("NFD", "Zürcher Geschnetzeltes mit Rösti"),
    "full width": "ｃｏｒｒｅｃｔ ｈｏｒｓｅ ﬁsh",
    "emoji": "vier Wörter und ein 🐘👩‍👩‍👧",
    "other scripts": "правильная лошадь 正しい馬",
    "empty": "",
    "long": "ä" * 5000,
}
LIST = ["password", "dragon", "correct horse battery", "sommer", "qwertz"]
ABOUT = {"email": "regula.brunner@praxis-brunner.example", "names": ["Regula", "Brunner-Huber"], "blocklist": LIST}

JUDGED: dict[str, tuple[str, list[str]]] = {
    "good: words": ("vier blaue Elefanten tanzen", []),
    "good: no spaces": ("viergrüneKühetanzen", []),
    "good: one's own name among others": ("Regula mag grosse blaue Elefanten", []),
    "good: a frequent one among others": ("sommer am see mit freunden", []),
    "good: digits only, without any order": ("839201746510385", []),
    "14 characters": ("blaue Elefant!", ["short"]),
    "15 characters": ("blaue Elefanten", []),
    "14 emoji, which are more in UTF-16": ("🐘🦁🐯🐻🐼🐨🐸🐵🐔🐧🐦🐤🦆🦅", ["short"]),
    "15 emoji": ("🐘🦁🐯🐻🐼🐨🐸🐵🐔🐧🐦🐤🦆🦅🦉", []),
    "15 letters that are 30 decomposed": ("äöüäöüëïäöüôâêx", []),
    "1024 characters": ("vier Elefanten " * 68 + "wxyz", []),
    "1025 characters": ("vier Elefanten " * 68 + "wxyzz", ["long"]),
    "nothing": ("", ["short"]),
    "frequent": ("correct horse battery", ["frequent"]),
    "frequent, in capitals": ("Correct HORSE Battery", ["frequent"]),
    "frequent, with digits behind": ("dragon8402716395", ["frequent"]),
    "frequent, with signs around": ("--..password..--!?2031", ["frequent"]),
    "frequent, twice": ("passwordpassword", ["frequent"]),
    "frequent, three times": ("dragondragondragon", ["frequent", "repeated"]),
    "one's own name": ("ReGuLa-Brunner-2031!", ["context"]),
    "one's own address": ("regula.brunner#82736", ["context"]),
    "one's own domain": ("praxis-brunner 8273 ab", ["context"]),
    "our name": ("Zusage! Zusage? 8273", ["context"]),
    "one character": ("aaaaaaaaaaaaaaaa", ["repeated", "sequence"]),
    "four characters again and again": ("Xy7!Xy7!Xy7!Xy7!", ["repeated"]),
    "five again and again, cut off": ("Xy7!pXy7!pXy7!pXy", ["repeated"]),
    "the alphabet": ("abcdefghijklmnop", ["sequence"]),
    "backwards": ("zyxwvutsrqponmlk", ["sequence"]),
    "counting": ("1234567890123456", ["sequence"]),
    "rows of keys": ("qwertzuiopasdfghjkl", ["sequence"]),
    "rows put together": ("asdfgh12345uiop", ["sequence"]),
    "pairs": ("aaabbbcccdddeeefff", ["sequence"]),
}


@pytest.fixture(scope="module")
def module(cloud: LocalCloud, chromium: Chromium) -> Page:
    """A page of ours, whose rules about scripts hold."""
    page = chromium.page(language="de-CH")
    page.open(f"{cloud.api_base}/account")
    return page


def asked(page: Page, call: str) -> Any:
    """What a function of the module gives."""
    return page.run(f"import('/assets/proof.js').then((proof) => proof.{call})")


@pytest.mark.parametrize("password", PASSWORDS.values(), ids=PASSWORDS)
def test_the_proof_is_pbkdf2(module: Page, password: str) -> None:
    """As Python makes it; composed or not, the same password gives the same proof."""
    parameters = {"salt": spell(SALT), "iterations": 1000, "algorithm": "PBKDF2-SHA-256"}

    proof = asked(module, f"deriveProof({json.dumps(password)}, {json.dumps(parameters)})")

    plain = unicodedata.normalize("NFKC", password).encode()
    assert proof == spell(hashlib.pbkdf2_hmac("sha256", plain, SALT, 1000))


def test_with_as_many_iterations_as_we_ask_for_it_takes_a_moment(module: Page, stack: Stack) -> None:
    """And the server's own parameters are understood."""
    told = stack.client.ask("POST", "/sign-in/parameters", wanted=200, json={"email": "jemand@praxis.example"})

    proof = asked(module, f"deriveProof('vier blaue Elefanten', {json.dumps(told)})")

    raw = base64.urlsafe_b64decode(told["salt"] + "==")
    assert (len(raw), told["iterations"]) == (SALT_BYTES, ITERATIONS)
    assert proof == spell(hashlib.pbkdf2_hmac("sha256", b"vier blaue Elefanten", raw, ITERATIONS))


def test_another_algorithm_is_not_taken_for_ours(module: Page) -> None:
    """No proof at all comes of it."""
    parameters = {"salt": spell(SALT), "iterations": 1000, "algorithm": "MD5"}

    told = asked(module, f"deriveProof('x', {json.dumps(parameters)}).then(() => 'a proof', () => 'nothing')")

    assert told == "nothing"


@pytest.mark.parametrize(("password", "kinds"), JUDGED.values(), ids=JUDGED)
def test_a_password_is_judged(module: Page, password: str, kinds: list[str]) -> None:
    """By length, the list, one's own words and patterns; never by which characters it is made of."""
    about = json.dumps(ABOUT)[:-1] + f', "blocklist": new Set({json.dumps(LIST)})}}'

    told = asked(module, f"checkPassword({json.dumps(password)}, {about})")

    assert sorted(each["kind"] for each in told) == sorted(kinds)
    assert all(each["text"].endswith(".") for each in told)


def test_it_is_said_in_the_language_of_the_reader(stack: Stack, module: Page) -> None:
    """German or English."""
    (german,) = asked(module, "checkPassword('kurz')")
    english = module.chromium.page(language="en-GB")
    english.open(f"{stack.cloud.api_base}/account")
    (other,) = asked(english, "checkPassword('kurz')")

    assert (german["kind"], other["kind"]) == ("short", "short")
    assert german["text"].startswith("Das Passwort ist zu kurz.")
    assert other["text"].startswith("The password is too short.")


def test_the_list_comes_from_here(module: Page) -> None:
    """And is not empty."""
    assert asked(module, "loadBlocklist().then((list) => [list.size, list.has('password'), list.has('')])") == [
        30_000,
        True,
        False,
    ]
