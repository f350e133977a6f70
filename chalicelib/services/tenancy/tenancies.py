"""A business and its contract: how it is reached, where it stands, and what its admins make of that.

Choosing a plan, cancelling and taking that back change instants on one record; what follows from them, from being read
only to the end of everything, is derived (see `domain.tenancy`), and what is due next moves with them in the index.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, NotFoundError, VersionMismatchError
from chalicelib.domain.tenancy import Standing
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.sessions import StaffSession
from chalicelib.services.staff.admins import admins_of, tell_admins

CANCELLED = "tenancy-cancelled"


@dataclass(frozen=True, kw_only=True)
class Card:
    """How a business is reached, by post and otherwise; its language is that of messages in no other."""

    company: str
    street: str
    postal_code: str
    city: str
    country: str
    contact_mail: str
    contact_phone: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Business:
    """A business, where it stands, and what can be done with its contract."""

    tenant: Tenant
    standing: Standing
    may: Sequence[str]


@dataclass(frozen=True)
class Tenancies:
    """Businesses and their contracts."""

    vault: Vault
    clock: Clock

    def show(self, caller: StaffSession, *, network: str) -> Business:
        """The caller's business; noted."""
        tenant = _held(caller.tenant)
        noted = Transaction()
        noted.create(self._entry(caller, Action.TENANT_READ, network))
        noted.commit()
        return self._business(tenant)

    def change(self, caller: StaffSession, card: Card, *, version: int | None, network: str) -> Business:
        """How it is reached from now on; `version` is the one the change was made on, None to overwrite."""
        tenant = _held(caller.tenant)
        if version is not None and version != int(tenant.version or 0):
            raise VersionMismatchError("Read it again and repeat the change.", field="If-Match")
        self.vault.preload(tenant.tenant, [tenant.subject])
        for name, value in vars(card).items():
            setattr(tenant, name, value)
        transaction = Transaction()
        transaction.update(tenant)
        transaction.create(self._entry(caller, Action.TENANT_CHANGED, network))
        try:
            transaction.commit()
        except LostRaceError:
            raise VersionMismatchError("Read it again and repeat the change.", field="If-Match") from None
        return self._business(tenant)

    def choose(self, caller: StaffSession, plan: str, *, network: str) -> Business:
        """Goes over to a plan, from the trial or from being read only; that takes a cancellation back."""

        def change(tenant: Tenant, _: datetime) -> None:
            if tenant.plan == plan and tenant.cancelled_at is None:
                raise ConflictError("This plan was chosen already.", field="plan")
            tenant.plan, tenant.cancelled_at = plan, None

        entry = partial(self._entry, caller, Action.PLAN_CHOSEN, network)
        return self._business(self._settle(caller.tenant, change, entry))

    def cancel(self, caller: StaffSession, *, network: str) -> Business:
        """Ends the contract: read only at once, over in thirty days; every admin hears of it."""

        def change(tenant: Tenant, now: datetime) -> None:
            if tenant.cancelled_at is not None:
                raise ConflictError("It is cancelled already.")
            tenant.cancelled_at = now

        entry = partial(self._entry, caller, Action.TENANT_CANCELLED, network)
        return self._business(self._settle(caller.tenant, change, entry, tell=CANCELLED))

    def resume(self, caller: StaffSession, *, network: str) -> Business:
        """Takes a cancellation back while that can be done; a trial that is over stays over."""

        def change(tenant: Tenant, _: datetime) -> None:
            if tenant.cancelled_at is None:
                raise ConflictError("It is not cancelled.")
            tenant.cancelled_at = None

        entry = partial(self._entry, caller, Action.TENANT_RESUMED, network)
        return self._business(self._settle(caller.tenant, change, entry))

    def extend(self, caller: StaffSession, tenant: str, days: int, *, network: str) -> datetime:
        """The operator gives more time to try: from the end of the trial, or from now if that is over; until when."""

        def change(held: Tenant, now: datetime) -> None:
            if held.trial_ends_at is None or held.plan is not None or held.cancelled_at is not None:
                raise ConflictError("Only a trial can be extended, and only while it is not cancelled.")
            held.trial_ends_at = max(held.trial_ends_at, now) + timedelta(days=days)

        entry = partial(self._entry, caller, Action.TRIAL_EXTENDED, network, tenant)
        ends: datetime = self._settle(tenant, change, entry).trial_ends_at
        return ends

    def _settle(
        self,
        tenant: str,
        change: Callable[[Tenant, datetime], None],
        entry: Callable[[], LedgerEntry],
        *,
        tell: str = "",
    ) -> Tenant:
        """Makes a change that holds whatever else is changed at the same time."""

        def attempt() -> Tenant:
            now, held = self._now(), _held(tenant)
            change(held, now)
            transaction = Transaction()
            transaction.update(held)
            transaction.create(entry())
            if tell:
                tell_admins(transaction, admins_of(tenant), tell, useless_at=held.closes_at, now=now)
            transaction.commit()
            return held

        return persist(attempt)

    def _business(self, tenant: Tenant) -> Business:
        self.vault.preload(tenant.tenant, [tenant.subject])
        now = self._now()
        return Business(tenant=tenant, standing=tenant.tenancy.standing(now), may=tenant.tenancy.may(now))

    def _entry(self, caller: StaffSession, action: Action, network: str, tenant: str = "") -> LedgerEntry:
        of = tenant or caller.tenant
        return LedgerEntry.of(of, action, at=self._now(), actor=caller.staff, thing=of, network=network)

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _held(tenant: str) -> Tenant:
    held = fetch(Tenant.ref(tenant), consistent=True)
    if held is None:
        raise NotFoundError("There is no such business.")
    return held
