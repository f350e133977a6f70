"""New people, and two things done side by side."""

import threading

import pytest

from chalicelib.domain.errors import KeyDestroyedError, NotFoundError
from chalicelib.domain.ids import is_id
from chalicelib.records.keys import SubjectKey
from chalicelib.records.writing import Transaction
from chalicelib.services.people import new_person
from chalicelib.services.side_by_side import side_by_side
from tests.services.looking import stored
from tests.services.prepared import open_business


def test_a_new_person_can_be_written_of_before_their_key_is_stored() -> None:
    """It is stored in the transaction that writes of them first, and not otherwise."""
    with open_business() as (on, of):
        before, transaction = len(stored(SubjectKey)), Transaction()

        person = new_person(on.vault, transaction, tenant=of.tenant, now=on.clock.now)

        assert is_id(person)
        assert on.vault.seal(b"x", tenant=of.tenant, subject=person, aad=b"")
        assert len(stored(SubjectKey)) == before
        transaction.commit()
        assert len(stored(SubjectKey)) == before + 1


def test_nobody_is_made_at_a_business_without_a_key() -> None:
    """Reading and writing of people never makes a tenant."""
    with open_business() as (on, _), pytest.raises(KeyDestroyedError):
        new_person(on.vault, Transaction(), tenant="e" * 32, now=on.clock.now)


def test_two_things_are_done_at_the_same_time() -> None:
    """Each waits for the other: one after the other they would never end."""
    met = threading.Barrier(2, timeout=5)

    assert side_by_side(lambda: (met.wait(), "a")[1], lambda: (met.wait(), "b")[1]) == ("a", "b")


@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_of_either_is_raised(failing: int) -> None:
    """After the other has ended, so nothing goes on unseen."""
    ended: list[str] = []

    def fail() -> None:
        raise NotFoundError

    pair = (fail, lambda: ended.append("done"))

    with pytest.raises(NotFoundError):
        side_by_side(pair[failing], pair[1 - failing])

    assert ended == ["done"]
