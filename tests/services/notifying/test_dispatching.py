"""What happens to a notification at the providers, when all of them answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import (
    ProviderError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RecipientRefusedError,
)
from chalicelib.records.appointment import Appointment
from chalicelib.records.notification import Notification
from chalicelib.records.suppression import Suppression
from chalicelib.services.notifying.dispatching import FIRST_RETRY, LEASE, LONGEST_RETRY, MOST_ATTEMPTS
from chalicelib.services.ports import Email, Sms
from tests.builders import MONDAY_10, NETWORK, Business, booked
from tests.services.looking import ledger, messages, stored
from tests.services.prepared import open_business
from tests.stage import Stage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@contextmanager
def confirmation(**changes: Any) -> Iterator[tuple[Stage, Business, Notification]]:
    """A business with an appointment whose confirmation waits in the outbox."""
    with open_business() as (on, of):
        booked(on, of, **changes)
        yield on, of, messages("appointment-confirmed")[0]


def deliver(on: Stage, held: Notification) -> Delivery | None:
    """Hands it to the dispatcher."""
    return on.dispatching.deliver(held.pk, held.sk)


def stored_now(held: Notification) -> Notification:
    """The notification as it is stored."""
    return next(each for each in stored(Notification) if each.sk == held.sk)


def every_provider(on: Stage, failure: type[ProviderError], *, times: int = 1) -> None:
    """All providers fail like this, so many times each."""
    for provider in (on.mailgun, on.ses, on.twilio, on.smsapi):
        provider.failures += [failure(provider.name, "503")] * times


def test_a_notification_goes_to_the_preferred_provider() -> None:
    """Once; what came of it is noted, on it and in the ledger."""
    with confirmation() as (on, of, held):
        assert deliver(on, held) is Delivery.ACCEPTED

        now = stored_now(held)
        assert (len(on.mailgun.sent), len(on.ses.sent)) == (1, 0)
        assert (now.provider, now.provider_id, now.attempts) == ("mailgun", "mailgun-1", 1)
        assert [(each.state, each.provider, each.at) for each in now.reports or ()] == [
            ("accepted", "mailgun", on.clock.now)
        ]
        entries = [(each.tenant, each.about, each.thing) for each in ledger(Action.NOTIFICATION_HANDED_OVER)]
        assert entries.count((of.tenant, held.subject, held.id)) == 1


def test_delivering_again_sends_nothing() -> None:
    """Queues deliver twice now and then."""
    with confirmation() as (on, _, held):
        for _ in range(3):
            assert deliver(on, held) is Delivery.ACCEPTED

        assert len(on.mails()) == 1


@pytest.mark.parametrize(("seconds", "sent"), [(-7, 0), (-6, 0), (-5, 1), (0, 1), (1, 1)])
def test_what_is_not_due_yet_is_left_alone(seconds: int, sent: int) -> None:
    """A few seconds early are fine: queues are not that exact."""
    with confirmation() as (on, _, _):
        reminder = messages("appointment-reminder")[0]
        on.clock.now = reminder.send_at + timedelta(seconds=seconds)

        assert deliver(on, reminder) is (Delivery.ACCEPTED if sent else Delivery.WAITING)

        assert len(on.mails()) == sent


def test_what_is_gone_is_no_error() -> None:
    """A letter may come after its notification was taken back or has expired."""
    with confirmation() as (on, _, held):
        assert on.dispatching.deliver(held.pk, "NOTIFICATION#" + "0" * 32) is None

        on.clock.move(days=366)
        assert deliver(on, held) is None


@pytest.mark.parametrize("failure", [ProviderUnavailableError, ProviderMisconfiguredError])
def test_the_next_provider_takes_over(failure: type[ProviderError]) -> None:
    """At once, within the same delivery, whether the first is down or refuses us."""
    with confirmation() as (on, _, held):
        on.mailgun.failures.append(failure("mailgun", "503"))

        assert deliver(on, held) is Delivery.ACCEPTED

        now = stored_now(held)
        assert (len(on.mailgun.sent), len(on.ses.sent)) == (0, 1)
        assert (now.provider, now.provider_id) == ("ses", "ses-1")


def test_text_messages_fail_over_as_well() -> None:
    """From one carrier to the other, never to mail."""
    with confirmation(sms_wanted=True) as (on, _, _):
        on.twilio.failures.append(ProviderUnavailableError("twilio", "503"))

        on.pump()

        assert [len(each.sent) for each in (on.twilio, on.smsapi, on.mailgun)] == [0, 1, 1]


def test_when_nobody_takes_it_it_waits_longer_each_time() -> None:
    """Half a minute, then twice as long, up to an hour."""
    with confirmation() as (on, _, held):
        waits = []
        for _ in range(9):
            every_provider(on, ProviderUnavailableError)
            assert deliver(on, held) is Delivery.WAITING
            now = stored_now(held)
            waits.append(now.next_at - on.clock.now)
            on.clock.now = now.next_at

        assert waits == [min(FIRST_RETRY * 2**number, LONGEST_RETRY) for number in range(9)]
        assert now.reason == "503"
        assert deliver(on, held) is Delivery.ACCEPTED
        assert len(on.mails()) == 1


def test_before_its_time_comes_it_is_not_tried_again() -> None:
    """However often the queue delivers it."""
    with confirmation() as (on, _, held):
        every_provider(on, ProviderUnavailableError)
        deliver(on, held)

        assert deliver(on, held) is Delivery.WAITING

        assert on.mails() == []
        assert stored_now(held).attempts == 1


def test_it_is_given_up_when_it_would_come_too_late() -> None:
    """The next try would be after the appointment began: better say so."""
    with confirmation() as (on, _, _):
        reminder = messages("appointment-reminder")[0]
        on.clock.now = MONDAY_10 - FIRST_RETRY
        every_provider(on, ProviderUnavailableError)

        assert deliver(on, reminder) is Delivery.FAILED

        assert ledger(Action.NOTIFICATION_NOT_SENT)[0].thing == reminder.id
        assert stored_now(reminder).due() == ("EXPIRY", stored_now(reminder).expires_at)


def test_a_second_earlier_it_is_still_worth_a_try() -> None:
    """The edge of giving up."""
    with confirmation() as (on, _, _):
        reminder = messages("appointment-reminder")[0]
        on.clock.now = MONDAY_10 - FIRST_RETRY - timedelta(seconds=1)
        every_provider(on, ProviderUnavailableError)

        assert deliver(on, reminder) is Delivery.WAITING


def test_it_is_given_up_after_so_many_tries() -> None:
    """Even if it never becomes useless, such as a sign-in link."""
    with open_business() as (on, _):
        on.services.signing_in.ask_for_link("regula@praxis-brunner.example", network=NETWORK)
        held = messages("sign-in-link")[0]
        every_provider(on, ProviderUnavailableError, times=MOST_ATTEMPTS)

        tries = 0
        while (state := deliver(on, held)) is Delivery.WAITING:
            tries += 1
            on.clock.now = stored_now(held).next_at

        assert (state, tries) == (Delivery.FAILED, MOST_ATTEMPTS - 1)
        assert len(ledger(Action.NOTIFICATION_NOT_SENT)) == 1


@pytest.mark.parametrize("suppressed", [True, False])
def test_a_refused_recipient_is_not_tried_elsewhere(suppressed: bool) -> None:
    """And is kept from further messages if the provider says that it is for good."""
    with confirmation() as (on, _, held):
        on.mailgun.failures.append(RecipientRefusedError("mailgun", "605", suppress=suppressed))

        assert deliver(on, held) is Delivery.BOUNCED

        assert on.mails() == []
        assert [each.code for each in stored_now(held).reports or ()] == ["605"]
        assert [each.reason for each in stored(Suppression)] == (["refused"] if suppressed else [])
        assert len(ledger(Action.NOTIFICATION_NOT_SENT)) == 1


def test_after_a_refusal_for_good_nothing_more_goes_out() -> None:
    """The reminder is skipped, with its reason."""
    with confirmation() as (on, _, held):
        on.mailgun.failures.append(RecipientRefusedError("mailgun", "605", suppress=True))
        deliver(on, held)
        on.clock.now = MONDAY_10 - DAY

        reminder = messages("appointment-reminder")[0]
        assert deliver(on, reminder) is Delivery.SKIPPED

        assert stored_now(reminder).reason == "suppressed"
        assert on.mails() == []


def test_no_number_reaches_a_provider_without_the_wish() -> None:
    """Neither a carrier, nor a mail provider inside a mail."""
    with confirmation() as (on, of, _):
        token = on.services.linking.self_service(booked(on, of, starts_at=MONDAY_10 + HOUR))["reschedule"]
        on.services.changing.move(token, MONDAY_10 + 2 * HOUR, network=NETWORK)
        on.pump()
        on.clock.now = MONDAY_10 - HOUR
        on.pump()

        assert on.texts() == []
        assert len(on.mails()) == 4
        assert "5550123" not in repr(on.mails())


def test_carriers_get_text_messages_only_and_mail_providers_mails_only() -> None:
    """With the wish, each channel has its own."""
    with confirmation(sms_wanted=True) as (on, _, _):
        on.pump()

        assert [type(each) for each in on.texts()] == [Sms]
        assert [type(each) for each in on.mails()] == [Email]


def test_a_reminder_is_not_sent_after_cancelling_or_moving() -> None:
    """A whole life: booked, moved, cancelled; the queue is emptied at each reminder's time."""
    with confirmation() as (on, _, held):
        on.pump()
        linking, changing = on.services.linking, on.services.changing
        moved = changing.move(
            linking.self_service(appointment_of(held))["reschedule"], MONDAY_10 + DAY, network=NETWORK
        )
        on.clock.now = MONDAY_10 - DAY
        on.pump()
        changing.cancel(linking.self_service(moved)["cancel"], network=NETWORK)
        on.clock.now = MONDAY_10
        on.pump()

        sent = {each.message for each in stored(Notification) if each.about and each.state is Delivery.ACCEPTED}
        assert sent == {"appointment-confirmed", "appointment-rescheduled", "appointment-cancelled"}
        assert len(on.mails()) == 3


def appointment_of(held: Notification) -> Appointment:
    """The appointment that a notification is about."""
    return next(each for each in stored(Appointment) if each.id == held.about)


def test_the_claim_is_written_before_the_provider_is_called() -> None:
    """So nobody else sends it meanwhile; the lease is long enough for the call."""
    with confirmation() as (on, _, held):
        seen: list[tuple[Delivery, timedelta]] = []
        send = on.mailgun.send

        def look_and_send(message: Any) -> str:
            now = stored_now(held)
            seen.append((now.state, now.next_at - on.clock.now))
            assert deliver(on, held) is Delivery.SENDING
            return send(message)

        on.mailgun.send = look_and_send  # type: ignore[method-assign]
        deliver(on, held)

        assert seen == [(Delivery.SENDING, LEASE)]
        assert len(on.mails()) == 1


def test_without_providers_it_waits() -> None:
    """An installation without carriers keeps text messages back rather than losing them."""
    with confirmation(sms_wanted=True) as (on, _, _):
        on.services.sms_providers.clear()  # type: ignore[attr-defined]
        sms = next(each for each in messages("appointment-confirmed") if each.channel == "sms")

        assert deliver(on, sms) is Delivery.WAITING

        assert stored_now(sms).reason == "no-provider"
