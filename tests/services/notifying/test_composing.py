"""What is written to whom, and when nothing may be."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import icalendar
import pytest

from chalicelib.domain.delivery import Delivery
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.reference import Reference
from chalicelib.records.appointment import Appointment
from chalicelib.records.customer import Customer
from chalicelib.records.keys import SubjectKey
from chalicelib.records.notification import Notification
from chalicelib.records.suppression import Suppression
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services._not_sent import NotToBeSent
from chalicelib.services.notifying.suppressing import suppress
from chalicelib.services.ports import Email, Sms
from tests.builders import MONDAY_10, NETWORK, VISITOR, Business, booked, link_in
from tests.services.looking import messages, the
from tests.services.meddling import before_commit
from tests.services.prepared import open_business
from tests.stage import Stage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def mail(on: Stage, name: str) -> Email:
    """The latest mail of a message, as it would be sent now."""
    content = on.composing.compose([each for each in messages(name) if each.channel == "email"][-1]).content
    assert isinstance(content, Email)
    return content


def text(on: Stage, name: str) -> Sms:
    """The latest text message of a kind, as it would be sent now."""
    content = on.composing.compose([each for each in messages(name) if each.channel == "sms"][-1]).content
    assert isinstance(content, Sms)
    return content


def why_not(on: Stage, notification: Notification) -> str:
    """The reason why it is not sent."""
    with pytest.raises(NotToBeSent) as no:
        on.composing.compose(notification)
    return no.value.reason


def invitation(content: Email) -> tuple[str, Any]:
    """The method and the event of the calendar file in a mail."""
    file = content.attachments[0]
    calendar = icalendar.Calendar.from_ical(file.content)
    assert f"method={calendar['METHOD']}" in file.content_type
    return str(calendar["METHOD"]), calendar.walk("VEVENT")[0]


@contextmanager
def with_appointment(**changes: Any) -> Iterator[tuple[Stage, Business, Appointment]]:
    """A business with an appointment."""
    with open_business() as (on, of):
        yield on, of, booked(on, of, **changes)


def test_a_confirmation_says_what_when_with_whom_and_how_to_change_it() -> None:
    """To the customer, in the name of the business, whom they can answer."""
    with with_appointment() as (on, _, held):
        content = mail(on, "appointment-confirmed")

        assert (content.to, content.to_name) == ("anna.muster@kundin.example", "Anna Muster")
        assert (content.sender, content.sender_name) == ("termine@mail.example.ch", "Praxis Brunner")
        assert content.reply_to == "regula@praxis-brunner.example"
        for part in ("Erstgespräch", "Regula Brunner", "9. November 2026", "10:00", "Praxis Brunner"):
            assert part in content.text
            assert part in content.html
        tokens = dict(pair.split("=", 1) for pair in link_in(content.text).split("&"))
        assert tokens == on.services.linking.self_service(held)


def test_the_time_is_that_of_the_customer() -> None:
    """Who is in Lisbon reads nine o'clock."""
    with with_appointment(zone="Europe/Lisbon") as (on, _, _):
        content = mail(on, "appointment-confirmed")

        assert "9:00" in content.text
        assert "Europe/Lisbon" in content.text


def test_a_confirmation_carries_an_invitation() -> None:
    """That calendars understand."""
    with with_appointment() as (on, _, held):
        method, event = invitation(mail(on, "appointment-confirmed"))

        assert (method, event["SEQUENCE"], event["STATUS"]) == ("REQUEST", 0, "CONFIRMED")
        assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (MONDAY_10, MONDAY_10 + HOUR)
        assert event["UID"] == f"{held.id}@mail.example.ch"
        assert event["ATTENDEE"] == "mailto:anna.muster@kundin.example"


def test_the_invitation_keeps_its_uid_and_counts_its_changes() -> None:
    """Moved and cancelled, it is the same entry in the calendar."""
    with with_appointment() as (on, _, held):
        first = invitation(mail(on, "appointment-confirmed"))[1]
        linking, changing = on.services.linking, on.services.changing
        moved = changing.move(linking.self_service(held)["reschedule"], MONDAY_10 + DAY, network=NETWORK)
        second = invitation(mail(on, "appointment-rescheduled"))
        changing.cancel(linking.self_service(moved)["cancel"], network=NETWORK)
        third = invitation(mail(on, "appointment-cancelled"))

        assert [(method, each["SEQUENCE"], each["STATUS"]) for method, each in (second, third)] == [
            ("REQUEST", 1, "CONFIRMED"),
            ("CANCEL", 2, "CANCELLED"),
        ]
        assert {first["UID"], second[1]["UID"], third[1]["UID"]} == {first["UID"]}
        assert second[1].decoded("DTSTART") == MONDAY_10 + DAY


def test_a_reminder_carries_no_invitation() -> None:
    """The calendar has it already."""
    with with_appointment() as (on, _, _):
        assert mail(on, "appointment-reminder").attachments == ()


def test_a_text_message_goes_to_the_number_with_a_link_to_cancel_only() -> None:
    """Short, and without the right to move."""
    with with_appointment(sms_wanted=True) as (on, _, held):
        content = text(on, "appointment-confirmed")

        token = link_in(content.text).removeprefix("cancel=")
        assert content.to == "+41795550123"
        assert on.services.linking.read(token, LinkPurpose.CANCEL).thing == held.id
        assert "reschedule" not in content.text


@pytest.mark.parametrize(("language", "word"), [("de", "bestätigt"), ("en", "confirmed"), ("en-GB", "confirmed")])
def test_people_are_written_to_in_their_language(language: str, word: str) -> None:
    """As they chose it when booking."""
    with with_appointment(language=language) as (on, _, _):
        assert word in mail(on, "appointment-confirmed").subject


def test_a_language_without_texts_falls_back_to_that_of_the_business() -> None:
    """Better than nothing."""
    with with_appointment(language="rm") as (on, _, _):
        assert "bestätigt" in mail(on, "appointment-confirmed").subject


def test_the_reference_names_the_notification_and_nobody() -> None:
    """It comes back with the receipts."""
    with with_appointment() as (on, of, held):
        reference = mail(on, "appointment-confirmed").reference

        assert Reference.parse(reference) == Reference(of.tenant, held.subject, messages("appointment-confirmed")[0].id)
        assert len(reference) == 64


def test_what_the_business_changed_since_is_what_is_said() -> None:
    """A notification holds no text: it is written when it is sent."""
    with with_appointment() as (on, _, _):
        tenant = the(Tenant)
        tenant.company = "Praxis am See"
        transaction = Transaction()
        transaction.update(tenant)
        transaction.commit()

        assert "Praxis am See" in mail(on, "appointment-confirmed").text


@pytest.mark.parametrize(("seconds", "reason"), [(-1, None), (0, "too-late"), (1, "too-late")])
def test_a_reminder_is_useless_once_the_appointment_begins(seconds: int, reason: str | None) -> None:
    """To the second."""
    with with_appointment() as (on, _, _):
        reminder = messages("appointment-reminder")[0]
        on.clock.now = MONDAY_10 + timedelta(seconds=seconds)

        if reason is None:
            assert on.composing.compose(reminder)
        else:
            assert why_not(on, reminder) == reason


@pytest.mark.parametrize("seconds", [-1, 0])
def test_a_confirmation_is_useless_once_the_appointment_is_over(seconds: int) -> None:
    """Whoever got none by then needs none."""
    with with_appointment() as (on, _, _):
        confirmation = messages("appointment-confirmed")[0]
        on.clock.now = MONDAY_10 + HOUR + timedelta(seconds=seconds)

        assert seconds < 0 or why_not(on, confirmation) == "too-late"
        assert seconds >= 0 or on.composing.compose(confirmation)


def test_a_reminder_of_what_was_moved_or_cancelled_is_superseded() -> None:
    """Even if it could not be taken back in time."""
    with with_appointment() as (on, _, held):
        confirmation, reminder = messages("appointment-confirmed")[0], messages("appointment-reminder")[0]
        linking, changing = on.services.linking, on.services.changing
        moved = changing.move(linking.self_service(held)["reschedule"], MONDAY_10 + DAY, network=NETWORK)
        rescheduled = messages("appointment-rescheduled")[0]

        assert [why_not(on, each) for each in (confirmation, reminder)] == ["superseded"] * 2

        changing.cancel(linking.self_service(moved)["cancel"], network=NETWORK)
        assert why_not(on, rescheduled) == "superseded"


def test_a_cancellation_is_not_announced_while_the_appointment_stands() -> None:
    """State and message have to fit, not the number alone."""
    with with_appointment() as (on, _, _):
        wrong = messages("appointment-reminder")[0]
        wrong.message = "appointment-cancelled"

        assert why_not(on, wrong) == "superseded"


def test_text_messages_that_nobody_asked_for_are_not_sent() -> None:
    """Whatever stands in the outbox, the appointment decides."""
    with with_appointment() as (on, _, _):
        stray = messages("appointment-reminder")[0]
        stray.channel = "sms"

        assert why_not(on, stray) == "not-wanted"


def test_a_wish_that_was_taken_back_counts() -> None:
    """The number is there still, the wish is not."""
    with with_appointment(sms_wanted=True) as (on, _, _):
        held = the(Appointment)
        held.sms_wanted = False
        transaction = Transaction()
        transaction.update(held)
        transaction.commit()

        with pytest.raises(NotToBeSent, match="not-wanted"):
            text(on, "appointment-confirmed")


def test_what_is_gone_is_not_written_about() -> None:
    """The appointment, the service, or the business."""
    for kind in (Appointment, Tenant):
        with with_appointment() as (on, _, _):
            the(kind).delete()

            assert why_not(on, messages("appointment-confirmed")[0]) == "gone"


def test_a_person_whose_key_was_destroyed_is_not_written_to() -> None:
    """Nobody knows their address any more."""
    with with_appointment() as (on, of, _):
        transaction = Transaction()
        transaction.discard(SubjectKey.ref(of.tenant, the(Customer).subject))
        transaction.commit()
        on.vault.forget(of.tenant)

        assert why_not(on, messages("appointment-confirmed")[0]) == "person-erased"


def stopped(on: Stage, channel: str, address: str) -> Suppression:
    """An entry in the list of those who must not be written to."""
    on.vault.tenant_ready(INSTALLATION)
    index = on.vault.index(INSTALLATION, f"suppression-{channel}", address)
    transaction = Transaction()
    suppress(transaction, channel, index, reason="stopped", at=on.clock.now)
    transaction.commit()
    return the(Suppression)


def test_who_said_stop_is_not_written_to_on_that_channel() -> None:
    """A stop by text message leaves the mail, and the other way round."""
    with with_appointment(sms_wanted=True) as (on, _, _):
        stopped(on, "sms", "+41795550123")

        with pytest.raises(NotToBeSent, match="suppressed"):
            text(on, "appointment-confirmed")
        assert mail(on, "appointment-confirmed")


def test_an_address_is_suppressed_however_it_is_written() -> None:
    """The list is without case."""
    with with_appointment(email="Anna.Muster@kundin.example") as (on, _, _):
        stopped(on, "email", "anna.muster@kundin.example")

        assert why_not(on, messages("appointment-confirmed")[0]) == "suppressed"


def test_a_stop_that_keeps_a_message_back_is_renewed() -> None:
    """So it ends only when nobody tries any more, and keeps its reason."""
    with with_appointment() as (on, _, _):
        first = stopped(on, "email", "anna.muster@kundin.example")
        on.clock.move(days=3)

        why_not(on, messages("appointment-confirmed")[0])

        again = the(Suppression)
        assert (again.reason, again.last_at) == ("stopped", on.clock.now)
        assert again.expires_at == (first.expires_at or on.clock.now) + 3 * DAY


def test_a_stop_that_two_messages_meet_at_once_holds_for_both() -> None:
    """One of them renews it."""
    with with_appointment() as (on, _, _):
        stopped(on, "email", "anna.muster@kundin.example")
        on.clock.move(minutes=1)
        confirmation, reminder = messages("appointment-confirmed")[0], messages("appointment-reminder")[0]

        with before_commit(lambda: why_not(on, reminder), least=1):
            assert why_not(on, confirmation) == "suppressed"

        assert the(Suppression).last_at == on.clock.now


def test_staff_get_their_links_from_the_product() -> None:
    """Not in the name of the business, which is theirs."""
    with open_business() as (on, of):
        on.services.signing_in.ask_for_link("regula@praxis-brunner.example", network=NETWORK)

        content = mail(on, "sign-in-link")

        assert (content.to_name, content.sender_name) == ("Regula Brunner", "Zusage")
        assert on.services.signing_in.sign_in(link_in(content.text), visitor=VISITOR).staff == of.expert


def test_a_member_who_is_gone_gets_no_link() -> None:
    """Nor does anyone of a business that is gone."""
    with open_business() as (on, _):
        on.services.signing_in.ask_for_link("regula@praxis-brunner.example", network=NETWORK)
        the(Tenant).delete()

        assert why_not(on, messages("sign-in-link")[0]) == "gone"
        assert messages("sign-in-link")[0].state is Delivery.WAITING
