"""The cache of keys at the edges of its two bounds."""

import pytest

from chalicelib.adapters.sealing.cache import BoundedCache, Moment


class Clocks:
    """Two clocks that a test sets."""

    def __init__(self) -> None:
        self.steady, self.wall = 1000.0, 50_000.0

    def now(self) -> Moment:
        """What the clocks show."""
        return Moment(self.steady, self.wall)


def cache(clocks: Clocks, *, seconds: float = 10, count: int = 3) -> BoundedCache[str, str]:
    """A small cache."""
    return BoundedCache(seconds=seconds, count=count, now=clocks.now)


@pytest.mark.parametrize(
    ("steady", "wall", "kept"),
    [
        (9.999, 9.999, True),
        (10, 9.999, False),
        (9.999, 10, False),
        (10.001, 10.001, False),
        (0, 3600, False),  # a worker that was frozen for an hour
        (10, -3600, False),  # a wall clock set back by an hour
    ],
)
def test_age(steady: float, wall: float, kept: bool) -> None:
    """A value is given as long as both clocks call it young."""
    clocks = Clocks()
    keys = cache(clocks)
    keys.put("a", "key", since=clocks.now())

    clocks.steady += steady
    clocks.wall += wall

    assert keys.get("a") == ("key" if kept else None)


def test_expired_value_stays_away() -> None:
    """What was seen to be too old is not given again if the clocks turn back."""
    clocks = Clocks()
    keys = cache(clocks)
    keys.put("a", "key", since=clocks.now())
    clocks.wall += 10
    keys.get("a")

    clocks.wall -= 10

    assert keys.get("a") is None


def test_age_counts_from_the_given_moment() -> None:
    """The time a fetch took is part of the age."""
    clocks = Clocks()
    before = clocks.now()
    clocks.steady += 9
    keys = cache(clocks)
    keys.put("a", "key", since=before)

    clocks.steady += 1

    assert keys.get("a") is None


@pytest.mark.parametrize(("stored", "kept"), [(2, 2), (3, 3), (4, 3)])
def test_count(stored: int, kept: int) -> None:
    """No more values are kept than allowed; the oldest goes first."""
    clocks = Clocks()
    keys = cache(clocks)

    for name in "abcd"[:stored]:
        keys.put(name, name, since=clocks.now())

    found = [name for name in "abcd" if keys.get(name)]
    assert len(found) == kept
    assert found == list("abcd"[stored - kept : stored])


def test_least_recently_used_goes_first() -> None:
    """A value that was just read survives one that was not; writing again counts as use."""
    clocks = Clocks()
    keys = cache(clocks)
    for name in "abc":
        keys.put(name, name, since=clocks.now())

    keys.get("a")
    keys.put("b", "new", since=clocks.now())
    keys.put("d", "d", since=clocks.now())

    assert [keys.get(name) for name in "abcd"] == ["a", "new", None, "d"]


def test_drop() -> None:
    """What is dropped is gone, the rest stays."""
    clocks = Clocks()
    keys = cache(clocks)
    for name in "abc":
        keys.put(name, name, since=clocks.now())

    keys.drop(lambda name: name in "ab")

    assert [keys.get(name) for name in "abc"] == [None, None, "c"]
