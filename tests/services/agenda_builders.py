"""Looks at lists of appointments, as staff take them."""

from datetime import datetime
from typing import Any

from chalicelib.records.appointment import Appointment
from chalicelib.services.attending.agenda import Page, Wanted
from tests.builders import NETWORK, Business
from tests.stage import Stage


def page(on: Stage, of: Business, *, frm: datetime, to: datetime, after: str = "", **changes: Any) -> Page:
    """A page of the expert's list."""
    caller = changes.pop("caller", of.session)
    wanted = Wanted(**{"frm": frm, "to": to, "expert": of.expert, **changes})
    return on.services.agenda.page(caller, wanted, after=after, network=NETWORK)


def agenda(on: Stage, of: Business, *, frm: datetime, to: datetime, **changes: Any) -> list[Appointment]:
    """The appointments on it."""
    return [each.appointment for each in page(on, of, frm=frm, to=to, **changes).entries]
