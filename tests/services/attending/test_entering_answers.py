"""Staff write down what a customer answered to the service's questions: kept as if the customer had sent it."""

from datetime import timedelta

import pytest

from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.questions import Given
from chalicelib.domain.terms import Answer
from chalicelib.records.answer import GivenAnswer
from chalicelib.records.appointment import Appointment
from chalicelib.services.repeating import Repeatable
from tests.builders import MONDAY_10
from tests.services.attending_builders import enter, practice, task
from tests.services.looking import now_of, raw, stored, the
from tests.services.waiting_builders import HOUR, SECOND, pain

KNEE = {"pain": "in the left knee"}
SINCE = pain(id="since", answer=Answer.DATE, label="Since when?", keep_days=10, required=True)


def test_answers_are_kept_and_shown_as_those_of_customers() -> None:
    """Sealed, each for as long as its question says; what has to be answered may be unknown."""
    with practice(questions=(pain(), SINCE)) as (on, of):
        held = enter(on, of, answers=KNEE).appointment

        assert held.answers == {"pain"}
        kept = the(GivenAnswer)
        assert (kept.purpose, kept.appointment) == ("to prepare the treatment", held.id)
        assert kept.kept_until == held.ends_at + timedelta(days=30)
        assert "knee" not in str([item for item in raw(GivenAnswer) if item["kind"]["S"] == "GivenAnswer"])
        shown = on.services.attending_notes.see(task(of, held))
        assert [(each.question, each.answer) for each in shown.answers] == [("Where does it hurt?", KNEE["pain"])]
        on.clock.now = kept.kept_until - SECOND
        assert len(on.services.attending_notes.see(task(of, held)).answers) == 1
        on.clock.now = kept.kept_until
        assert on.services.attending_notes.see(task(of, held)).answers == []


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({"since": "yesterday"}, "answers.since"),
        ({"pain": ""}, "answers.pain"),
        ({"shoe-size": 43}, "answers.shoe-size"),
        ({"which": "left"}, "answers.which"),
    ],
    ids=["does-not-fit", "empty", "not-asked", "not-asked-after-the-others"],
)
def test_what_does_not_fit_is_refused_by_name(answers: dict[str, Given], named: str) -> None:
    """By the rules for customers; nothing is stored."""
    knee = pain(id="knee", answer=Answer.YES_NO)
    which = pain(id="which", answer=Answer.CHOICE, options=("left", "right"), when=("knee", "yes"))
    with practice(questions=(pain(), SINCE, knee, which)) as (on, of):
        with pytest.raises(InvalidInputError) as refused:
            enter(on, of, answers=answers, anyway=True)

        assert refused.value.field == named
        assert stored(Appointment) == []
        assert stored(GivenAnswer) == []


def test_the_same_request_again_keeps_one_answer() -> None:
    """As it enters one appointment."""
    with practice(questions=(pain(),)) as (on, of):
        repeat = Repeatable.of("key-of-a-request", scope="enter", content="one")
        held = [enter(on, of, answers=KNEE, repeat=repeat).appointment for _ in range(2)]

        assert held[0].id == held[1].id
        assert the(GivenAnswer).appointment == held[0].id


@pytest.mark.parametrize(("seconds", "kept"), [(-1, True), (0, False), (1, False)])
def test_what_is_over_by_the_time_it_is_entered_is_not_kept(seconds: int, *, kept: bool) -> None:
    """Who came without an appointment is entered afterwards; their answer was for that hour only."""
    with practice(questions=(pain(keep_days=0),)) as (on, of):
        on.clock.now = MONDAY_10 + HOUR + seconds * SECOND

        held = enter(on, of, answers=KNEE, anyway=True).appointment

        assert [each.appointment for each in stored(GivenAnswer)] == [held.id] * kept
        assert bool(now_of(held).answers) is kept
