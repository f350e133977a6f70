"""What our plain pages share."""

import re

from chalicelib.api.http.plain_page import other_languages
from chalicelib.messages.catalogue import LANGUAGES


def test_other_languages_are_called_by_their_own_names() -> None:
    """Two letters are no name, and a screen reader has to know whose word it is."""
    links = other_languages("fr", LANGUAGES)

    assert re.findall(r'language=(\w+)" hreflang="(\w+)" lang="(\w+)">(\w+)<', links) == [
        ("de", "de", "de", "Deutsch"),
        ("en", "en", "en", "English"),
        ("it", "it", "it", "Italiano"),
    ]
