"""Refusals take the same time."""

from dataclasses import dataclass, field

import pytest

from chalicelib.domain.errors import CredentialsRefusedError, LinkUsedError, TooManyAttemptsError
from chalicelib.services.sign_in.refusing import Refusing


@dataclass
class Watch:
    """Moves when somebody sleeps or works."""

    now: float = 100.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Notes how long."""
        self.slept.append(round(seconds, 3))
        self.now += seconds


def refusing(watch: Watch) -> Refusing:
    """Half a second on this watch."""
    return Refusing(0.5, lambda: watch.now, watch.sleep)


@pytest.mark.parametrize("error", [CredentialsRefusedError, TooManyAttemptsError])
@pytest.mark.parametrize(("worked", "slept"), [(0.0, 0.5), (0.1, 0.4), (0.5, 0.0), (2.0, 0.0)])
def test_a_refusal_comes_after_half_a_second(error: type[Exception], worked: float, slept: float) -> None:
    """However fast it was found."""
    watch = Watch()

    def refuse() -> None:
        watch.now += worked
        raise error

    with pytest.raises(error), refusing(watch).evenly():
        refuse()

    assert watch.slept == [slept]


def test_whoever_gets_in_does_not_wait() -> None:
    """Nor does an error that tells nothing about an account."""
    watch = Watch()

    with refusing(watch).evenly():
        watch.now += 0.1
    with pytest.raises(LinkUsedError), refusing(watch).evenly():
        raise LinkUsedError

    assert watch.slept == []
