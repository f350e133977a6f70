"""notifications, `confirmations-reminders`: the right words, in time, once, and with a way around every failure."""

import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, REMINDED, Stack, instant
from tests.deployed.webhook_calls import CHANNELS, sent_by

pytestmark = [pytest.mark.deployed, pytest.mark.promise("confirmations-reminders")]

ZURICH = ZoneInfo("Europe/Zurich")
WITHIN_SECONDS = 10
WORDS = {
    "de": {"subject": "Ihr Termin ist bestätigt", "hello": "Guten Tag", "sms": "Termin bestätigt"},
    "en": {"subject": "Your appointment is confirmed", "hello": "Hello", "sms": "appointment confirmed"},
    "fr": {"subject": "Votre rendez-vous est confirmé", "hello": "Bonjour", "sms": "rendez-vous confirmé"},
    "it": {"subject": "Appuntamento confermato", "hello": "Buongiorno", "sms": "appuntamento confermato"},
}


def reminders(stack: Stack, who: Person) -> tuple[int, int]:
    """How many reminders came by mail and by text message."""
    return len(stack.mails(who, REMINDED)), len([one for one in stack.texts(who) if "erinnerung" in one["text"]])


@pytest.mark.parametrize("language", WORDS)
def test_a_confirmation_comes_within_seconds_by_mail_and_text(stack: Stack, language: str) -> None:
    """In the customer's language and time zone, with the business's name, the local time and working links."""
    anna, practice = Person(language=language), stack.business(Person())
    words = WORDS[language]

    booked = stack.book(practice, anna, sms=True)
    begun = time.monotonic()
    mail = stack.mail(anna, words["subject"])
    (text,) = stack.inbox.wait_for(1, to=anna.phone)
    took = time.monotonic() - begun

    name = stack.client.ask("GET", f"/tenants/{practice.tenant}", wanted=200)["name"]
    at = instant(booked["starts_at"]).astimezone(ZURICH)
    local, spoken = f"{at:%H:%M}", f"{at.hour}h{at:%M}" if language == "fr" else f"{at:%H:%M}"
    assert took < WITHIN_SECONDS
    for written in (mail["text"], mail["html"]):
        assert all(part in written for part in (words["hello"], anna.family_name, name, spoken, "Europe/Zurich"))
    assert all(part in text["text"] for part in (words["sms"], name, local))
    assert text["segments"]["segments"] <= 3
    assert stack.call("GET", "/appointment", headers=links_of(stack, anna, words["subject"])).status == 200


def links_of(stack: Stack, who: Person, about: str) -> dict[str, str]:
    """The header that shows the link to cancel."""
    return stack.links(who, about)["cancel"]


def test_the_business_chooses_the_lead_and_the_reminder_comes_at_the_minute(stack: Stack) -> None:
    """A minute and a half early there is none, at the time there is one by each way, and there never is a second."""
    anna, practice = Person(), stack.business(reminder_minutes=120)
    start = next(one for one in stack.free(practice) if instant(one).astimezone(ZURICH).hour >= 10)
    stack.book(practice, anna, starts_at=start, sms=True)
    stack.mail(anna, BOOKED)
    due = instant(start) - timedelta(minutes=120)

    stack.cloud.move_time(to=due - timedelta(seconds=90))
    stack.wake()
    early = reminders(stack, anna)
    stack.cloud.move_time(to=due + timedelta(seconds=1))
    for _ in range(3):
        stack.wake()
    mail = stack.mail(anna, REMINDED)
    stack.inbox.wait_for(2, to=anna.phone)
    stack.cloud.move_time(minutes=10)
    stack.wake()

    assert early == (0, 0)
    assert due <= datetime.fromisoformat(mail["at"]) < due + timedelta(minutes=1)
    assert reminders(stack, anna) == (1, 1)


def test_no_text_message_comes_at_night(stack: Stack) -> None:
    """A reminder that falls at five in the morning is texted at nine the evening before; the e-mail is in time."""
    anna = Person()
    hours = {
        "zone": "Europe/Zurich",
        "weekly": [{"weekday": day, "ranges": [{"start": "06:00", "end": "07:00"}]} for day in range(1, 8)],
    }
    practice = stack.business(hours=hours, duration=60, step=60, buffer_after=0, reminder_minutes=60)
    start = instant(stack.book(practice, anna, sms=True)["starts_at"]).astimezone(ZURICH)
    evening = datetime.combine(start.date() - timedelta(days=1), datetime.min.time(), ZURICH).replace(hour=21)

    stack.cloud.move_time(to=evening - timedelta(seconds=70))
    stack.wake()
    before = reminders(stack, anna)
    stack.cloud.move_time(to=evening + timedelta(seconds=1))
    stack.wake()
    stack.inbox.wait_for(2, to=anna.phone)
    in_the_evening = reminders(stack, anna)
    stack.cloud.move_time(to=start - timedelta(minutes=60) + timedelta(seconds=1))
    stack.wake()
    stack.mail(anna, REMINDED)

    assert (before, in_the_evening) == ((0, 0), (0, 1))
    assert reminders(stack, anna) == (1, 1)


def test_another_provider_steps_in(stack: Stack) -> None:
    """When the preferred ones answer 500, within the same seconds; each message comes once."""
    anna, practice = Person(), stack.business()
    for provider in ("mailgun", "twilio"):
        stack.inbox.fail(provider, "status", status=500)

    begun = time.monotonic()
    booked = stack.book(practice, anna, sms=True)
    mail, text = stack.mail(anna, BOOKED), stack.inbox.wait_for(1, to=anna.phone)[0]
    took = time.monotonic() - begun

    assert (mail["provider"], text["provider"]) == ("ses", "smsapi")
    assert took < WITHIN_SECONDS
    stack.settled(booked["id"], "accepted", message="appointment-confirmed")
    assert (len(stack.mails(anna)), len(stack.texts(anna))) == (1, 1)


@pytest.mark.parametrize("provider", CHANNELS)
def test_receipts_come_by_webhook(stack: Stack, provider: str) -> None:
    """Each provider's own signed call moves the message on; an unsigned one does not."""
    appointment, taken = sent_by(stack, provider)
    channel: dict[str, Any] = {"message": "appointment-confirmed", "channel": CHANNELS[provider]}
    stack.settled(appointment, "accepted", **channel)

    answers = stack.inbox.report(taken["id"], "delivered")

    assert [one["status"] for one in answers] == [200]
    stack.settled(appointment, "delivered", **channel)


@pytest.mark.parametrize(
    ("provider", "event"),
    [("mailgun", "bounced"), ("mailgun", "complained"), ("ses", "bounced"), ("twilio", "bounced")],
)
def test_a_dead_address_is_left_alone(stack: Stack, provider: str, event: str) -> None:
    """After a bounce or a complaint nothing more goes there, at any business; the other way stays open."""
    anna, practice = Person(), stack.business()
    if provider == "ses":
        stack.inbox.fail("mailgun", "status", status=500, times=1)
    stack.book(practice, anna, sms=True)
    taken = {"email": stack.mail(anna, BOOKED), "sms": stack.inbox.wait_for(1, to=anna.phone)[0]}[CHANNELS[provider]]
    stack.inbox.report(taken["id"], event)

    again = stack.book(stack.business(), anna, sms=True)

    dead, alive = CHANNELS[provider], {"email": "sms", "sms": "email"}[CHANNELS[provider]]
    stack.settled(again["id"], "skipped", message="appointment-confirmed", channel=dead)
    stack.settled(again["id"], "accepted", message="appointment-confirmed", channel=alive)
    (skipped,) = stack.notifications(again["id"], message="appointment-confirmed", channel=dead)
    assert skipped["reason"] == "suppressed"
    counts = {"email": len(stack.mails(anna)), "sms": len(stack.texts(anna))}
    assert counts == {dead: 1, alive: 2}
