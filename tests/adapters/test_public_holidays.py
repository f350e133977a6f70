"""Public holidays as the regions have them."""

from datetime import date

import pytest

from chalicelib.adapters.public_holidays import ComputedHolidays
from chalicelib.domain.regions import REGIONS

HOLIDAYS = ComputedHolidays()


@pytest.mark.parametrize(
    ("region", "day", "name"),
    [
        ("CH-ZH", date(2026, 5, 1), "Tag der Arbeit"),
        ("CH-ZH", date(2026, 12, 26), "Stephanstag"),
        ("CH-TI", date(2026, 8, 15), "Mariä Himmelfahrt"),
        ("CH", date(2026, 8, 1), "Nationalfeiertag"),
        ("DE-BY", date(2026, 1, 6), "Heilige Drei Könige"),
        ("DE", date(2026, 10, 3), "Tag der Deutschen Einheit"),
        ("AT", date(2026, 10, 26), "Nationalfeiertag"),
        ("LI", date(2026, 8, 15), "Staatsfeiertag"),
        ("FR", date(2026, 7, 14), "Fête nationale"),
        ("IT", date(2026, 6, 2), "Festa della Repubblica"),
    ],
)
def test_a_holiday_is_one_where_it_is(region: str, day: date, name: str) -> None:
    """With the name that it has there."""
    assert HOLIDAYS.of(region, day.year)[day] == name


@pytest.mark.parametrize(
    ("region", "day"),
    [("CH", date(2026, 5, 1)), ("CH-GE", date(2026, 12, 26)), ("DE", date(2026, 1, 6)), ("DE-BE", date(2026, 1, 6))],
)
def test_a_holiday_of_elsewhere_is_none(region: str, day: date) -> None:
    """A country's are those of all of its parts."""
    assert day not in HOLIDAYS.of(region, day.year)


@pytest.mark.parametrize(("region", "year"), [("CH-XX", 2026), ("US", 2026), ("", 2026), ("CH", 1), ("CH", 9999)])
def test_what_is_not_known_has_none(region: str, year: int) -> None:
    """Rather than an error in the middle of a list of times."""
    assert HOLIDAYS.of(region, year) == {}


def test_every_region_has_some_in_its_year_and_in_no_other() -> None:
    """The package knows each of them by this name."""
    for region in REGIONS:
        found = HOLIDAYS.of(region, 2027)
        assert len(found) >= 4, region
        assert {day.year for day in found} == {2027}, region
