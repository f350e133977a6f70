"""Builders for holds and restrictions, and a trial kind that a legal duty has kept for ten years."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.handling import (
    Basis,
    Category,
    Counted,
    Handling,
    Keep,
    Key,
    Purpose,
    Source,
    Subject,
    Then,
)
from chalicelib.domain.periods import days, years
from chalicelib.domain.states import HoldGround
from chalicelib.records._fields import Erase, InstantAttribute, Sealed, plain
from chalicelib.records._tables import RecordsTable
from chalicelib.records.appointment import Appointment
from chalicelib.records.reading import Ref
from chalicelib.services.rights.holding import Hold, Wanted
from tests.builders import NETWORK, Business
from tests.services.looking import raw
from tests.stage import Stage

ZURICH = ZoneInfo("Europe/Zurich")
REASON = "Frau Muster bestreitet die Rechnung"


class YearlyInvoice(RecordsTable, discriminator="YearlyInvoice"):
    """What somebody was billed: used for thirty days, then blocked for as long as the law wants it, under its year."""

    handling = Handling(
        category=Category.PAYMENT,
        purposes=(Purpose.ACCOUNT, Purpose.LEGAL_DUTY),
        basis=Basis.LEGAL_OBLIGATION,
        source=Source.SYSTEM,
        about=Subject.CUSTOMER,
        recipients=(),
        keep=(Keep(days(30), "issued_at"),),
        then=Then.BLOCK_THEN_DELETE,
        blocked=Keep(years(10), "issued_at", Counted.FROM_END_OF_FINANCIAL_YEAR),
        key=Key.OF_THE_YEAR,
    )

    number = plain(UnicodeAttribute(), erase=Erase.BLOCK)
    issued_at = plain(InstantAttribute(), erase=Erase.BLOCK)
    billed_to = Sealed[str](erase=Erase.BLOCK)

    @classmethod
    def ref(cls, tenant: str, subject: str) -> "Ref[YearlyInvoice]":
        """Where it lies: with everything else about the person."""
        return Ref(cls, f"TENANT#{tenant}#SUBJECT#{subject}", "INVOICE#1")

    @classmethod
    def to(
        cls, tenant: str, subject: str, *, at: datetime, zone: str = "Europe/Zurich", billed_to: str = "Anna Muster"
    ) -> "YearlyInvoice":
        """An invoice of that moment."""
        ref = cls.ref(tenant, subject)
        return cls(ref.pk, ref.sk, zone=zone, number="1", issued_at=at, billed_to=billed_to)


def wanted(on: Stage, *, in_days: int = 400, **changes: Any) -> Wanted:
    """A hold for a claim."""
    values = {"ground": HoldGround.LEGAL_CLAIM, "reason": REASON, "ends_at": on.clock() + timedelta(days=in_days)}
    return Wanted(**{**values, **changes})


def hold(on: Stage, of: Business, held: Appointment, *, in_days: int = 400, **changes: Any) -> list[Hold]:
    """Places a hold on the customer of an appointment."""
    given = wanted(on, in_days=in_days, **changes)
    return on.services.holding.place(of.session, held.subject, given, network=NETWORK, repeat=None)


def lying(pk: str) -> Iterator[dict[str, Any]]:
    """The items of one partition, whatever their state."""
    return (item for item in raw(RecordsTable) if item["pk"]["S"] == pk)


def kinds(pk: str) -> set[str]:
    """What lies in a partition."""
    return {item["kind"]["S"] for item in lying(pk)}


def until(item: dict[str, Any], name: str = "held_until") -> int | None:
    """An instant of a stored item."""
    return int(item[name]["N"]) if name in item else None
