"""What is written about appointments that were booked together: once, of all of them, as they stand by then."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import icalendar
import pytest

from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.terms import Payment
from chalicelib.messages.sms_segments import count
from chalicelib.messages.when import spoken_time
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.staff import Staff
from chalicelib.records.writing import Transaction
from chalicelib.services._not_sent import NotToBeSent
from chalicelib.services.booking.wishing import Repeat
from chalicelib.services.ports import Email, Sms
from tests.builders import MONDAY_10, NETWORK
from tests.services.booking_builders import service, visit, write
from tests.services.looking import messages, now_of, stored
from tests.services.meddling import calls
from tests.services.prepared import open_business
from tests.stage import Stage

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
CONFIRMED, REQUESTED, UNPAID = "appointments-confirmed", "appointments-requested", "payments-wanted"


@contextmanager
def series(
    *, times: int = 3, terms: dict[str, Any] | None = None, **wished: Any
) -> Iterator[tuple[Stage, list[Appointment]]]:
    """A business with a series of appointments."""
    with open_business() as (on, of):
        what = service(on, of, [of.expert], occurrences=9, **(terms or {}))
        yield on, visit(on, of, what, repeat=Repeat(weeks=1, times=times), **wished)


def mail(on: Stage, name: str) -> Email:
    """The one mail of a message, as it would be sent now."""
    (held,) = [each for each in messages(name) if each.channel == "email"]
    content = on.composing.compose(held).content
    assert isinstance(content, Email)
    return content


def links(content: Email) -> list[str]:
    """What stands behind the # of each link, in the text and in the page alike."""
    written, page = (re.findall(r'https://[^"\s#]+#([^"\s]+)', each) for each in (content.text, content.html))
    assert [each.replace("&amp;", "&") for each in page] == written
    return written


def events(content: Email) -> list[Any]:
    """The events of the calendar files, each of which is an invitation of its own."""
    found = []
    for file in content.attachments:
        calendar = icalendar.Calendar.from_ical(file.content)
        (event,) = calendar.walk("VEVENT")
        assert (calendar["METHOD"], file.content_type) == ("REQUEST", "text/calendar; method=REQUEST; charset=UTF-8")
        found.append(event)
    return found


def cancel(on: Stage, held: Appointment) -> None:
    """By its link."""
    on.services.changing.cancel(on.services.linking.self_service(now_of(held))["cancel"], network=NETWORK)


def why_not(on: Stage, name: str, channel: str = "email") -> str:
    """The reason why a message is not sent."""
    (held,) = [each for each in messages(name) if each.channel == channel]
    with pytest.raises(NotToBeSent) as no:
        on.composing.compose(held)
    return no.value.reason


def test_one_mail_lists_every_appointment_with_its_own_links() -> None:
    """When, what, with whom and where, in the zone of the customer."""
    with series(zone="Europe/Lisbon") as (on, made):
        on.pump()

        (content,) = [each for each in on.mails() if each.to == "anna.muster@kundin.example"]
        for each in made:
            when = spoken_time(each.starts_at, "Europe/Lisbon", "de")
            assert when in content.text
            assert when in content.html
        for said in ("Erstgespräch", "Regula Brunner", "Seestrasse 12, 8002 Zürich"):
            assert content.text.count(said) == content.html.count(said) == 3
        tokens = [dict(pair.split("=", 1) for pair in each.split("&")) for each in links(content)]
        assert tokens == [on.services.linking.self_service(each) for each in made]
        assert content.subject == "Termine sind bestätigt, ab Montag, 9. November 2026, 09:00 Uhr"


def test_each_appointment_has_a_calendar_file_of_its_own() -> None:
    """With one UID each, which it keeps when it changes."""
    with series() as (on, made):
        content = mail(on, CONFIRMED)

        found = events(content)
        assert [str(each["UID"]) for each in found] == [f"{each.id}@mail.example.ch" for each in made]
        assert {(each["SEQUENCE"], each["STATUS"]) for each in found} == {(0, "CONFIRMED")}
        assert [each.decoded("DTSTART") for each in found] == [MONDAY_10 + number * WEEK for number in range(3)]
        assert [each.filename for each in content.attachments] == ["invite-1.ics", "invite-2.ics", "invite-3.ics"]


def test_what_changed_before_it_was_sent_is_shown_as_it_stands() -> None:
    """Cancelled: not at all; moved: where it is now, in order of time. The rest is told by messages of its own."""
    with series(times=4) as (on, made):
        cancel(on, made[1])
        token = on.services.linking.self_service(made[0])["reschedule"]
        moved = on.services.changing.move(token, made[3].starts_at + HOUR, network=NETWORK)

        content = mail(on, CONFIRMED)

        now = [made[2], made[3], moved]
        assert [each.decoded("DTSTART") for each in events(content)] == [each.starts_at for each in now]
        assert [int(each["SEQUENCE"]) for each in events(content)] == [0, 0, 1]
        for each, said in zip(now, links(content), strict=True):
            token = dict(pair.split("=", 1) for pair in said.split("&"))["cancel"]
            assert on.services.linking.read(token, LinkPurpose.CANCEL).thing == each.id
        assert spoken_time(made[0].starts_at, "Europe/Zurich", "de") not in content.text


def test_requests_are_tentative_and_what_was_decided_meanwhile_is_left_out() -> None:
    """That one was confirmed is told by itself."""
    with series(terms={"confirm_within": 6000}) as (on, made):
        content = mail(on, REQUESTED)

        assert {str(each["STATUS"]) for each in events(content)} == {"TENTATIVE"}
        assert len(links(content)) == 3
        held = now_of(made[0])
        held.state = State.CONFIRMED
        write(held)

        assert len(links(mail(on, REQUESTED))) == 2


def test_what_is_to_be_paid_has_a_link_to_pay_each() -> None:
    """And no calendar file yet; what is paid already is left out."""
    with series(terms={"price": 4550, "payment": Payment.ONLINE}) as (on, made):
        content = mail(on, UNPAID)

        assert content.attachments == ()
        assert [on.services.linking.read(each, LinkPurpose.PAY).thing for each in links(content)] == [
            each.id for each in made
        ]
        assert content.text.count("CHF 45.50") == content.html.count("CHF 45.50") == 3
        assert spoken_time(made[0].lapses_at, "Europe/Zurich", "de") in content.text
        held = now_of(made[0])
        held.state = State.CONFIRMED
        write(held)
        assert len(links(mail(on, UNPAID))) == 2


@pytest.mark.parametrize(
    ("language", "subject", "button"),
    [
        ("de", "bestätigt, ab Montag, 9. November", "Termin ansehen oder ändern"),
        ("en", "confirmed, from Monday, 9 November", "See or change the appointment"),
        ("fr", "confirmés, dès le lundi 9 novembre", "Voir ou modifier le rendez-vous"),
        ("it", "confermati, da lunedì 9 novembre", "Vedere o modificare l&#x27;appuntamento"),
    ],
)
def test_it_is_in_the_language_of_the_customer(language: str, subject: str, button: str) -> None:
    """Every line of it."""
    with series(language=language) as (on, _):
        content = mail(on, CONFIRMED)

        assert subject in content.subject
        assert content.html.replace("'", "&#x27;").count(button) == 3


def test_a_text_message_says_when_the_first_one_is() -> None:
    """One for all of them, and in one segment."""
    with series(sms_wanted=True) as (on, made):
        on.pump()

        (sent,) = on.texts()
        assert isinstance(sent, Sms)
        assert sent.to == "+41795550123"
        assert "der erste Mo 09.11.2026 10:00" in sent.text
        assert count(sent.text).segments == 1
        cancel(on, made[0])
        (held,) = [each for each in messages(CONFIRMED) if each.channel == "sms"]
        content = on.composing.compose(held).content
        assert isinstance(content, Sms)
        assert "der erste Mo 16.11.2026 10:00" in content.text


def test_nobody_gets_a_text_message_that_they_do_not_want_any_more() -> None:
    """Whatever stands in the outbox."""
    with series(sms_wanted=True) as (on, made):
        transaction = Transaction()
        for each in map(now_of, made):
            each.sms_wanted = False
            transaction.update(each)
        transaction.commit()

        assert why_not(on, CONFIRMED, "sms") == "not-wanted"
        assert mail(on, CONFIRMED)


def test_nothing_is_said_when_nothing_of_it_is_left() -> None:
    """All cancelled, or gone altogether."""
    with series() as (on, made):
        for each in made:
            cancel(on, each)
        assert why_not(on, CONFIRMED) == "superseded"

        for each in stored(Appointment):
            each.delete()
        assert why_not(on, CONFIRMED) == "gone"


def test_nobody_is_invited_to_somebody_who_has_left() -> None:
    """That is told by itself."""
    with series() as (on, _):
        for each in stored(Staff):
            each.delete()

        assert why_not(on, CONFIRMED) == "gone"


@pytest.mark.parametrize(("seconds", "left"), [(-1, 3), (0, 2)])
def test_what_is_over_by_then_is_left_out(seconds: int, left: int) -> None:
    """A mail that could not go out for long speaks of what is ahead."""
    with series() as (on, made):
        on.clock.now = made[0].ends_at + timedelta(seconds=seconds)

        assert len(links(mail(on, CONFIRMED))) == left


@pytest.mark.parametrize("seconds", [-1, 0])
def test_it_is_useless_once_the_last_one_is_over(seconds: int) -> None:
    """To the second."""
    with series() as (on, made):
        on.clock.now = made[2].ends_at + timedelta(seconds=seconds)

        assert seconds < 0 or why_not(on, CONFIRMED) == "too-late"
        assert seconds >= 0 or len(links(mail(on, CONFIRMED))) == 1


def test_a_visit_of_several_services_is_one_mail_too() -> None:
    """Each with its own name and price."""
    with open_business() as (on, of):
        one, two = (service(on, of, [of.expert], name=name, duration=30) for name in ("Massage", "Beratung"))
        visit(on, of, one, two)

        content = mail(on, CONFIRMED)

        assert content.text.index("Massage") < content.text.index("Beratung")
        assert [str(each["SUMMARY"]) for each in events(content)] == [
            "Massage, Praxis Brunner",
            "Beratung, Praxis Brunner",
        ]


def test_names_are_text_in_every_line() -> None:
    """Never markup, nor a placeholder to be filled."""
    with series(times=2, terms={"name": "<b>Rücken</b> ${zone}"}) as (on, _):
        content = mail(on, CONFIRMED)

        assert content.text.count("<b>Rücken</b> ${zone}") == 2
        assert content.html.count("&lt;b&gt;Rücken&lt;/b&gt; ${zone}") == 2


def test_many_are_read_in_as_many_round_trips_as_few() -> None:
    """Together, with what belongs to them."""
    made = []
    for times in (2, 9):
        with series(times=times) as (on, _), calls() as read:
            assert len(links(mail(on, CONFIRMED))) == times
        made.append(read)

    assert made[0] == made[1]
