"""Experts, rooms and services for the tests of booking, written as records: nobody has to be invited for it."""

from typing import Any

from chalicelib.domain.ids import new_id
from chalicelib.records._base import Record
from chalicelib.records.appointment import Appointment
from chalicelib.records.availability import Availability
from chalicelib.records.premises import Premises
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services.booking.wishing import Item, Repeat
from chalicelib.services.forms import FormUse
from chalicelib.services.repeating import Repeatable
from tests.builders import NETWORK, Business, terms, weekdays, wish
from tests.stage import Stage


def write(*records: Record) -> None:
    """Stores records, old and new."""
    transaction = Transaction()
    for each in records:
        (transaction.update if each.version else transaction.create)(each)
    transaction.commit()


def experts(on: Stage, of: Business, count: int, *, zone: str = "Europe/Zurich", **marks: Any) -> list[str]:
    """So many more people with hours, in order of their ids; `marks` are fields of the hours."""
    made = sorted(new_id(on.clock.now) for _ in range(count))
    hours = [Availability.of(of.tenant, each, zone="Europe/Zurich", rules=weekdays(zone=zone)) for each in made]
    for each in hours:
        for name, value in marks.items():
            setattr(each, name, value)
    write(*hours)
    return made


def rooms(on: Stage, count: int) -> tuple[str, ...]:
    """The ids of so many rooms; what is busy there needs no record of the room itself."""
    return tuple(sorted(new_id(on.clock.now) for _ in range(count)))


def service(on: Stage, of: Business, who: list[str], **changes: Any) -> Service:
    """A service of the business, done by these people."""
    made = Service.ref(of.tenant, new_id(on.clock.now))
    held = Service(made.pk, made.sk, zone="Europe/Zurich", created_at=on.clock.now)
    held.apply(terms(who[0], **{"experts": frozenset(who), **changes}))
    write(held)
    return held


def visit(
    on: Stage,
    of: Business,
    *what: Service,
    repeat: Repeat | None = None,
    keyed: Repeatable | None = None,
    form: FormUse | None = None,
    **more: object,
) -> list[Appointment]:
    """Books services one after the other with any expert, and all of it again every few weeks."""
    first, *further = (Item(service=each.id) for each in what)
    asked = wish(of, **{"service": first.service, "expert": None, "further": tuple(further), "repeat": repeat, **more})
    return on.services.booking.book_all(asked, network=NETWORK, repeat=keyed, form=form)


def premises(of: Business, **values: Any) -> None:
    """What the business says about where and when it works."""
    ref = Premises.ref(of.tenant)
    write(Premises(ref.pk, ref.sk, zone="Europe/Zurich", **values))


def book(on: Stage, of: Business, what: Service, number: int = 0, **changes: Any) -> Appointment:
    """Books a service with any expert, as one of many customers."""
    asked = wish(of, **{"service": what.id, "expert": None, "email": f"kunde{number}@kunden.example", **changes})
    return on.services.booking.book(asked, network=NETWORK, repeat=None)
