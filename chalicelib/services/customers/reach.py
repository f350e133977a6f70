"""Whose customers somebody may see: admins everybody's, experts those whom they meet, met, or entered themselves."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.roles import ADMIN
from chalicelib.records.appointment import Appointment
from chalicelib.records.customer import Customer
from chalicelib.records.participation import Participation
from chalicelib.services.side_by_side import side_by_side
from chalicelib.services.sign_in.sessions import StaffSession

_BACK = timedelta(days=400)  # longer than any appointment is kept
_AHEAD = timedelta(days=800)
NO_CUSTOMER = "There is no such customer."


def sees_all(caller: StaffSession) -> bool:
    """Whether every customer of the business is within reach."""
    return ADMIN in caller.roles


def own_customers(caller: StaffSession, *, now: datetime) -> frozenset[str]:
    """The ids under which an expert's appointments lie: what their lists hold, and nothing is opened for it."""
    tenant, staff, frm, to = caller.tenant, caller.staff, now - _BACK, now + _AHEAD
    first, others = side_by_side(
        lambda: Appointment.of_expert(tenant, staff, frm=frm, to=to),
        lambda: Participation.of_expert(tenant, staff, frm=frm, to=to),
    )
    return frozenset(each.subject for each in (*first, *others))


def meets(caller: StaffSession, appointments: Iterable[Appointment]) -> list[Appointment]:
    """Those of somebody's appointments that the caller may see: all, or the ones they take part in."""
    return list(_met(caller, appointments))


def check_reach(caller: StaffSession, customer: Customer, appointments: Iterable[Appointment]) -> None:
    """NotFoundError, as for somebody unknown, when the customer is not within the caller's reach.

    Of the appointments no more are looked at than it takes to find one that the caller takes part in.
    """
    if not (sees_all(caller) or customer.entered_by == caller.staff or any(_met(caller, appointments))):
        raise NotFoundError(NO_CUSTOMER)


def _met(caller: StaffSession, appointments: Iterable[Appointment]) -> Iterator[Appointment]:
    everything = sees_all(caller)
    return (each for each in appointments if everything or caller.staff in {each.expert, *(each.others or ())})
