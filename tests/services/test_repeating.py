"""Requests that come twice."""

import pytest

from chalicelib.domain.errors import IdempotencyMismatchError
from chalicelib.records.idempotency import Idempotency
from chalicelib.records.service import Service
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.repeating import Outcome, Repeatable
from tests.services.looking import the
from tests.services.prepared import open_business
from tests.stage import Stage


def request(*, key: str = "key-0001", scope: str = "book|a", content: str = "content") -> Repeatable:
    """A request with a key."""
    repeat = Repeatable.of(key, scope=scope, content=content)
    assert repeat is not None
    return repeat


def remember(on: Stage, repeat: Repeatable) -> Service:
    """Notes that a service came of it."""
    service = the(Service)
    transaction = Transaction()
    repeat.remember(transaction, service, at=on.clock.now)
    transaction.commit()
    return service


def test_without_a_key_nothing_is_repeatable() -> None:
    """Who sends none is served each time."""
    assert Repeatable.of(None, scope="book", content="content") is None


def test_what_was_asked_is_kept_as_a_hash_only() -> None:
    """The request holds personal values; neither they nor the key are stored."""
    with open_business() as (on, _):
        remember(on, request(content="anna.muster@kundin.example"))

        text = repr(the(Idempotency).serialize())
        assert "anna" not in text
        assert "key-0001" not in text


def test_the_outcome_is_found_again() -> None:
    """By who asks the same with the same key."""
    with open_business() as (on, _):
        assert request().earlier() is None

        service = remember(on, request())

        assert request().earlier() == Outcome(service.pk, service.sk)


def test_another_request_with_the_key_is_refused() -> None:
    """The answer names the header."""
    with open_business() as (on, _):
        remember(on, request())

        with pytest.raises(IdempotencyMismatchError) as refused:
            request(content="something else").earlier()

        assert refused.value.field == "Idempotency-Key"


@pytest.mark.parametrize("changes", [{"key": "key-0002"}, {"scope": "book|b"}, {"scope": "service|a"}])
def test_keys_of_others_do_not_matter(changes: dict[str, str]) -> None:
    """Two tenants, or two kinds of request, may use the same key."""
    with open_business() as (on, _):
        remember(on, request())

        assert request(**changes).earlier() is None


def test_scope_and_key_can_not_be_shifted_into_each_other() -> None:
    """What one caller may choose freely must not reach another's note."""
    assert request(scope="book|a", key="b").ref != request(scope="book", key="a|c").ref


def test_two_at_once_are_noted_once() -> None:
    """The second transaction fails as a whole."""
    with open_business() as (on, _):
        remember(on, request())

        with pytest.raises(LostRaceError):
            remember(on, request())
