"""A business registers, and its first staff member, an admin who is also an expert, confirms the e-mail address.

Registering never tells whether an address is known: who registers with one that is gets a sign-in link by mail, and
the answer is the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import LinkUsedError
from chalicelib.domain.ids import INSTALLATION, new_id
from chalicelib.domain.links import LinkPurpose
from chalicelib.domain.roles import ADMIN, EXPERT
from chalicelib.domain.tenancy import TRIAL
from chalicelib.domain.versions import TERMS_VERSION, Version, check_acceptable, in_force
from chalicelib.domain.visits import Visitor
from chalicelib.records._base import Record
from chalicelib.records.keys import TenantKey
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.staff import Acceptance, Staff, StaffAddress
from chalicelib.records.team import Team
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.forms import FormUse
from chalicelib.services.linking import Linking
from chalicelib.services.outbox import notify_staff
from chalicelib.services.people import new_person
from chalicelib.services.ports import Vault
from chalicelib.services.repeating import Repeatable
from chalicelib.services.sign_in.asking import STAFF_ADDRESS, Addressee, Asking
from chalicelib.services.sign_in.replacing import brought_by, earlier_in
from chalicelib.services.sign_in.sessions import Sessions, SignedIn, portal_of
from chalicelib.services.sign_in.signing_in import SigningIn

_WRITES = 10  # of a registration, beside what keeps it from being carried out twice


@dataclass(frozen=True, kw_only=True)
class Application:
    """What a business gives to register; all of it voluntarily. Addresses and numbers are normalised already."""

    given_name: str
    family_name: str
    company: str
    street: str
    postal_code: str
    city: str
    country: str
    email: str
    phone: str
    language: str
    zone: str
    terms_version: str
    notice_version: str


@dataclass(frozen=True)
class Registering:
    """Registration and its confirmation."""

    vault: Vault
    clock: Clock
    linking: Linking
    asking: Asking
    signing_in: SigningIn
    sessions: Sessions
    versions: Callable[[], Sequence[Version]]

    def versions_to_accept(self) -> tuple[str, str]:
        """The versions of terms and notice that are in force."""
        return TERMS_VERSION, in_force(self.versions(), self.clock()).version

    def register(
        self, application: Application, *, network: str, repeat: Repeatable | None, form: FormUse | None = None
    ) -> None:
        """Creates tenant and first staff member and has the confirmation sent; a known address gets its link."""
        check_acceptable(
            self.versions(),
            self.clock(),
            terms_version=application.terms_version,
            notice_version=application.notice_version,
        )
        if repeat is not None and repeat.earlier() is not None:
            _needless(form)
            return
        if form is not None:
            form.check(fetch(form.ref, consistent=True))
        index = self.asking.index(application.email)
        known = fetch(StaffAddress.ref(index), consistent=True)
        to = self.asking.whose(known, index)  # also for an address that nobody has: so the reads do not tell either
        try:
            if known is None:
                self._create(application, index, repeat, form, network=network)
            else:
                self._remind(known, to, repeat, form, network=network)
        except LostRaceError as lost:
            # The same person twice at once: the other call did it, and the answer is the same. Unless the key came
            # with something else, which is refused as it is one after the other.
            earlier = None if repeat is None else repeat.earlier()
            if form is not None and earlier is None:
                form.lost(lost)
            _needless(form)

    def confirm(self, token: str, *, visitor: Visitor) -> SignedIn:
        """Confirms the address that the link was sent to, and signs its owner in."""
        link = self.linking.read(token, LinkPurpose.CONFIRM_REGISTRATION)
        tenant_ref, staff_ref = Tenant.ref(link.tenant), Staff.ref(link.tenant, link.subject)
        found = fetch_all([tenant_ref, staff_ref], consistent=True)
        tenant, staff = found.get(tenant_ref), found.get(staff_ref)
        if tenant is None or staff is None or staff.unconfirmed_since is None:
            raise LinkUsedError("Sign in if you have confirmed the address before, or register again.")
        return self._confirmed(tenant, staff, visitor)

    def _remind(
        self, known: StaffAddress, to: Addressee, repeat: Repeatable | None, form: FormUse | None, *, network: str
    ) -> None:
        """Sends the link to a known address; the key is noted as for an unknown one, so that it does not tell.

        Nor does the time: the call for a tenant's key is made here, too, for nobody, and the transaction has as many
        parts as one that makes a business.
        """
        nobody = new_id(self.clock())
        self.vault.new_tenant_key(nobody)
        self.vault.forget(nobody)
        transaction = Transaction()
        self.signing_in.add_link(transaction, to, network=network)
        for number in range(len(transaction), _WRITES):
            transaction.require_ended(Staff.ref(nobody, f"{number:032x}"))
        _once(transaction, known, repeat, form, at=self.clock().replace(microsecond=0))
        transaction.commit()

    def _create(
        self, application: Application, index: str, repeat: Repeatable | None, form: FormUse | None, *, network: str
    ) -> None:
        now = self.clock().replace(microsecond=0)
        tenant_id = new_id(now)
        transaction = Transaction()
        transaction.create(TenantKey.of(tenant_id, self.vault.new_tenant_key(tenant_id)))
        new_person(self.vault, transaction, tenant=tenant_id, now=now, person=tenant_id)
        staff_id = new_person(self.vault, transaction, tenant=tenant_id, now=now)
        tenant = _tenant(tenant_id, application, now)
        transaction.create(tenant)
        transaction.create(_team(tenant, staff_id))
        for record in _about_staff(tenant_id, staff_id, index, application, now):
            transaction.create(record)
        notify_staff(
            transaction,
            tenant=tenant_id,
            staff=staff_id,
            message="confirm-registration",
            language=application.language,
            zone=application.zone,
            version=0,
            now=now,
        )
        transaction.create(
            LedgerEntry.of(tenant_id, Action.REGISTERED, at=now, actor=staff_id, thing=tenant_id, network=network)
        )
        _once(transaction, tenant, repeat, form, at=now)
        try:
            transaction.commit()
        except LostRaceError:
            self.vault.forget(tenant_id)
            raise

    def _confirmed(self, tenant: Tenant, staff: Staff, visitor: Visitor) -> SignedIn:
        now = self.clock().replace(microsecond=0)
        index = self.vault.index(INSTALLATION, STAFF_ADDRESS, staff.email.casefold())
        address_ref, team_ref = StaffAddress.ref(index), Team.ref(tenant.tenant)
        found = fetch_all([address_ref, team_ref, *brought_by(visitor)], consistent=True)
        address, team = found.get(address_ref), found.get(team_ref)
        accepted = Acceptance.all_of(tenant.tenant, staff.subject)
        if address is None or team is None:
            raise LinkUsedError("Register again.")
        transaction = Transaction()
        unconfirmed: tuple[Tenant | Team | Staff | StaffAddress | Acceptance, ...] = (
            *(tenant, team, staff, address),
            *accepted,
        )
        tenant.trial_ends_at = now + TRIAL
        for record in unconfirmed:
            record.unconfirmed_since = None
            transaction.update(record)
        transaction.create(
            LedgerEntry.of(tenant.tenant, Action.CONFIRMED, at=now, actor=staff.subject, network=visitor.network)
        )
        signed_in = self.sessions.open(
            transaction,
            staff,
            portal=portal_of(set(staff.roles)),
            means="link",
            visitor=visitor,
            now=now,
            earlier=earlier_in(found, visitor),
        )
        try:
            transaction.commit()
        except LostRaceError:
            raise LinkUsedError("The address was confirmed a moment ago: sign in.") from None
        return signed_in


def _once(
    transaction: Transaction, outcome: Record, repeat: Repeatable | None, form: FormUse | None, *, at: datetime
) -> None:
    """What keeps a request that is made twice from being carried out twice."""
    if repeat is not None:
        repeat.remember(transaction, outcome, at=at)
    if form is not None:
        form.use(transaction)


def _needless(form: FormUse | None) -> None:
    if form is not None:
        form.needless()


def _tenant(tenant: str, application: Application, now: datetime) -> Tenant:
    ref = Tenant.ref(tenant)
    return Tenant(
        ref.pk,
        ref.sk,
        zone=application.zone,
        language=application.language,
        country=application.country,
        registered_at=now,
        unconfirmed_since=now,
        company=application.company,
        street=application.street,
        postal_code=application.postal_code,
        city=application.city,
        contact_mail=application.email,
        contact_phone=application.phone,
    )


def _team(tenant: Tenant, staff: str) -> Team:
    ref = Team.ref(tenant.tenant)
    team = Team(ref.pk, ref.sk, zone=tenant.zone, unconfirmed_since=tenant.unconfirmed_since)
    team.take_in(staff, {ADMIN, EXPERT})
    return team


def _about_staff(
    tenant: str, staff: str, index: str, application: Application, now: datetime
) -> tuple[Staff, StaffAddress, Acceptance]:
    common = {"zone": application.zone, "unconfirmed_since": now}
    member, address = Staff.ref(tenant, staff), StaffAddress.ref(index)
    accepted = Acceptance.ref(tenant, staff, application.terms_version, application.notice_version)
    return (
        Staff(
            member.pk,
            member.sk,
            roles={ADMIN, EXPERT},
            language=application.language,
            joined_at=now,
            told_version=application.notice_version,
            given_name=application.given_name,
            family_name=application.family_name,
            email=application.email,
            phone=application.phone,
            **common,
        ),
        StaffAddress(address.pk, address.sk, of_tenant=tenant, of_staff=staff, **common),
        Acceptance(
            accepted.pk,
            accepted.sk,
            terms_version=application.terms_version,
            notice_version=application.notice_version,
            language=application.language,
            accepted_at=now,
            **common,
        ),
    )
