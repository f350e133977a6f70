"""Answers to the questions of a service, as they are sent by who books and by staff."""

from typing import Annotated, Any

from pydantic import Field

from chalicelib.api.http.models import Body
from chalicelib.domain.errors import InvalidInputError

_TEXT = Field(max_length=4000)
_OPTIONS = Field(max_length=50)


class AnswerGiven(Body):
    """The answer to a question of the service: a text, a number, yes or no, or the options chosen."""

    question: Annotated[str, Field(min_length=1, max_length=40)]
    answer: Annotated[str, _TEXT] | bool | int | float | Annotated[list[Annotated[str, _TEXT]], _OPTIONS]


Answers = Annotated[list[AnswerGiven], Field(max_length=20)]


def by_question(given: list[AnswerGiven]) -> dict[str, Any]:
    """The answers by question; InvalidInputError where one is answered twice."""
    answers = {each.question: each.answer for each in given}
    if len(answers) < len(given):
        raise InvalidInputError("Answer each question once.", field="answers")
    return answers
