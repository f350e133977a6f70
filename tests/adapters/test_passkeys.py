"""Passkeys by WebAuthn, against a device made of software."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.passkeys import WebAuthn
from chalicelib.domain.passkeys import Passkey
from tests.passkey_device import PRESENT, Device

HERE = WebAuthn(rp_id="api.example.ch", rp_name="Zusage", origin="https://api.example.ch")
PERSON: Any = {"handle": b"0123456789abcdef", "name": "regula@praxis.example", "display_name": "Regula Brunner"}


def made(device: Device) -> Passkey:
    """A passkey that was taken on."""
    challenge = HERE.challenge()
    passkey = HERE.created(device.create(HERE.creation(challenge, **PERSON, known=[])), challenge=challenge)
    assert passkey is not None
    return passkey


def test_a_browser_is_told_what_we_ask_for() -> None:
    """For our host, with somebody verified, a place in the device's own list if it has one, and no word of its make."""
    options = HERE.creation("AQID", **PERSON, known=["BAUG"])

    assert options["rp"] == {"name": "Zusage", "id": "api.example.ch"}
    assert options["challenge"] == "AQID"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "preferred"
    assert options["attestation"] == "none"
    assert [each["id"] for each in options["excludeCredentials"]] == ["BAUG"]
    asked = HERE.request("AQID", known=["BAUG"])
    assert (asked["rpId"], asked["userVerification"]) == ("api.example.ch", "required")
    assert [each["id"] for each in asked["allowCredentials"]] == ["BAUG"]


def test_each_challenge_is_another_one() -> None:
    """64 random bytes."""
    assert len({HERE.challenge() for _ in range(50)}) == 50
    assert len(HERE.challenge()) == 86


def test_a_passkey_is_made_and_used() -> None:
    """The count goes on with each use."""
    device = Device()
    passkey, challenge = made(device), HERE.challenge()

    count = HERE.used(device.sign(HERE.request(challenge, known=[passkey.credential])), passkey, challenge=challenge)

    assert passkey.credential == device.id
    assert count == 1


@pytest.mark.parametrize(
    ("kept", "told", "good"), [(0, 0, True), (1, 0, False), (4, 5, True), (5, 5, False), (6, 5, False)]
)
def test_a_count_that_does_not_go_on_is_refused(kept: int, told: int, good: bool) -> None:
    """A copy of the device is at work, unless it is one that does not count."""
    device = Device()
    passkey, challenge = replace(made(device), count=kept), HERE.challenge()
    device.count = told - 1 if told else -1
    options = HERE.request(challenge, known=[passkey.credential])

    count = HERE.used(device.sign(options), passkey, challenge=challenge)

    assert count == (told if good else None)


BAD: dict[str, dict[str, Any]] = {
    "another site": {"origin": "https://api.example.com"},
    "not encrypted": {"origin": "http://api.example.ch"},
    "nobody verified": {"flags": PRESENT},
    "nobody there": {"flags": 0},
}


@pytest.mark.parametrize("how", BAD.values(), ids=BAD)
def test_what_proves_too_little_is_refused(how: dict[str, Any]) -> None:
    """When it is made, and when it is used."""
    device, challenge = Device(), HERE.challenge()
    passkey = made(device)
    bad = replace(device, **how)

    assert HERE.created(bad.create(HERE.creation(challenge, **PERSON, known=[])), challenge=challenge) is None
    assert HERE.used(bad.sign(HERE.request(challenge, known=[])), passkey, challenge=challenge) is None


def test_another_challenge_host_or_key_is_refused() -> None:
    """What was signed for something else proves nothing here."""
    device, challenge = Device(), HERE.challenge()
    passkey, options = made(device), HERE.request(challenge, known=[])

    assert HERE.used(device.sign(options), passkey, challenge=HERE.challenge()) is None
    assert HERE.used(device.sign(options, rp_id="example.ch"), passkey, challenge=challenge) is None
    assert HERE.used(Device(credential=device.credential).sign(options), passkey, challenge=challenge) is None
    answer = device.create(HERE.creation(challenge, **PERSON, known=[]))
    assert HERE.created(answer, challenge=HERE.challenge()) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=10,
)


@given(noise=_JSON, where=st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "attestationObject"]))
def test_noise_is_refused_and_nothing_else(noise: Any, where: str) -> None:
    """Whatever stands where something else belongs."""
    device = Device()
    answer = device.create(HERE.creation("AQID", **PERSON, known=[]))
    place = answer if where in answer else answer["response"]
    place[where] = noise

    assert HERE.created(answer, challenge="AQID") is None
    assert HERE.used(answer, Passkey(credential="AQID", key="BAUG", count=0), challenge="AQID") is None


@given(at=st.integers(0, 200), bit=st.integers(0, 7), what=st.sampled_from(["authenticatorData", "signature"]))
def test_one_changed_bit_is_refused(at: int, bit: int, what: str) -> None:
    """Wherever it is; nothing but a refusal comes of it."""
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

    answer = SIGNED.sign(HERE.request("AQID", known=[]))
    raw = bytearray(base64url_to_bytes(answer["response"][what]))
    raw[at % len(raw)] ^= 1 << bit
    answer["response"][what] = bytes_to_base64url(bytes(raw))

    assert HERE.used(answer, KEPT, challenge="AQID") is None


@given(at=st.integers(0, 400), byte=st.integers(0, 255))
def test_a_changed_byte_of_a_new_passkey_raises_nothing(at: int, byte: int) -> None:
    """It may make another key, which is of no use to anybody; it may not make an error of ours."""
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

    answer = Device().create(HERE.creation("AQID", **PERSON, known=[]))
    raw = bytearray(base64url_to_bytes(answer["response"]["attestationObject"]))
    raw[at % len(raw)] = byte
    answer["response"]["attestationObject"] = bytes_to_base64url(bytes(raw))

    HERE.created(answer, challenge="AQID")


SIGNED = Device()
KEPT = made(SIGNED)
