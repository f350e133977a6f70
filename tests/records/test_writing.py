"""Transactions: all or nothing, each write conditional on what was read, and the loser told what had changed."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.records._base import Record
from chalicelib.records.reading import fetch
from chalicelib.records.suppression import Suppression
from chalicelib.records.writing import LIMIT, LostRaceError, Transaction
from tests.records.record_builders import NOW, ref_of, store, stored, suppression
from tests.stage import stage

KEPT_UNTIL = NOW.replace(year=2029)  # 36 months
INDEXES = [f"{number:032x}" for number in range(6)]


def found(index: str = INDEXES[0]) -> Suppression:
    """The entry as read afresh."""
    record = fetch(Suppression.ref("email", index), consistent=True)
    assert record is not None
    return record


def committed(*steps: Callable[[Transaction], None]) -> None:
    """Carries out some steps together."""
    transaction = Transaction()
    for step in steps:
        step(transaction)
    transaction.commit()


def updating(record: Record) -> Callable[[Transaction], None]:
    """The step that updates a record."""
    return lambda transaction: transaction.update(record)


def creating(record: Record) -> Callable[[Transaction], None]:
    """The step that creates a record."""
    return lambda transaction: transaction.create(record)


def deleting(record: Record) -> Callable[[Transaction], None]:
    """The step that deletes a record."""
    return lambda transaction: transaction.delete(record)


def requiring(record: Record) -> Callable[[Transaction], None]:
    """The step that relies on a record."""
    return lambda transaction: transaction.require(record)


def changed_by_another(index: str) -> None:
    """Somebody else updates the entry."""
    committed(updating(found(index)))


# Versions


def test_versions_count_the_writes() -> None:
    """In the store and in the record at hand, so that it can be written again."""
    with stage():
        record = suppression(INDEXES[0])
        store(record)
        versions = [record.version]
        for _ in range(2):
            committed(updating(record))
            versions.append(record.version)

        assert versions == [1, 2, 3]
        assert found().version == 3


def test_of_two_writers_the_second_is_told() -> None:
    """What they would have overwritten stays."""
    with stage():
        store(suppression(INDEXES[0]))
        first, second = found(), found()
        first.reason, second.reason = "first", "second"
        committed(updating(first))

        with pytest.raises(LostRaceError) as lost:
            committed(updating(second))
        assert lost.value.keys == {(second.pk, second.sk)}
        assert found().reason == "first"
        assert second.version == 1


@pytest.mark.parametrize("step", [updating, deleting, requiring])
def test_what_changed_meanwhile_is_not_touched(step: Callable[[Record], Callable[[Transaction], None]]) -> None:
    """Updating, deleting and relying on it all fail."""
    with stage():
        store(suppression(INDEXES[0]))
        held = found()
        changed_by_another(INDEXES[0])

        with pytest.raises(LostRaceError):
            committed(step(held))
        assert found().version == 2


@pytest.mark.parametrize("step", [updating, deleting, requiring])
def test_what_is_gone_meanwhile_does_not_come_back(step: Callable[[Record], Callable[[Transaction], None]]) -> None:
    """A record that somebody erased is not written again by whoever still holds it."""
    with stage():
        store(suppression(INDEXES[0]))
        held = found()
        committed(deleting(found()))

        with pytest.raises(LostRaceError):
            committed(step(held))
        assert stored(ref_of(held)) is None


@pytest.mark.parametrize("step", [updating, deleting, requiring])
def test_what_was_never_stored_has_no_version(step: Callable[[Record], Callable[[Transaction], None]]) -> None:
    """Only `create` makes records."""
    with stage(), pytest.raises(LostRaceError):
        committed(step(suppression(INDEXES[0])))


def test_relying_on_a_record_writes_nothing() -> None:
    """It has to be as it was, and stays so."""
    with stage():
        store(suppression(INDEXES[0]))
        committed(requiring(found()), creating(suppression(INDEXES[1])))

        assert (found().version, found(INDEXES[1]).version) == (1, 1)


# Creating


def test_nothing_live_is_overwritten() -> None:
    """Who comes second is told, and may try again with the same record elsewhere."""
    with stage():
        store(suppression(INDEXES[0], reason="first"))
        second = suppression(INDEXES[0], reason="second")

        with pytest.raises(LostRaceError) as lost:
            store(second)
        assert lost.value.hit(second)
        assert second.version is None
        assert found().reason == "first"


@pytest.mark.parametrize(("seconds", "free"), [(-1, False), (0, True), (1, True)])
def test_what_has_expired_makes_room_before_it_is_swept(seconds: int, *, free: bool) -> None:
    """From the very second at which it is absent for readers."""
    with stage() as on:
        store(suppression(INDEXES[0], reason="first"))
        on.clock.now = KEPT_UNTIL.replace(month=11) + timedelta(seconds=seconds)
        second = suppression(INDEXES[0], reason="second", last_at=on.clock.now)

        if free:
            store(second)
            assert (found().reason, found().version) == ("second", 1)
        else:
            with pytest.raises(LostRaceError):
                store(second)
            assert found().reason == "first"


# Deleting


@pytest.mark.parametrize(("seconds", "deleted"), [(-1, False), (0, True), (1, True)])
def test_only_the_expired_is_swept(seconds: int, *, deleted: bool) -> None:
    """Whatever a list of yesterday said: the record itself decides."""
    with stage() as on:
        record = suppression(INDEXES[0])
        store(record)
        on.clock.now = KEPT_UNTIL + timedelta(seconds=seconds)

        if deleted:
            committed(lambda transaction: transaction.delete_expired(ref_of(record)))
        else:
            with pytest.raises(LostRaceError):
                committed(lambda transaction: transaction.delete_expired(ref_of(record)))
        assert (stored(ref_of(record)) is None) is deleted


def test_what_was_extended_meanwhile_is_not_swept() -> None:
    """Nor does anything else of the batch go without it."""
    with stage() as on:
        extended, other = suppression(INDEXES[0]), suppression(INDEXES[1])
        store(extended, other)
        on.clock.now = KEPT_UNTIL - timedelta(seconds=1)
        extended.last_at = KEPT_UNTIL
        committed(updating(extended))
        on.clock.now = KEPT_UNTIL

        with pytest.raises(LostRaceError) as lost:
            committed(*[lambda t, r=record: t.delete_expired(ref_of(r)) for record in (extended, other)])
        assert lost.value.keys == {(extended.pk, extended.sk)}
        assert stored(ref_of(other)) is not None


def test_what_is_gone_already_is_not_swept_again() -> None:
    """Two sweeps at once don't both count it."""
    with stage(), pytest.raises(LostRaceError):
        committed(lambda transaction: transaction.delete_expired(Suppression.ref("email", INDEXES[0])))


def test_discarding_asks_for_nothing() -> None:
    """Whatever the version, and whether or not there is anything."""
    ref = Suppression.ref("email", INDEXES[0])
    with stage():
        committed(lambda transaction: transaction.discard(ref))
        store(suppression(INDEXES[0]))
        changed_by_another(INDEXES[0])
        committed(lambda transaction: transaction.discard(ref))

        assert stored(ref) is None


# Together


def test_the_loser_learns_exactly_what_had_changed() -> None:
    """Of six records, written in five ways, the two that had changed are named, and nothing is written."""
    with stage():
        store(*(suppression(index) for index in INDEXES[:5]))
        held = [found(index) for index in INDEXES[:5]]
        for changed in (1, 4):
            changed_by_another(INDEXES[changed])
        new = suppression(INDEXES[5])
        transaction = Transaction()
        transaction.update(held[0])
        transaction.update(held[1])
        transaction.delete(held[2])
        transaction.discard(ref_of(held[3]))
        transaction.require(held[4])
        transaction.create(new)

        with pytest.raises(LostRaceError) as lost:
            transaction.commit()
        assert [record for record in (*held, new) if lost.value.hit(record)] == [held[1], held[4]]
        assert [found(index).version for index in INDEXES[:5]] == [1, 2, 1, 1, 2]
        assert stored(ref_of(new)) is None
        assert (held[0].version, new.version) == (1, None)


def test_a_race_tells_no_values() -> None:
    """Its text may be logged."""
    lost = LostRaceError(frozenset({("TENANT#1", "CUSTOMER")}))

    assert "TENANT" not in str(lost)
    assert not lost.hit(suppression(INDEXES[0]))


@pytest.mark.parametrize("count", [LIMIT, LIMIT + 1])
def test_a_transaction_holds_a_hundred_writes(count: int) -> None:
    """One more is refused before anything is written."""
    with stage():
        transaction = Transaction()
        for number in range(count):
            transaction.create(suppression(f"{number:032x}"))

        assert len(transaction) == count
        if count > LIMIT:
            with pytest.raises(ValueError, match="at most 100"):
                transaction.commit()
        else:
            transaction.commit()
        assert (stored(Suppression.ref("email", INDEXES[0])) is None) == (count > LIMIT)
