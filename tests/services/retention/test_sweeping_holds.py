"""Who is under a legal hold: nothing of theirs is deleted, whatever was due, and all of it right after the hold."""

from collections import Counter
from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.records._base import TTL_GRACE, Standing
from chalicelib.records._tables import RecordsTable
from chalicelib.records.hold import Holds
from chalicelib.records.keys import SubjectKey
from chalicelib.records.notification import Notification
from tests.records.record_builders import (
    ANNA,
    BEN,
    NOW,
    TENANT,
    YEAR_ON,
    appointment,
    customer,
    notification,
    person,
    store,
)
from tests.records.trial_kinds import TrialNote, TrialSurvey, note, where
from tests.services.looking import ledger, raw, stored
from tests.services.meddling import before_commit, calls, killed_at
from tests.services.trial_sweeps import MemoryFiles, at_key, end_hold, hold, put, sweeping
from tests.stage import Stage, stage

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
HELD_UNTIL = YEAR_ON + 30 * DAY


def two_people(on: Stage) -> None:
    """Anna and Ben, each with an appointment, all of it due in a year."""
    for who in (ANNA, BEN):
        person(on, subject=who)
        store(customer(subject=who), appointment(subject=who))


def left() -> Counter[str]:
    """Whose records are there, holds left out."""
    return Counter(item["pk"]["S"][-32:] for item in raw(RecordsTable) if item["sk"]["S"] != "HOLDS")


def proven(*actions: Action) -> Counter[str]:
    """What the proofs together say."""
    total: Counter[str] = Counter()
    for entry in ledger(*actions):
        total.update(entry.counts or {})
    return total


def test_what_is_held_is_put_off_and_the_rest_goes() -> None:
    """One batch holds both: Ben is gone with his key, Anna is there with hers, each counted once."""
    with stage() as on:
        two_people(on)
        on.clock.now = YEAR_ON
        hold(TENANT, ANNA, HELD_UNTIL)

        counts = on.services.sweeping.run()

        assert left() == {ANNA: 2}
        assert [key.sk for key in stored(SubjectKey)] == [f"SUBJECT#{ANNA}"]
        assert (counts.due, counts.removed, counts.held, counts.adds_up) == (4, 2, 2, True)
        assert proven(Action.SWEPT) == proven(Action.HELD_BACK) == {"CUSTOMER": 1, "APPOINTMENT": 1}


def test_what_was_put_off_is_not_looked_at_until_the_hold_ends() -> None:
    """Neither by the sweep nor by DynamoDB's own deletion; nobody sees it, and it stands in no list."""
    with stage() as on:
        two_people(on)
        on.clock.now = YEAR_ON
        hold(TENANT, ANNA, HELD_UNTIL)
        on.services.sweeping.run()
        on.clock.now = HELD_UNTIL - SECOND

        with calls() as made:
            counts = on.services.sweeping.run()

        assert (counts.due, left()) == (0, {ANNA: 2})
        assert set(made) == {"Query"}
        for item in raw(RecordsTable):
            if item["sk"]["S"] != "HOLDS":
                record = RecordsTable.from_raw_data(item)
                assert record.standing() is Standing.BLOCKED
                assert (record.due_at, record.held_until) == (HELD_UNTIL, HELD_UNTIL)
                assert (record.ttl, record.lookup_pk) == (HELD_UNTIL + TTL_GRACE, None)


@pytest.mark.parametrize(("seconds", "gone"), [(-1, False), (0, True), (1, True)])
def test_all_goes_at_the_second_the_hold_ends(seconds: int, gone: bool) -> None:
    """The record of the hold too, and the key."""
    with stage() as on:
        two_people(on)
        on.clock.now = YEAR_ON
        hold(TENANT, ANNA, HELD_UNTIL)
        on.services.sweeping.run()
        on.clock.now = HELD_UNTIL + seconds * SECOND

        on.services.sweeping.run()

        assert (left() == {}) is gone
        assert (stored(SubjectKey) == []) is gone
        assert (stored(Holds) == []) is gone
        assert proven(Action.SWEPT)["CUSTOMER"] == 1 + gone


@pytest.mark.parametrize(("seconds", "removed"), [(-1, 4), (0, 4), (1, 2)])
def test_a_hold_that_has_ended_holds_nothing(seconds: int, removed: int) -> None:
    """To the second."""
    with stage() as on:
        two_people(on)
        on.clock.now = YEAR_ON - DAY
        hold(TENANT, ANNA, YEAR_ON + seconds * SECOND)
        on.clock.now = YEAR_ON

        counts = on.services.sweeping.run()

        assert counts.removed - (seconds <= 0) == removed  # and the ended record of the hold itself
        assert counts.held == 4 - removed


def test_a_hold_placed_at_the_last_moment_holds() -> None:
    """Between the sweep's reading and its writing: nothing of Anna's is removed."""
    with stage() as on:
        two_people(on)
        on.clock.now = YEAR_ON

        with before_commit(lambda: hold(TENANT, ANNA, HELD_UNTIL)):
            counts = on.services.sweeping.run()

        assert (left(), counts.held, counts.adds_up) == ({ANNA: 2}, 2, True)


def test_a_hold_that_is_extended_puts_off_once_more() -> None:
    """What is due at the end of the first hold stays for the second."""
    with stage() as on:
        two_people(on)
        on.clock.now = YEAR_ON
        held = hold(TENANT, ANNA, HELD_UNTIL)
        on.services.sweeping.run()
        end_hold(held, HELD_UNTIL + 9 * DAY)
        on.clock.now = HELD_UNTIL

        counts = on.services.sweeping.run()

        assert (left(), counts.held, counts.removed) == ({ANNA: 2}, 2, 0)
        on.clock.now = HELD_UNTIL + 9 * DAY
        on.services.sweeping.run()
        assert left() == {}


def test_a_hold_that_ends_at_the_last_moment_leaves_it_to_the_next_sweep() -> None:
    """Found held, then not any more: postponed and accounted for."""
    with stage() as on:
        two_people(on)
        on.clock.now = YEAR_ON
        held = hold(TENANT, ANNA, HELD_UNTIL)

        with before_commit(lambda: end_hold(held, YEAR_ON), times=2, least=3):
            counts = on.services.sweeping.run()

        assert counts.adds_up
        on.services.sweeping.run()
        assert left() == {}


def test_a_hold_that_is_shortened_while_it_puts_off_puts_off_nothing() -> None:
    """The end that was read holds no more: whoever was held goes at the new one, not at the old."""
    with stage() as on:
        two_people(on)
        on.clock.now = YEAR_ON
        held = hold(TENANT, ANNA, HELD_UNTIL)
        turns = iter([HELD_UNTIL, YEAR_ON + DAY])  # before the removal that fails, and before the putting off

        with before_commit(lambda: end_hold(held, next(turns)), times=2, least=3):
            counts = on.services.sweeping.run()
        on.clock.now = YEAR_ON + DAY
        on.services.sweeping.run()

        assert counts.adds_up
        assert left() == {}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", [1, 2, 3])
def test_killed_while_putting_off(write: int, after: bool) -> None:
    """The next sweep goes on; Anna is held, Ben gone, each told of once."""
    with stage() as on:
        two_people(on)
        on.clock.now = YEAR_ON
        hold(TENANT, ANNA, HELD_UNTIL)
        with killed_at(write, after=after):
            on.services.sweeping.run()

        on.services.sweeping.run()

        assert left() == {ANNA: 2}
        assert proven(Action.SWEPT) == proven(Action.HELD_BACK) == {"CUSTOMER": 1, "APPOINTMENT": 1}


def test_no_file_of_a_held_person_is_deleted() -> None:
    """Files go before records, so it is asked before the files."""
    from tests.records.trial_kinds import TrialDocument

    with stage() as on:
        keys = {who: where(TENANT, who, "DOCUMENT") for who in (ANNA, BEN)}
        put(*(TrialDocument(*key, sent_at=NOW) for key in keys.values()))
        hold(TENANT, ANNA, HELD_UNTIL)
        files = MemoryFiles({f"TENANT/{TENANT}/SUBJECT/{who}/DOCUMENT/{1:032x}/scan.pdf" for who in keys})
        on.clock.now = NOW + 31 * DAY

        counts = sweeping(on, files).run()

        assert (counts.removed, counts.held, left()) == (1, 1, {ANNA: 1})
        assert [key for key in files.objects if ANNA in key] == list(files.objects) != []


def test_what_is_held_is_not_anonymised_either() -> None:
    """The person's answer stays as it is until then."""
    with stage() as on:
        survey = TrialSurvey(
            *where(TENANT, ANNA, "SURVEY"), answered_at=NOW, stars=4, language="de", customer=ANNA, received_as="77"
        )
        put(survey)
        hold(TENANT, ANNA, HELD_UNTIL)
        on.clock.now = NOW + 40 * DAY

        counts = sweeping(on).run()

        assert (counts.anonymised, counts.held, left()) == (0, 1, {ANNA: 1})
        on.clock.now = HELD_UNTIL
        assert sweeping(on).run().anonymised == 1
        assert ANNA not in left()


def test_a_record_of_a_kind_nobody_knows_is_held_as_well() -> None:
    """Putting off asks for nothing but the stamps."""
    with stage() as on:
        put(note(NOW, tenant=TENANT, person=ANNA))
        hold(TENANT, ANNA, HELD_UNTIL)
        on.clock.now = NOW + 31 * DAY

        counts = on.services.sweeping.run()

        assert counts.held == 1
        held = TrialNote.from_raw_data(at_key(raw(RecordsTable), *where(TENANT, ANNA, "NOTE")))
        assert (held.held_until, held.version) == (HELD_UNTIL, 2)


@pytest.mark.parametrize("count", [97, 98, 99, 120])
def test_very_much_of_one_person_is_put_off(count: int) -> None:
    """As many as a transaction holds at once, whatever the step was planned for."""
    with stage() as on:
        put(*(unsent(ANNA, number) for number in range(count)))
        on.clock.now = NOW + 2 * 366 * DAY
        hold(TENANT, ANNA, on.clock.now + DAY)

        counts = on.services.sweeping.run()

        assert (counts.due, counts.held, counts.adds_up) == (count, count, True)
        on.clock.move(days=1)
        assert on.services.sweeping.run().removed == count + 1


def unsent(who: str, number: int) -> Notification:
    """A message that nobody sent."""
    return notification(subject=who, thing=f"{number:032x}")
