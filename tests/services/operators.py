"""The operator's first account on a stage: made, its password replaced, signed in, secrecy confirmed."""

from hashlib import sha256

from chalicelib.adapters.argon2 import Argon2Proofs
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.roles import OPERATOR
from chalicelib.messages.secrecy_words import SECRECY_VERSION
from chalicelib.records.reading import fetch
from chalicelib.records.staff import Staff
from chalicelib.records.team import Team
from chalicelib.records.writing import Transaction
from chalicelib.services.operator.founding import Founding, Operator
from chalicelib.services.operator.unlocking import Unlocking
from chalicelib.services.people import new_person
from chalicelib.services.sign_in.sessions import SignedIn, StaffSession
from chalicelib.services.sign_in.throttling import Throttling
from tests.builders import NETWORK, VISITOR
from tests.stage import Stage

MAIL = "betrieb@example.ch"
ZUSAGE = Operator(name="Zusage", postal="Muster AG, Seestrasse 1, 8000 Zürich", country="CH", mail=MAIL)
QUICK = Argon2Proofs(memory_kib=8, passes=1)
FIRST, SECOND = sha256(b"one-time").digest(), sha256(b"chosen").digest()


def founding(on: Stage) -> Founding:
    """What makes the account."""
    return Founding(on.vault, on.clock, QUICK)


def unlocking(on: Stage) -> Unlocking:
    """What replaces its password."""
    return Unlocking(on.vault, on.clock, QUICK, Throttling(on.clock))


def founded(on: Stage) -> None:
    """The account is there."""
    assert founding(on).found(ZUSAGE, prove=lambda _: FIRST)


def first_of(on: Stage) -> Staff:
    """The member of the operator's staff that there is first."""
    team = fetch(Team.ref(INSTALLATION))
    assert team is not None
    staff = fetch(Staff.ref(INSTALLATION, next(iter(team.members))))
    assert staff is not None
    return staff


def signed_in(on: Stage, staff: Staff | None = None) -> SignedIn:
    """A session of theirs."""
    transaction = Transaction()
    opened = on.services.sessions.open(
        transaction, staff or first_of(on), portal=OPERATOR, means="password", visitor=VISITOR, now=on.clock.now
    )
    transaction.commit()
    return opened


def operator(on: Stage) -> StaffSession:
    """Somebody who works for the operator, ready to."""
    founded(on)
    return ready(on, signed_in(on))


def operators_token(on: Stage) -> str:
    """The token of somebody who works for the operator, ready to."""
    founded(on)
    opened = signed_in(on)
    ready(on, opened)
    return opened.token


def ready(on: Stage, opened: SignedIn) -> StaffSession:
    """Who confirmed secrecy."""
    session = on.services.sessions.authenticate(opened.token)
    on.services.pledging.confirm(session, version=SECRECY_VERSION, language="de", network=NETWORK)
    return session


def colleague(on: Stage) -> StaffSession:
    """Another one, ready as well."""
    transaction, first = Transaction(), first_of(on)
    person = new_person(on.vault, transaction, tenant=INSTALLATION, now=on.clock.now)
    ref = Staff.ref(INSTALLATION, person)
    staff = Staff(
        ref.pk,
        ref.sk,
        zone=first.zone,
        roles={OPERATOR},
        language="en",
        joined_at=on.clock.now,
        given_name="Reto",
        family_name="Bühler",
        email="reto@example.ch",
        phone=None,
    )
    transaction.create(staff)
    transaction.commit()
    return ready(on, signed_in(on, staff))
