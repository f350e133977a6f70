"""The team: who is in it, what they may do, and that somebody always runs the business."""

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from chalicelib.domain.errors import VersionMismatchError as Changed
from chalicelib.records.staff import Staff
from chalicelib.records.team import Team
from tests.builders import NETWORK, registered
from tests.services.colleagues import colleague, joined
from tests.services.looking import ledger, stored, the
from tests.services.meddling import before_commit
from tests.services.prepared import open_business


def test_admins_see_everybody_and_the_look_is_noted() -> None:
    """The longest first."""
    with open_business() as (on, of):
        on.clock.move(hours=1)
        beat = colleague(on, of)

        seen = on.services.teams.members(of.session, network=NETWORK)

        assert [each.subject for each in seen.present] == [of.expert, beat.staff]
        assert seen.present[1].display_name == "Beat Zürcher"
        assert list(seen.leaving) == []
        (entry,) = ledger(Action.TEAM_READ)
        assert (entry.actor, entry.network) == (of.expert, NETWORK)


def test_other_roles_hold_from_the_next_call_on() -> None:
    """In the member's record and in the team's, which say the same."""
    with open_business() as (on, of):
        beat = joined(on, of.session, roles=("admin", "expert"))
        on.services.teams.give_roles(of.session, beat.staff, {"expert"}, version=None, network=NETWORK)

        with pytest.raises(NotAllowedError):  # signed in to the admins' portal
            on.services.sessions.authenticate(beat.token)
        assert the(Team).members[beat.staff] == ["expert"]
        assert {each.subject: set(each.roles) for each in stored(Staff)}[beat.staff] == {"expert"}
        (entry,) = ledger(Action.ROLES_CHANGED)
        assert (entry.actor, entry.about) == (of.expert, beat.staff)


def test_the_last_admin_stays_one() -> None:
    """Whoever asks."""
    with open_business() as (on, of):
        colleague(on, of)

        with pytest.raises(ConflictError):
            on.services.teams.give_roles(of.session, of.expert, {"expert"}, version=None, network=NETWORK)

        assert the(Team).admins() == [of.expert]
        assert ledger(Action.ROLES_CHANGED) == []


def test_two_admins_who_take_the_role_from_each_other_at_once_leave_one() -> None:
    """The slower one reads again and is told."""
    with open_business() as (on, of):
        beat = colleague(on, of, roles=("admin",))

        def other() -> None:
            on.services.teams.give_roles(beat, of.expert, {"expert"}, version=None, network=NETWORK)

        with before_commit(other) as meddled, pytest.raises(NotAllowedError):
            on.services.teams.give_roles(of.session, beat.staff, {"expert"}, version=None, network=NETWORK)

        assert meddled
        assert the(Team).admins() == [beat.staff]


@pytest.mark.parametrize("roles", [set(), {"operator"}, {"admin", "owner"}], ids=["none", "operator", "unknown"])
def test_only_roles_of_a_business_can_be_given(roles: set[str]) -> None:
    """Nobody makes themselves an operator."""
    with open_business() as (on, of), pytest.raises(InvalidInputError):
        on.services.teams.give_roles(of.session, of.expert, roles, version=None, network=NETWORK)


def test_a_change_on_an_older_version_is_refused() -> None:
    """As everywhere."""
    with open_business() as (on, of):
        beat = colleague(on, of)
        on.services.teams.give_roles(of.session, beat.staff, {"admin"}, version=1, network=NETWORK)

        with pytest.raises(Changed):
            on.services.teams.give_roles(of.session, beat.staff, {"expert"}, version=1, network=NETWORK)


def test_staff_of_another_business_is_nobody() -> None:
    """Neither seen nor changed."""
    with open_business() as (on, of):
        other = registered(on, email="x@andere.example")

        with pytest.raises(NotFoundError):
            on.services.teams.give_roles(of.session, other.staff, {"expert"}, version=None, network=NETWORK)
        assert len(on.services.teams.members(of.session, network=NETWORK).present) == 1
