"""Instants said in words, also in the hour that occurs twice."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from chalicelib.messages.catalogue import LANGUAGES
from chalicelib.messages.when import short_time, spoken_time

ZURICH = "Europe/Zurich"
AFTERNOON = datetime(2026, 11, 30, 13, 30, tzinfo=UTC)
CLOCKS_BACK = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
CLOCKS_FORWARD = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("language", "long", "short"),
    [
        ("de", "Montag, 30. November 2026, 14:30 Uhr", "Mo 30.11.2026 14:30"),
        ("en", "Monday, 30 November 2026, 14:30", "Mon 30 Nov 2026 14:30"),
        ("fr", "lundi 30 novembre 2026 à 14h30", "lu 30.11.2026 14:30"),
        ("it", "lunedì 30 novembre 2026, ore 14:30", "lu 30.11.2026 14:30"),
    ],
)
def test_an_instant_is_said_in_the_language_and_zone(language: str, long: str, short: str) -> None:
    """The full form is for e-mail, the short one for text messages."""
    assert spoken_time(AFTERNOON, ZURICH, language) == long
    assert short_time(AFTERNOON, ZURICH, language) == short


def test_the_offset_of_the_instant_given_does_not_matter() -> None:
    """Only the point in time does."""
    elsewhere = AFTERNOON.astimezone(timezone(timedelta(hours=-7)))

    assert spoken_time(elsewhere, ZURICH, "de") == "Montag, 30. November 2026, 14:30 Uhr"


def test_single_digits_are_written_as_each_language_does() -> None:
    """A leading zero stands in times, but for French, and in the short date, but for English."""
    early = datetime(2027, 3, 4, 8, 5, tzinfo=UTC)

    assert spoken_time(early, ZURICH, "de") == "Donnerstag, 4. März 2027, 09:05 Uhr"
    assert short_time(early, ZURICH, "de") == "Do 04.03.2027 09:05"
    assert short_time(early, ZURICH, "en") == "Thu 4 Mar 2027 09:05"
    assert spoken_time(early, ZURICH, "fr") == "jeudi 4 mars 2027 à 9h05"
    assert spoken_time(early, ZURICH, "it") == "giovedì 4 marzo 2027, ore 09:05"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Dienstag, 1. Dezember 2026, 14:30 Uhr"),
        ("en", "Tuesday, 1 December 2026, 14:30"),
        ("fr", "mardi 1er décembre 2026 à 14h30"),
        ("it", "martedì 1° dicembre 2026, ore 14:30"),
    ],
)
def test_the_first_of_a_month_has_its_own_number_in_french_and_italian(language: str, said: str) -> None:
    """The first only: the 11th and the 21st are plain numbers."""
    assert spoken_time(AFTERNOON + timedelta(days=1), ZURICH, language) == said
    for later in (11, 21):
        assert f" {later}" in spoken_time(AFTERNOON + timedelta(days=later), ZURICH, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_days_and_months_have_names_of_their_own(language: str) -> None:
    """A year has 7 names of days and 12 of months, also when cut short."""
    days = [AFTERNOON + timedelta(days=day) for day in range(365)]

    assert len({spoken_time(day, ZURICH, language).split()[0] for day in days}) == 7
    assert len({spoken_time(day, ZURICH, language).split()[2] for day in days}) == 12
    assert len({short_time(day, ZURICH, language) for day in days}) == 365


@pytest.mark.parametrize(
    ("instant", "tail"),
    [
        (CLOCKS_BACK - timedelta(hours=1) - SECOND, "01:59 Uhr"),
        (CLOCKS_BACK - timedelta(hours=1), "02:00 Uhr (MESZ)"),
        (CLOCKS_BACK - SECOND, "02:59 Uhr (MESZ)"),
        (CLOCKS_BACK, "02:00 Uhr (MEZ)"),
        (CLOCKS_BACK + timedelta(hours=1) - SECOND, "02:59 Uhr (MEZ)"),
        (CLOCKS_BACK + timedelta(hours=1), "03:00 Uhr"),
    ],
)
def test_the_hour_that_occurs_twice_names_its_offset(instant: datetime, tail: str) -> None:
    """Both are told apart; the seconds around stay plain."""
    assert spoken_time(instant, ZURICH, "de") == f"Sonntag, 25. Oktober 2026, {tail}"


@pytest.mark.parametrize(("instant", "said"), [(CLOCKS_FORWARD - SECOND, "01:59"), (CLOCKS_FORWARD, "03:00")])
def test_the_hour_that_is_skipped_needs_no_offset(instant: datetime, said: str) -> None:
    """No time in it can be meant."""
    assert spoken_time(instant, ZURICH, "en") == f"Sunday, 29 March 2026, {said}"


def test_the_offset_is_named_in_the_language_and_in_the_short_form() -> None:
    """Names of its own, which every reader knows."""
    assert spoken_time(CLOCKS_BACK, ZURICH, "en").endswith("02:00 (CET)")
    assert short_time(CLOCKS_BACK, ZURICH, "en") == "Sun 25 Oct 2026 02:00 CET"
    assert short_time(CLOCKS_BACK - SECOND, ZURICH, "de") == "So 25.10.2026 02:59 MESZ"
    assert spoken_time(CLOCKS_BACK, ZURICH, "fr").endswith("à 2h00 (heure d'hiver)")
    assert short_time(CLOCKS_BACK - SECOND, ZURICH, "it") == "do 25.10.2026 02:59 ora estiva"


@pytest.mark.parametrize(
    ("zone", "instant", "name"),
    [
        ("America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "UTC-4"),
        ("America/New_York", datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "UTC-5"),
        ("America/St_Johns", datetime(2026, 11, 1, 4, 0, tzinfo=UTC), "UTC-2:30"),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 14, 45, tzinfo=UTC), "UTC+11"),
        ("Europe/London", datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "UTC+0"),
    ],
)
def test_other_zones_are_told_apart_by_their_offset(zone: str, instant: datetime, name: str) -> None:
    """Abbreviations of far zones are not widely known, and some mean several zones."""
    assert spoken_time(instant, zone, "de").endswith(f"({name})")


def test_an_instant_without_zone_is_refused() -> None:
    """It could be any of 38 instants."""
    with pytest.raises(ValueError, match="aware"):
        spoken_time(AFTERNOON.replace(tzinfo=None), ZURICH, "de")


def test_an_unknown_language_is_refused() -> None:
    """The caller chooses by what the catalogue has."""
    with pytest.raises(ValueError, match="language"):
        short_time(AFTERNOON, ZURICH, "xx")
