"""Questions at booking: what a business may ask, and which answers fit what was asked."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.seen import is_seen
from chalicelib.domain.terms import Answer, Question

Given = str | bool | int | float | Sequence[str]
"""An answer as it is sent: a text, a number, true or false, or the options chosen."""

MOST, MOST_OPTIONS, LONGEST_KEPT = 20, 50, 365
LINE, LONG = 200, 4000
YES, NO = "yes", "no"
_LARGEST = 10**15
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ID_LENGTH = 40
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TO_CHOOSE = frozenset({Answer.CHOICE, Answer.CHOICES})


def check_questions(questions: Sequence[Question]) -> None:
    """InvalidInputError unless these can be asked, in this order."""
    if len(questions) > MOST:
        raise InvalidInputError(f"Ask {MOST} questions at most.", field="questions")
    earlier: dict[str, Question] = {}
    for number, each in enumerate(questions):
        remedy = _wrong(each, earlier)
        if remedy:
            raise InvalidInputError(remedy, field=f"questions.{number}")
        earlier[each.id] = each


def check_answers(
    questions: Sequence[Question], answers: Mapping[str, Given], *, complete: bool = True
) -> dict[str, str]:
    """The answers as they are kept, by question; several options stand below each other.

    InvalidInputError names the question: one that must be answered, unless they need not be `complete`, is not asked
    (here, or after these answers), or whose answer does not fit.
    """
    unknown = answers.keys() - {each.id for each in questions}
    if unknown:
        raise InvalidInputError("Leave it out: the service does not ask this.", field=_named(min(unknown)))
    kept: dict[str, str] = {}
    for each in questions:
        if each.id in answers and not _is_asked(each, kept):
            raise InvalidInputError("Leave it out: it is not asked after the other answers.", field=_named(each.id))
        if each.id in answers:
            kept[each.id] = _fit(each, answers[each.id])
        elif complete and each.required and _is_asked(each, kept):
            raise InvalidInputError("Answer it.", field=_named(each.id))
    return kept


def _is_asked(question: Question, kept: Mapping[str, str]) -> bool:
    if question.when is None:
        return True
    other, wanted = question.when
    return wanted in kept.get(other, "").split("\n")


def _wrong(question: Question, earlier: Mapping[str, Question]) -> str:
    """What has to be mended about a question; empty when nothing is."""
    choose = question.answer in _TO_CHOOSE
    options = question.options
    complaints = {
        "Name it with small letters, digits and hyphens.": not _is_name(question.id),
        "Name each question differently.": question.id in earlier,
        f"Ask in one line of at most {LINE} characters.": not _is_line(question.label),
        f"Say in one line of at most {LINE} characters what the answer is for.": not _is_line(question.purpose),
        f"Keep the answer for 0 to {LONGEST_KEPT} days.": not 0 <= question.keep_days <= LONGEST_KEPT,
        "Only a choice has options.": bool(options) and not choose,
        f"Give 1 to {MOST_OPTIONS} options.": choose and not 1 <= len(options) <= MOST_OPTIONS,
        f"Give options of one line, of at most {LINE} characters.": not all(map(_is_line, options)),
        "Give each option once.": len(set(options)) < len(options),
        "Make it depend on an earlier question, and on an option of it, yes or no.": not _can_follow(question, earlier),
    }
    return next((remedy for remedy, wrong in complaints.items() if wrong), "")


def _can_follow(question: Question, earlier: Mapping[str, Question]) -> bool:
    if question.when is None:
        return True
    other, wanted = question.when
    return other in earlier and wanted in _possible(earlier[other])


def _possible(question: Question) -> tuple[str, ...]:
    """The answers that something can depend on."""
    return (YES, NO) if question.answer is Answer.YES_NO else question.options


def _fit(question: Question, given: Given) -> str:
    """The answer as it is kept."""
    read, remedy = _READERS[question.answer]
    found = read(question, given)
    if not found:
        raise InvalidInputError(remedy, field=_named(question.id))
    return found


def _line(_: Question, given: Given) -> str:
    return _tidy(given) if _is_line(given) else ""


def _text(_: Question, given: Given) -> str:
    if not isinstance(given, str) or len(given) > LONG or not all(map(is_seen, _lines(given))):
        return ""
    return _tidy(given).replace("\r\n", "\n")


def _number(_: Question, given: Given) -> str:
    if isinstance(given, bool) or not isinstance(given, int | float) or not -_LARGEST <= given <= _LARGEST:
        return ""
    return f"{Decimal(repr(given)).normalize():f}"


def _date(_: Question, given: Given) -> str:
    if not isinstance(given, str) or not _DATE.fullmatch(given):
        return ""
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        return ""


def _yes_no(_: Question, given: Given) -> str:
    return {True: YES, False: NO}[given] if isinstance(given, bool) else ""


def _choice(question: Question, given: Given) -> str:
    return given if isinstance(given, str) and given in question.options else ""


def _choices(question: Question, given: Given) -> str:
    """In the order of the options, so that the same answer is always kept as the same text."""
    if not isinstance(given, list | tuple) or len(set(given)) < len(given) or set(given) - set(question.options):
        return ""
    return "\n".join(each for each in question.options if each in given)


_READERS: Mapping[Answer, tuple[Callable[[Question, Given], str], str]] = {
    Answer.TEXT: (_line, f"Answer in one line of at most {LINE} characters, or leave it out."),
    Answer.LONG_TEXT: (_text, f"Answer in at most {LONG} characters, or leave it out."),
    Answer.NUMBER: (_number, "Answer with a number."),
    Answer.DATE: (_date, "Answer with a date of the calendar as 2026-11-02."),
    Answer.YES_NO: (_yes_no, "Answer with true or false."),
    Answer.CHOICE: (_choice, "Answer with one of the options."),
    Answer.CHOICES: (_choices, "Answer with a list of options, each once, at least one."),
}


def _named(question: str) -> str:
    """The field to name; something unknown is only repeated if it is a name."""
    return f"answers.{question}" if _is_name(question) else "answers"


def _is_name(text: str) -> bool:
    return len(text) <= _ID_LENGTH and _ID.fullmatch(text) is not None


def _is_line(given: Given) -> bool:
    return isinstance(given, str) and len(given) <= LINE and bool(given.strip()) and is_seen(given)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\t", " ").split("\n")


def _tidy(given: Given) -> str:
    return unicodedata.normalize("NFC", str(given)).strip()
