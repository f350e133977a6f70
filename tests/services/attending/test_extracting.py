"""Appointments are taken along line by line, with names where they may be named, and it is told to whom it concerns."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, NotAllowedError
from chalicelib.domain.states import RestrictionGround
from chalicelib.services.attending.agenda import Wanted
from chalicelib.services.attending.extracting import Line
from tests.builders import MONDAY_10, NETWORK, Business, booked
from tests.services.attending_builders import ROOMS, colleague, enter, practice
from tests.services.looking import ledger
from tests.services.meddling import calls
from tests.stage import Stage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def lines(on: Stage, of: Business, *, names: bool = True, **changes: Any) -> Sequence[Line]:
    """Those of the week."""
    caller = changes.pop("caller", of.session)
    wanted = Wanted(**{"frm": MONDAY_10 - DAY, "to": MONDAY_10 + 6 * DAY, "expert": of.expert, **changes})
    return list(on.services.extracting.lines(caller, wanted, names=names, network=NETWORK))


def test_ids_become_names() -> None:
    """Of services, experts and rooms."""
    with practice(resources=(ROOMS,)) as (on, of):
        held = enter(on, of, note="Knie").appointment

        (line,) = lines(on, of)

        assert (line.service, line.experts, line.resources) == ("Erstgespräch", ("Regula Brunner",), ("Raum 1",))
        assert (line.given_name, line.email, line.note) == ("Berta", "berta@kundin.example", "Knie")
        assert (line.id, line.uid) == (held.id, f"{held.id}@mail.example.ch")


def test_nobody_is_named_unless_asked() -> None:
    """And restricted people never."""
    with practice() as (on, of):
        held = booked(on, of)
        (unnamed,) = lines(on, of, names=False)
        on.services.restricting.restrict(of.session, held.subject, RestrictionGround.UNLAWFUL, network=NETWORK)
        (restricted,) = lines(on, of)

        for line in (unnamed, restricted):
            told = (line.given_name, line.family_name, line.email, line.phone, line.address, line.note)
            assert told == ("",) * 6
        assert (unnamed.restricted, restricted.restricted) == (False, True)


def test_it_goes_page_by_page() -> None:
    """Everything once, with one entry in the ledger, and no more in memory than a page."""
    with practice() as (on, of):
        for number in range(5):
            booked(on, of, starts_at=MONDAY_10 + number * HOUR, email=f"k{number}@kunden.example")
        with mock.patch("chalicelib.services.attending.agenda.PAGE", 2):
            found = lines(on, of)

        assert [line.starts_at for line in found] == [MONDAY_10 + number * HOUR for number in range(5)]
        (entry,) = ledger(Action.APPOINTMENTS_EXPORTED)
        assert (entry.actor, entry.about, entry.network) == (of.expert, of.expert, NETWORK)


def test_it_is_noted_before_anything_is_read() -> None:
    """Whoever stops halfway has seen something."""
    with practice() as (on, of), calls() as made:
        wanted = Wanted(frm=MONDAY_10, to=MONDAY_10 + DAY, expert=None)
        on.services.extracting.lines(of.session, wanted, names=True, network=NETWORK)

        assert made == ["TransactWriteItems"]


def test_everybody_in_it_is_told() -> None:
    """By whom in which role; who was not in it is not."""
    with practice() as (on, of):
        held = booked(on, of)
        on.clock.move(seconds=5)
        lines(on, of, expert=None)
        lines(on, of, frm=MONDAY_10 + HOUR)
        token = on.services.linking.self_service(held)["cancel"]

        told = on.services.telling.about_customer(token, before="", network=NETWORK).entries

        assert [each.by for each in told if each.action is Action.APPOINTMENTS_EXPORTED] == ["admin"]


@pytest.mark.parametrize(("days", "good"), [(366, True), (367, False)])
def test_a_year_at_most(days: int, *, good: bool) -> None:
    """A leap year, too."""
    with practice() as (on, of):
        asked = {"frm": MONDAY_10, "to": MONDAY_10 + days * DAY}
        if good:
            assert lines(on, of, **asked) == []
        else:
            with pytest.raises(InvalidInputError, match="366"):
                lines(on, of, **asked)


def test_experts_take_their_own_along_and_the_operator_nothing() -> None:
    """A refusal leaves no entry of having taken."""
    with practice() as (on, of):
        beat = colleague(on, of)
        for caller, expert in ((beat, of.expert), (beat, None), (replace(of.session, access="a"), of.expert)):
            with pytest.raises(NotAllowedError):
                lines(on, of, caller=caller, expert=expert)
        assert ledger(Action.APPOINTMENTS_EXPORTED) == []
        assert lines(on, of, caller=beat, expert=beat.staff) == []
