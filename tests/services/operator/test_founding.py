"""The operator's first account: made once, all of it or nothing."""

from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.roles import OPERATOR
from chalicelib.domain.tenancy import Standing
from chalicelib.records import writing
from chalicelib.records._tables import RecordsTable
from chalicelib.records.credentials import Credentials
from chalicelib.records.installation import Installation
from chalicelib.records.keys import SubjectKey, TenantKey
from chalicelib.records.reading import fetch
from chalicelib.records.staff import StaffAddress
from chalicelib.records.team import Team
from chalicelib.records.tenant import Tenant
from chalicelib.services.sign_in.asking import STAFF_ADDRESS
from chalicelib.services.sign_in.password_sign_in import salt_of
from tests.builders import VISITOR
from tests.services.looking import ledger, raw, stored, the
from tests.services.operators import FIRST, MAIL, QUICK, SECOND, ZUSAGE, first_of, founded, founding, unlocking
from tests.stage import Stage, stage


def test_everything_that_an_account_needs_is_there() -> None:
    """Business, team, person, address, credentials, keys; and an installation that is not open."""
    with stage(opened=False) as on:
        founded(on)
        staff = first_of(on)
        tenant, team = fetch(Tenant.ref(INSTALLATION)), fetch(Team.ref(INSTALLATION))
        address = fetch(StaffAddress.ref(on.vault.index(INSTALLATION, STAFF_ADDRESS, MAIL)))
        installation = fetch(Installation.ref())

        assert tenant is not None
        assert (tenant.company, tenant.contact_mail) == ("Zusage", MAIL)
        assert tenant.unconfirmed_since is None
        assert team is not None
        assert team.members == {staff.subject: [OPERATOR]}
        assert (staff.roles, staff.email) == ({OPERATOR}, MAIL)
        assert staff.expires_at is None
        assert address is not None
        assert (address.of_tenant, address.of_staff) == (INSTALLATION, staff.subject)
        assert installation is not None
        assert installation.opened_at is None
        assert installation.expires_at is None
        assert fetch(TenantKey.ref(INSTALLATION)) is not None
        assert {each.sk for each in stored(SubjectKey)} == {f"SUBJECT#{of}" for of in (INSTALLATION, staff.subject)}


def test_the_operator_never_ends_by_itself() -> None:
    """It is on a plan: no trial runs out, and no notice of that is due."""
    with stage(opened=False) as on:
        founded(on)
        on.clock.move(days=10_000)
        tenant = fetch(Tenant.ref(INSTALLATION))

        assert tenant is not None
        assert tenant.tenancy.standing(on.clock.now) is Standing.ON_PLAN


def test_what_is_kept_is_made_of_the_proof() -> None:
    """Which was asked for with the salt that the browser is told for this address."""
    with stage(opened=False) as on:
        asked: list[bytes] = []

        def prove(salt: bytes) -> bytes:
            asked.append(salt)
            return FIRST

        founding(on).found(ZUSAGE, prove=prove)
        credentials = fetch(Credentials.ref(INSTALLATION, first_of(on).subject))

        assert asked == [salt_of(on.vault, MAIL)]
        assert credentials is not None
        assert credentials.proof_hash is not None
        assert QUICK.matches(credentials.proof_hash, FIRST)
        assert not QUICK.matches(credentials.proof_hash, SECOND)
        assert credentials.changed_at is None


def test_a_second_run_changes_nothing() -> None:
    """It says so, and asks for no password."""
    with stage(opened=False) as on:
        founded(on)
        before = raw(RecordsTable)

        again = founding(on).found(ZUSAGE, prove=lambda _: pytest.fail("no password is made for nothing"))

        assert again is False
        assert raw(RecordsTable) == before


def test_two_at_once_make_one_account() -> None:
    """Whoever comes second, after both looked, is told that there is one; the first password goes on to work."""
    with stage(opened=False) as on:

        def while_another_does(_: bytes) -> bytes:
            founded(on)
            return SECOND

        assert founding(on).found(ZUSAGE, prove=while_another_does) is False
        credentials = fetch(Credentials.ref(INSTALLATION, first_of(on).subject))
        assert credentials is not None
        assert QUICK.matches(str(credentials.proof_hash), FIRST)


def test_a_crash_leaves_nothing_but_a_key_that_the_next_run_uses() -> None:
    """Whether it is lost before or after the transaction: then the next run makes the account, or finds it."""
    with stage(opened=False) as on:
        with mock.patch.object(writing.Transaction, "commit", side_effect=_Crash), pytest.raises(_Crash):
            founding(on).found(ZUSAGE, prove=lambda _: FIRST)
        assert fetch(Installation.ref()) is None
        assert fetch(Team.ref(INSTALLATION)) is None

        _forgotten(on)
        founded(on)
        assert first_of(on).email == MAIL


class _Crash(BaseException):
    """The process ends."""


def _forgotten(on: Stage) -> None:
    on.vault.forget(INSTALLATION)


def test_nothing_is_noted_that_nobody_did() -> None:
    """The deployment has no name in the ledger; opening the installation has."""
    with stage(opened=False) as on:
        founded(on)

        assert ledger(*Action) == []


def test_a_lost_password_is_replaced_by_another_one() -> None:
    """As long as it was not replaced by its owner; the lost one is worth nothing any more."""
    with stage(opened=False) as on:
        founded(on)

        assert founding(on).renew(prove=lambda salt: SECOND if salt == salt_of(on.vault, MAIL) else FIRST)

        kept = str(the(Credentials).proof_hash)
        assert (QUICK.matches(kept, FIRST), QUICK.matches(kept, SECOND)) == (False, True)


def test_nothing_is_renewed_once_the_installation_is_open() -> None:
    """Nor where there is no account: whoever deploys could take over the account of somebody else."""
    with stage(opened=False) as on:
        assert not founding(on).renew(prove=lambda _: SECOND)
        founded(on)
        unlocking(on).replace(email=MAIL, proof=FIRST, new_proof=SECOND, visitor=VISITOR)
        before = raw(RecordsTable)

        assert not founding(on).renew(prove=lambda _: FIRST)
        assert raw(RecordsTable) == before


def test_an_installation_that_opens_meanwhile_keeps_its_password() -> None:
    """The one that its owner chose."""
    with stage(opened=False) as on:
        founded(on)

        def while_it_opens(_: bytes) -> bytes:
            unlocking(on).replace(email=MAIL, proof=FIRST, new_proof=SECOND, visitor=VISITOR)
            return FIRST

        assert not founding(on).renew(prove=while_it_opens)
        assert QUICK.matches(str(the(Credentials).proof_hash), SECOND)
