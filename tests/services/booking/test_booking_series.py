"""How many appointments are booked at once, and that all of them are told together."""

from itertools import product
from typing import Any

import pytest

from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.forms import Why
from chalicelib.domain.names import openings
from chalicelib.domain.terms import Answer, Cap, Each, Payment, Question
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import NAME_PLACES
from chalicelib.records.form_use import UsedForm
from chalicelib.records.notification import Notification
from chalicelib.records.service import Service
from chalicelib.services.booking.wishing import Repeat
from chalicelib.services.forms import FormUse
from chalicelib.services.repeating import Repeatable
from tests.builders import Business
from tests.services.booking_builders import experts, rooms, service, visit
from tests.services.looking import messages, stored
from tests.services.prepared import open_business
from tests.stage import Stage

ONLINE: dict[str, Any] = {"price": 9000, "payment": Payment.ONLINE}
CAPS = tuple(Cap(each=each, count=9) for each in Each)
QUESTIONS = tuple(
    Question(id=each, label=each, answer=Answer.TEXT, purpose="To prepare", keep_days=30) for each in ("a", "b")
)

# By the heaviest thing about it: how many times it fits, experts, whether they have calendars of their own, rooms,
# whether text messages are wanted, how many questions are answered, and what else the service lays down.
FITS: dict[str, tuple[int, int, bool, int, bool, int, dict[str, Any]]] = {
    "one reminder": (22, 1, False, 0, False, 0, {}),
    "two reminders": (17, 1, False, 0, True, 0, {}),
    "any expert": (18, 3, False, 0, False, 0, {}),
    "a room": (14, 1, False, 1, True, 0, {}),
    "caps": (10, 1, False, 1, True, 0, {"caps": CAPS}),
    "pending": (29, 1, False, 0, False, 0, {"confirm_within": 120}),
    "pending, any expert": (22, 3, False, 0, False, 0, {"confirm_within": 120}),
    "paid online": (22, 1, False, 0, False, 0, ONLINE),
    "answers": (15, 1, False, 0, False, 2, {"questions": QUESTIONS}),
    "everything": (3, 3, True, 2, True, 2, {"caps": CAPS, "together": True, "questions": QUESTIONS}),
}


def form(on: Stage) -> FormUse:
    """A form that came back."""

    def refused(_: Why) -> Any:
        raise AssertionError

    return FormUse("visit", UsedForm.ref("0" * 32), on.clock.now.replace(microsecond=0), refused)


def names(on: Stage, of: Business) -> dict[str, str]:
    """Names that take as many writes as names can: two of them may lie in one place by chance."""
    bucket = on.services.booking.finding.bucket
    for given, family in product(("Anna", "Emma", "Otto"), ("Da", "Di", "Lo", "Ru")):
        begun = openings(given, f"{family} Keller", most=NAME_PLACES)
        if len({bucket(of.tenant, each) for each in begun}) == NAME_PLACES:
            return {"given_name": given, "family_name": f"{family} Keller"}
    raise AssertionError


def offered(on: Stage, of: Business, case: str) -> tuple[Service, dict[str, Any]]:
    """A service of `FITS`, and how it is asked for."""
    _, count, linked, room, by_text, asked, terms = FITS[case]
    sets = tuple((each,) for each in rooms(on, room))
    what = service(
        on, of, experts(on, of, count, linked=linked), occurrences=52, horizon_days=730, resources=sets, **terms
    )
    answers = {each.id: "yes" for each in QUESTIONS[:asked]}
    return what, {"sms_wanted": by_text, "answers": answers, **names(on, of)}


@pytest.mark.parametrize("case", FITS)
def test_as_many_as_one_transaction_holds_are_booked(case: str) -> None:
    """By a new customer, with a form and a key: to the last one, and who asks for more is told the number."""
    most = FITS[case][0]
    with open_business() as (on, of):
        what, wished = offered(on, of, case)
        keyed = Repeatable.of("key-0001", scope="visit", content="the request")

        for more in (most + 1, 33):
            with pytest.raises(InvalidInputError, match=f"Repeat it {most} times at most"):
                visit(on, of, what, repeat=Repeat(weeks=1, times=more), keyed=keyed, form=form(on), **wished)
        assert stored(Appointment) == []
        made = visit(on, of, what, repeat=Repeat(weeks=1, times=most), keyed=keyed, form=form(on), **wished)

        assert len(made) == len(stored(Appointment)) == most


@pytest.mark.parametrize(("times", "told"), [(52, "33 times"), (34, "33 times"), (33, "22 times")])
def test_more_than_ever_fit_are_refused_before_anything_is_read_for_them(times: int, told: str) -> None:
    """Then by what they would have written."""
    with open_business() as (on, of):
        what, wished = offered(on, of, "one reminder")

        with pytest.raises(InvalidInputError, match=told):
            visit(on, of, what, repeat=Repeat(weeks=1, times=times), form=form(on), **wished)


def test_a_visit_is_repeated_as_a_whole_as_often_as_it_fits() -> None:
    """Never a part of it."""
    with open_business() as (on, of):
        one, two = (service(on, of, experts(on, of, 1), occurrences=52, horizon_days=730) for _ in range(2))

        with pytest.raises(InvalidInputError, match="Repeat it 11 times"):
            visit(on, of, one, two, repeat=Repeat(weeks=1, times=12))

        assert len(visit(on, of, one, two, repeat=Repeat(weeks=1, times=11))) == 22


def test_a_visit_that_does_not_fit_at_all_is_not_told_to_be_repeated_less() -> None:
    """Eight services of nine experts who do all of them together."""
    with open_business() as (on, of):
        who = experts(on, of, 9)
        what = [service(on, of, who, together=True, duration=30, occurrences=9) for _ in range(8)]

        for repeat in (None, Repeat(weeks=1, times=2)):
            with pytest.raises(InvalidInputError, match="fewer services"):
                visit(on, of, *what, repeat=repeat)


def told() -> list[str]:
    """What the customer is told, each message by its channel."""
    held = [each for each in stored(Notification) if each.message.startswith(("appointment", "payment"))]
    return sorted(f"{each.message} {each.channel}" for each in held if each.message != "appointment-reminder")


@pytest.mark.parametrize(
    ("terms", "state", "message"),
    [
        ({}, State.CONFIRMED, "appointments-confirmed"),
        ({"confirm_within": 120}, State.PENDING, "appointments-requested"),
        (ONLINE, State.UNPAID, "payments-wanted"),
    ],
    ids=["confirmed", "pending", "unpaid"],
)
def test_a_series_is_told_in_one_message_a_channel(terms: dict[str, Any], state: State, message: str) -> None:
    """About all of them; what becomes of each and its reminders stay its own."""
    with open_business() as (on, of):
        what = service(on, of, experts(on, of, 1), occurrences=3, **terms)

        made = visit(on, of, what, repeat=Repeat(weeks=1, times=3), sms_wanted=True)

        assert {each.state for each in made} == {state}
        assert told() == [f"{message} email", f"{message} sms"]
        assert {each.about for each in messages(message)} == {".".join(each.id for each in made)}
        assert {each.useless_at for each in messages(message)} == {made[-1].ends_at}
        reminded = [each.about for each in messages("appointment-reminder")]
        confirmed, waits = state is State.CONFIRMED, state is State.PENDING
        assert sorted(map(str, reminded)) == sorted(each.id for each in made for _ in range(2) if confirmed)
        wanted = [each.about for each in messages("confirmations-wanted")]
        assert wanted == ([".".join([made[0].subject, *(each.id for each in made)])] * 2 if waits else [])
        assert messages("confirmation-wanted") == []


def test_what_stands_in_different_ways_is_told_apart() -> None:
    """Two lessons that hold, two that are to be paid, and one that its expert has to confirm."""
    with open_business() as (on, of):
        who = experts(on, of, 1)
        free, paid = service(on, of, who, duration=30), service(on, of, who, duration=30, **ONLINE)
        asked = service(on, of, who, duration=30, confirm_within=120)

        visit(on, of, free, paid, asked, paid, free)

        assert told() == ["appointment-requested email", "appointments-confirmed email", "payments-wanted email"]
