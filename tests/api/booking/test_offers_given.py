"""What comes in about waiting lists and proposals: what is accepted, and what is refused before anything is done."""

from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.api.booking._offered import Taken
from chalicelib.api.booking.proposals import Propose
from chalicelib.api.booking.waiting import Join, _joining

SERVICE, CUSTOMER = "0" * 31 + "1", "0" * 31 + "2"
ANNA = {"given_name": "Anna", "family_name": "Muster", "email": "anna@kundin.example"}
JOIN = {"service": SERVICE, "first_day": "2026-11-02", "last_day": "2026-11-30", "customer": ANNA}
TIMES = [f"2026-11-{day:02}T09:00:00Z" for day in range(1, 12)]
PROPOSE = {"service": SERVICE, "customer": CUSTOMER, "starts": TIMES[:2]}


@pytest.mark.parametrize(
    ("changes", "fine"),
    [
        ({}, True),
        ({"last_day": "2026-11-02"}, True),
        ({"last_day": "2026-11-01"}, False),
        ({"earliest": "08:00", "latest": "08:01"}, True),
        ({"earliest": "08:00", "latest": "08:00"}, False),
        ({"latest": "24:00"}, True),
        ({"weekdays": [1, 7]}, True),
        ({"weekdays": [0]}, False),
        ({"weekdays": [8]}, False),
        ({"customer": {**ANNA, "email": "nobody"}}, False),
        ({"position": 1}, False),
    ],
    ids=str,
)
def test_what_is_waited_for_has_an_order(changes: dict[str, Any], fine: bool) -> None:
    """Days and times end after they begin; nothing unknown comes along."""
    if fine:
        assert Join.model_validate({**JOIN, **changes})
        return
    with pytest.raises(ValidationError):
        Join.model_validate({**JOIN, **changes})


def test_times_of_day_are_minutes_of_the_customers_wall() -> None:
    """The whole day unless something else is said."""
    joining = _joining("0" * 32, Join.model_validate({**JOIN, "earliest": "08:30"}))

    assert (joining.waiting.earliest, joining.waiting.latest, joining.waiting.zone) == (510, 1440, "Europe/Zurich")


@pytest.mark.parametrize(
    ("changes", "fine"),
    [
        ({}, True),
        ({"starts": TIMES[:1]}, False),
        ({"starts": TIMES[:10]}, True),
        ({"starts": TIMES[:11]}, False),
        ({"hours": 1}, True),
        ({"hours": 0}, False),
        ({"hours": 720}, True),
        ({"hours": 721}, False),
        ({"person": ANNA}, False),
        ({"customer": None}, False),
        ({"customer": None, "person": ANNA}, True),
        ({"message": "x" * 2000}, True),
        ({"message": "x" * 2001}, False),
    ],
    ids=lambda each: str(each)[:40],
)
def test_a_proposal_has_two_to_ten_times_for_one_person(changes: dict[str, Any], fine: bool) -> None:
    """Known by id or given anew, and never both."""
    if fine:
        assert Propose.model_validate({**PROPOSE, **changes})
        return
    with pytest.raises(ValidationError):
        Propose.model_validate({**PROPOSE, **changes})


@pytest.mark.parametrize("answer", ["Text", True, 3, 2.5, ["a", "b"]], ids=str)
def test_an_answer_is_what_its_question_asks_for(answer: Any) -> None:
    """Text, yes or no, a number, or the options that were chosen; nothing is turned into something else."""
    taken = Taken.model_validate({"answers": [{"question": "why", "answer": answer}]})

    (given,) = taken.given().values()
    assert (given, type(given)) == (answer, type(answer))
