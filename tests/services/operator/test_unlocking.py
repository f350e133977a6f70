"""The first password is replaced: once, by whoever has it, and nobody learns by trying."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from chalicelib.adapters.argon2 import Argon2Proofs
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, CredentialsRefusedError, TooManyAttemptsError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.visits import Visitor
from chalicelib.records.credentials import Credentials
from chalicelib.records.installation import Installation
from chalicelib.records.reading import fetch
from chalicelib.records.staff import StaffAddress
from tests.builders import NETWORK, VISITOR
from tests.services.aws_calls import aws_calls
from tests.services.looking import ledger, the
from tests.services.operators import FIRST, MAIL, QUICK, SECOND, first_of, founded, unlocking
from tests.stage import Stage, stage

OTHER = b"o" * 32


def replace(on: Stage, **changes: Any) -> None:
    """The right change, unless said otherwise."""
    given = {"email": MAIL, "proof": FIRST, "new_proof": SECOND, "visitor": VISITOR}
    unlocking(on).replace(**{**given, **changes})


def is_open() -> bool:
    """Whether the installation is open."""
    held = fetch(Installation.ref())
    return held is not None and held.opened_at is not None


def kept() -> str:
    """The hash that is kept."""
    return str(the(Credentials).proof_hash)


def test_the_installation_opens_with_the_new_password() -> None:
    """The old one is worth nothing any more; who did it from where stands in the ledger."""
    with stage(opened=False) as on:
        founded(on)
        staff = first_of(on).subject
        on.clock.move(days=3)

        replace(on)

        assert is_open()
        assert the(Installation).opened_at == the(Credentials).changed_at == on.clock.now
        assert QUICK.matches(kept(), SECOND)
        assert not QUICK.matches(kept(), FIRST)
        (entry,) = ledger(*Action)
        assert (entry.action, entry.tenant, entry.actor) == (Action.INSTALLATION_OPENED, INSTALLATION, staff)
        assert (entry.network, entry.at) == (NETWORK, on.clock.now)


@pytest.mark.parametrize("email", [MAIL.upper(), "Betrieb@example.ch"])
def test_an_address_has_no_case(email: str) -> None:
    """As at every sign-in."""
    with stage(opened=False) as on:
        founded(on)
        replace(on, email=email)

        assert is_open()


@pytest.mark.parametrize(
    "wrong",
    [{"email": "jemand@example.ch"}, {"proof": OTHER}, {"new_proof": FIRST}, {"proof": OTHER, "new_proof": OTHER}],
    ids=["another address", "another password", "the same password", "a wrong one twice"],
)
def test_what_is_wrong_is_refused_with_the_same_words(wrong: dict[str, Any]) -> None:
    """Nothing opens, nothing changes, and the attempt stands in the ledger without saying whose it was."""
    with stage(opened=False) as on:
        founded(on)
        before = kept()

        with pytest.raises(CredentialsRefusedError, match=r"^Send the account's address") as refused:
            replace(on, **wrong)

        assert refused.value.field is None
        assert not is_open()
        assert kept() == before
        (entry,) = ledger(*Action)
        assert entry.action is Action.SIGN_IN_REFUSED
        assert not entry.actor
        assert not entry.about


def test_where_no_account_was_made_everything_is_refused() -> None:
    """Neither does an empty installation open, nor does it say that it is empty."""
    with stage(opened=False) as on, pytest.raises(CredentialsRefusedError):
        replace(on)


@pytest.mark.parametrize("email", [MAIL, "jemand@example.ch"], ids=["known", "unknown"])
def test_every_refusal_takes_the_slow_comparison_and_the_same_reads(email: str) -> None:
    """So that the time tells nothing either."""
    with stage(opened=False) as on:
        founded(on)
        with (
            mock.patch.object(Argon2Proofs, "matches", return_value=False) as compared,
            mock.patch("chalicelib.services.operator.unlocking.fetch", wraps=fetch) as read,
            pytest.raises(CredentialsRefusedError),
        ):
            replace(on, email=email)

        assert compared.call_count == 1
        assert [call.args[0].record for call in read.call_args_list] == [Installation, StaffAddress, Credentials]


def test_it_works_once() -> None:
    """Afterwards not even the new password does anything here."""
    with stage(opened=False) as on:
        founded(on)
        replace(on)
        before = kept()

        for given in ({}, {"proof": SECOND, "new_proof": OTHER}):
            with pytest.raises(ConflictError, match="is open"):
                replace(on, **given)

        assert kept() == before
        assert len(ledger(*Action)) == 1


def test_two_at_once_open_it_with_one_password() -> None:
    """Whoever comes second, after both proved the first one, is told that it is open."""
    with stage(opened=False) as on:
        founded(on)
        really = Argon2Proofs.hash

        def after_another(hasher: Argon2Proofs, proof: bytes) -> str:
            with mock.patch.object(Argon2Proofs, "hash", really):
                replace(on)
            return really(hasher, proof)

        with mock.patch.object(Argon2Proofs, "hash", after_another), pytest.raises(ConflictError):
            replace(on, new_proof=OTHER)

        assert QUICK.matches(kept(), SECOND)
        assert len(ledger(Action.INSTALLATION_OPENED)) == 1


@pytest.mark.parametrize(("later", "admitted"), [(-1, False), (0, True), (1, True)])
def test_three_attempts_in_five_minutes_are_enough(later: int, admitted: bool) -> None:
    """From one address; the right password does not help before its time."""
    with stage(opened=False) as on:
        founded(on)
        for _ in range(3):
            with pytest.raises(CredentialsRefusedError):
                replace(on, proof=OTHER)
        on.clock.now += timedelta(minutes=5, seconds=later)

        if admitted:
            replace(on)
        else:
            with pytest.raises(TooManyAttemptsError):
                replace(on)
            replace(on, visitor=Visitor.of("192.0.2.1", ""))
        assert is_open()


def test_every_address_makes_the_same_calls() -> None:
    """In a process that has just begun, too: neither number nor order tells which address is the account's."""
    with stage(opened=False) as on:
        founded(on)

        def calls(email: str, number: int) -> list[str]:
            on.vault.forget(INSTALLATION)
            with aws_calls(on) as made, pytest.raises(CredentialsRefusedError):
                replace(on, email=email, proof=OTHER, visitor=Visitor.of(f"10.0.{number}.1", ""))
            return made

        calls(MAIL, 1)  # the first of a day makes the key of the day

        assert calls(MAIL, 2) == calls("fremd@example.ch", 3)
