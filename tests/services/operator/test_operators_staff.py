"""The operator's staff among themselves: invited, joined, deleted; the last one stays."""

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, NotAllowedError, NotSignedInError, SecrecyRequiredError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.roles import OPERATOR
from chalicelib.domain.versions import TERMS_VERSION
from chalicelib.records.installation import Secrecy
from chalicelib.records.publications import published
from chalicelib.records.reading import fetch
from chalicelib.records.team import Team
from chalicelib.services.sign_in.sessions import SignedIn, StaffSession
from chalicelib.services.staff.inviting import Joining
from tests.builders import NETWORK, VISITOR, business, link_to
from tests.services.looking import ledger, stored
from tests.services.operators import operator, ready
from tests.services.trial_sweeps import MemoryFiles
from tests.stage import Stage, stage

RETO = "reto@example.ch"


def invited(on: Stage, session: StaffSession) -> str:
    """The token in the mail."""
    on.services.inviting.invite_colleague(session, email=RETO, language="de", network=NETWORK, repeat=None)
    on.pump()
    assert on.mails()[-1].to == RETO
    return link_to(on, "invitation")


def joined(on: Stage, token: str) -> SignedIn:
    """Reto accepts."""
    joining = Joining(
        given_name="Reto",
        family_name="Bühler",
        phone=None,
        language="de",
        terms_version=TERMS_VERSION,
        notice_version=published()[-1].version,
    )
    return on.services.inviting.accept(token, joining, visitor=VISITOR)


def deleted(on: Stage, by: StaffSession, staff: str) -> None:
    """Somebody leaves the operator."""
    vars(on.services)["files"] = MemoryFiles()
    on.services.deleting_staff.delete(by, staff, hand_over_to=None, network=NETWORK)


def team() -> dict[str, list[str]]:
    """Who works for the operator."""
    held = fetch(Team.ref(INSTALLATION))
    assert held is not None
    return dict(held.members)


def test_who_is_invited_joins_the_operator() -> None:
    """With that role and no other; before they confirm secrecy they can do nothing."""
    with stage() as on:
        session = operator(on)
        opened = joined(on, invited(on, session))

        assert (opened.tenant, opened.portal, opened.roles) == (INSTALLATION, OPERATOR, frozenset({OPERATOR}))
        assert team() == {session.staff: [OPERATOR], opened.staff: [OPERATOR]}
        new = on.services.sessions.authenticate(opened.token)
        with pytest.raises(SecrecyRequiredError):
            on.services.operating.admit(new, early=False, route="GET /v1/trust", network=NETWORK)
        (entry,) = ledger(Action.STAFF_INVITED)
        assert (entry.tenant, entry.actor) == (INSTALLATION, session.staff)


def test_one_deletes_another_and_their_session_ends() -> None:
    """With what they confirmed; the others go on."""
    with stage() as on:
        session = operator(on)
        opened = joined(on, invited(on, session))
        ready(on, opened)

        deleted(on, session, opened.staff)

        assert team() == {session.staff: [OPERATOR]}
        assert {each.subject for each in stored(Secrecy)} == {session.staff}
        with pytest.raises(NotSignedInError):
            on.services.sessions.authenticate(opened.token)


def test_the_last_one_stays() -> None:
    """An installation that nobody operates could not be helped."""
    with stage() as on:
        session = operator(on)

        with pytest.raises(ConflictError):
            deleted(on, session, session.staff)
        assert team() == {session.staff: [OPERATOR]}


def test_an_expert_of_a_business_still_deletes_nobody_else() -> None:
    """The operator's role is what lets in."""
    with stage() as on:
        of = business(on)
        expert = StaffSession(tenant=of.tenant, staff="e" * 32, roles=frozenset({"expert"}), zone="UTC")

        with pytest.raises(NotAllowedError):
            deleted(on, expert, of.expert)
