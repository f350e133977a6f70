"""Who works for a tenant, in one record: in, out, other roles, and whether somebody is left to run it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from chalicelib.domain.roles import ADMIN, EXPERT
from chalicelib.records.reading import fetch
from chalicelib.records.team import Invitation, Team
from chalicelib.records.writing import LostRaceError, Transaction
from tests.records.record_builders import ANNA, BEN, NOW, TENANT, person, store
from tests.records.record_builders import EXPERT as THIRD
from tests.stage import stage

SECOND = timedelta(seconds=1)


def team(**members: Sequence[str]) -> Team:
    """A team of these."""
    ref = Team.ref(TENANT)
    held = Team(ref.pk, ref.sk, zone="Europe/Zurich")
    for staff, roles in members.items():
        held.take_in(staff, set(roles))
    return held


def test_roles_are_kept_by_person() -> None:
    """And come back as they were stored."""
    with stage():
        store(team(**{ANNA: [EXPERT, ADMIN], BEN: [EXPERT]}))
        held = fetch(Team.ref(TENANT))

        assert held is not None
        assert held.members == {ANNA: [ADMIN, EXPERT], BEN: [EXPERT]}
        assert held.admins() == [ANNA]


def test_somebody_gets_other_roles_or_goes() -> None:
    """Others are not touched."""
    held = team(**{ANNA: [ADMIN], BEN: [EXPERT]})
    held.take_in(BEN, {ADMIN, EXPERT})
    assert held.members == {ANNA: [ADMIN], BEN: [ADMIN, EXPERT]}

    held.let_go(ANNA)
    held.let_go(THIRD)
    assert held.members == {BEN: [ADMIN, EXPERT]}


@pytest.mark.parametrize(
    ("members", "others"),
    [
        ({ANNA: [ADMIN]}, False),
        ({ANNA: [ADMIN], BEN: [EXPERT]}, False),
        ({ANNA: [ADMIN], BEN: [ADMIN]}, True),
        ({BEN: [ADMIN, EXPERT]}, True),
        ({}, False),
    ],
    ids=["alone", "with-an-expert", "with-another", "not-one-of-them", "nobody"],
)
def test_whether_somebody_else_runs_it(members: dict[str, list[str]], others: bool) -> None:
    """The last admin can't go."""
    held = team(**members)
    held.members = held.members or {}

    assert held.others_with(ADMIN, than=ANNA) is others


def test_two_admins_cannot_go_at_once() -> None:
    """The second one writes on what is not there any more, and has to look again."""
    with stage():
        store(team(**{ANNA: [ADMIN], BEN: [ADMIN]}))
        first, second = fetch(Team.ref(TENANT)), fetch(Team.ref(TENANT))
        for held, who in ((first, ANNA), (second, BEN)):
            assert held is not None
            held.let_go(who)
        transaction, late = Transaction(), Transaction()
        transaction.update(first)  # type: ignore[arg-type]
        late.update(second)  # type: ignore[arg-type]
        transaction.commit()

        with pytest.raises(LostRaceError):
            late.commit()


@pytest.mark.parametrize(("seconds", "there"), [(-1, True), (0, False), (1, False)])
def test_an_invitation_ends_after_two_days(seconds: int, there: bool) -> None:
    """To the second, in the zone of the business; and stands in no list then."""
    with stage() as on:
        on.clock.now = NOW
        person(on, subject=TENANT)
        ref = Invitation.ref(TENANT, BEN)
        store(
            Invitation(ref.pk, ref.sk, roles={EXPERT}, language="de", invited_at=NOW, invited_by=ANNA, email="x@y.ch")
        )
        on.clock.now = NOW + timedelta(days=2) + seconds * SECOND

        assert (fetch(ref) is not None) is there
        assert [each.id for each in Invitation.all_of(TENANT)] == [BEN] * there
