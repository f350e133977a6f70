"""The pages in a real browser: said in the first of the reader's languages that they speak, else in English."""

import pytest

from tests.browser.chromium import Chromium
from tests.deployed.stack import Stack

pytestmark = pytest.mark.deployed


@pytest.mark.parametrize(
    ("wishes", "path", "said"),
    [
        ("fr-CH,fr,de", "appointment", ["fr", "Votre rendez-vous"]),
        ("it-CH", "appointment", ["it", "Il Suo appuntamento"]),
        ("rm-CH,de-CH", "appointment", ["de", "Ihr Termin"]),
        ("pt", "appointment", ["en", "Your appointment"]),
        ("fr-CH,de", "account", ["fr", "Mon compte"]),
        ("it-CH", "calendar", ["it", "I miei calendari"]),
        ("fr-CH", "first-password", ["fr", "Ouvrir l'installation"]),
    ],
)
def test_a_page_takes_the_first_language_that_it_speaks(
    stack: Stack, chromium: Chromium, wishes: str, path: str, said: list[str]
) -> None:
    """Screen readers are told the same language as everybody reads."""
    page = chromium.page(language=wishes)

    page.open(f"{stack.cloud.api_base}/{path}")

    assert page.run("[document.documentElement.lang, document.title]") == said
    assert page.run("document.body.innerText.trim().length") > len(said[1])
