"""The gate in front of an installation: closed until the first password is replaced, and asked about no more after."""

from unittest import mock

import pytest

from chalicelib.domain.errors import SetupRequiredError
from chalicelib.records.installation import Installation
from chalicelib.records.reading import fetch
from chalicelib.records.writing import Transaction
from chalicelib.services.operator import opening as module
from chalicelib.services.operator.opening import Opening
from tests.builders import VISITOR
from tests.services.operators import FIRST, MAIL, SECOND, founded, unlocking
from tests.stage import Stage, stage


def open_it(on: Stage) -> None:
    """The first password is replaced."""
    unlocking(on).replace(email=MAIL, proof=FIRST, new_proof=SECOND, visitor=VISITOR)


def test_it_is_closed_before_there_is_an_account() -> None:
    """A deployment whose last step was forgotten does nothing either."""
    with stage(opened=False) as on, pytest.raises(SetupRequiredError, match="/first-password"):
        on.services.opening.check()


def test_it_is_closed_until_the_password_is_replaced() -> None:
    """And open from then on, in the process that said no before."""
    with stage(opened=False) as on:
        founded(on)
        with pytest.raises(SetupRequiredError):
            on.services.opening.check()

        open_it(on)

        on.services.opening.check()
        assert on.services.opening.is_open()


def test_a_process_asks_until_it_is_open_and_never_again() -> None:
    """Once open, always open: calls to a warm process pay nothing for the gate."""
    with stage(opened=False) as on, mock.patch.object(module, "fetch", wraps=fetch) as asked:
        gate = Opening()
        founded(on)
        for _ in range(2):
            assert not gate.is_open()
        assert asked.call_count == 2

        open_it(on)
        for _ in range(3):
            gate.check()

        assert asked.call_count == 3
        assert asked.call_args.kwargs == {"consistent": True}


def test_a_stage_is_open_unless_told_otherwise() -> None:
    """Tests of everything else need no first password."""
    with stage() as on:
        on.services.opening.check()


def test_an_installation_that_was_never_opened_has_no_instant() -> None:
    """The record alone opens nothing."""
    with stage(opened=False) as on:
        ref = Installation.ref()
        transaction = Transaction()
        transaction.create(Installation(ref.pk, ref.sk))
        transaction.commit()

        assert not on.services.opening.is_open()
