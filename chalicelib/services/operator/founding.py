"""The start of an installation: one account of the operator, with a password that is told once and replaced once.

Whoever deploys makes it, with the program's own code (infra/tools/first_operator.py): there is no route that does. The
password itself never comes here; as everywhere, what is kept is made of its proof.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.clock import Clock
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.roles import OPERATOR
from chalicelib.domain.tenancy import PLANS
from chalicelib.domain.versions import in_force
from chalicelib.records.credentials import Credentials
from chalicelib.records.installation import Installation
from chalicelib.records.publications import published
from chalicelib.records.reading import fetch
from chalicelib.records.staff import Staff, StaffAddress
from chalicelib.records.team import Team
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.people import new_person
from chalicelib.services.ports import ProofHasher, Vault
from chalicelib.services.sign_in.asking import STAFF_ADDRESS
from chalicelib.services.sign_in.password_sign_in import salt_of

_ZONE, _LANGUAGE = "Europe/Zurich", "de"


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Who runs the installation, and where their first account is reached."""

    name: str
    postal: str
    country: str
    mail: str


@dataclass(frozen=True)
class Founding:
    """Makes the first account."""

    vault: Vault
    clock: Clock
    hasher: ProofHasher

    def is_done(self) -> bool:
        """Whether the account was made."""
        return fetch(Installation.ref(), consistent=True) is not None

    def found(self, operator: Operator, *, prove: Callable[[bytes], bytes]) -> bool:
        """Makes the account, all of it or nothing; False: there is one already.

        `prove` gives the proof of the one-time password for the salt of the account's address.
        """
        if self.is_done():
            return False
        self.vault.tenant_ready(INSTALLATION)
        transaction, now = Transaction(), self.clock().replace(microsecond=0)
        new_person(self.vault, transaction, tenant=INSTALLATION, now=now, person=INSTALLATION)
        staff = new_person(self.vault, transaction, tenant=INSTALLATION, now=now)
        for record in (
            Installation(Installation.ref().pk, Installation.ref().sk),
            _tenant(operator, now),
            _team(staff),
            _staff(staff, operator, now),
            self._address(staff, operator.mail),
            _credentials(staff, self.hasher.hash(prove(salt_of(self.vault, operator.mail)))),
        ):
            transaction.create(record)
        try:
            transaction.commit()
        except LostRaceError:
            self.vault.forget(INSTALLATION)
            return False
        return True

    def renew(self, *, prove: Callable[[bytes], bytes]) -> bool:
        """Another one-time password for one that was lost; False: there is no account, or the installation is open."""
        installation, team = fetch(Installation.ref(), consistent=True), fetch(Team.ref(INSTALLATION), consistent=True)
        if installation is None or team is None or installation.opened_at is not None:
            return False
        staff = fetch(Staff.ref(INSTALLATION, next(iter(team.members))), consistent=True)
        credentials = staff and fetch(Credentials.ref(INSTALLATION, staff.subject), consistent=True)
        if staff is None or credentials is None:
            return False
        credentials.proof_hash = self.hasher.hash(prove(salt_of(self.vault, staff.email)))
        transaction = Transaction()
        transaction.require(installation)
        transaction.update(credentials)
        try:
            transaction.commit()
        except LostRaceError:
            return False
        return True

    def _address(self, staff: str, mail: str) -> StaffAddress:
        ref = StaffAddress.ref(self.vault.index(INSTALLATION, STAFF_ADDRESS, mail.casefold()))
        return StaffAddress(ref.pk, ref.sk, zone=_ZONE, of_tenant=INSTALLATION, of_staff=staff)


def _tenant(operator: Operator, now: datetime) -> Tenant:
    ref = Tenant.ref(INSTALLATION)
    return Tenant(
        ref.pk,
        ref.sk,
        zone=_ZONE,
        language=_LANGUAGE,
        country=operator.country,
        registered_at=now,
        plan=PLANS[0],
        company=operator.name,
        street=operator.postal,
        postal_code="",
        city="",
        contact_mail=operator.mail,
        contact_phone="",
    )


def _credentials(staff: str, kept: str) -> Credentials:
    ref = Credentials.ref(INSTALLATION, staff)
    return Credentials(ref.pk, ref.sk, zone=_ZONE, proof_hash=kept)


def _team(staff: str) -> Team:
    ref = Team.ref(INSTALLATION)
    team = Team(ref.pk, ref.sk, zone=_ZONE)
    team.take_in(staff, {OPERATOR})
    return team


def _staff(staff: str, operator: Operator, now: datetime) -> Staff:
    ref = Staff.ref(INSTALLATION, staff)
    return Staff(
        ref.pk,
        ref.sk,
        zone=_ZONE,
        roles={OPERATOR},
        language=_LANGUAGE,
        joined_at=now,
        told_version=in_force(published(), now).version,
        given_name="Operator",
        family_name=operator.name,
        email=operator.mail,
        phone=None,
    )
