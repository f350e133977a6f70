"""How an instant is said to people, in their language and the zone of the appointment.

With tables of our own: the machine's locale is process-wide and absent on a serverless platform. In the hour that
occurs twice when clocks go back, the name of the offset is added, so that both can be told apart.
"""

from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo


class _Words(NamedTuple):
    days: list[str]
    months: list[str]
    day_letters: int
    first: str
    long: str
    short: str
    offsets: dict[str, str]


# fmt: off
_WORDS = {
    "de": _Words(
        days=["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
        months=["Januar", "Februar", "März", "April", "Mai", "Juni",
                "Juli", "August", "September", "Oktober", "November", "Dezember"],
        day_letters=2,
        first="1",
        long="{day}, {date}. {month} {at:%Y}, {at:%H:%M} Uhr",
        short="{day} {at:%d.%m.%Y %H:%M}",
        offsets={"CEST": "MESZ", "CET": "MEZ"},
    ),
    "en": _Words(
        days=["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        months=["January", "February", "March", "April", "May", "June",
                "July", "August", "September", "October", "November", "December"],
        day_letters=3,
        first="1",
        long="{day}, {date} {month} {at:%Y}, {at:%H:%M}",
        short="{day} {at.day} {month} {at:%Y %H:%M}",
        offsets={"CEST": "CEST", "CET": "CET"},
    ),
    "fr": _Words(
        days=["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
        months=["janvier", "février", "mars", "avril", "mai", "juin",
                "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
        day_letters=2,
        first="1er",
        long="{day} {date} {month} {at:%Y} à {at.hour}h{at:%M}",
        short="{day} {at:%d.%m.%Y %H:%M}",
        offsets={"CEST": "heure d'été", "CET": "heure d'hiver"},
    ),
    "it": _Words(
        days=["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"],
        months=["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
                "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"],
        day_letters=2,
        first="1°",
        long="{day} {date} {month} {at:%Y}, ore {at:%H:%M}",
        short="{day} {at:%d.%m.%Y %H:%M}",
        offsets={"CEST": "ora estiva", "CET": "ora solare"},
    ),
}
# fmt: on


def spoken_time(instant_utc: datetime, zone: str, language: str) -> str:
    """The full form, for e-mail: "Montag, 30. November 2026, 14:30 Uhr"."""
    words, at = _words(language), _local(instant_utc, zone)
    date = words.first if at.day == 1 else str(at.day)
    said = words.long.format(day=words.days[at.weekday()], date=date, month=words.months[at.month - 1], at=at)
    offset = _offset_if_twice(at, words)
    return f"{said} ({offset})" if offset else said


def short_time(instant_utc: datetime, zone: str, language: str) -> str:
    """The short form, for text messages: "Mo 30.11.2026 14:30"."""
    words, at = _words(language), _local(instant_utc, zone)
    day = words.days[at.weekday()][: words.day_letters]
    said = words.short.format(day=day, month=words.months[at.month - 1][:3], at=at)
    return f"{said} {_offset_if_twice(at, words)}".rstrip()


def _words(language: str) -> _Words:
    if language not in _WORDS:
        raise ValueError("there are no names of days in this language")
    return _WORDS[language]


def _local(instant_utc: datetime, zone: str) -> datetime:
    if instant_utc.utcoffset() is None:
        raise ValueError("an instant has to be aware")
    return instant_utc.astimezone(UTC).astimezone(ZoneInfo(zone))


def _offset_if_twice(at: datetime, words: _Words) -> str:
    if at.replace(fold=0).utcoffset() == at.replace(fold=1).utcoffset():
        return ""
    name = at.tzname() or ""
    return words.offsets.get(name) or _utc_offset(at)


def _utc_offset(at: datetime) -> str:
    shift = at.strftime("%z")
    hours, minutes = int(shift[1:3]), shift[3:5]
    return f"UTC{shift[0]}{hours}" + (f":{minutes}" if minutes != "00" else "")


def spoken_price(amount: int, currency: str) -> str:
    """An amount of the smallest unit as people read it: `CHF 120.50`."""
    return f"{currency} {amount // 100}.{amount % 100:02}"
