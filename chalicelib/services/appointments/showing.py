"""Customers look at their appointment by link: how it stands, where it is, what can be done with it and until when."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.links import Link, LinkPurpose
from chalicelib.domain.refunds import latest, refund
from chalicelib.messages.catalogue import choose_language
from chalicelib.messages.where import Where
from chalicelib.records.appointment import Appointment
from chalicelib.records.exceptions import fetch_excepted
from chalicelib.services.appointments._meeting import Meeting, meeting_of
from chalicelib.services.linking import Linking
from chalicelib.services.ports import Vault

_SHOWING = (LinkPurpose.VIEW, LinkPurpose.CANCEL, LinkPurpose.RESCHEDULE)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An appointment as its customer sees it. Instants are None where something is not possible (any more).

    `refund` is what would be paid back if it was cancelled now; None where nothing was paid.
    """

    meeting: Meeting
    where: Where
    cancel_until: datetime | None
    move_until: datetime | None
    refund: int | None


@dataclass(frozen=True)
class Showing:
    """Shows appointments to whoever holds a link."""

    vault: Vault
    clock: Clock
    linking: Linking
    organizer: str

    def show(self, token: str, *, network: str) -> Shown:
        """How it stands. Who may cancel or move sees what it is; an older link still shows it."""
        meeting = self._meeting(self.linking.read(token, *_SHOWING), network)
        held, terms, now = meeting.appointment, meeting.service.terms(), self.clock()
        paid = int(held.price or 0) if held.paid_at and held.state.holds_time else None
        return Shown(
            meeting=meeting,
            where=meeting.where(fully=True),
            cancel_until=_open_until(held, terms.cancel_until, now),
            move_until=_open_until(held, terms.move_until, now),
            refund=None if paid is None else refund(paid, terms.refunds, starts_at=held.starts_at, at=now),
        )

    def calendar_file(self, token: str, *, network: str) -> bytes:
        """The appointment as it stands, for the customer's own calendar: the entry that the invitation made, too."""
        meeting = self._meeting(self.linking.read(token, LinkPurpose.CALENDAR), network)
        language = choose_language(meeting.appointment.language, fallback=meeting.tenant.language)
        where = meeting.where(fully=True)
        return meeting.file("PUBLISH", "", where, organizer=self.organizer, language=language)

    def _meeting(self, link: Link, network: str) -> Meeting:
        """What somebody does with a link of their own they wish for: a restriction they had asked for allows it."""
        asked = Asked(ground=Ground.SUBJECT_CONSENT, actor=link.subject, network=network)
        held = fetch_excepted(Appointment.ref(link.tenant, link.subject, link.thing), asked)
        meeting = meeting_of(held, self.vault) if held else None
        if meeting is None:
            raise NotFoundError("This appointment does not exist any more.")
        return meeting


def _open_until(held: Appointment, minutes: int, now: datetime) -> datetime | None:
    until = latest(held.starts_at, minutes)
    return until if held.state.holds_time and now <= until else None
