"""Answers to a business's questions: kept with the appointment, each for as long as its question says."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.periods import days
from chalicelib.domain.questions import Given, check_answers, check_questions
from chalicelib.domain.terms import Question
from chalicelib.records.answer import GivenAnswer
from chalicelib.records.appointment import Appointment
from chalicelib.records.reading import Found, Ref, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction

__all__ = ["Given", "check", "check_questions", "keep", "move_along", "of", "of_all", "refs_of"]


def check(questions: Sequence[Question], answers: Mapping[str, Given], *, complete: bool = True) -> dict[str, str]:
    """The answers as they are kept, by question. InvalidInputError names the one that does not fit, or is missing."""
    return check_answers(questions, answers, complete=complete)


def keep(transaction: Transaction, appointment: Appointment, service: Service, answers: Mapping[str, str]) -> None:
    """Keeps checked answers beside the appointment, and notes on it which there are.

    Of an appointment that is entered afterwards, none whose time is over by then.
    """
    asked = {each.id: each for each in service.terms().questions}
    given = {question: _given(appointment, asked[question], answer) for question, answer in answers.items()}
    kept = {question: each for question, each in given.items() if not each.is_absent()}
    for each in kept.values():
        transaction.create(each)
    appointment.answers = set(kept) or None


def refs_of(appointment: Appointment) -> list[Ref[GivenAnswer]]:
    """Where the answers lie that were given for an appointment."""
    tenant, customer = appointment.tenant, appointment.subject
    return [GivenAnswer.ref(tenant, customer, appointment.id, each) for each in sorted(appointment.answers or ())]


def move_along(transaction: Transaction, appointment: Appointment, found: Found) -> None:
    """Counts the periods of the answers, of which `found` has those at `refs_of`, from the new end of the appointment.

    Where the person had the processing restricted, the exception that lets the appointment move reaches them, too.
    """
    for held in filter(None, map(found.get, refs_of(appointment))):
        length = _local_days(held.appointment_ends_at, held.kept_until, held.zone)
        held.asked = appointment.asked
        held.appointment_ends_at = appointment.ends_at
        held.kept_until = days(length).after(appointment.ends_at, ZoneInfo(held.zone))
        transaction.update(held)


def of(appointment: Appointment) -> list[GivenAnswer]:
    """What was answered for an appointment and is still kept, in no particular order."""
    return of_all([appointment])[appointment.id]


def of_all(appointments: Sequence[Appointment]) -> dict[str, list[GivenAnswer]]:
    """The same for many, by appointment, in one round trip per hundred answers."""
    found = fetch_all([ref for each in appointments for ref in refs_of(each)])
    return {each.id: [held for ref in refs_of(each) if (held := found.get(ref)) is not None] for each in appointments}


def _given(appointment: Appointment, question: Question, answer: str) -> GivenAnswer:
    ref = GivenAnswer.ref(appointment.tenant, appointment.subject, appointment.id, question.id)
    held = GivenAnswer(ref.pk, ref.sk, zone=appointment.zone, appointment=appointment.id, purpose=question.purpose)
    held.appointment_ends_at = appointment.ends_at
    held.kept_until = days(question.keep_days).after(appointment.ends_at, ZoneInfo(appointment.zone))
    held.question, held.answer = question.label, answer
    held.stamp()
    return held


def _local_days(frm: datetime, until: datetime, zone: str) -> int:
    one, two = (at.astimezone(ZoneInfo(zone)).date() for at in (frm, until))
    return (two - one).days
