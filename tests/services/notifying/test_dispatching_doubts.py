"""What happens to a notification when nobody knows whether a provider took it."""

from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.delivery import Delivery, settle
from chalicelib.domain.errors import OutcomeUnknownError, ProviderUnavailableError, RecipientRefusedError
from chalicelib.records.notification import Notification
from chalicelib.services.notifying.composing import reference_of
from chalicelib.services.notifying.dispatching import LEASE, MOST_DOUBTS
from tests.builders import MONDAY_10, NETWORK
from tests.fakes import MemoryProvider
from tests.services.looking import ledger, messages
from tests.services.meddling import before_commit, killed_at, refused_writes
from tests.services.notifying.test_dispatching import appointment_of, confirmation, deliver, stored_now
from tests.services.prepared import open_business
from tests.stage import Stage

NO_ANSWER = OutcomeUnknownError("mailgun", "timeout")
DOWN = ProviderUnavailableError("mailgun", "503")


def know(provider: MemoryProvider, held: Notification) -> None:
    """The provider has the message and can tell."""
    provider.known[reference_of(held)] = f"{provider.name}-has-it"


def in_doubt(on: Stage, held: Notification) -> None:
    """The provider was called and did not answer."""
    on.mailgun.failures.append(NO_ANSWER)
    assert deliver(on, held) is Delivery.UNKNOWN


def after_lease(on: Stage, held: Notification) -> Delivery | None:
    """What becomes of it when its time comes again."""
    on.clock.now = stored_now(held).next_at
    return deliver(on, held)


def test_what_may_have_been_taken_is_not_sent_again_at_once() -> None:
    """Not by the same provider, and not by another: it waits until the lease is over."""
    with confirmation() as (on, _, held):
        in_doubt(on, held)

        assert stored_now(held).next_at == on.clock.now + LEASE
        on.clock.now += LEASE - timedelta(seconds=6)
        assert deliver(on, held) is Delivery.UNKNOWN
        assert on.mails() == []


def test_a_provider_that_has_it_is_believed() -> None:
    """Asked first: found, so nothing is sent twice, and it counts as handed over."""
    with confirmation() as (on, _, held):
        in_doubt(on, held)
        know(on.mailgun, held)

        assert after_lease(on, held) is Delivery.ACCEPTED

        now = stored_now(held)
        assert (now.provider, now.provider_id) == ("mailgun", "mailgun-has-it")
        assert on.mails() == []
        assert len(ledger(Action.NOTIFICATION_HANDED_OVER)) == 2  # the registration's, and this


def test_a_provider_that_has_it_not_gets_it_again_first() -> None:
    """The same one, since it may recognise the repetition."""
    with confirmation() as (on, _, held):
        in_doubt(on, held)

        assert after_lease(on, held) is Delivery.ACCEPTED

        assert (len(on.mailgun.sent), len(on.ses.sent)) == (1, 0)


def test_a_doubt_about_the_second_provider_goes_back_to_the_second() -> None:
    """Whoever may have it is asked, not whoever comes first."""
    with confirmation() as (on, _, held):
        on.mailgun.failures.append(DOWN)
        on.ses.failures.append(OutcomeUnknownError("ses", "timeout"))
        assert deliver(on, held) is Delivery.UNKNOWN

        assert after_lease(on, held) is Delivery.ACCEPTED

        assert (len(on.mailgun.sent), len(on.ses.sent)) == (0, 1)


def test_a_doubt_outlives_an_outage() -> None:
    """The provider could not be asked, and nobody took it: later it is asked still, before anything is sent."""
    with confirmation() as (on, _, held):
        in_doubt(on, held)
        on.mailgun.failures.append(DOWN)
        on.ses.failures.append(DOWN)
        assert after_lease(on, held) is Delivery.UNKNOWN
        know(on.mailgun, held)

        assert after_lease(on, held) is Delivery.ACCEPTED

        assert on.mails() == []


def test_a_provider_that_can_not_be_asked_does_not_stop_it() -> None:
    """A person waits for the message: sending it comes before never knowing."""
    with confirmation() as (on, _, held):
        in_doubt(on, held)

        def down(*_: object, **__: object) -> None:
            raise DOWN

        on.mailgun.find = down  # type: ignore[assignment]

        assert after_lease(on, held) is Delivery.ACCEPTED


def test_the_same_message_does_not_go_out_on_and_on() -> None:
    """A provider that takes and never answers gets it a few times, each later than the last, then it is given up."""
    with open_business() as (on, _):
        on.services.signing_in.ask_for_link("regula@praxis-brunner.example", network=NETWORK)
        held = messages("sign-in-link")[0]
        on.mailgun.failures += [NO_ANSWER] * 50

        states = [deliver(on, held)]
        while states[-1] is Delivery.UNKNOWN:
            states.append(after_lease(on, held))

        assert states == [Delivery.UNKNOWN] * MOST_DOUBTS + [Delivery.FAILED]
        assert len(on.mailgun.failures) == 50 - MOST_DOUBTS
        assert (stored_now(held).reason, len(ledger(Action.NOTIFICATION_NOT_SENT))) == ("in-doubt", 1)


def test_a_dispatcher_that_was_killed_before_it_sent_loses_nothing() -> None:
    """Its claim runs out, and the next one sends."""
    with confirmation() as (on, _, held):
        with killed_at(1, after=True):
            deliver(on, held)
        assert stored_now(held).state is Delivery.SENDING

        assert deliver(on, held) is Delivery.SENDING
        assert after_lease(on, held) is Delivery.ACCEPTED

        assert len(on.mails()) == 1


def test_a_dispatcher_that_was_killed_after_it_sent_sends_nothing_twice() -> None:
    """Where the provider can tell: the next one asks."""
    with confirmation() as (on, _, held):
        with killed_at(2):
            deliver(on, held)
        assert len(on.mails()) == 1
        know(on.mailgun, held)

        assert after_lease(on, held) is Delivery.ACCEPTED

        assert len(on.mails()) == 1
        assert [each.state for each in stored_now(held).reports or ()] == ["unknown", "accepted"]


def test_dispatchers_that_are_killed_on_and_on_give_up() -> None:
    """A message that kills whoever sends it stops doing so."""
    with open_business() as (on, _):
        on.services.signing_in.ask_for_link("regula@praxis-brunner.example", network=NETWORK)
        held = messages("sign-in-link")[0]
        for number in range(MOST_DOUBTS):
            with killed_at(2 if number else 1, after=True):  # after the claim, which follows the note of the doubt
                on.clock.now = stored_now(held).next_at
                deliver(on, held)

        assert after_lease(on, held) is Delivery.FAILED


def test_what_may_have_been_sent_is_never_called_skipped() -> None:
    """Cancelled after a claim whose dispatcher was killed: the truth can still come by receipt, and is believed."""
    with confirmation() as (on, _, held):
        with killed_at(2):
            deliver(on, held)
        token = on.services.linking.self_service(appointment_of(held))["cancel"]
        on.services.changing.cancel(token, network=NETWORK)

        assert after_lease(on, held) is Delivery.FAILED

        assert stored_now(held).reason == "superseded"
        assert settle(Delivery.FAILED, Delivery.DELIVERED) is Delivery.DELIVERED


def test_a_refusal_ends_a_doubt() -> None:
    """Sent again, and the provider will never deliver to this recipient."""
    with confirmation() as (on, _, held):
        in_doubt(on, held)
        on.mailgun.failures.append(RecipientRefusedError("mailgun", "605"))

        assert after_lease(on, held) is Delivery.BOUNCED


def test_a_doubt_is_not_taken_back() -> None:
    """A reminder in doubt stays when its appointment is cancelled: something may have been sent."""
    with confirmation() as (on, _, held):
        reminder = messages("appointment-reminder")[0]
        on.clock.now = MONDAY_10 - timedelta(days=1)
        in_doubt(on, reminder)

        token = on.services.linking.self_service(appointment_of(held))["cancel"]
        on.services.changing.cancel(token, network=NETWORK)

        assert stored_now(reminder).state is Delivery.UNKNOWN


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError"])
def test_a_note_that_can_not_be_written_is_written_again(reason: str) -> None:
    """The message is out: a busy table must not make it go out twice."""
    with confirmation() as (on, _, held):
        send = on.mailgun.send
        on.mailgun.send = lambda message: (busy.__enter__(), send(message))[1]  # type: ignore[method-assign]
        busy = refused_writes(reason, times=2)

        try:
            assert deliver(on, held) is Delivery.ACCEPTED
        finally:
            busy.__exit__(None, None, None)

        assert stored_now(held).state is Delivery.ACCEPTED
        assert len(ledger(Action.NOTIFICATION_HANDED_OVER)) == 2


def test_two_dispatchers_at_once_send_once() -> None:
    """Both have read it; the claim of one fails."""
    with confirmation() as (on, _, held):
        with before_commit(lambda: deliver(on, held), least=1):
            assert deliver(on, held) is None

        assert len(on.mails()) == 1
        assert stored_now(held).state is Delivery.ACCEPTED


def test_a_reminder_that_is_taken_back_before_the_claim_is_not_sent() -> None:
    """Composed already, and then cancelled: the claim finds nothing to claim."""
    with confirmation() as (on, _, held):
        reminder = messages("appointment-reminder")[0]
        on.clock.now = MONDAY_10 - timedelta(days=1)
        token = on.services.linking.self_service(appointment_of(held))["cancel"]

        with before_commit(lambda: on.services.changing.cancel(token, network=NETWORK), least=1):
            assert deliver(on, reminder) is None

        assert on.mails() == []
        assert messages("appointment-reminder") == []
