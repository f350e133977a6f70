"""What a customer sees of an appointment by link, what each link is for, and the calendar file of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from chalicelib.domain.errors import LinkExpiredError, LinkInvalidError, NotFoundError
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.states import RestrictionGround
from chalicelib.domain.terms import Place, Refund
from chalicelib.messages.where import spoken_where
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.premises import Premises
from chalicelib.records.writing import Transaction
from tests.builders import MONDAY_10, NETWORK, Business, booked
from tests.calendar_client import CalendarClient
from tests.services.looking import messages, now_of
from tests.services.offer_builders import BEAT, DAY, HOUR, MINUTE, change_service
from tests.services.prepared import open_business
from tests.stage import Stage

NAMES = ("view", "reschedule", "cancel", "calendar")
SECOND = timedelta(seconds=1)
SITE = {"id": "s1", "name": "Praxis Nord", "street": "Nordstrasse 5", "postal_code": "8006", "city": "Zürich"}


def links(on: Stage, held: Appointment) -> dict[str, str]:
    """The tokens as they now hold."""
    return on.services.linking.self_service(now_of(held))


def shown(on: Stage, held: Appointment, name: str = "view") -> Any:
    """What one of the links shows."""
    return on.services.showing.show(links(on, held)[name], network=NETWORK)


def changed(held: Appointment, **values: Any) -> None:
    """The appointment with other values, as somebody else wrote them."""
    record = now_of(held)
    for name, value in values.items():
        setattr(record, name, value)
    transaction = Transaction()
    transaction.update(record)
    transaction.commit()


def premises(of: Business) -> None:
    """The business has a site in the north."""
    ref = Premises.ref(of.tenant)
    transaction = Transaction()
    transaction.create(Premises(ref.pk, ref.sk, sites=[SITE]))
    transaction.commit()


def where(on: Stage, held: Appointment) -> str:
    """The place as the page would say it in German."""
    return spoken_where(shown(on, held).where, "de")


def file(on: Stage, held: Appointment) -> Any:
    """The calendar file's method and its event."""
    content = on.services.showing.calendar_file(links(on, held)["calendar"], network=NETWORK)
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    return str(Calendar.from_ical(content)["METHOD"]), event


@pytest.mark.parametrize("name", NAMES)
def test_each_link_does_one_thing(name: str) -> None:
    """Who may change an appointment sees what it is; who may look may change nothing."""
    with open_business() as (on, of):
        held = booked(on, of)
        token, services = links(on, held)[name], on.services
        uses: dict[str, Callable[[], object]] = {
            "view": lambda: services.showing.show(token, network=NETWORK),
            "calendar": lambda: services.showing.calendar_file(token, network=NETWORK),
            "slots": lambda: services.changing.slots(token, frm=MONDAY_10, to=MONDAY_10 + DAY, network=NETWORK),
            "reschedule": lambda: services.changing.move(token, MONDAY_10 + DAY, network=NETWORK),
            "cancel": lambda: services.changing.cancel(token, network=NETWORK),
        }
        allowed = {
            "view": {"view"},
            "reschedule": {"view", "slots", "reschedule"},
            "cancel": {"view", "cancel"},
            "calendar": {"calendar"},
        }[name]

        for use, do in uses.items():
            if use in allowed:
                assert do() is not None
            else:
                with pytest.raises(LinkInvalidError):
                    do()


def test_a_link_opens_one_seat_and_no_other() -> None:
    """Those who share a group have appointments, and links, of their own."""
    with open_business() as (on, of):
        change_service(of, seats=3)
        anna, beat = booked(on, of), booked(on, of, **BEAT)

        on.services.changing.cancel(links(on, anna)["cancel"], network=NETWORK)

        assert (now_of(anna).state, now_of(beat).state) == (State.CANCELLED, State.CONFIRMED)
        assert shown(on, beat).meeting.appointment.email == "beat@kunde.example"
        assert file(on, anna)[1]["UID"] != file(on, beat)[1]["UID"]


@pytest.mark.parametrize(
    ("name", "ends"), [("view", HOUR), ("calendar", HOUR), ("reschedule", timedelta(0)), ("cancel", timedelta(0))]
)
@pytest.mark.parametrize("seconds", [-1, 0])
def test_links_to_change_end_with_the_start_and_those_to_look_with_the_end(
    name: str, ends: timedelta, seconds: int
) -> None:
    """To the second."""
    with open_business() as (on, of):
        token = links(on, booked(on, of))[name]
        on.clock.now = MONDAY_10 + ends + seconds * SECOND
        purpose = {"view": LinkPurpose.VIEW, "calendar": LinkPurpose.CALENDAR}.get(name)
        purpose = purpose or (LinkPurpose.CANCEL if name == "cancel" else LinkPurpose.RESCHEDULE)

        if seconds < 0:
            assert on.services.linking.read(token, purpose)
            return
        with pytest.raises(LinkExpiredError):
            on.services.linking.read(token, purpose)


@pytest.mark.parametrize(("seconds", "open_"), [(-1, True), (0, True), (1, False)])
def test_it_says_until_when_what_is_possible(seconds: int, open_: bool) -> None:
    """The last instant counts; afterwards there is none."""
    with open_business() as (on, of):
        change_service(of, cancel_until=1440, move_until=120)
        held = booked(on, of)
        on.clock.now = MONDAY_10 - DAY + seconds * SECOND

        now = shown(on, held)

        assert now.cancel_until == (MONDAY_10 - DAY if open_ else None)
        assert now.move_until == MONDAY_10 - 120 * MINUTE


@pytest.mark.parametrize(("paid", "refund"), [(True, 4500), (False, None)])
def test_it_says_what_would_be_paid_back(paid: bool, refund: int | None) -> None:
    """By the rules of the service, of what was paid."""
    with open_business() as (on, of):
        change_service(of, price=9000, refunds=[vars(Refund(minutes=1440, percent=50))])
        held = booked(on, of)
        changed(held, paid_at=on.clock.now if paid else None)

        assert shown(on, held).refund == refund


@pytest.mark.parametrize("state", [State.CANCELLED, State.DECLINED, State.LAPSED])
def test_what_is_over_can_be_looked_at_and_not_changed(state: State) -> None:
    """Nothing is possible, nothing would be paid back."""
    with open_business() as (on, of):
        held = booked(on, of)
        changed(held, state=state, paid_at=on.clock.now, price=9000)

        now = shown(on, held)

        assert (now.cancel_until, now.move_until, now.refund) == (None, None, None)
        assert "view=" in on.services.linking.manage_page(now_of(held))
        assert "cancel=" not in on.services.linking.manage_page(now_of(held))


@pytest.mark.parametrize(
    ("terms", "appointment", "said"),
    [
        ({}, {}, "Seestrasse 12, 8002 Zürich"),
        ({"site": "s1"}, {}, "Praxis Nord, Nordstrasse 5, 8006 Zürich"),
        ({"site": "s2"}, {}, "Seestrasse 12, 8002 Zürich"),
        ({}, {"place": Place.PHONE}, "Telefon: bitte rufen Sie uns an (+41445550100)"),
        ({}, {"place": Place.PHONE, "phone": "+41795550123"}, "Telefon: wir rufen Sie an (+41795550123)"),
        ({"meeting_link": "https://meet.example/x"}, {"place": Place.VIDEO}, "Video: https://meet.example/x"),
        ({}, {"place": Place.VIDEO}, "Video"),
        ({}, {"place": Place.CUSTOMER, "address": "Weg 1, 3000 Bern"}, "Weg 1, 3000 Bern"),
        ({}, {"place": Place.CUSTOMER}, "Bei Ihnen"),
    ],
    ids=["business", "site", "site gone", "phone ours", "phone", "video", "no link yet", "customer", "no address"],
)
def test_it_says_where(terms: dict[str, Any], appointment: dict[str, Any], said: str) -> None:
    """By the service, the business and what the customer gave; the calendar file says the same."""
    with open_business() as (on, of):
        premises(of)
        change_service(of, **terms)
        held = booked(on, of)
        changed(held, **appointment)

        assert where(on, held) == said
        event = file(on, held)[1]
        assert event["LOCATION"] == said
        assert event.get("URL") == (terms.get("meeting_link") if appointment.get("place") is Place.VIDEO else None)


@pytest.mark.parametrize(
    ("appointment", "kept_back"),
    [
        ({"place": Place.PHONE, "phone": "+41795550123"}, "+41795550123"),
        ({"place": Place.CUSTOMER, "address": "Weg 1, 3000 Bern"}, "Weg 1"),
    ],
    ids=["phone", "customer"],
)
def test_no_mail_holds_a_customers_own_number_or_address(appointment: dict[str, Any], kept_back: str) -> None:
    """Whoever delivers mail needs neither; the page behind the link shows them."""
    with open_business() as (on, of):
        held = booked(on, of)
        changed(held, **appointment)

        content: Any = on.composing.compose(messages("appointment-confirmed")[0]).content

        assert kept_back not in content.text + content.html + content.attachments[0].content.decode()
        assert kept_back in where(on, held)


def test_the_file_is_the_appointment_as_it_stands() -> None:
    """The same UID as in the invitation; moved, the sequence is higher; cancelled, it says so. Nobody is invited."""
    with open_business() as (on, of):
        held = booked(on, of)
        first = file(on, held)
        on.services.changing.move(links(on, held)["reschedule"], MONDAY_10 + DAY, network=NETWORK)
        second = file(on, held)
        on.services.changing.cancel(links(on, held)["cancel"], network=NETWORK)
        third = file(on, held)

        told = [(method, event["SEQUENCE"], event["STATUS"]) for method, event in (first, second, third)]
        assert told == [("PUBLISH", 0, "CONFIRMED"), ("PUBLISH", 1, "CONFIRMED"), ("PUBLISH", 2, "CANCELLED")]
        assert {event["UID"] for _, event in (first, second, third)} == {f"{held.id}@mail.example.ch"}
        assert "ATTENDEE" not in first[1]
        assert second[1].decoded("DTSTART") == MONDAY_10 + DAY


def test_a_calendar_follows_the_mails() -> None:
    """A client library: entered, moved, gone; and what was taken over by hand is the same entry."""
    with open_business() as (on, of):
        held, calendar = booked(on, of), CalendarClient()

        def take(message: str) -> None:
            latest = [each for each in messages(message) if each.channel == "email"][-1]
            content: Any = on.composing.compose(latest).content
            calendar.take(content.attachments[0].content)

        take("appointment-confirmed")
        assert calendar.times() == [(MONDAY_10, MONDAY_10 + HOUR)]
        assert calendar.events()[0].location == "Seestrasse 12, 8002 Zürich"
        calendar.take(on.services.showing.calendar_file(links(on, held)["calendar"], network=NETWORK))
        assert len(calendar.events()) == 1
        on.services.changing.move(links(on, held)["reschedule"], MONDAY_10 + DAY, network=NETWORK)
        take("appointment-rescheduled")
        assert calendar.times() == [(MONDAY_10 + DAY, MONDAY_10 + DAY + HOUR)]
        on.services.changing.cancel(links(on, held)["cancel"], network=NETWORK)
        take("appointment-cancelled")
        assert calendar.events() == []


@pytest.mark.parametrize("state", [State.PENDING, State.UNPAID])
def test_what_waits_stands_in_calendars_as_not_sure_yet(state: State) -> None:
    """Their word for it."""
    with open_business() as (on, of):
        held = booked(on, of)
        changed(held, state=state, lapses_at=MONDAY_10)

        assert file(on, held)[1]["STATUS"] == "TENTATIVE"


def test_who_has_their_data_restricted_still_sees_their_own() -> None:
    """They asked for it themselves."""
    with open_business() as (on, of):
        held = booked(on, of)
        on.services.restricting.restrict(of.session, held.subject, RestrictionGround.UNLAWFUL, network=NETWORK)

        assert shown(on, held).meeting.appointment.given_name == "Anna"
        assert file(on, held)[0] == "PUBLISH"


def test_what_is_gone_is_not_shown() -> None:
    """An appointment whose time is over and deleted, or a service that is."""
    with open_business() as (on, of):
        held = booked(on, of)
        tokens = links(on, held)
        change_service(of, ended_at=on.clock.now - 400 * DAY)

        with pytest.raises(NotFoundError):
            on.services.showing.show(tokens["view"], network=NETWORK)


@pytest.mark.parametrize(("minutes", "name"), [(1441, "cancel"), (1440, "cancel"), (1439, "view")])
def test_a_text_message_has_the_narrowest_link(minutes: int, name: str) -> None:
    """To cancel, as long as that is possible; afterwards to look."""
    with open_business() as (on, of):
        change_service(of, cancel_until=1440)
        booked(on, of, sms_wanted=True)
        on.clock.now = MONDAY_10 - minutes * MINUTE
        reminder = next(each for each in messages("appointment-reminder") if each.channel == "sms")

        content: Any = on.composing.compose(reminder).content

        assert f"#{name}=" in content.text
