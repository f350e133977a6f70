"""What of an entry is proven: all that it says, spelled in one way, and the same after it was stored and read."""

from datetime import UTC, datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.ids import new_id
from chalicelib.domain.merkle import leaf_hash
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.ledger_proof import PROVEN, anything_on, canonical, stored_on
from tests.contracts.entry_points import ROOT
from tests.services.ledgers import DAY, NEXT, T1, T2, raw, write
from tests.stage import stage

DERIVED = {"people_pk", "people_sk", "expires_at", "ttl", "version", "zone"}


def test_an_entry_as_documented() -> None:
    """Byte by byte: DynamoDB's JSON, sorted, without blanks."""
    item = {
        "version": {"N": "1"},
        "sk": {"S": "080000#01"},
        "pk": {"S": "TENANT#t#2026-11-02"},
        "at": {"N": "1793606400"},
        "kind": {"S": "LedgerEntry"},
        "action": {"S": "staff:session:started"},
        "counts": {"S": '{"a": 1}'},
        "expires_at": {"N": "2"},
    }

    assert canonical(item) == (
        b'{"action":{"S":"staff:session:started"},"at":{"N":"1793606400"},"counts":{"S":"{\\"a\\": 1}"},'
        b'"kind":{"S":"LedgerEntry"},"pk":{"S":"TENANT#t#2026-11-02"},"sk":{"S":"080000#01"}}'
    )


def test_everything_that_an_entry_says_is_proven() -> None:
    """A field that is added to the kind is proven, or the format says why not."""
    assert set(LedgerEntry.declarations()) | {"pk", "sk", "kind"} == PROVEN


def test_what_is_stored_is_proven_or_follows_from_it() -> None:
    """No attribute is forgotten."""
    at = datetime(2026, 11, 2, 8, tzinfo=UTC)
    everything = {
        "actor": "a",
        "about": "b",
        "thing": "c",
        "network": "d",
        "ground": "e",
        "processor": "f",
        "counts": {"g": 1},
    }
    with stage():
        stored = LedgerEntry.of(T1, Action.SWEPT, at=at, **everything).serialize()  # type: ignore[arg-type]

    assert set(stored) | {"version"} == PROVEN | DERIVED


def test_a_type_that_was_changed_is_another_entry() -> None:
    """A number is not the same text."""
    assert canonical({"at": {"N": "1"}}) != canonical({"at": {"S": "1"}})
    assert canonical({"at": {"B": b"1"}}) != canonical({"at": {"B": b"2"}})


def test_a_day_is_read_in_order_with_the_hash_of_each_leaf() -> None:
    """Of one tenant and one day."""
    with stage():
        write(count=3)
        write(T1, NEXT)
        write(T2)

        found = stored_on(T1, DAY)

        items = [item for item in raw() if item["pk"]["S"] == LedgerEntry.partition(T1, DAY)]
        assert [each.sk for each in found] == [item["sk"]["S"] for item in items]
        assert [each.leaf for each in found] == [leaf_hash(canonical(item)).hex() for item in items]
        assert {each.action for each in found} == {Action.SIGNED_IN.value}


def test_whether_there_is_anything() -> None:
    """One entry is enough."""
    with stage():
        write()

        assert anything_on(T1, DAY)
        assert not anything_on(T1, NEXT)


def test_a_day_of_many_pages_is_whole() -> None:
    """Entries of several megabytes."""
    with stage():
        many = [new_id(datetime(2026, 11, 2, tzinfo=UTC)) for _ in range(40)]
        for number, each in enumerate(many):
            write(count=1, thing=each, ground="x" * 100_000 + str(number))

        assert len(stored_on(T1, DAY)) == 40


def test_the_proven_names_are_those_of_the_document() -> None:
    """So that somebody else can verify."""
    page = (ROOT / "docs" / "ledger-format.md").read_text()

    assert ", ".join(f"`{name}`" for name in sorted(PROVEN)) in page
