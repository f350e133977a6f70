"""People who work for a business beside the one who registered it, and what they need."""

from typing import Any

from chalicelib.domain.versions import TERMS_VERSION
from chalicelib.records.publications import published
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.sessions import SignedIn, StaffSession
from chalicelib.services.staff.inviting import Joining
from tests.builders import NETWORK, VISITOR, Business, link_to, weekdays
from tests.stage import Stage

BEAT = "beat@praxis-brunner.example"


def joining(**changes: Any) -> Joining:
    """What Beat gives to join."""
    values = {
        "given_name": "Beat",
        "family_name": "Zürcher",
        "phone": "+41795550199",
        "language": "de",
        "terms_version": TERMS_VERSION,
        "notice_version": published()[-1].version,
    }
    return Joining(**{**values, **changes})


def invited(on: Stage, by: StaffSession, email: str = BEAT, *, roles: tuple[str, ...] = ("expert",)) -> str:
    """The token in the mail to somebody who was just invited."""
    on.services.inviting.invite(by, email=email, roles=set(roles), language="de", network=NETWORK, repeat=None)
    on.pump()
    return link_to(on, "invitation")


def joined(on: Stage, by: StaffSession, email: str = BEAT, *, roles: tuple[str, ...] = ("expert",)) -> SignedIn:
    """A colleague who accepted."""
    token = invited(on, by, email, roles=roles)
    return on.services.inviting.accept(token, joining(), visitor=VISITOR)


def colleague(on: Stage, of: Business, email: str = BEAT, *, roles: tuple[str, ...] = ("expert",)) -> StaffSession:
    """The session of a colleague."""
    return on.services.sessions.authenticate(joined(on, of.session, email, roles=roles).token)


def working(on: Stage, of: Business, email: str = BEAT, *, roles: tuple[str, ...] = ("expert",)) -> StaffSession:
    """A colleague with hours, who does the service of the business as well."""
    session = colleague(on, of, email, roles=roles)
    on.services.offering.set_availability(session, session.staff, weekdays(), version=None, network=NETWORK)
    held = on.services.offering.services(of.session, network=NETWORK)[0]
    held.experts = {*held.experts, session.staff}
    transaction = Transaction()
    transaction.update(held)
    transaction.commit()
    return session
