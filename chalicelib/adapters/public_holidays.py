"""Public holidays, computed by the `holidays` package. Each country is a module of its own, loaded when needed."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from chalicelib.domain.regions import REGIONS

if TYPE_CHECKING:
    from holidays.holiday_base import HolidayBase

_YEARS = range(1990, 2100)  # for others nobody has laid down anything


class ComputedHolidays:
    """Holidays of the regions in `domain/regions.py`, with their names in the country's first language."""

    def of(self, region: str, year: int) -> Mapping[date, str]:
        """The holidays of a year; none for a region that is not known."""
        return _of(region, year) if region in REGIONS and year in _YEARS else {}


@lru_cache(maxsize=256)
def _of(region: str, year: int) -> Mapping[date, str]:
    country, _, part = region.partition("-")
    kind = _COUNTRIES[country]()
    found = kind(subdiv=part or None, years=year, expand=False, language=kind.default_language)
    return dict(sorted(found.items()))


def _austria() -> "type[HolidayBase]":
    from holidays.countries.austria import Austria  # noqa: PLC0415 (as said above)

    return Austria


def _france() -> "type[HolidayBase]":
    from holidays.countries.france import France  # noqa: PLC0415 (as said above)

    return France


def _germany() -> "type[HolidayBase]":
    from holidays.countries.germany import Germany  # noqa: PLC0415 (as said above)

    return Germany


def _italy() -> "type[HolidayBase]":
    from holidays.countries.italy import Italy  # noqa: PLC0415 (as said above)

    return Italy


def _liechtenstein() -> "type[HolidayBase]":
    from holidays.countries.liechtenstein import Liechtenstein  # noqa: PLC0415 (as said above)

    return Liechtenstein


def _switzerland() -> "type[HolidayBase]":
    from holidays.countries.switzerland import Switzerland  # noqa: PLC0415 (as said above)

    return Switzerland


_COUNTRIES: Mapping[str, Callable[[], "type[HolidayBase]"]] = {
    "AT": _austria,
    "CH": _switzerland,
    "DE": _germany,
    "FR": _france,
    "IT": _italy,
    "LI": _liechtenstein,
}
