"""Builders of records, and a look at what is really stored of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.delivery import Delivery
from chalicelib.records._base import Record
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer
from chalicelib.records.keys import SubjectKey
from chalicelib.records.notification import Notification
from chalicelib.records.reading import Ref, client, key_of
from chalicelib.records.staff import Staff
from chalicelib.records.suppression import Suppression
from chalicelib.records.writing import Transaction
from chalicelib.services.people import new_person
from tests.stage import Stage

TENANT, OTHER = "1" * 32, "2" * 32
ANNA, BEN, EXPERT = "a" * 32, "b" * 32, "e" * 32
THING = "7" * 32
NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
YEAR_ON = datetime(2027, 11, 2, 8, 0, tzinfo=UTC)
PERSONAL = {
    "given_name": "Änne",
    "family_name": "Muster",
    "email": "anna.muster@kundin.example",
    "phone": "+41795550123",
}


def person(on: Stage, *, tenant: str = TENANT, subject: str = ANNA) -> None:
    """Gives a person a key, as their first record does."""
    on.vault.tenant_ready(tenant)
    transaction = Transaction()
    new_person(on.vault, transaction, tenant=tenant, now=on.clock(), person=subject)
    transaction.commit()


def shredded(on: Stage, *, tenant: str = TENANT, subject: str = ANNA) -> None:
    """Destroys a person's key, also in this process."""
    transaction = Transaction()
    transaction.discard(SubjectKey.ref(tenant, subject))
    transaction.commit()
    on.vault.forget(tenant, subject)


def customer(*, tenant: str = TENANT, subject: str = ANNA, **changes: Any) -> Customer:
    """A customer whose last appointment is now."""
    ref = Customer.ref(tenant, subject)
    values = {
        "zone": "Europe/Zurich",
        "language": "de",
        "created_at": NOW,
        "last_appointment_at": NOW,
        "email_index": "0" * 32,
        **PERSONAL,
    }
    return Customer(ref.pk, ref.sk, **{**values, **changes})


def staff(*, subject: str = ANNA, **changes: Any) -> Staff:
    """A confirmed staff member."""
    ref = Staff.ref(TENANT, subject)
    values = {"zone": "Europe/Zurich", "roles": {"admin"}, "language": "de", "joined_at": NOW, **PERSONAL}
    return Staff(ref.pk, ref.sk, **{**values, **changes})


def appointment(*, tenant: str = TENANT, subject: str = ANNA, thing: str = THING, **changes: Any) -> Appointment:
    """An appointment of an hour that ends now."""
    ref = Appointment.ref(tenant, subject, thing)
    starts_at = changes.pop("starts_at", NOW - timedelta(hours=1))
    values = {
        "zone": "Europe/Zurich",
        "service": THING,
        "expert": EXPERT,
        "state": State.CONFIRMED,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "blocked_from": starts_at,
        "blocked_until": starts_at + timedelta(hours=1),
        "booked_at": NOW,
        "changed_at": NOW,
        "language": "de",
        "customer_zone": "Europe/Zurich",
        **PERSONAL,
    }
    return Appointment(ref.pk, ref.sk, **{**values, **changes})


def notification(*, subject: str = ANNA, thing: str = THING, **changes: Any) -> Notification:
    """A message that waits to be sent now."""
    ref = Notification.ref(TENANT, subject, thing)
    values = {
        "zone": "Europe/Zurich",
        "message": "sign-in-link",
        "channel": "email",
        "language": "de",
        "send_at": NOW,
        "next_at": NOW,
        "state": Delivery.WAITING,
    }
    return Notification(ref.pk, ref.sk, **{**values, **changes})


def suppression(index: str, **changes: Any) -> Suppression:
    """An address that must not be written to: a record about nobody in particular, with nothing sealed."""
    ref = Suppression.ref("email", index)
    return Suppression(ref.pk, ref.sk, **{"reason": "stop", "last_at": NOW, **changes})


def store(*records: Record) -> None:
    """Creates records in one transaction."""
    transaction = Transaction()
    for record in records:
        transaction.create(record)
    transaction.commit()


def stored(ref: Ref[Any]) -> dict[str, Any] | None:
    """The item as DynamoDB has it, whether expired or not."""
    item: dict[str, Any] | None = client().get_item(TableName=ref.table, Key=key_of(ref.pk, ref.sk)).get("Item")
    return item


def ref_of(record: Record) -> Ref[Any]:
    """Where a record lies."""
    return Ref(type(record), record.pk, record.sk)


def epoch(at: datetime) -> dict[str, str]:
    """An instant as DynamoDB has it."""
    return {"N": str(int(at.timestamp()))}
