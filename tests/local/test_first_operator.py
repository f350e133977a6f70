"""The last step of a deployment, as a command: it makes the account with the program's own code, and tells once."""

import re

import pytest

from chalicelib.domain.passwords import proof_of
from chalicelib.records.credentials import Credentials
from chalicelib.records.installation import Installation
from chalicelib.records.staff import Staff
from chalicelib.services.sign_in.password_sign_in import salt_of
from infra.tools import first_operator
from tests.builders import VISITOR
from tests.services.looking import stored, the
from tests.services.operators import QUICK, SECOND, unlocking
from tests.stage import Stage, settings, stage

TOLD = re.compile(r"account: +(\S+)\nOne-time password: +(\S+)\n")


def run(on: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """What the command prints on a stage."""
    vars(on.services)["hasher"] = QUICK
    monkeypatch.setattr(first_operator, "deployed", lambda **_: on.services)
    assert first_operator.main(["--stage", "prod", *more]) == 0
    return capsys.readouterr().out


def told(printed: str) -> tuple[str, str]:
    """Address and password."""
    found = TOLD.search(printed)
    assert found is not None, printed
    return found.group(1), found.group(2)


def test_it_tells_address_and_password_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With which the installation opens; a second run prints neither."""
    with stage(opened=False) as on:
        address, password = told(run(on, monkeypatch, capsys))
        again = run(on, monkeypatch, capsys)

        assert address == the(Staff).email == settings().controller_mail
        assert TOLD.search(again) is None
        assert "made before" in again
        assert len(stored(Installation)) == 1
        proof = proof_of(password, salt=salt_of(on.vault, address))
        unlocking(on).replace(email=address, proof=proof, new_proof=SECOND, visitor=VISITOR)
        assert on.services.opening.is_open()


def test_the_address_is_chosen_by_a_parameter(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unless it is left empty."""
    with stage(opened=False) as on:
        object.__setattr__(on.services, "settings", settings(operator_mail="betrieb@example.ch"))

        assert told(run(on, monkeypatch, capsys))[0] == the(Staff).email == "betrieb@example.ch"


def test_a_lost_password_is_replaced_on_demand(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As long as the installation is not open."""
    with stage(opened=False) as on:
        address, lost = told(run(on, monkeypatch, capsys))
        _, found = told(run(on, monkeypatch, capsys, "--again"))
        proofs = [proof_of(each, salt=salt_of(on.vault, address)) for each in (lost, found)]

        kept = str(the(Credentials).proof_hash)
        assert [QUICK.matches(kept, proof) for proof in proofs] == [False, True]
        unlocking(on).replace(email=address, proof=proofs[1], new_proof=SECOND, visitor=VISITOR)
        assert TOLD.search(run(on, monkeypatch, capsys, "--again")) is None


def test_passwords_can_not_be_guessed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """30 letters out of 32, none of which looks like another, anew each time: 150 bits."""
    assert len(set(first_operator._LETTERS)) == len(first_operator._LETTERS) == 32
    seen = set()
    for _ in range(3):
        with stage(opened=False) as on:
            seen.add(told(run(on, monkeypatch, capsys))[1])

    assert len(seen) == 3
    assert all(re.fullmatch(r"(?:[a-km-np-z2-9]{5}-){5}[a-km-np-z2-9]{5}", each) for each in seen)
