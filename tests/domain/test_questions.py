"""Questions at booking: which can be asked, and which answers fit."""

from typing import Any

import pytest

from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.questions import LINE, LONG, MOST, MOST_OPTIONS, Given, check_answers, check_questions
from chalicelib.domain.terms import Answer, Question


def question(name: str = "pain", answer: Answer = Answer.TEXT, **changes: Any) -> Question:
    """A question that may stay open."""
    said = {"label": "Where does it hurt?", "purpose": "to prepare the treatment", "keep_days": 30}
    return Question(**{"id": name, "answer": answer, **said, **changes})


KNOWN = question("known", Answer.YES_NO, required=True)
AREA = question("area", Answer.CHOICE, options=("knee", "back"), when=("known", "yes"), required=True)
SINCE = question("since", Answer.DATE, when=("area", "knee"))
CHAIN = (KNOWN, AREA, SINCE)


def refused(*questions: Question, answers: dict[str, Given] | None = None) -> str | None:
    """The field that is named when the questions, or else these answers to them, are refused."""
    with pytest.raises(InvalidInputError) as error:
        check_questions(questions) if answers is None else check_answers(questions, answers)
    assert error.value.remedy
    return error.value.field


@pytest.mark.parametrize(
    "asked",
    [
        (),
        CHAIN,
        tuple(question(f"q{number}") for number in range(MOST)),
        (question(keep_days=0), question("other", keep_days=365)),
        (question("a" * 40, label="L" * LINE),),
        (question("pick", Answer.CHOICES, options=tuple(map(str, range(MOST_OPTIONS)))),),
        (question("pick", Answer.CHOICES, options=("a", "b")), question("why", when=("pick", "b"))),
    ],
    ids=["none", "chain", "many", "periods", "long", "options", "of-several"],
)
def test_what_can_be_asked(asked: tuple[Question, ...]) -> None:
    """At every limit."""
    check_questions(asked)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "Pain"},
        {"name": "a b"},
        {"name": "-a"},
        {"name": "a" * 41},
        {"label": " "},
        {"label": "L" * (LINE + 1)},
        {"label": "two\nlines"},
        {"purpose": ""},
        {"purpose": "turned \u202e around"},
        {"keep_days": -1},
        {"keep_days": 366},
        {"options": ("a",)},
        {"answer": Answer.CHOICE},
        {"answer": Answer.CHOICE, "options": tuple(map(str, range(MOST_OPTIONS + 1)))},
        {"answer": Answer.CHOICE, "options": ("a", "a")},
        {"answer": Answer.CHOICE, "options": ("a", " ")},
        {"when": ("later", "yes")},
        {"when": ("pain", "yes")},
        {"when": ("known", "maybe")},
        {"when": ("words", "yes")},
    ],
    ids=range(21),
)
def test_what_cannot_be_asked(changes: dict[str, Any]) -> None:
    """The question is named by its place."""
    assert refused(KNOWN, question("words"), question(**changes)) == "questions.2"


def test_too_many_and_twice_the_same() -> None:
    """Both are named."""
    assert refused(*(question(f"q{number}") for number in range(MOST + 1))) == "questions"
    assert refused(question(), question()) == "questions.1"


@pytest.mark.parametrize(
    ("answer", "given", "kept"),
    [
        (Answer.TEXT, " knee ", "knee"),
        (Answer.TEXT, "Zu\u0308rich", "Zürich"),
        (Answer.TEXT, "=1+1", "=1+1"),
        (Answer.TEXT, "x" * LINE, "x" * LINE),
        (Answer.TEXT, "x" * (LINE + 1), None),
        (Answer.TEXT, "", None),
        (Answer.TEXT, "\u3000", None),
        (Answer.TEXT, "two\nlines", None),
        (Answer.TEXT, "nul\x00", None),
        (Answer.TEXT, "turned\u202earound", None),
        (Answer.TEXT, "\u3164", None),
        (Answer.TEXT, 1, None),
        (Answer.TEXT, ["knee"], None),
        (Answer.LONG_TEXT, "two\r\nlines\tand\nmore", "two\nlines\tand\nmore"),
        (Answer.LONG_TEXT, "x" * LONG, "x" * LONG),
        (Answer.LONG_TEXT, "x" * (LONG + 1), None),
        (Answer.LONG_TEXT, "bell\x07", None),
        (Answer.LONG_TEXT, " \n ", None),
        (Answer.LONG_TEXT, True, None),
        (Answer.NUMBER, 0, "0"),
        (Answer.NUMBER, 100, "100"),
        (Answer.NUMBER, -1.5, "-1.5"),
        (Answer.NUMBER, 1e-7, "0.0000001"),
        (Answer.NUMBER, 10**15, "1" + "0" * 15),
        (Answer.NUMBER, 10**15 + 1, None),
        (Answer.NUMBER, float("nan"), None),
        (Answer.NUMBER, float("inf"), None),
        (Answer.NUMBER, True, None),
        (Answer.NUMBER, "1", None),
        (Answer.DATE, "2028-02-29", "2028-02-29"),
        (Answer.DATE, "2027-02-29", None),
        (Answer.DATE, "20280229", None),
        (Answer.DATE, "2028-W09-2", None),
        (Answer.DATE, 20280229, None),
        (Answer.YES_NO, True, "yes"),
        (Answer.YES_NO, False, "no"),
        (Answer.YES_NO, "yes", None),
        (Answer.YES_NO, 1, None),
        (Answer.CHOICE, "knee", "knee"),
        (Answer.CHOICE, "Knee", None),
        (Answer.CHOICE, ["knee"], None),
        (Answer.CHOICES, ["back", "knee"], "knee\nback"),
        (Answer.CHOICES, ("back",), "back"),
        (Answer.CHOICES, [], None),
        (Answer.CHOICES, ["knee", "knee"], None),
        (Answer.CHOICES, ["knee", "foot"], None),
        (Answer.CHOICES, "knee", None),
    ],
    ids=range(47),
)
def test_an_answer_fits_or_is_refused_by_name(answer: Answer, given: Given, kept: str | None) -> None:
    """Of each type, at each limit; what is kept is one text."""
    options = ("knee", "back") if answer in {Answer.CHOICE, Answer.CHOICES} else ()
    asked = question(answer=answer, options=options)

    if kept is None:
        assert refused(asked, answers={"pain": given}) == "answers.pain"
    else:
        assert check_answers([asked], {"pain": given}) == {"pain": kept}


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({}, "answers.known"),
        ({"known": False}, None),
        ({"known": True}, "answers.area"),
        ({"known": True, "area": "back"}, None),
        ({"known": True, "area": "knee"}, None),
        ({"known": True, "area": "knee", "since": "2026-01-31"}, None),
        ({"known": True, "area": "back", "since": "2026-01-31"}, "answers.since"),
        ({"known": False, "area": "back"}, "answers.area"),
        ({"known": False, "since": "2026-01-31"}, "answers.since"),
        ({"known": False, "colour": "red"}, "answers.colour"),
        ({"known": False, "<script>": "red"}, "answers"),
        ({"known": False, "a" * 41: "red"}, "answers"),
    ],
    ids=range(12),
)
def test_what_is_asked_follows_from_the_answers_before(answers: dict[str, Given], named: str | None) -> None:
    """Required only where it is asked, refused where it is not; what is no name is not repeated."""
    if named is None:
        assert check_answers(CHAIN, answers).keys() == answers.keys()
    else:
        assert refused(*CHAIN, answers=answers) == named


def test_staff_may_leave_out_what_has_to_be_answered() -> None:
    """What they do answer has to fit all the same."""
    known = Question(id="q", label="L?", purpose="p", keep_days=1, answer=Answer.NUMBER, required=True)

    assert check_answers([known], {}, complete=False) == {}
    assert check_answers([known], {"q": 2}, complete=False) == {"q": "2"}
    for wrong in ({"q": "two"}, {"z": 2}):
        with pytest.raises(InvalidInputError):
            check_answers([known], wrong, complete=False)


def test_one_of_several_options_is_enough_to_go_on() -> None:
    """An option that is part of another is not meant."""
    pick = question("pick", Answer.CHOICES, options=("knee", "knee and back"))
    asked = (pick, question("why", when=("pick", "knee")))

    assert check_answers(asked, {"pick": ["knee", "knee and back"], "why": "fell"})["why"] == "fell"
    assert refused(*asked, answers={"pick": ["knee and back"], "why": "fell"}) == "answers.why"
