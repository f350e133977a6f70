"""Answers at booking: kept with the appointment, sealed, and for as long as their question says."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.states import RestrictionGround
from chalicelib.domain.terms import Answer
from chalicelib.records.answer import GivenAnswer
from chalicelib.records.appointment import Appointment
from chalicelib.services.booking import answering
from tests.builders import MONDAY_10, NETWORK, booked
from tests.services.looking import now_of, raw, stored, the
from tests.services.prepared import open_business
from tests.services.waiting_builders import HOUR, SECOND, offer, pain

KNEE = {"pain": "in the left knee"}


def test_an_answer_is_kept_with_the_appointment_and_sealed() -> None:
    """With the words of the question as they were, and its purpose; the appointment knows which there are."""
    with open_business() as (on, of):
        offer(on, of, questions=(pain(), pain(id="since", answer=Answer.DATE)))

        held = booked(on, of, answers={**KNEE, "since": "2026-10-31"})

        assert held.answers == {"pain", "since"}
        on.vault.preload(of.tenant, [held.subject])
        told = {each.sk.rpartition("#")[2]: (each.question, each.answer) for each in answering.of(held)}
        assert told == {"pain": ("Where does it hurt?", KNEE["pain"]), "since": ("Where does it hurt?", "2026-10-31")}
        items = [item for item in raw(GivenAnswer) if item["kind"]["S"] == "GivenAnswer"]
        assert "knee" not in str(items)
        assert {item["purpose"]["S"] for item in items} == {"to prepare the treatment"}


@pytest.mark.parametrize(
    ("start", "days", "until"),
    [
        (MONDAY_10, 0, MONDAY_10 + HOUR),
        (MONDAY_10, 30, datetime(2026, 12, 9, 10, 0, tzinfo=UTC)),
        (datetime(2027, 1, 29, 9, 0, tzinfo=UTC), 60, datetime(2027, 3, 30, 9, 0, tzinfo=UTC)),
    ],
    ids=["at-once", "a-month", "over-a-clock-change"],
)
def test_it_is_kept_so_many_local_days(start: datetime, days: int, until: datetime) -> None:
    """Counted from the end of the appointment on the business's wall; a second before it is there, then not."""
    with open_business() as (on, of):
        offer(on, of, questions=(pain(keep_days=days),), horizon_days=365)

        held = booked(on, of, answers=KNEE, starts_at=start)

        assert the(GivenAnswer).kept_until == until
        on.clock.now = until - SECOND
        assert len(answering.of(held)) == 1
        on.clock.now = until
        assert answering.of(held) == []


def test_what_has_to_be_answered_stops_a_booking() -> None:
    """Named by the question; nothing is stored."""
    with open_business() as (on, of):
        offer(on, of, questions=(pain(required=True),))

        with pytest.raises(InvalidInputError) as refused:
            booked(on, of)

        assert refused.value.field == "answers.pain"
        assert stored(Appointment) == stored(GivenAnswer) == []


@pytest.mark.parametrize("restricted", [False, True])
def test_the_period_moves_along(restricted: bool) -> None:
    """Whatever the service asks by then; also for somebody who had the processing restricted and moves by link."""
    with open_business() as (on, of):
        offer(on, of, questions=(pain(),))
        held = booked(on, of, answers=KNEE)
        offer(on, of)
        if restricted:
            on.services.restricting.restrict(of.session, held.subject, RestrictionGround.UNLAWFUL, network=NETWORK)
        token = on.services.linking.self_service(held)["reschedule"]

        on.services.changing.move(token, MONDAY_10 + timedelta(days=7), network=NETWORK)

        assert the(GivenAnswer).kept_until == datetime(2026, 12, 16, 10, 0, tzinfo=UTC)
        assert the(GivenAnswer).appointment_ends_at == now_of(held).ends_at


def test_an_answer_stands_in_the_access_answer_and_in_the_export() -> None:
    """By its declaration, in the clear."""
    with open_business() as (on, of):
        offer(on, of, questions=(pain(),))
        held = booked(on, of, answers=KNEE)
        asked = Asked(ground=Ground.SUBJECT_REQUEST, actor=of.session.staff, network=NETWORK)

        told = on.services.viewing.of_customer(of.tenant, held.subject, asked)
        exported, _ = on.services.exporting.page(of.session, "", network=NETWORK)

        assert [each for each in told if "in the left knee" in str(each)]
        assert [each.fields["answer"] for each in exported if each.kind == "GivenAnswer"] == ["in the left knee"]
