"""Providers that are down, slow, confused or silent: the message goes out all the same, and never twice."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from infra.local.cloud import LocalCloud
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, Stack, until

pytestmark = pytest.mark.deployed


@pytest.fixture(scope="module", autouse=True)
def _empty_dead_letters(cloud: LocalCloud) -> None:
    """Takes away what tests of other modules left there.

    They move the clock by months: a call that is under way just then is refused for its signature, and a second later
    its batch is too old to be tried again.
    """
    for name in DEAD_LETTERS:
        cloud.client("sqs").purge_queue(QueueUrl=cloud.resources[name])


DEAD_LETTERS = ("DispatchDeadLetters", "RelayDeadLetters")
LEASE = timedelta(seconds=125)
FIRST_RETRY = timedelta(seconds=31)
VISIBILITY = timedelta(seconds=125)


def one_each(stack: Stack, anna: Person) -> tuple[str, str]:
    """Who delivered the one e-mail and the one text message that there are."""
    stack.mail(anna, BOOKED)  # one that SES took lies in the inbox a moment after it was taken
    (mail,) = stack.mails(anna, BOOKED)
    (text,) = [text for text in stack.texts(anna) if "bestätigt" in text["text"]]
    return mail["provider"], text["provider"]


@pytest.mark.parametrize(
    "fault",
    [{"mode": "status", "status": 500}, {"mode": "status", "status": 429}, {"mode": "status", "status": 503}],
    ids=lambda fault: str(fault["status"]),
)
def test_the_next_provider_steps_in(stack: Stack, fault: dict[str, Any]) -> None:
    """At once, when the first one says that it did not take the message."""
    anna, practice = Person(), stack.business()
    for provider in ("mailgun", "twilio"):
        stack.inbox.fail(provider, **fault)

    booked = stack.book(practice, anna, sms=True)

    stack.settled(booked["id"], "accepted", message="appointment-confirmed")
    assert one_each(stack, anna) == ("ses", "smsapi")


@pytest.mark.parametrize("mode", ["nonsense", "reset", "take_then_reset"])
def test_in_doubt_the_same_provider_is_asked_first(stack: Stack, mode: str) -> None:
    """Two minutes later it either has the message, which settles it, or gets it once more."""
    anna, practice = Person(), stack.business()
    for provider in ("mailgun", "twilio"):
        stack.inbox.fail(provider, mode, times=1)

    booked = stack.book(practice, anna, sms=True)
    stack.settled(booked["id"], "unknown", message="appointment-confirmed")
    stack.wake()
    stack.cloud.move_time(seconds=LEASE.total_seconds())
    stack.wake()

    stack.settled(booked["id"], "accepted", message="appointment-confirmed")
    assert one_each(stack, anna) == ("mailgun", "twilio")


def test_silence_ends_and_nothing_is_sent_twice(stack: Stack) -> None:
    """One provider never answers, the other takes the message and then says nothing: we hang up after ten seconds."""
    anna, practice = Person(), stack.business()
    stack.inbox.fail("mailgun", "take_then_hang", seconds=20, times=1)
    stack.inbox.fail("twilio", "hang", seconds=20, times=1)

    booked = stack.book(practice, anna, sms=True)
    stack.settled(booked["id"], "unknown", message="appointment-confirmed")
    stack.cloud.move_time(seconds=LEASE.total_seconds())
    stack.wake()

    stack.settled(booked["id"], "accepted", message="appointment-confirmed")
    assert one_each(stack, anna) == ("mailgun", "twilio")


def test_a_slow_provider_is_waited_for(stack: Stack) -> None:
    """Two seconds are no failure, and nobody else is asked meanwhile."""
    anna, practice = Person(), stack.business()
    for provider in ("mailgun", "twilio"):
        stack.inbox.fail(provider, "slow", seconds=2, times=1)

    booked = stack.book(practice, anna, sms=True)

    stack.settled(booked["id"], "accepted", message="appointment-confirmed")
    assert one_each(stack, anna) == ("mailgun", "twilio")
    (held,) = stack.notifications(booked["id"], message="appointment-confirmed", channel="sms")
    assert held["attempts"] == 1


def test_when_all_are_down_it_goes_out_later(stack: Stack) -> None:
    """Half a minute after they work again at the latest; the booking itself never notices."""
    anna, practice = Person(), stack.business()
    for provider in ("mailgun", "twilio", "smsapi"):
        stack.inbox.fail(provider, "status", status=500)
    with_mail_down(stack, down=True)

    try:
        booked = stack.book(practice, anna, sms=True)
        until(
            # Tried and put off: between a try's beginning and that, the next provider may still be asked.
            lambda: (
                [
                    (n["state"], n.get("attempts"))
                    for n in stack.notifications(booked["id"], message="appointment-confirmed")
                ]
                == [("waiting", 1), ("waiting", 1)]
            ),
            "each was tried and put off",
        )
        assert (stack.mails(anna), stack.texts(anna)) == ([], [])
    finally:
        with_mail_down(stack, down=False)
        for provider in ("mailgun", "twilio", "smsapi"):
            stack.inbox.work(provider)
    stack.cloud.move_time(seconds=FIRST_RETRY.total_seconds())
    stack.wake()

    stack.settled(booked["id"], "accepted", message="appointment-confirmed")
    assert one_each(stack, anna) == ("mailgun", "twilio")


def with_mail_down(stack: Stack, *, down: bool) -> None:
    """SES refuses the sender, as it does for an account that is paused."""
    mail, sender = stack.cloud.client("ses"), "termine@mail.example.ch"
    if down:
        mail.delete_identity(Identity=sender)
        mail.delete_identity(Identity=sender.partition("@")[2])
    else:
        mail.verify_email_identity(EmailAddress=sender)
        mail.verify_domain_identity(Domain=sender.partition("@")[2])


def test_a_number_that_no_provider_reaches_is_not_tried_again(stack: Stack) -> None:
    """A refusal of the recipient is final for this message; the e-mail goes out."""
    anna, practice = Person(), stack.business()
    stack.inbox.fail("twilio", "status", status=400, code=21211)

    booked = stack.book(practice, anna, sms=True)
    stack.mail(anna, BOOKED)

    stack.settled(booked["id"], "bounced", message="appointment-confirmed", channel="sms")
    stack.inbox.work("twilio")
    stack.cloud.move_time(seconds=LEASE.total_seconds())
    stack.wake()
    assert stack.texts(anna) == []


def test_the_queue_and_its_dead_letters_are_empty_in_the_end(stack: Stack) -> None:
    """No failure of a provider is one of ours."""
    queues = ("DispatchQueue", *DEAD_LETTERS)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def waiting() -> dict[str, int]:
        read = stack.cloud.client("sqs").get_queue_attributes
        found = {
            name: read(QueueUrl=stack.cloud.resources[name], AttributeNames=names)["Attributes"].values()
            for name in queues
        }
        return {name: count for name, counts in found.items() if (count := sum(map(int, counts)))}

    # A call that was under way when the time was moved is refused for its signature, and its message comes back after
    # the queue's visibility timeout. Moving the time once more lets that pass, and may catch another one: so a few
    # times. What failed for good lies with the dead letters and stays there.
    for _ in range(4):
        stack.cloud.move_time(seconds=VISIBILITY.total_seconds())
        with suppress(AssertionError):
            until(lambda: waiting() == {}, "nothing waits", seconds=15)
            break
    assert waiting() == {}
