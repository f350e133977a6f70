"""What is late by the time a provider takes it: nobody is woken by it, and a name in any script keeps nothing back."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import ProviderUnavailableError
from chalicelib.records._base import Record
from chalicelib.records.availability import Availability
from chalicelib.records.notification import Notification
from chalicelib.records.writing import Transaction
from tests.builders import Business, booked, business
from tests.services.looking import messages, the
from tests.services.notifying.test_dispatching import deliver, every_provider, stored_now
from tests.services.prepared import open_business
from tests.stage import Stage, stage

ZURICH = ZoneInfo("Europe/Zurich")


def reminder(on: Stage, of: Business) -> Notification:
    """The text message that reminds of an appointment a day ahead."""
    booked(on, of, phone="+41795550123", sms_wanted=True)
    return next(each for each in messages("appointment-reminder") if each.channel == "sms")


def evening_before(held: Notification, hour: int, minute: int) -> datetime:
    """A time on the wall, on the day on which it was to go."""
    return held.send_at.astimezone(ZURICH).replace(hour=hour, minute=minute, second=0)


def test_a_text_message_that_got_late_waits_for_the_morning() -> None:
    """However often it was tried in the evening; then it goes."""
    with open_business() as (on, of):
        held = reminder(on, of)
        on.clock.now = evening_before(held, 20, 59)
        every_provider(on, ProviderUnavailableError)
        assert deliver(on, held) is Delivery.WAITING

        on.clock.now = evening_before(held, 21, 0)
        assert deliver(on, held) is Delivery.WAITING
        assert on.texts() == []
        morning = evening_before(held, 8, 0) + timedelta(days=1)
        assert (stored_now(held).next_at, stored_now(held).attempts) == (morning, 1)
        on.clock.now = morning
        assert deliver(on, held) is Delivery.ACCEPTED
        assert len(on.texts()) == 1


@pytest.mark.parametrize(("minutes", "goes"), [(0, True), (29, True), (30, False), (31, False)])
def test_what_was_to_go_before_the_night_has_half_an_hour(minutes: int, goes: bool) -> None:
    """It was put to the beginning of the quiet hours on purpose."""
    with open_business() as (on, of):
        held = reminder(on, of)
        held.send_at = held.next_at = evening_before(held, 21, 0)
        _write(held)
        on.clock.now = held.send_at + timedelta(minutes=minutes)

        assert deliver(on, held) is (Delivery.ACCEPTED if goes else Delivery.WAITING)


def test_it_is_night_where_the_expert_is() -> None:
    """By whose clock it was decided when the reminder goes."""
    with open_business() as (on, of):
        held = reminder(on, of)
        hours = the(Availability)
        hours.expert_zone = "Asia/Tokyo"
        _write(hours)
        on.clock.now = evening_before(held, 13, 0)  # 21:00 there

        assert deliver(on, held) is Delivery.WAITING
        assert stored_now(held).next_at == evening_before(held, 0, 0) + timedelta(days=1)


def _write(record: Record) -> None:
    changed = Transaction()
    changed.update(record)
    changed.commit()


def test_one_for_before_breakfast_is_given_up() -> None:
    """In the morning it would come too late, and at night nobody reads it."""
    with open_business() as (on, of):
        held = reminder(on, of)
        on.clock.now = evening_before(held, 23, 0)
        held.useless_at = evening_before(held, 8, 0) + timedelta(days=1)
        _write(held)

        assert deliver(on, held) is Delivery.FAILED
        assert (stored_now(held).reason, on.texts()) == ("night", [])


@pytest.mark.parametrize("company", ["Клиника Здоровье", "診療所"], ids=["cyrillic", "chinese"])
def test_a_business_is_told_of_in_any_script(company: str) -> None:
    """With the link as it really is: a message that can't be written would be tried for a week."""
    with stage() as on:
        of = business(on, company=company)
        booked(on, of, phone="+41795550123", sms_wanted=True)
        held = next(each for each in messages("appointment-confirmed") if each.channel == "sms")

        assert deliver(on, held) is Delivery.ACCEPTED
        assert "https://" in on.texts()[0].text
