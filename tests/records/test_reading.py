"""Reading many records at once: one round trip a hundred, what DynamoDB left out asked for again."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from chalicelib.domain.errors import NotFoundError, TryAgainError
from chalicelib.records.keys import SubjectKey
from chalicelib.records.reading import Found, Ref, client, fetch, fetch_all
from chalicelib.records.suppression import Suppression
from tests.records.record_builders import ANNA, TENANT, person, store, suppression
from tests.stage import stage

Answer = Mapping[str, Any]
Asking = Callable[..., Answer]


def ref(number: int) -> Ref[Suppression]:
    """Where the entry of this number lies, or would."""
    return Suppression.ref("email", f"{number:032x}")


def asked(request: Answer) -> int:
    """How many keys one request holds."""
    return sum(len(of_table["Keys"]) for of_table in request.values())


class Listening:
    """Stands in front of the client's batch read; `leaves_out` says which keys of a request are put off."""

    def __init__(self, real: Asking, leaves_out: Callable[[int], slice]) -> None:
        self.requests: list[Answer] = []
        self._real, self._leaves_out = real, leaves_out

    def __call__(self, *, RequestItems: Answer) -> Answer:  # noqa: N803 (the client's own name)
        """Passes the request on, without what is put off."""
        self.requests.append(RequestItems)
        out = self._leaves_out(len(self.requests))
        put_off = {table: {**of, "Keys": of["Keys"][out]} for table, of in RequestItems.items() if of["Keys"][out]}
        taken = {
            table: {**of, "Keys": [key for key in of["Keys"] if key not in of["Keys"][out]]}
            for table, of in RequestItems.items()
        }
        taken = {table: of for table, of in taken.items() if of["Keys"]}
        answer = self._real(RequestItems=taken) if taken else {"Responses": {}}
        return {**answer, "UnprocessedKeys": put_off}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between attempts, which take no time here."""
    taken: list[float] = []
    monkeypatch.setattr("chalicelib.records.reading.time.sleep", taken.append)
    return taken


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[int], slice]], Listening]]:
    """Puts a listener in front of the client."""

    def listen(leaves_out: Callable[[int], slice]) -> Listening:
        listener = Listening(client().batch_get_item, leaves_out)
        monkeypatch.setattr(client(), "batch_get_item", listener)
        return listener

    yield listen
    monkeypatch.undo()


def nothing(_: int) -> slice:
    """DynamoDB answers all of it."""
    return slice(0, 0)


@pytest.mark.parametrize(("count", "trips"), [(0, []), (1, [1]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])])
def test_a_hundred_keys_a_trip(count: int, trips: list[int], listening: Any) -> None:
    """No more, no fewer; and no trip for nothing."""
    with stage():
        listener = listening(nothing)

        fetch_all(ref(number) for number in range(count))

    assert [asked(request) for request in listener.requests] == trips


def test_several_tables_in_one_trip(listening: Any) -> None:
    """Records and keys come together, each as its own kind; a key that is asked for twice is asked for once."""
    with stage() as on:
        person(on)
        store(suppression(f"{1:032x}", reason="stop"))
        listener = listening(nothing)
        key = SubjectKey.ref(TENANT, ANNA)

        found = fetch_all([ref(1), key, ref(1), ref(2)])

    assert [asked(request) for request in listener.requests] == [3]
    assert (found.need(ref(1), what="entry").reason, found.get(ref(2))) == ("stop", None)
    assert isinstance(found.get(key), SubjectKey)


@pytest.mark.parametrize("consistent", [True, False])
def test_how_fresh_it_has_to_be(*, consistent: bool, listening: Any) -> None:
    """Said for every table of the request."""
    with stage():
        listener = listening(nothing)

        fetch_all([ref(1), SubjectKey.ref(TENANT, ANNA)], consistent=consistent)

    assert [of["ConsistentRead"] for of in listener.requests[0].values()] == [consistent, consistent]


def test_what_was_left_out_is_asked_for_again(listening: Any, pauses: list[float]) -> None:
    """Until all of it is there, with growing pauses; what has come is not asked for twice."""
    with stage():
        store(*(suppression(f"{number:032x}") for number in range(5)))
        listener = listening(lambda trip: slice(trip, None))

        found = fetch_all((ref(number) for number in range(5)), consistent=True)

        assert all(found.get(ref(number)) for number in range(5))
    assert [asked(request) for request in listener.requests] == [5, 4, 2]
    assert pauses == sorted(pauses)
    assert len(pauses) == 2
    assert all(of["ConsistentRead"] for request in listener.requests for of in request.values())


def test_what_stays_left_out(listening: Any, pauses: list[float]) -> None:
    """After five attempts the caller may try again; half an answer is none, and nobody waits after the last."""
    with stage():
        store(suppression(f"{0:032x}"))
        listener = listening(lambda _: slice(-1, None))

        with pytest.raises(TryAgainError):
            fetch_all([ref(0), ref(1)])
        assert len(listener.requests) == 5
    assert len(pauses) == 4
    assert sum(pauses) < 1


def test_what_is_not_there() -> None:
    """None, or an error that says what was looked for and not whose."""
    with stage():
        found = fetch_all([ref(1)])

        assert fetch(ref(1)) is None
        assert found.get(ref(1)) is None
        with pytest.raises(NotFoundError, match=r"^There is no such entry\.$"):
            found.need(ref(1), what="entry")


def test_what_was_not_asked_for_is_not_found() -> None:
    """The same key in another table is another record."""
    found = Found()
    found.add("elsewhere", suppression("0" * 32))

    assert found.get(ref(0)) is None
