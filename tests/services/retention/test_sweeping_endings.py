"""What a declaration may ask for besides deletion, shown with trial kinds: a block, no person, files first."""

from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import KeyDestroyedError
from chalicelib.records._base import EXPIRY, TTL_GRACE, Standing, shard
from chalicelib.records._tables import RecordsTable
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.ending import files_of
from chalicelib.records.reading import Ref, fetch
from chalicelib.services.retention.sweeping import Sweeping
from tests.records.record_builders import ANNA, BEN, NOW, TENANT, customer, person, store
from tests.records.trial_kinds import TRIALS, TrialDocument, TrialInvoice, TrialNote, TrialSurvey, where
from tests.services.looking import ledger, raw
from tests.services.meddling import calls, killed_at
from tests.services.trial_sweeps import MemoryFiles, at_key, busy, put, sweeping
from tests.stage import stage

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
BLOCKED_AT = datetime.fromisoformat("2027-01-02T09:00:00+01:00")
ENDS_AT = datetime.fromisoformat("2037-01-01T00:00:00+01:00")
INVOICE, SURVEY = where(TENANT, ANNA, "INVOICE"), where(TENANT, ANNA, "SURVEY")


def invoice(**changes: Any) -> TrialInvoice:
    """Issued now, in Zurich."""
    return TrialInvoice(*INVOICE, zone="Europe/Zurich", issued_at=NOW, **{"payer": "Anna Muster", **changes})


def survey(number: int = 1, **changes: Any) -> TrialSurvey:
    """An answer of Anna's."""
    values = {"answered_at": NOW, "stars": 4, "language": "de", "customer": ANNA, "received_as": "provider-4711"}
    return TrialSurvey(*where(TENANT, ANNA, "SURVEY", number), words="Sehr gut", **{**values, **changes})


def listed() -> list[str]:
    """What stands in the list that invoices have a place in."""
    found = TrialInvoice.lookup_index.query(f"TENANT#{TENANT}#INVOICES")
    return [each.sk for each in found]


def item_at(key: tuple[str, str]) -> dict[str, Any]:
    """The item as it lies in the table."""
    return at_key(raw(RecordsTable), *key)


# Blocked


@pytest.mark.parametrize(("seconds", "blocked"), [(-1, 0), (0, 1), (1, 1)])
def test_what_is_to_be_blocked_is_blocked_by_the_sweep(seconds: int, blocked: int) -> None:
    """Stamped anew: out of its list, next due at its end; with an entry in the ledger, and nothing opened."""
    with stage() as on:
        person(on)
        store(invoice())
        sealed = item_at(INVOICE)["sealed"]
        on.clock.now = BLOCKED_AT + seconds * SECOND

        counts = sweeping(on).run()

        record = RecordsTable.from_raw_data(item_at(INVOICE))
        assert (counts.due, counts.blocked, counts.adds_up) == (blocked, blocked, True)
        assert [entry.counts for entry in ledger(Action.BLOCKED)] == [{"INVOICE": 1}] * blocked
        assert listed() == [INVOICE[1]] * (1 - blocked)
        assert record.standing() is (Standing.BLOCKED if blocked else Standing.LIVE)
        if blocked:
            assert (record.due_shard, record.due_at) == (shard(EXPIRY, INVOICE[0]), ENDS_AT)
        assert (record.ttl, item_at(INVOICE)["sealed"]) == (ENDS_AT + TTL_GRACE, sealed)


def test_what_is_blocked_is_blocked_once() -> None:
    """The next sweeps have nothing to do with it for years."""
    with stage() as on:
        person(on)
        store(invoice())
        on.clock.now = BLOCKED_AT
        sweeping(on).run()
        before = item_at(INVOICE)

        for later in (BLOCKED_AT, BLOCKED_AT + 999 * DAY, ENDS_AT - SECOND):
            on.clock.now = later
            assert sweeping(on).run().due == 0

        assert item_at(INVOICE) == before


@pytest.mark.parametrize(("seconds", "there"), [(-1, True), (0, False), (1, False)])
@pytest.mark.parametrize("swept_before", [True, False])
def test_what_is_blocked_ends_with_its_duty(swept_before: bool, seconds: int, there: bool) -> None:
    """Ten years after the end of its financial year, whether or not a sweep came by to block it."""
    with stage() as on:
        person(on)
        store(invoice())
        if swept_before:
            on.clock.now = BLOCKED_AT
            sweeping(on).run()
        on.clock.now = ENDS_AT + seconds * SECOND

        counts = sweeping(on).run()

        assert bool([item for item in raw(RecordsTable) if item["sk"]["S"] == INVOICE[1]]) is there
        assert (counts.removed, counts.adds_up) == (not there, True)
        assert counts.blocked == (there and not swept_before)


def test_what_is_changed_while_it_is_blocked_goes_into_no_list() -> None:
    """By whoever may: the record itself sees to it."""
    with stage() as on:
        person(on)
        on.clock.now = BLOCKED_AT
        put(invoice())

        assert item_at(INVOICE).keys().isdisjoint({"lookup_pk", "lookup_sk"})


@pytest.mark.parametrize("after", [False, True])
def test_killed_while_blocking(after: bool) -> None:
    """Blocked once, told of once."""
    with stage() as on:
        person(on)
        store(invoice())
        on.clock.now = BLOCKED_AT
        with killed_at(1, after=after):
            sweeping(on).run()

        sweeping(on).run()

        assert listed() == []
        assert [entry.counts for entry in ledger(Action.BLOCKED)] == [{"INVOICE": 1}]


def test_the_sweep_reads_only_what_the_catalogue_asks_for() -> None:
    """A kind that asks for more makes it look for more: that is all a new declaration takes."""
    with stage() as on:
        person(on)
        put(invoice())
        on.clock.now = BLOCKED_AT
        unblocked = tuple(kind for kind in RECORDS if kind.handling.blocked is None)
        with calls() as few:
            assert Sweeping(on.clock, MemoryFiles, unblocked).run().due == 0
        with calls() as more:
            assert Sweeping(on.clock, MemoryFiles, (*unblocked, TrialInvoice)).plan().beyond == 0

        assert (few.count("Query"), more.count("Query")) == (
            28,
            32,
        )  # four shards each: what ends, with and without files, what waits to be sent or for a job; what blocks


# Anonymous


def test_what_is_kept_leads_to_nobody() -> None:
    """Plain facts under a random key; no seal, no pseudonym, no number of a provider, no stamp, no way back."""
    with stage() as on:
        person(on)
        store(survey())
        on.clock.now = NOW + 40 * DAY

        counts = sweeping(on).run()

        (kept,) = [item for item in raw(RecordsTable) if "was" in item]
        random = kept["sk"]["S"].removeprefix("TrialSurvey#")
        assert {name: value for name, value in kept.items() if name != "sk"} == {
            "pk": {"S": f"TENANT#{TENANT}#ANONYMOUS"},
            "kind": {"S": "Anonymous"},
            "was": {"S": "TrialSurvey"},
            "version": {"N": "1"},
            "answered_at": {"N": str(int(NOW.timestamp()))},
            "stars": {"N": "4"},
            "lang": {"S": "de"},
        }
        assert len(random) == 32
        assert (counts.anonymised, counts.removed, counts.adds_up) == (1, 0, True)
        assert [entry.counts for entry in ledger(Action.ANONYMISED)] == [{"SURVEY": 1}]
        assert not [item for item in raw(RecordsTable) if item["sk"]["S"] == SURVEY[1]]


@pytest.mark.parametrize(("seconds", "count"), [(-1, 0), (0, 1), (1, 1)])
def test_the_person_is_left_out_at_the_second(seconds: int, count: int) -> None:
    """Not before, and from then on."""
    with stage() as on:
        person(on)
        put(survey())
        on.clock.now = datetime(2026, 12, 2, 8, 0, tzinfo=NOW.tzinfo) + seconds * SECOND

        assert sweeping(on).run().anonymised == count


def test_two_answers_of_one_person_can_not_be_told_to_be_of_one() -> None:
    """Their keys have nothing in common, with each other or with the time."""
    with stage() as on:
        person(on)
        put(*(survey(number) for number in range(60)))
        on.clock.now = NOW + 40 * DAY

        counts = sweeping(on).run()

        keys = [item["sk"]["S"].removeprefix("TrialSurvey#") for item in raw(RecordsTable)]
        assert (len(set(keys)), counts.anonymised) == (60, 60)
        assert len({key[:6] for key in keys}) > 50
        assert sum((entry.counts or {})["SURVEY"] for entry in ledger(Action.ANONYMISED)) == 60


def test_what_is_anonymous_stays() -> None:
    """Nothing is due for it, and no later sweep finds it."""
    with stage() as on:
        person(on)
        put(survey())
        on.clock.now = NOW + 40 * DAY
        sweeping(on).run()
        before = raw(RecordsTable)
        on.clock.now = NOW + 4000 * DAY

        assert (sweeping(on).run().due, raw(RecordsTable)) == (0, before)


@pytest.mark.parametrize("after", [False, True])
def test_killed_while_anonymising(after: bool) -> None:
    """Replaced or not: never both, never neither."""
    with stage() as on:
        person(on)
        put(survey())
        on.clock.now = NOW + 40 * DAY
        with killed_at(1, after=after):
            sweeping(on).run()
        assert len(raw(RecordsTable)) == 1

        sweeping(on).run()

        assert ["was" in item for item in raw(RecordsTable)] == [True]
        assert len(ledger(Action.ANONYMISED)) == 1


# Files


def document(number: int = 1, who: str = ANNA) -> TrialDocument:
    """Something with files."""
    return TrialDocument(*where(TENANT, who, "DOCUMENT", number), sent_at=NOW)


def file_of(number: int = 1, who: str = ANNA, name: str = "scan.pdf") -> str:
    """The key of one of its objects."""
    return files_of(*where(TENANT, who, "DOCUMENT", number)) + name


def test_files_go_with_their_record() -> None:
    """All of them, and nobody else's: neither another person's, nor those of a record whose key begins alike."""
    with stage() as on:
        put(document(), document(2), document(1, BEN))
        others = [document(3)]
        others[0].sent_at = NOW + 9 * DAY
        put(*others)
        files = MemoryFiles({file_of(1), file_of(1, name="a/b"), file_of(2), file_of(3), file_of(1, BEN), "other/x"})
        on.clock.now = NOW + 30 * DAY

        counts = sweeping(on, files).run()

        assert files.objects == {file_of(3), "other/x"}
        assert (counts.removed, counts.adds_up) == (3, True)
        assert [item["sk"]["S"] for item in raw(RecordsTable)] == [others[0].sk]


@pytest.mark.parametrize("after", [False, True])
def test_files_go_first(after: bool) -> None:
    """Killed before the record is removed, its files are gone and the record leads the next sweep there once more."""
    with stage() as on:
        put(document())
        files = MemoryFiles({file_of()})
        on.clock.now = NOW + 30 * DAY

        with killed_at(1, after=after):
            sweeping(on, files).run()

        assert files.objects == set()
        assert len(raw(RecordsTable)) == (not after)
        sweeping(on, files).run()
        assert raw(RecordsTable) == []
        assert files.deleted == [files_of(*where(TENANT, ANNA, "DOCUMENT"))] * (2 - after)


def test_a_record_outlives_files_that_can_not_be_deleted() -> None:
    """A busy bucket postpones the record; anything else fails the sweep."""
    with stage() as on:
        put(document(), document(2))
        files = MemoryFiles({file_of(1), file_of(2)}, failures=[busy()])
        on.clock.now = NOW + 30 * DAY

        counts = sweeping(on, files).run()

        assert (counts.postponed, counts.removed, counts.adds_up, len(files.objects)) == (2, 0, True, 2)
        files.failures = [PermissionError()]
        with pytest.raises(PermissionError):
            sweeping(on, files).run()
        assert len(raw(RecordsTable)) == 2
        assert sweeping(on, files).run().removed == 2
        assert files.objects == set()


def test_an_index_that_lags_behind_deletes_no_files() -> None:
    """What the index still shows as due, but was extended, keeps its files: the record is looked at first."""
    with stage() as on:
        put(document())
        stale = sweeping(on).plan
        files = MemoryFiles({file_of()})
        on.clock.now = NOW + 30 * DAY
        plan = stale()
        extended = document()
        extended.sent_at = NOW + DAY
        put(extended)
        steps = sweeping(on, files)

        with mock.patch.object(Sweeping, "plan", return_value=plan):
            counts = steps.run()

        assert (counts.due, counts.revived, files.objects) == (1, 1, {file_of()})


def test_a_prefix_names_no_value_and_ends_what_it_names() -> None:
    """Ids only; and never the beginning of another record's."""
    assert files_of(*where("1" * 32, "a" * 32, "DOCUMENT", 7)) == (
        f"TENANT/{'1' * 32}/SUBJECT/{'a' * 32}/DOCUMENT/{7:032x}/"
    )


# All of them


def test_a_person_ends_with_everything_at_once() -> None:
    """Whatever their records ask for, the key is gone with the person."""
    with stage() as on:
        person(on)
        documents = TrialDocument(*where(TENANT, ANNA, "DOCUMENT"), sent_at=NOW)
        note = TrialNote(*where(TENANT, ANNA, "NOTE"), noted_at=NOW, text="Unter uns")
        store(customer(), documents, note, survey())
        copy = fetch(Ref(TrialNote, note.pk, note.sk))
        files = MemoryFiles({file_of()})
        on.clock.now = NOW + 400 * DAY

        counts = sweeping(on, files).run()
        on.vault.forget(TENANT)

        assert (counts.removed, counts.anonymised, files.objects) == (3, 1, set())
        assert copy is not None
        with pytest.raises(KeyDestroyedError):
            _ = copy.text


def test_every_trial_is_a_kind_of_its_own() -> None:
    """And none of them is in the catalogue."""
    assert not {kind.kind_name() for kind in TRIALS} & {kind.kind_name() for kind in RECORDS}
