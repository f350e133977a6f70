"""What customers are told of their appointments: of one, or of several that were booked together."""

from dataclasses import dataclass

from chalicelib.domain.clock import Clock
from chalicelib.domain.refunds import latest
from chalicelib.messages.catalogue import Message, choose_language
from chalicelib.messages.when import short_time, spoken_time
from chalicelib.records.appointment import State
from chalicelib.records.notification import Notification
from chalicelib.services.appointments._meeting import Meeting, meeting_about, meetings_about
from chalicelib.services.linking import Linking
from chalicelib.services.notifying._said import Said
from chalicelib.services.ports import Attachment, Vault


@dataclass(frozen=True)
class MeetingWords:
    """Reads what such messages are about. `organizer` is the address that calendar files come from."""

    vault: Vault
    clock: Clock
    linking: Linking
    organizer: str

    def say(self, notification: Notification, message: Message) -> Said:
        """The values of a message to a customer. NotToBeSent when it is not true any more."""
        if message.each:
            return self._of_several(meetings_about(notification, self.vault, now=self.clock()), notification, message)
        meeting, short = meeting_about(notification, self.vault), notification.channel == "sms"
        held, language = meeting.appointment, _language(meeting, notification)
        link = self._narrow_page(meeting) if short else self.linking.manage_page(held)
        when = (short_time if short else spoken_time)(held.starts_at, held.customer_zone, language)
        return Said(
            tenant=meeting.tenant,
            name=f"{held.given_name} {held.family_name}",
            email=held.email,
            phone=held.phone,
            values=meeting.values(message.fields, when=when, link=link, language=language),
            files=lambda subject: meeting.calendar(message, subject, organizer=self.organizer, language=language),
        )

    def _of_several(self, meetings: list[Meeting], notification: Notification, message: Message) -> Said:
        """A mail has a link and a calendar file for each; a text message has room for the first one's time only."""
        first = meetings[0]
        held, language = first.appointment, _language(first, notification)
        spoken = short_time if notification.channel == "sms" else spoken_time
        when = spoken(held.starts_at, held.customer_zone, language)

        def files(_: str) -> tuple[Attachment, ...]:
            # One file each: a message to a calendar is about one UID (RFC 5546, 3.2), whatever it comes along with.
            return tuple(
                file
                for number, each in enumerate(meetings, start=1)
                for file in each.calendar(
                    message, "", organizer=self.organizer, language=language, filename=f"invite-{number}.ics"
                )
            )

        return Said(
            tenant=first.tenant,
            name=f"{held.given_name} {held.family_name}",
            email=held.email,
            phone=held.phone,
            values=first.values(message.fields, when=when, link="", language=language),
            each=[self._line(each, message, language) for each in meetings],
            files=files,
        )

    def _line(self, meeting: Meeting, message: Message, language: str) -> dict[str, str]:
        held = meeting.appointment
        when = spoken_time(held.starts_at, held.customer_zone, language)
        link = self.linking.manage_page(held)
        return dict(meeting.values(message.each, when=when, link=link, language=language))

    def _narrow_page(self, meeting: Meeting) -> str:
        """A text message has room for one link: to cancel, as long as that is possible, and else to look."""
        held = meeting.appointment
        if held.state is State.UNPAID:
            return self.linking.pay_page(held)
        may_cancel = held.state.holds_time and self.clock() <= latest(held.starts_at, int(meeting.service.cancel_until))
        return self.linking.cancel_page(held) if may_cancel else self.linking.view_page(held)


def _language(meeting: Meeting, notification: Notification) -> str:
    return choose_language(notification.language, fallback=meeting.tenant.language)
