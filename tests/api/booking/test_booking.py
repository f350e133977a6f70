"""Booking at the API: what the form says comes through, and what comes of it is shown."""

from typing import Any

import pytest

from chalicelib.domain.terms import Answer, Payment, Question
from chalicelib.records.answer import GivenAnswer
from tests.api.test_ledgered import Desk, desk, wish
from tests.services.looking import stored
from tests.services.waiting_builders import offer

ASKED = tuple(
    Question(id=name, label=name, answer=kind, purpose="Vorbereitung", keep_days=9, options=options)
    for name, kind, options in (
        ("text", Answer.TEXT, ()),
        ("count", Answer.NUMBER, ()),
        ("first", Answer.YES_NO, ()),
        ("where", Answer.CHOICES, ("Knie", "Hüfte")),
    )
)


def send(at: Desk, **changes: Any) -> Any:
    """A booking, in a form of its own."""
    form = at.form("booking", tenant=at.of.tenant, service=at.of.service.id)
    return at.call("POST", f"/tenants/{at.of.tenant}/appointments", {**wish(at), **changes}, form=form)


def test_answers_of_every_kind_come_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts, numbers, yes and no, options."""
    given = {"text": "Guten Tag", "count": 3, "first": True, "where": ["Knie", "Hüfte"]}
    with desk(monkeypatch) as at:
        offer(at.on, at.of, questions=ASKED)

        send(at, answers=[{"question": name, "answer": value} for name, value in given.items()])

        assert {each.question: each.answer for each in stored(GivenAnswer)} == {
            "text": "Guten Tag",
            "count": "3",
            "first": "yes",
            "where": "Knie\nHüfte",
        }


def test_a_question_is_answered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of two answers counts would be anybody's guess."""
    with desk(monkeypatch) as at:
        offer(at.on, at.of, questions=ASKED)

        with pytest.raises(AssertionError, match=r"invalid-input.*answers|answers.*invalid-input"):
            send(at, answers=[{"question": "text", "answer": each} for each in ("a", "b")])


def test_what_has_to_be_paid_says_how_much_and_until_when(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page goes on to the payment from there. Whoever leaves the expert open is told who it is."""
    with desk(monkeypatch) as at:
        offer(at.on, at.of, price=9000, payment=Payment.ONLINE, pay_within=20)

        booked = send(at, expert=None)

        assert (booked["state"], booked["price"], booked["currency"]) == ("unpaid", 9000, "CHF")
        assert booked["expert"] == at.of.expert
        assert booked["lapses_at"] is not None
        assert booked["series"] is None


def test_a_visit_shows_all_of_its_appointments(monkeypatch: pytest.MonkeyPatch) -> None:
    """In order of time, and each with links of its own."""
    with desk(monkeypatch) as at:
        offer(at.on, at.of, occurrences=3)
        asked = wish(at)
        item = {"service": asked["service"], "expert": None, "duration": None, "answers": []}
        body = {name: asked[name] for name in ("starts_at", "customer", "address", "sms_wanted")}
        body |= {"items": [item], "repeat": {"weeks": 2, "times": 3}}

        made = at.call("POST", f"/tenants/{at.of.tenant}/visits", body, form=at.form("visit", tenant=at.of.tenant))

        shown = made["appointments"]
        assert [each["starts_at"][:10] for each in shown] == ["2026-11-09", "2026-11-23", "2026-12-07"]
        assert len({each["links"]["cancel"] for each in shown}) == 3
        assert len({each["series"] for each in shown}) == 1
