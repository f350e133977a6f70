"""Whoever stopped to run a business while their request was on its way does nothing more there."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.errors import NotAllowedError
from chalicelib.domain.scopes import SERVICES_READ
from chalicelib.records.api_key import ApiKey
from chalicelib.records.team import Invitation, Team
from chalicelib.services.sign_in.sessions import StaffSession
from chalicelib.services.tenancy.api_keys import WantedKey
from tests.builders import NETWORK, Business
from tests.services.colleagues import colleague
from tests.services.looking import stored, the
from tests.services.meddling import before_commit
from tests.services.prepared import open_business
from tests.stage import Stage

CLEO = "cleo@praxis-brunner.example"
Deed = Callable[[Stage, StaffSession, str], object]


def _invite(on: Stage, by: StaffSession, _: str) -> None:
    on.services.inviting.invite(by, email=CLEO, roles={"admin"}, language="de", network=NETWORK, repeat=None)


def _make_key(on: Stage, by: StaffSession, _: str) -> None:
    until = on.clock.now + timedelta(days=20)
    wanted = WantedKey(label="Website", scopes=frozenset({SERVICES_READ}), valid_until=until)
    on.services.api_keys.create(by, wanted, network=NETWORK)


def _give_roles(on: Stage, by: StaffSession, other: str) -> None:
    on.services.teams.give_roles(by, other, {"admin", "expert"}, version=None, network=NETWORK)


def _delete(on: Stage, by: StaffSession, other: str) -> None:
    on.services.deleting_staff.delete(by, other, hand_over_to=None, network=NETWORK)


def _deleted(on: Stage, of: Business, beat: StaffSession) -> None:
    _delete(on, of.session, beat.staff)


def _demoted(on: Stage, of: Business, beat: StaffSession) -> None:
    on.services.teams.give_roles(of.session, beat.staff, {"expert"}, version=None, network=NETWORK)


@pytest.mark.parametrize("gone", [_deleted, _demoted], ids=["deleted", "demoted"])
@pytest.mark.parametrize("deed", [_invite, _make_key, _give_roles, _delete], ids=lambda each: each.__name__[1:])
def test_the_deed_of_who_was_an_admin_when_the_call_began(
    deed: Deed, gone: Callable[[Stage, Business, StaffSession], None]
) -> None:
    """It loses the race, reads anew who runs the business, and is refused."""
    with open_business() as (on, of):
        beat = colleague(on, of, roles=("admin", "expert"))
        cleo = colleague(on, of, CLEO)
        before = len(stored(Invitation)), len(stored(ApiKey))

        with pytest.raises(NotAllowedError), before_commit(lambda: gone(on, of, beat), least=1):
            deed(on, beat, cleo.staff)

        assert the(Team).members[cleo.staff] == ["expert"]
        assert (len(stored(Invitation)), len(stored(ApiKey))) == before


def test_of_two_admins_who_delete_each_other_at_once_one_stays() -> None:
    """Even where a third one would be left."""
    with open_business() as (on, of):
        beat = colleague(on, of, roles=("admin", "expert"))
        cleo = colleague(on, of, CLEO, roles=("admin", "expert"))

        with pytest.raises(NotAllowedError), before_commit(lambda: _deleted(on, of, beat), least=1):
            _delete(on, beat, of.expert)

        assert set(the(Team).members) == {of.expert, cleo.staff}
