"""Invitations: sent, seen, revoked, accepted once, and silent about who is known."""

from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    LinkExpiredError,
    LinkInvalidError,
    LinkUsedError,
    NotFoundError,
    ReadOnlyError,
)
from chalicelib.records.keys import SubjectKey
from chalicelib.records.notification import Notification
from chalicelib.records.staff import Acceptance, Staff, StaffAddress
from chalicelib.records.team import Invitation, Team
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services._not_sent import NotToBeSent
from chalicelib.services.repeating import Repeatable
from chalicelib.services.staff.inviting import MOST_OPEN
from tests.builders import NETWORK, VISITOR, link_to, registered
from tests.services.colleagues import BEAT, invited, joining
from tests.services.looking import ledger, messages, stored, the
from tests.services.meddling import before_commit, calls
from tests.services.prepared import open_business
from tests.stage import Stage


def roles_of(staff: str, tenant: str) -> object:
    """As the team has them."""
    return next(each for each in stored(Team) if each.tenant == tenant).members[staff]


def test_who_is_invited_gets_a_mail_from_the_business() -> None:
    """To the address alone: no name is known yet."""
    with open_business() as (on, of):
        on.services.inviting.invite(
            of.session, email=BEAT, roles={"expert"}, language="en", network=NETWORK, repeat=None
        )
        on.pump()

        mail = on.mails()[-1]
        assert (mail.to, mail.to_name) == (BEAT, "")
        assert "Praxis Brunner invites you" in mail.text
        (entry,) = ledger(Action.STAFF_INVITED)
        assert (entry.actor, entry.thing) == (of.expert, the(Invitation).id)
        assert BEAT not in str(the(Invitation).serialize())


def test_the_holder_of_the_link_sees_who_invites() -> None:
    """And as what, before giving anything."""
    with open_business() as (on, of):
        offered = on.services.inviting.offered(invited(on, of.session, roles=("admin", "expert")))

        assert offered.business == "Praxis Brunner"
        assert set(offered.invitation.roles) == {"admin", "expert"}


def test_who_accepts_is_staff_and_signed_in() -> None:
    """Person, address, acceptance and place in the team, in one transaction; the invitation is gone."""
    with open_business() as (on, of):
        invitation = the_id(on, invited(on, of.session))
        signed_in = on.services.inviting.accept(link_to(on, "invitation"), joining(), visitor=VISITOR)

        caller = on.services.sessions.authenticate(signed_in.token)
        assert (caller.tenant, caller.staff) == (of.tenant, invitation)
        assert caller.roles == {"expert"}
        staff = next(each for each in stored(Staff) if each.subject == invitation)
        assert (staff.given_name, staff.email, staff.phone) == ("Beat", BEAT, "+41795550199")
        assert roles_of(invitation, of.tenant) == ["expert"]
        assert stored(Invitation) == []
        assert [each.of_staff for each in stored(StaffAddress)].count(invitation) == 1
        assert [each.subject for each in stored(Acceptance)].count(invitation) == 1
        (entry,) = ledger(Action.STAFF_JOINED)
        assert entry.actor == invitation


def the_id(on: Stage, token: str) -> str:
    """Whose invitation it is."""
    return on.services.inviting.offered(token).invitation.id


def test_an_invitation_works_once() -> None:
    """The second time there is none any more."""
    with open_business() as (on, of):
        token = invited(on, of.session)
        on.services.inviting.accept(token, joining(), visitor=VISITOR)

        with pytest.raises(LinkUsedError):
            on.services.inviting.accept(token, joining(), visitor=VISITOR)
        with pytest.raises(LinkUsedError):
            on.services.inviting.offered(token)


def test_two_at_once_make_one_member() -> None:
    """The slower one hears that the link was used."""
    with open_business() as (on, of):
        token = invited(on, of.session)

        def other() -> None:
            on.services.inviting.accept(token, joining(given_name="Other"), visitor=VISITOR)

        with before_commit(other), pytest.raises(LinkUsedError):
            on.services.inviting.accept(token, joining(), visitor=VISITOR)

        on.vault.forget(of.tenant)
        assert [each.given_name for each in stored(Staff) if each.subject != of.expert] == ["Other"]
        assert len(the(Team).members) == 2


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_an_invitation_is_good_for_two_days(seconds: int, good: bool) -> None:
    """Counted from when it was sent."""
    with open_business() as (on, of):
        token = invited(on, of.session)
        on.clock.now += timedelta(days=2, seconds=seconds)

        if good:
            on.services.inviting.accept(token, joining(), visitor=VISITOR)
        else:
            with pytest.raises(LinkExpiredError):
                on.services.inviting.accept(token, joining(), visitor=VISITOR)
        assert len(the(Team).members) == (2 if good else 1)


def test_a_revoked_invitation_is_void_at_once() -> None:
    """A mail that was not sent yet is not sent any more."""
    with open_business() as (on, of):
        token = invited(on, of.session)
        (notification,) = messages("invitation")
        on.services.inviting.revoke(of.session, the(Invitation).id, network=NETWORK)

        with pytest.raises(LinkUsedError):
            on.services.inviting.accept(token, joining(), visitor=VISITOR)
        with pytest.raises(NotToBeSent, match="gone"):
            on.composing.compose(notification)
        (entry,) = ledger(Action.INVITATION_REVOKED)
        assert entry.actor == of.expert


def test_what_is_gone_can_not_be_revoked() -> None:
    """Nor what another business sent."""
    with open_business() as (on, of):
        other = on.services.sessions.authenticate(registered(on, email="x@andere.example").token)
        invited(on, of.session)

        with pytest.raises(NotFoundError):
            on.services.inviting.revoke(other, the(Invitation).id, network=NETWORK)
        assert len(stored(Invitation)) == 1


def test_a_link_for_something_else_is_none() -> None:
    """A link to sign in accepts nothing."""
    with open_business() as (on, _):
        on.services.signing_in.ask_for_link("regula@praxis-brunner.example", network=NETWORK)
        on.pump()

        with pytest.raises(LinkInvalidError):
            on.services.inviting.accept(link_to(on, "sign-in"), joining(), visitor=VISITOR)


def test_inviting_does_not_tell_whether_an_address_is_known() -> None:
    """The same calls, the same outcome, and a mail either way."""
    made = {}
    for company in (BEAT, "x@andere.example"):
        with open_business() as (on, of):
            registered(on, email=company, company="Andere")
            with calls() as made[company]:
                invitation = on.services.inviting.invite(
                    of.session, email=BEAT, roles={"expert"}, language="de", network=NETWORK, repeat=None
                )
            on.pump()

            assert invitation.email == on.mails()[-1].to == BEAT
    assert made[BEAT] == made["x@andere.example"]


def test_who_has_an_account_learns_that_when_accepting() -> None:
    """They read the mail to that address; nothing is changed."""
    with open_business() as (on, of):
        registered(on, email=BEAT, company="Andere")
        token = invited(on, of.session, BEAT.upper())

        with pytest.raises(ConflictError):
            on.services.inviting.accept(token, joining(), visitor=VISITOR)

        assert len(stored(Invitation)) == 1
        assert len(next(each for each in stored(Team) if each.tenant == of.tenant).members) == 1


def test_an_address_that_is_claimed_meanwhile_is_noticed() -> None:
    """By the claim, not by a look at an index."""
    with open_business() as (on, of):
        token = invited(on, of.session)

        with before_commit(lambda: registered(on, email=BEAT, company="Andere")), pytest.raises(ConflictError):
            on.services.inviting.accept(token, joining(), visitor=VISITOR)


def test_at_most_twenty_are_open() -> None:
    """Also when two are sent at once."""
    with open_business() as (on, of):

        def send(number: int) -> None:
            on.services.inviting.invite(
                of.session, email=f"n{number}@x.example", roles={"expert"}, language="de", network=NETWORK, repeat=None
            )

        for number in range(MOST_OPEN - 1):
            send(number)
        with before_commit(lambda: send(98)), pytest.raises(ConflictError):
            send(99)

        assert len(stored(Invitation)) == MOST_OPEN == 20
        on.clock.move(days=2)
        send(100)


def test_the_same_request_invites_once() -> None:
    """By its Idempotency-Key."""
    with open_business() as (on, of):
        repeat = Repeatable(scope="invitation", key="k" * 8, fingerprint="f")
        first, second = (
            on.services.inviting.invite(
                of.session, email=BEAT, roles={"expert"}, language="de", network=NETWORK, repeat=repeat
            )
            for _ in range(2)
        )

        assert first.id == second.id
        assert len(stored(Invitation)) == len(messages("invitation")) == 1


def test_a_list_of_those_that_wait() -> None:
    """With their addresses, so the look is noted."""
    with open_business() as (on, of):
        invited(on, of.session)

        assert [each.email for each in on.services.inviting.invitations(of.session, network=NETWORK)] == [BEAT]
        assert len(ledger(Action.TEAM_READ)) == 1
        on.clock.move(days=2)
        assert on.services.inviting.invitations(of.session, network=NETWORK) == []


def test_nobody_joins_a_business_that_is_over() -> None:
    """Not after the trial, nor after it was cancelled."""
    with open_business() as (on, of):
        token = invited(on, of.session)
        tenant = the(Tenant)
        tenant.cancelled_at = on.clock.now
        transaction = Transaction()
        transaction.update(tenant)
        transaction.commit()

        with pytest.raises(ReadOnlyError):
            on.services.inviting.accept(token, joining(), visitor=VISITOR)


def test_other_versions_are_not_accepted() -> None:
    """As at registration."""
    with open_business() as (on, of):
        token = invited(on, of.session)

        with pytest.raises(InvalidInputError):
            on.services.inviting.accept(token, joining(notice_version="2020-01-01"), visitor=VISITOR)


def test_an_unanswered_invitation_leaves_nothing_of_the_person() -> None:
    """The sweep removes it; what is left of the message says nothing of anybody, and ends in a week."""
    with open_business() as (on, of):
        invited(on, of.session)
        on.clock.move(days=7, seconds=1)
        on.services.sweeping.run()

        assert stored(Invitation) == []
        assert [each for each in stored(Notification) if each.message == "invitation"] == []
        assert len(stored(SubjectKey)) == 2
