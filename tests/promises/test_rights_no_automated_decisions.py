"""rights, `no-automated-decisions`: it is said in every notice, and no declaration has such a purpose."""

import pytest

from chalicelib.domain.handling import Purpose
from chalicelib.messages.notice_words import NOTICE_LANGUAGES, words
from tests.deployed.stack import Stack

pytestmark = [pytest.mark.deployed, pytest.mark.promise("no-automated-decisions")]

SAID = {
    "en": "No decision about you is made by automated means alone, and no profiles are formed.",
    "de": "Über Sie wird nichts allein automatisiert entschieden, und es werden keine Profile gebildet.",
    "fr": "Aucune décision vous concernant n'est prise de manière exclusivement automatisée",
    "it": "Nessuna decisione che La riguarda è presa in modo esclusivamente automatizzato",
}
# Whoever adds a purpose decides here, in the open, that it neither judges nor profiles people.
HARMLESS = {
    "ACCOUNT",
    "APPOINTMENT",
    "NOTIFICATION",
    "PAYMENT",
    "SUPPRESSION",
    "ACCOUNTABILITY",
    "SECURITY",
    "OPERATION",
    "LEGAL_DUTY",
}


@pytest.mark.parametrize("language", NOTICE_LANGUAGES)
def test_the_notices_say_so(stack: Stack, language: str) -> None:
    """The operator's and a business's, for programs and to read."""
    tenant = stack.business().tenant

    for path in (f"/v1/notice?language={language}", f"/v1/tenants/{tenant}/notice?language={language}"):
        answer = stack.cloud.call("GET", path)
        assert answer.status == 200
        assert SAID[language] in answer.json()["automated_decisions"]
    page = stack.cloud.call("GET", f"/tenants/{tenant}/notice?language={language}")
    assert page.status == 200
    assert SAID[language].replace("'", "&#x27;") in page.text


def test_the_deployed_catalogue_has_no_such_purpose(stack: Stack) -> None:
    """Every purpose that the published notices name is one of those that were looked at."""
    tenant = stack.business().tenant
    published = [
        purpose
        for path in ("/v1/notice", f"/v1/tenants/{tenant}/notice")
        for kind in stack.cloud.call("GET", path).json()["kinds"]
        for purpose in kind["purposes"]
    ]

    assert {purpose.name for purpose in Purpose} == HARMLESS
    assert set(published) <= set(words_of_harmless())


def words_of_harmless() -> list[str]:
    """The harmless purposes in English."""
    return [words("en")["purposes"][name] for name in HARMLESS]
