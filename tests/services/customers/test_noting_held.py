"""A note about somebody under a legal hold: who deletes it takes it out of use, and out of nobody's proof."""

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.states import Release
from chalicelib.records._base import Standing
from chalicelib.records.appointment import Appointment
from chalicelib.records.customer_note import CustomerNote
from chalicelib.services.customers.files import file_of
from tests.builders import NETWORK, Business, booked
from tests.services.looking import ledger, stored, the
from tests.services.meddling import before_commit
from tests.services.prepared import open_business
from tests.services.privacy_builders import hold
from tests.stage import Stage


def noted(on: Stage, of: Business, customer: str) -> CustomerNote:
    """A note."""
    return on.services.noting.write(of.session, customer, "Schuldet 200 Franken", network=NETWORK, repeat=None)


@pytest.mark.parametrize("before", [True, False], ids=["noted-before", "noted-after"])
def test_a_note_that_a_hold_covers_is_kept_out_of_use_until_it_ends(before: bool) -> None:
    """Nobody finds it any more but who has a legal ground; with the hold it goes, and the proof says so."""
    with open_business() as (on, of):
        who = booked(on, of).subject
        note = noted(on, of, who) if before else None
        (placed,) = hold(on, of, the(Appointment))
        note = note or noted(on, of, who)

        on.services.noting.delete(of.session, who, note.id, network=NETWORK)

        (kept,) = stored(CustomerNote)
        assert kept.standing() is Standing.BLOCKED
        assert file_of(on.vault, of.session, who).notes == []
        assert [entry.thing for entry in ledger(Action.NOTE_DELETED)] == [note.id]
        on.services.sweeping.run()
        assert len(stored(CustomerNote)) == 1

        on.services.holding.lift(of.session, who, placed.id, Release.SETTLED, network=NETWORK)
        on.services.sweeping.run()
        assert stored(CustomerNote) == []


def test_a_hold_that_comes_at_the_last_moment_keeps_the_note() -> None:
    """It was looked at before, and is written after the hold was placed."""
    with open_business() as (on, of):
        who = booked(on, of).subject
        note = noted(on, of, who)

        with before_commit(lambda: hold(on, of, the(Appointment))):
            on.services.noting.delete(of.session, who, note.id, network=NETWORK)

        (kept,) = stored(CustomerNote)
        assert kept.standing() is Standing.BLOCKED


def test_nobody_held_is_deleted_at_once() -> None:
    """As ever."""
    with open_business() as (on, of):
        who = booked(on, of).subject
        note = noted(on, of, who)

        on.services.noting.delete(of.session, who, note.id, network=NETWORK)

        assert stored(CustomerNote) == []
