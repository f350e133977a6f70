"""The outbox: notifications are written with what causes them, and taken back with what makes them pointless."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.clock import Clock
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.ids import INSTALLATION, new_id
from chalicelib.domain.reminding import reminder_at
from chalicelib.records._base import Record
from chalicelib.records.appointment import Appointment
from chalicelib.records.due import due_between
from chalicelib.records.notification import Notification
from chalicelib.records.reading import Ref
from chalicelib.records.writing import Transaction
from chalicelib.services.ports import Queue

AHEAD = timedelta(seconds=60)
_BATCH = 1000


def notify_staff(
    transaction: Transaction,
    *,
    tenant: str,
    staff: str,
    message: str,
    language: str,
    zone: str,
    version: int = 0,
    about: str | None = None,
    at: datetime | None = None,
    useless_at: datetime | None = None,
    notification: str = "",
    now: datetime,
) -> None:
    """Puts a message to a staff member into the outbox: one with a link of their own, unless it is `about` a thing.

    It goes out now, unless it says `at`; in the language of the member where it names none. `notification` is its id,
    where the caller has to know it.
    """
    held = _notification(
        tenant,
        staff,
        message=message,
        channel="email",
        language=language,
        zone=zone,
        at=at or now,
        about=about,
        about_version=version,
        useless_at=useless_at,
        notification=notification,
    )
    held.brief_since = now if about is None else None
    transaction.create(held)


def notify_nobody(transaction: Transaction, *, message: str, notification: str, now: datetime) -> None:
    """Puts a message into the outbox as `notify_staff` does, but for nobody: it is settled at once and never sent.

    By that a request which must not tell whether there is somebody writes the same for everybody.
    """
    held = _notification(
        INSTALLATION,
        new_id(now),
        message=message,
        channel="email",
        language="en",
        zone="UTC",
        at=now,
        about_version=0,
        notification=notification,
    )
    held.brief_since, held.state, held.reason = now, Delivery.SKIPPED, "nobody"
    transaction.create(held)


def notify_person(
    transaction: Transaction,
    thing: Record,
    message: str,
    *,
    about: str,
    channel: str = "email",
    language: str,
    version: int = 0,
    useless_at: datetime,
    now: datetime,
) -> None:
    """Puts a message to a customer about a thing that is no appointment and lies with them into the outbox."""
    transaction.create(
        _notification(
            thing.tenant,
            thing.subject,
            message=message,
            channel=channel,
            language=language,
            zone=thing.zone,
            at=now,
            about=about,
            about_version=version,
            useless_at=useless_at,
        )
    )


def notify_customer(transaction: Transaction, appointment: Appointment, message: str, *, now: datetime) -> None:
    """Puts a message about an appointment into the outbox, over every channel that the customer wants."""
    for channel in channels(appointment):
        transaction.create(_about(appointment, message, channel, at=now, useless_at=appointment.ends_at))


def notify_of_all(
    transaction: Transaction, appointments: Sequence[Appointment], message: str, *, now: datetime
) -> None:
    """Puts one message about several appointments that were booked together into the outbox, as `notify_customer`."""
    first, useless_at = appointments[0], max(each.ends_at for each in appointments)
    for channel in channels(first):
        held = _about(first, message, channel, at=now, useless_at=useless_at)
        held.about, held.about_version = ".".join(each.id for each in appointments), None
        transaction.create(held)


def remind(transaction: Transaction, appointment: Appointment, *, lead_minutes: int, zone: str, now: datetime) -> None:
    """Puts the reminders for an appointment into the outbox and notes on it which they are."""
    unsent: set[str] = set()
    for channel in channels(appointment):
        at = reminder_at(appointment.starts_at, lead_minutes=lead_minutes, zone=zone, quiet=channel == "sms", now=now)
        if lead_minutes and at is not None:
            reminder = _about(appointment, "appointment-reminder", channel, at=at, useless_at=appointment.starts_at)
            transaction.create(reminder)
            unsent.add(reminder.id)
    appointment.unsent = unsent or None


def unsent_of(appointment: Appointment) -> list[Ref[Notification]]:
    """Where the reminders lie that were put into the outbox with the appointment."""
    return [Notification.ref(appointment.tenant, appointment.subject, each) for each in appointment.unsent or ()]


def take_back(transaction: Transaction, notifications: Iterable[Notification]) -> None:
    """Removes what is still waiting; what a dispatcher already holds is checked again at sending."""
    for notification in notifications:
        if notification.state is Delivery.WAITING:
            transaction.delete(notification)


def channels(appointment: Appointment) -> Sequence[str]:
    """The channels a customer wants: mail if they have an address, text messages only if asked for."""
    wanted = {"email": appointment.mail_wanted, "sms": appointment.sms_wanted}
    return [channel for channel, is_wanted in wanted.items() if is_wanted]


def letter(pk: str, sk: str) -> str:
    """The queue's word for one notification: its key, no content."""
    return json.dumps({"pk": pk, "sk": sk})


@dataclass(frozen=True)
class Outbox:
    """Carries what is due from the store to the queue. Doubles are harmless: the dispatcher claims before it sends."""

    queue: Queue
    clock: Clock

    def relay(self, written: Sequence[tuple[str, str, int]]) -> int:
        """Queues what was just written and is due now; (pk, sk, epoch seconds) each. The rest waits for `wake`."""
        soon = (self.clock() + AHEAD).timestamp()
        keys = [(pk, sk) for pk, sk, at in written if at <= soon]
        if keys:
            self.queue.put([letter(pk, sk) for pk, sk in keys])
        return len(keys)

    def wake(self) -> int:
        """Queues what falls due within the next minute, each with its delay, and what got stuck."""
        now = self.clock()
        due = [each for each in due_between(until=now + AHEAD, limit=_BATCH) if each.sk.startswith("NOTIFICATION#")]
        delays = [max(0, round((each.at - now).total_seconds())) for each in due]
        if due:
            self.queue.put([letter(each.pk, each.sk) for each in due], delay_seconds=delays)
        return len(due)


def _about(appointment: Appointment, message: str, channel: str, *, at: datetime, useless_at: datetime) -> Notification:
    return _notification(
        appointment.tenant,
        appointment.subject,
        message=message,
        channel=channel,
        language=appointment.language,
        zone=appointment.zone,
        at=at,
        about=appointment.id,
        about_version=int(appointment.sequence),
        useless_at=useless_at,
    )


def _notification(
    tenant: str,
    subject: str,
    *,
    message: str,
    channel: str,
    language: str,
    zone: str,
    at: datetime,
    about: str | None = None,
    about_version: int | None = None,
    useless_at: datetime | None = None,
    notification: str = "",
) -> Notification:
    ref = Notification.ref(tenant, subject, notification or new_id(at))
    return Notification(
        ref.pk,
        ref.sk,
        zone=zone,
        message=message,
        channel=channel,
        language=language,
        about=about,
        about_version=about_version,
        send_at=at,
        next_at=at,
        useless_at=useless_at,
        state=Delivery.WAITING,
    )
