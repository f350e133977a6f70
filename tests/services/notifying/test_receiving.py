"""What providers report, in any order and however often."""

from datetime import timedelta
from itertools import permutations

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import NotFoundError, ProviderUnavailableError, TryAgainError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.idempotency import SeenEvent
from chalicelib.records.notification import Notification
from chalicelib.records.suppression import Suppression
from chalicelib.services.ports import Sms
from tests.builders import MONDAY_10, booked
from tests.services.looking import ledger, messages, stored, the
from tests.services.meddling import before_commit, refused_writes
from tests.services.notifying.test_dispatching import confirmation, deliver, stored_now
from tests.services.prepared import open_business
from tests.services.reported import CALL, opt_out, receipt, report

DAY = timedelta(days=1)


def test_a_receipt_moves_the_notification_on() -> None:
    """Noted on it with the provider's time and code, and in the ledger."""
    with confirmation() as (on, of, held):
        deliver(on, held)

        report(on, receipt(on, held, Delivery.DELIVERED, code="250"))

        now = stored_now(held)
        last = (now.reports or [])[-1]
        assert now.state is Delivery.DELIVERED
        assert (last.state, last.code, last.at) == ("delivered", "250", on.clock.now - timedelta(seconds=1))
        entry = the_entry()
        assert (entry.tenant, entry.about, entry.thing) == (of.tenant, held.subject, held.id)


def the_entry() -> object:
    """The one entry about a receipt."""
    found = ledger(Action.RECEIPT_TAKEN)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("order", list(permutations((Delivery.ACCEPTED, Delivery.SENT, Delivery.DELIVERED))))
def test_receipts_in_any_order_come_to_the_same(order: tuple[Delivery, ...]) -> None:
    """What arrived stays arrived."""
    with confirmation() as (on, _, held):
        deliver(on, held)

        for delivery in order:
            report(on, receipt(on, held, delivery))

        assert stored_now(held).state is Delivery.DELIVERED
        assert len(stored_now(held).reports or ()) == 4


def test_the_same_event_thrice_is_taken_once() -> None:
    """Within one call or in three; the answer is the same each time."""
    with confirmation() as (on, _, held):
        deliver(on, held)
        event = receipt(on, held, Delivery.DELIVERED)

        answers = {report(on, event, event).body, report(on, event).body}

        assert answers == {"heard"}
        assert len(ledger(Action.RECEIPT_TAKEN)) == len(stored(SeenEvent)) == 1
        assert [each.state for each in stored_now(held).reports or ()] == ["accepted", "delivered"]


def test_one_event_id_of_two_providers_are_two_events() -> None:
    """They count on their own."""
    with confirmation() as (on, _, held):
        deliver(on, held)

        for provider in ("mailgun", "ses"):
            report(on, receipt(on, held, Delivery.SENT, provider=provider, event_id="1"))

        assert len(ledger(Action.RECEIPT_TAKEN)) == 2


def test_a_receipt_may_come_before_our_own_note() -> None:
    """The provider was faster than our write: both stand, nothing is sent again."""
    with confirmation() as (on, _, held):
        send = on.mailgun.send

        def send_and_report(message: object) -> str:
            provider_id = send(message)  # type: ignore[arg-type]
            report(on, receipt(on, held, Delivery.DELIVERED))
            return provider_id

        on.mailgun.send = send_and_report  # type: ignore[method-assign]

        assert deliver(on, held) is Delivery.DELIVERED

        now = stored_now(held)
        assert (now.state, now.provider_id) == (Delivery.DELIVERED, "mailgun-1")
        assert [each.state for each in now.reports or ()] == ["delivered", "accepted"]
        assert on.pump() == 0
        assert len(ledger(Action.NOTIFICATION_HANDED_OVER)) == 2


def test_receipts_that_race_with_our_note_do_not_displace_it() -> None:
    """One comes before the note, the next while the note is merged: handing over is in the ledger all the same."""
    with confirmation() as (on, _, held):
        send = on.mailgun.send
        meddler = before_commit(lambda: report(on, receipt(on, held, Delivery.DELIVERED)), times=2)

        def send_and_meddle(message: object) -> str:
            meddler.__enter__()
            return send(message)  # type: ignore[arg-type]

        on.mailgun.send = send_and_meddle  # type: ignore[method-assign]
        try:
            assert deliver(on, held) is Delivery.DELIVERED
        finally:
            meddler.__exit__(None, None, None)

        assert len(ledger(Action.NOTIFICATION_HANDED_OVER)) == 2
        assert sorted(each.state for each in stored_now(held).reports or ()) == ["accepted", "delivered", "delivered"]


def test_a_receipt_for_what_we_gave_up_is_believed() -> None:
    """A provider that answered with an error and took it nevertheless."""
    with confirmation() as (on, _, held):
        for provider in (on.mailgun, on.ses):
            provider.failures.append(ProviderUnavailableError(provider.name, "503"))
        assert deliver(on, held) is Delivery.WAITING

        report(on, receipt(on, held, Delivery.DELIVERED))

        on.clock.now = stored_now(held).next_at
        assert deliver(on, held) is Delivery.DELIVERED
        assert on.mails() == []


@pytest.mark.parametrize("reference", ["", "x", "é", "A" * 63, "A" * 64, "_" * 64, "A" * 68])
def test_an_unknown_reference_changes_nothing(reference: str) -> None:
    """Test events, other systems' messages, or what was erased."""
    with confirmation() as (on, _, held):
        deliver(on, held)

        assert report(on, receipt(on, held, Delivery.BOUNCED, reference=reference, suppress=True)).body == "heard"

        assert (stored(SeenEvent), stored(Suppression), ledger(Action.RECEIPT_TAKEN)) == ([], [], [])


@pytest.mark.parametrize(("seconds", "noted"), [(-1, 1), (0, 0), (1, 0)])
def test_a_receipt_for_an_expired_notification_is_not_noted(seconds: int, noted: int) -> None:
    """It is gone, even if it was not swept yet."""
    with confirmation() as (on, _, held):
        deliver(on, held)
        expires = stored_now(held).expires_at
        assert expires is not None
        on.clock.now = expires + timedelta(seconds=seconds)

        report(on, receipt(on, held, Delivery.DELIVERED))

        assert len(ledger(Action.RECEIPT_TAKEN)) == noted


@pytest.mark.parametrize(
    ("delivery", "reason"),
    [(Delivery.BOUNCED, "bounced"), (Delivery.COMPLAINED, "complained"), (Delivery.FAILED, "stopped")],
)
def test_a_receipt_that_says_so_keeps_further_messages_back(delivery: Delivery, reason: str) -> None:
    """With the reason; the reminder is not sent."""
    with confirmation() as (on, _, held):
        deliver(on, held)

        report(on, receipt(on, held, delivery, suppress=True))

        assert (stored_now(held).state, the(Suppression).reason) == (delivery, reason)
        on.clock.now = MONDAY_10 - DAY
        on.pump()
        assert [stored_now(each).state for each in messages("appointment-reminder")] == [Delivery.SKIPPED]
        assert len(on.mails()) == 1


def test_a_receipt_that_does_not_say_so_suppresses_nothing() -> None:
    """A full mailbox is no dead one."""
    with confirmation() as (on, _, held):
        deliver(on, held)

        report(on, receipt(on, held, Delivery.BOUNCED))

        assert stored(Suppression) == []


def test_a_complaint_outweighs_a_delivery() -> None:
    """It always comes after one, or before its receipt."""
    for order in permutations((Delivery.DELIVERED, Delivery.COMPLAINED)):
        with confirmation() as (on, _, held):
            deliver(on, held)

            for delivery in order:
                report(on, receipt(on, held, delivery))

            assert stored_now(held).state is Delivery.COMPLAINED


def test_stop_ends_text_messages_and_start_allows_them_again() -> None:
    """For the number, at all businesses; mails go on."""
    with open_business() as (on, of):
        report(on, opt_out())
        booked(on, of, sms_wanted=True)
        on.pump()
        assert (len(on.mails()), on.texts()) == (1, [])

        report(on, opt_out(stop=False))
        booked(on, of, starts_at=MONDAY_10 + timedelta(hours=1), sms_wanted=True)
        on.pump()

        assert [type(each) for each in on.texts()] == [Sms]
        assert {each.tenant for each in ledger(Action.OPTED_OUT, Action.OPTED_IN)} == {INSTALLATION}


def test_a_repeated_stop_is_one_and_a_second_stop_renews_it() -> None:
    """By its event id."""
    with open_business() as (on, _):
        event = opt_out()
        report(on, event)
        report(on, event)
        assert len(ledger(Action.OPTED_OUT)) == 1
        on.clock.move(days=1)

        report(on, opt_out())

        assert len(ledger(Action.OPTED_OUT)) == 2
        assert the(Suppression).last_at == on.clock.now


def test_a_stop_that_is_repeated_after_a_start_does_not_stop_again() -> None:
    """Providers repeat old events; the person's last word counts."""
    with open_business() as (on, _):
        stop = opt_out()
        report(on, stop)
        report(on, opt_out(stop=False))

        report(on, stop)

        assert stored(Suppression) == []


def test_a_start_without_a_stop_is_fine() -> None:
    """Nothing was on the list."""
    with open_business() as (on, _):
        report(on, opt_out(stop=False))

        assert (stored(Suppression), len(ledger(Action.OPTED_IN))) == ([], 1)


def test_the_number_is_not_stored_in_the_clear() -> None:
    """Neither on the list nor in the ledger."""
    with open_business() as (on, _):
        report(on, opt_out())

        text = repr([each.serialize() for each in (*stored(Suppression), *stored(SeenEvent), *ledger(*Action))])
        assert "5550123" not in text


def test_two_receipts_at_once_are_both_noted() -> None:
    """The slower one reads again."""
    with confirmation() as (on, _, held):
        deliver(on, held)

        with before_commit(lambda: report(on, receipt(on, held, Delivery.DELIVERED))):
            report(on, receipt(on, held, Delivery.SENT))

        assert stored_now(held).state is Delivery.DELIVERED
        assert sorted(each.state for each in stored_now(held).reports or ()) == ["accepted", "delivered", "sent"]


def test_one_event_delivered_twice_at_once_is_taken_once() -> None:
    """Two workers got the same call."""
    with confirmation() as (on, _, held):
        deliver(on, held)
        event = receipt(on, held, Delivery.DELIVERED)

        with before_commit(lambda: report(on, event)):
            report(on, event)

        assert len(ledger(Action.RECEIPT_TAKEN)) == 1


def test_two_messages_to_one_dead_address_suppress_it_once() -> None:
    """Both receipts come at once; both notifications know."""
    with confirmation() as (on, _, held):
        on.pump()
        on.clock.now = MONDAY_10 - DAY
        on.pump()
        reminder = messages("appointment-reminder")[0]

        with before_commit(lambda: report(on, receipt(on, reminder, Delivery.BOUNCED, suppress=True))):
            report(on, receipt(on, held, Delivery.BOUNCED, suppress=True))

        assert [stored_now(each).state for each in (held, reminder)] == [Delivery.BOUNCED] * 2
        assert the(Suppression).version == 2


def test_an_event_that_can_not_be_applied_is_asked_for_again() -> None:
    """The provider repeats its call; what was applied before is known by then."""
    with confirmation() as (on, _, held):
        deliver(on, held)
        first, second = receipt(on, held, Delivery.SENT), receipt(on, held, Delivery.DELIVERED)
        report(on, first)
        with refused_writes("ThrottlingError", times=9), pytest.raises(TryAgainError):
            report(on, first, second)

        report(on, first, second)

        assert len(ledger(Action.RECEIPT_TAKEN)) == 2


def test_who_is_not_in_use_is_not_listened_to() -> None:
    """An unknown provider has no webhook."""
    with open_business() as (on, _):
        report(on)

        with pytest.raises(NotFoundError):
            on.services.receiving.take("unknown", CALL)


def test_repetition_does_not_let_a_notification_grow() -> None:
    """Twenty steps of its history are kept."""
    with confirmation() as (on, _, held):
        deliver(on, held)

        for _ in range(25):
            report(on, receipt(on, held, Delivery.SENT))

        assert len(the_reports(held)) == 20


def the_reports(held: Notification) -> list[object]:
    """The history of a notification."""
    return list(stored_now(held).reports or ())
