"""Builders of test data: each gives something valid; say only what matters to the test."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.slots import Availability, WorkingRange
from chalicelib.domain.terms import Terms
from chalicelib.domain.versions import TERMS_VERSION
from chalicelib.domain.visits import Visitor
from chalicelib.records.appointment import Appointment
from chalicelib.records.publications import published
from chalicelib.records.reading import fetch
from chalicelib.records.service import Service
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.booking.wishing import Wish
from chalicelib.services.sign_in.sessions import SignedIn, StaffSession
from chalicelib.services.tenancy.registering import Application
from tests.stage import Stage

NETWORK = "203.0.113.0/24"
VISITOR = Visitor.of("203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
MONDAY_10 = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)  # ten o'clock in Zurich, a week after the driven clock's start


def application(**changes: Any) -> Application:
    """What a business gives to register."""
    values = {
        "given_name": "Regula",
        "family_name": "Brunner",
        "company": "Praxis Brunner",
        "street": "Seestrasse 12",
        "postal_code": "8002",
        "city": "Zürich",
        "country": "CH",
        "email": "regula@praxis-brunner.example",
        "phone": "+41445550100",
        "language": "de",
        "zone": "Europe/Zurich",
        "terms_version": TERMS_VERSION,
        "notice_version": published()[-1].version,
    }
    return Application(**{**values, **changes})


def terms(expert: str, **changes: Any) -> Terms:
    """A service of an hour, every half hour, a reminder a day ahead."""
    values = {
        "name": "Erstgespräch",
        "duration": 60,
        "step": 30,
        "buffer_before": 0,
        "buffer_after": 0,
        "notice": 60,
        "horizon_days": 90,
        "reminder_minutes": 1440,
        "experts": frozenset({expert}),
    }
    return Terms(**{**values, **changes})


def weekdays(start: int = 8 * 60, end: int = 17 * 60, zone: str = "Europe/Zurich") -> Availability:
    """Monday to Friday, the same hours."""
    return Availability(zone=zone, weekly={day: (WorkingRange(start, end),) for day in range(5)}, exceptions={})


@dataclass(frozen=True)
class Business:
    """A registered, confirmed business with one service and an expert's hours."""

    session: StaffSession
    token: str
    service: Service

    @property
    def tenant(self) -> str:
        """Its id."""
        return self.session.tenant

    @property
    def expert(self) -> str:
        """Its one expert."""
        return self.session.staff


def link_in(text: str) -> str:
    """The token behind the # of the first link in a mail."""
    found = re.search(r"#([\w=&.-]+)", text)
    assert found is not None
    return found.group(1)


def link_to(on: Stage, page: str) -> str:
    """The token of the latest mail that leads to a page; others may have gone out with it, in any order."""
    return next(link_in(mail.text) for mail in reversed(on.mails()) if f"/{page}#" in mail.text)


def registered(on: Stage, **changes: Any) -> SignedIn:
    """Registers and confirms by the link in the mail."""
    on.services.registering.register(application(**changes), network=NETWORK, repeat=None)
    on.pump()
    return on.services.registering.confirm(link_to(on, "confirm"), visitor=VISITOR)


def on_plan(tenant: str) -> None:
    """Takes a tenant off its trial, so that a test may go far ahead in time without its end."""
    record = fetch(Tenant.ref(tenant))
    assert record is not None
    record.plan = "standard"
    transaction = Transaction()
    transaction.update(record)
    transaction.commit()


def business(on: Stage, *, offering: dict[str, Any] | None = None, **changes: Any) -> Business:
    """A business that can be booked with."""
    signed_in = registered(on, **changes)
    on_plan(signed_in.tenant)
    session = on.services.sessions.authenticate(signed_in.token)
    on.services.offering.set_availability(session, session.staff, weekdays(), version=None, network=NETWORK)
    made = on.services.offering.create_service(
        session, terms(session.staff, **(offering or {})), network=NETWORK, repeat=None
    )
    return Business(session=session, token=signed_in.token, service=made)


def wish(of: Business, **changes: Any) -> Wish:
    """A customer's wish for a time that is free unless taken."""
    values = {
        "tenant": of.tenant,
        "service": of.service.id,
        "expert": of.expert,
        "starts_at": MONDAY_10,
        "given_name": "Anna",
        "family_name": "Muster",
        "email": "anna.muster@kundin.example",
        "phone": "+41795550123",
        "language": "de",
        "zone": "Europe/Zurich",
        "sms_wanted": False,
    }
    return Wish(**{**values, **changes})


def booked(on: Stage, of: Business, **changes: Any) -> Appointment:
    """A booked appointment."""
    return on.services.booking.book(wish(of, **changes), network=NETWORK, repeat=None)


def later(at: datetime, **by: float) -> datetime:
    """The instant moved by a timedelta's arguments."""
    return at + timedelta(**by)
