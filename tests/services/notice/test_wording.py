"""The words that a kind brings along are those of the notice, too."""

import pytest

from chalicelib.domain.handling import Said
from chalicelib.messages.notice_words import NOTICE_LANGUAGES, words
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.customer import Customer
from chalicelib.services.notice._wording import spoken, spoken_with

GROUPS = ("kind_names", "interests", "field_names", "starts")


def own(monkeypatch: pytest.MonkeyPatch, said: dict[str, Said]) -> None:
    """Gives customers words of their own."""
    monkeypatch.setattr(Customer, "said", said)


@pytest.mark.parametrize("language", NOTICE_LANGUAGES)
def test_without_words_of_their_own_kinds_have_those_of_the_notice(language: str) -> None:
    """Nothing is changed or lost."""
    assert all(words(language)[group].items() <= spoken(language)[group].items() for group in GROUPS)


def test_a_kind_s_own_words_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name, its interest, its fields and what its periods count from."""
    said = Said(name="Guest", interest="hospitality", fields={"taste": "taste"}, starts={"left_at": "leaving"})
    own(monkeypatch, {"en": said})

    every = spoken_with(words("en"), RECORDS, "en")

    assert (every["kind_names"]["Customer"], every["interests"]["Customer"]) == ("Guest", "hospitality")
    assert (every["field_names"]["taste"], every["starts"]["left_at"]) == ("taste", "leaving")
    assert every["kind_names"]["Tenant"] == words("en")["kind_names"]["Tenant"]


def test_no_interest_is_said_where_none_is_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty text would pass for one."""
    own(monkeypatch, {"en": Said(name="Guest")})

    assert "Customer" not in spoken_with(words("en"), RECORDS, "en")["interests"]


def test_a_kind_that_lacks_a_language_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notice with a hole in it is none."""
    own(monkeypatch, {"en": Said(name="Guest")})

    with pytest.raises(LookupError, match="Customer has no words in it"):
        spoken_with(words("it"), RECORDS, "it")
