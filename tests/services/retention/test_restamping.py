"""Stamping anew after a declared period changed: two versions of one declaration, and everything in between."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.handling import Counted, Keep, Then
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.periods import Period, days, years
from chalicelib.records._base import TTL_GRACE, Standing, shard
from chalicelib.records._tables import RecordsTable
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.restamp import STAMPING, fingerprint
from chalicelib.records.writing import Transaction
from chalicelib.services.retention import restamping
from chalicelib.services.retention.restamping import OVERLAP, Restamping, Stamped
from tests.records.record_builders import ANNA, NOW, TENANT, person, store
from tests.records.trial_kinds import TRIALS, TrialDocument, TrialInvoice, TrialNote, handling, note, where, with_period
from tests.services.looking import ledger, raw
from tests.services.meddling import before_commit, calls, killed_at, refused_writes
from tests.services.trial_sweeps import at_key, put, sweeping
from tests.stage import Stage, stage

KINDS = (*RECORDS, *TRIALS)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    """Trial kinds are as they were afterwards."""
    before = {kind: kind.handling for kind in TRIALS}
    yield
    for kind, as_before in before.items():
        kind.handling = as_before
    TrialDocument.has_files = True


def job(on: Stage) -> Restamping:
    """The job for everything and the trial kinds."""
    return Restamping(on.clock, KINDS)


def notes(count: int, *, noted_at: datetime = NOW) -> None:
    """So many notes of so many people, as the present declaration stamps them."""
    put(*(note(noted_at, tenant=TENANT, person=f"{number:032x}") for number in range(count)))


def stamped_until() -> Counter[datetime | None]:
    """The ends that stand on the notes, with whatever follows from each."""
    found = [TrialNote.from_raw_data(item) for item in raw(RecordsTable) if item["kind"]["S"] == "TrialNote"]
    for each in found:
        assert each.expires_at is not None
        assert each.due_at == each.expires_at
        assert each.ttl == each.expires_at + TTL_GRACE
        assert each.due_shard == shard("EXPIRY", each.pk)
    return Counter(each.expires_at for each in found)


def told() -> list[Any]:
    """What the ledger says."""
    return [(entry.tenant, entry.counts) for entry in ledger(Action.RESTAMPED)]


def progress() -> list[str]:
    """What is noted about the progress."""
    return sorted(item["sk"]["S"] for item in raw(RecordsTable) if item["pk"]["S"] == STAMPING)


def test_when_nothing_changed_one_read_is_all() -> None:
    """Every quarter of an hour."""
    with stage() as on:
        notes(3)
        job(on).run()
        before = raw(RecordsTable)

        with calls() as made:
            assert job(on).run() == Stamped(0, 0, done=True)

        assert (made, raw(RecordsTable)) == (["GetItem"], before)


@pytest.mark.parametrize(("seconds", "looked_at"), [(-1, 0), (0, 3), (1, 3)])
def test_after_a_year_everything_is_looked_at_once_more(seconds: int, looked_at: int) -> None:
    """Whatever slipped through meanwhile: no stamp stays wrong for ever."""
    with stage() as on:
        put(*(TrialInvoice(*where(TENANT, ANNA, "INVOICE", number), issued_at=NOW) for number in range(3)))
        job(on).run()
        on.clock.now += OVERLAP
        job(on).run()
        on.clock.now = on.clock.now.replace(year=NOW.year + 1) + seconds * SECOND

        assert job(on).run() == Stamped(looked_at, looked_at, done=True)  # whose block has begun meanwhile
        assert job(on).run() == Stamped(0, 0, done=True)


def test_the_first_run_finds_all_as_it_should_be() -> None:
    """And says so, once."""
    with stage() as on:
        notes(30)

        assert job(on).run() == Stamped(30, 0, done=True)

        assert told() == [(INSTALLATION, {})]
        assert progress() == ["WHOLE"]


@pytest.mark.parametrize("count", [1, 97, 98, 99])
def test_a_shorter_period_is_stamped_on_everything(count: int) -> None:
    """Whatever the number of pages; with one entry in the ledger that counts each record once."""
    with stage() as on:
        notes(count)
        with_period(days(10))

        stamped = job(on).run()

        assert stamped == Stamped(count, count, done=True)
        assert stamped_until() == {NOW + timedelta(days=10): count}
        assert told() == [(INSTALLATION, {"NOTE": count})]
        assert progress() == ["WHOLE"]


@pytest.mark.parametrize(("seconds", "left"), [(-1, 3), (0, 0), (1, 0)])
def test_a_shorter_period_takes_effect_with_the_next_sweep(seconds: int, left: int) -> None:
    """To its second; before the job has run, nothing changes."""
    with stage() as on:
        notes(3)
        on.clock.now = NOW + timedelta(days=10) + seconds * SECOND
        with_period(days(10))
        assert sweeping(on).run().due == 0

        job(on).run()
        sweeping(on).run()

        assert sum(stamped_until().values()) == left


@pytest.mark.parametrize(("seconds", "until"), [(-1, 60), (0, 30), (1, 30)])
def test_a_longer_period_brings_nothing_back(seconds: int, until: int) -> None:
    """What has expired by the old period stays expired and is swept, though the new one would still run."""
    with stage() as on:
        notes(2)
        on.clock.now = NOW + timedelta(days=30) + seconds * SECOND
        with_period(days(60))

        job(on).run()

        assert stamped_until() == {NOW + timedelta(days=until): 2}
        (first, _) = (TrialNote.from_raw_data(item) for item in raw(RecordsTable) if item["kind"]["S"] == "TrialNote")
        assert (fetch(Ref(TrialNote, first.pk, first.sk)) is None) is (until == 30)
        assert sweeping(on).run().removed == (2 if until == 30 else 0)


def test_nothing_is_opened_and_nothing_else_is_touched() -> None:
    """Sealed bytes stay as they are, and so does what no declaration of today knows."""
    with stage() as on:
        person(on)
        store(note(NOW, tenant=TENANT, person=ANNA, text="Unter uns"))
        before = at_key(raw(RecordsTable), *where(TENANT, ANNA, "NOTE"))
        strange = {"from_an_older_version": {"S": "x"}}
        rewritten(before | strange)
        with_period(days(10))

        job(on).run()

        after = at_key(raw(RecordsTable), *where(TENANT, ANNA, "NOTE"))
        stamps = {"expires_at", "ttl", "due_at", "version"}
        assert {name for name in after if after[name] != before.get(name)} == stamps | strange.keys()
        assert after["version"] == {"N": "3"}
        record = fetch(Ref(TrialNote, *where(TENANT, ANNA, "NOTE")))
        assert record is not None
        assert record.text == "Unter uns"


def rewritten(item: dict[str, Any]) -> None:
    """Writes an item over itself."""
    transaction = Transaction()
    transaction.rewrite(Ref(RecordsTable, item["pk"]["S"], item["sk"]["S"]), item)
    transaction.commit()


def test_what_is_blocked_stays_blocked() -> None:
    """A longer period before the block does not bring it back into use; a longer duty after it does hold."""
    with stage() as on:
        key = where(TENANT, ANNA, "INVOICE")
        put(TrialInvoice(*key, zone="Europe/Zurich", issued_at=NOW))
        on.clock.now = NOW + timedelta(days=70)
        sweeping(on).run()
        old = TrialInvoice.from_raw_data(at_key(raw(RecordsTable), *key))
        duty = Keep(years(12), "issued_at", Counted.FROM_END_OF_FINANCIAL_YEAR)
        TrialInvoice.handling = handling(Keep(years(1), "issued_at"), then=Then.BLOCK_THEN_DELETE, blocked=duty)

        job(on).run()

        new = TrialInvoice.from_raw_data(at_key(raw(RecordsTable), *key))
        assert old.standing() is new.standing() is Standing.BLOCKED
        assert new.blocked_since == old.blocked_since
        assert old.expires_at is not None
        assert new.expires_at == old.expires_at.replace(year=2038)
        assert new.due_at == new.expires_at
        assert new.lookup_pk is None


def test_a_new_ending_moves_records_in_the_index() -> None:
    """A kind that gets files is looked for where the sweep deletes files first."""
    with stage() as on:
        TrialDocument.has_files = False
        put(TrialDocument(*where(TENANT, ANNA, "DOCUMENT"), sent_at=NOW))
        TrialDocument.has_files = True

        job(on).run()

        item = at_key(raw(RecordsTable), *where(TENANT, ANNA, "DOCUMENT"))
        assert item["due_shard"]["S"] == shard("FILES", item["pk"]["S"])


def test_what_is_anonymous_and_what_nobody_knows_is_left_alone() -> None:
    """Neither has a declaration."""
    with stage() as on:
        put(note(NOW, tenant=TENANT, person=ANNA))
        unknown = at_key(raw(RecordsTable), *where(TENANT, ANNA, "NOTE"))
        with_period(days(10))

        assert Restamping(on.clock).run().written == 0

        assert at_key(raw(RecordsTable), *where(TENANT, ANNA, "NOTE")) == unknown


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", range(1, 7))
def test_killed_at_every_write(write: int, after: bool) -> None:
    """The next run goes on where it stopped: all stamped, each counted once, one entry."""
    with stage() as on, mock.patch.object(restamping, "PAGE", 20):
        notes(60)
        with_period(days(10))
        with killed_at(write, after=after):
            job(on).run()

        stamped = job(on).run()

        assert stamped.done
        assert stamped_until() == {NOW + timedelta(days=10): 60}
        assert (told(), progress()) == ([(INSTALLATION, {"NOTE": 60})], ["WHOLE"])


def test_a_run_that_is_out_of_time_goes_on_where_it_stopped() -> None:
    """One page a run; no page is read twice for long."""
    with stage() as on, mock.patch.object(restamping, "PAGE", 10):
        notes(60)
        with_period(days(10))
        runs: list[Stamped] = []
        while not runs or not runs[-1].done:
            asked = iter([True, True])
            runs.append(job(on).run(may_go_on=lambda asked=asked: next(asked, False)))  # type: ignore[misc]

        assert sum(each.written for each in runs) == 60
        assert sum(each.looked_at for each in runs) < 60 + 10 * 5
        assert stamped_until() == {NOW + timedelta(days=10): 60}
        assert told() == [(INSTALLATION, {"NOTE": 60})]


@pytest.mark.parametrize("times", [1, 2, 4])
def test_two_runs_at_once_stamp_everything_once(times: int) -> None:
    """One leaves the segment to the other."""
    with stage() as on, mock.patch.object(restamping, "PAGE", 20):
        notes(60)
        with_period(days(10))

        with before_commit(lambda: job(on).run(may_go_on=_twice()), times=times, least=1):
            job(on).run()
        while not job(on).run().done:
            pass

        assert stamped_until() == {NOW + timedelta(days=10): 60}
        assert (told(), progress()) == ([(INSTALLATION, {"NOTE": 60})], ["WHOLE"])


def _twice() -> Any:
    asked = iter([True, True])
    return lambda: next(asked, False)


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("times", [0, 1])
def test_a_run_that_another_one_overtook_completely_tells_nothing_twice(times: int, *, begun: bool) -> None:
    """The other one did all of it, to the entry in the ledger: nothing is begun again, in the first run or later."""
    with stage() as on:
        notes(5)
        for _ in range(times):
            job(on).run()
        with_period(days(10))
        if begun:
            job(on).run(may_go_on=lambda: False)

        with before_commit(lambda: job(on).run(), least=1):
            job(on).run()

        assert job(on).run().done
        assert [entry for entry in told() if entry[1]] == [(INSTALLATION, {"NOTE": 5})]
        assert len(told()) == times + 1
        assert progress() == ["WHOLE"]


def test_a_record_that_is_changed_meanwhile_is_read_again() -> None:
    """The change stays, and the new stamp comes on top."""
    with stage() as on:
        notes(3)
        with_period(days(10))
        touched = at_key(raw(RecordsTable), *where(TENANT, f"{1:032x}", "NOTE"))

        with before_commit(lambda: rewritten(touched | {"noted_at": later_by(5)}), least=2):
            stamped = job(on).run()

        assert (stamped.written, stamped.done) == (3, True)
        assert stamped_until() == {NOW + timedelta(days=10): 2, NOW + timedelta(days=15): 1}
        assert told() == [(INSTALLATION, {"NOTE": 3})]


def later_by(count: int) -> dict[str, str]:
    """So many days later than the others."""
    return {"N": str(int((NOW + timedelta(days=count)).timestamp()))}


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError"])
def test_a_busy_table_is_left_to_the_next_run(reason: str) -> None:
    """And nothing is said to be done that is not."""
    with stage() as on:
        notes(5)
        with_period(days(10))

        with refused_writes(reason, times=99):
            stamped = job(on).run()

        assert (stamped.written, stamped.done, told()) == (0, False, [])
        assert job(on).run().done
        assert stamped_until() == {NOW + timedelta(days=10): 5}


def test_a_declaration_that_changes_while_all_is_stamped_starts_again() -> None:
    """The last one holds, everywhere."""
    with stage() as on, mock.patch.object(restamping, "PAGE", 10):
        notes(60)
        with_period(days(10))
        job(on).run(may_go_on=_twice())
        with_period(days(20))

        assert job(on).run().done

        assert stamped_until() == {NOW + timedelta(days=20): 60}


@pytest.mark.parametrize(("seconds", "found"), [(-1, 0), (0, 1), (1, 1)])
def test_what_old_code_wrote_while_the_new_was_deployed_is_found_an_hour_later(seconds: int, found: int) -> None:
    """It was written behind the back of the job, with the end of the old declaration; the second look is the last."""
    with stage() as on:
        notes(3)
        with_period(days(10))
        job(on).run()
        with_period(days(30))
        put(note(NOW, tenant=TENANT, person=ANNA))  # by a function that was running when the others were replaced
        with_period(days(10))

        on.clock.now = NOW + OVERLAP + seconds * SECOND
        assert job(on).run() == Stamped(4 * found, found, done=True)

        assert stamped_until()[NOW + timedelta(days=10)] == 3 + found
        assert told() == [(INSTALLATION, {"NOTE": 3}), *([(INSTALLATION, {"NOTE": 1})] * found)]
        on.clock.now += 2 * OVERLAP
        assert job(on).run().looked_at == 4 * (1 - found)


@pytest.mark.parametrize("pages", [1, 3])
def test_a_deployment_that_is_rolled_back_leaves_no_stamp_behind(pages: int) -> None:
    """Part of what is stored has the new end by then: it gets the old one back. The next attempt begins anew."""
    with stage() as on, mock.patch.object(restamping, "PAGE", 10):
        notes(60)
        job(on).run()
        with_period(days(10))
        asked = iter([True] * pages)
        assert not job(on).run(may_go_on=lambda: next(asked, False)).done

        with_period(days(30))
        assert job(on).run().done
        assert stamped_until() == {NOW + timedelta(days=30): 60}

        with_period(days(10))
        assert job(on).run().done
        assert stamped_until() == {NOW + timedelta(days=10): 60}


@pytest.mark.parametrize(
    ("period", "counted"), [(days(29), Counted.FROM_THEN), (days(30), Counted.FROM_END_OF_DAY)], ids=["length", "start"]
)
def test_any_change_of_a_period_is_noticed(period: Period, counted: Counted) -> None:
    """Its length, and from when it counts."""
    before = fingerprint(KINDS)
    with_period(period, counted)

    assert fingerprint(KINDS) != before


def test_the_fingerprint_is_the_same_for_the_same_declarations() -> None:
    """In whatever order they are listed, and whatever else is said in them; only what has stamps to renew counts."""
    stamped = [kind for kind in KINDS if kind.has_due_index]
    before = fingerprint(KINDS)
    TrialNote.handling = handling(*TrialNote.handling.keep, because="another sentence")

    assert fingerprint(reversed(stamped)) == fingerprint(KINDS) == before
