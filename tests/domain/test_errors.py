"""Errors: each caller's error has a status, a name and words of its own, and none carries a value."""

from collections.abc import Iterator

import pytest

from chalicelib.domain import errors
from chalicelib.domain.errors import (
    CallerError,
    ChangedMeanwhileError,
    InvalidInputError,
    KeyDestroyedError,
    OutcomeUnknownError,
    ProviderError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RecipientRefusedError,
    TryAgainError,
    ZusageError,
)

PROVIDERS = [ProviderUnavailableError, ProviderMisconfiguredError, RecipientRefusedError, OutcomeUnknownError]


def below(kind: type[ZusageError]) -> Iterator[type[ZusageError]]:
    """All kinds of an error that domain.errors declares, itself included."""
    yield kind
    for each in kind.__subclasses__():
        if each.__module__ == errors.__name__:
            yield from below(each)


CALLER = [kind for kind in below(CallerError) if issubclass(kind, CallerError)]


@pytest.mark.parametrize("kind", CALLER)
def test_callers_errors_are_of_the_400s(kind: type[CallerError]) -> None:
    """The caller can mend it, so it is never the server's fault; and without a remedy the title speaks."""
    error = kind()

    assert 400 <= error.status < 500
    assert str(error) == error.title != ""
    assert (error.remedy, error.field) == ("", None)


def test_every_callers_error_has_a_name_of_its_own() -> None:
    """Programs tell problems apart by the slug: it is declared, spelled for URLs, and never shared."""
    slugs = [kind.__dict__.get("slug", "") for kind in CALLER]

    assert len(slugs) == len(set(slugs)) > 10
    assert all(slug and slug.replace("-", "").isalpha() and slug.islower() for slug in slugs)


def test_a_remedy_and_a_field() -> None:
    """What to do, and which part of the input it is about."""
    error = InvalidInputError("Give a time in the future.", field="starts_at")

    assert str(error) == error.remedy == "Give a time in the future."
    assert error.field == "starts_at"


def test_try_again() -> None:
    """Nothing was decided: 503 and the seconds to wait, also for what changed meanwhile."""
    assert (TryAgainError().status, TryAgainError().retry_after) == (503, 1)
    assert TryAgainError(retry_after=7).retry_after == 7
    assert isinstance(ChangedMeanwhileError(), TryAgainError)
    assert not isinstance(TryAgainError(), CallerError)


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_providers_error_tells_its_code_only(kind: type[ProviderError]) -> None:
    """Providers' texts name people; their codes don't."""
    assert str(kind("twilio", "21610")) == "twilio: 21610"
    assert str(kind("twilio")) == f"twilio: {kind.__name__}"
    assert (kind("twilio", "21610").provider, kind("twilio", "21610").code) == ("twilio", "21610")


def test_a_refused_recipient_is_suppressed_only_if_said_so() -> None:
    """A refusal may be about this message alone."""
    assert RecipientRefusedError("twilio", "1").suppress is False
    assert RecipientRefusedError("twilio", "1", suppress=True).suppress is True


def test_the_families_do_not_overlap() -> None:
    """What is handled as one kind is never also another."""
    families = [CallerError, TryAgainError, ProviderError, KeyDestroyedError]

    for kind in below(ZusageError):
        assert issubclass(kind, ZusageError)
        assert sum(issubclass(kind, family) for family in families) == (kind is not ZusageError)
