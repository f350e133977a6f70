"""A business's own account at the payment provider: the money goes there, and never to us."""

from dataclasses import dataclass

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ConflictError, NotFoundError, VersionMismatchError
from chalicelib.domain.paying import Credentials
from chalicelib.domain.terms import Payment
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.payment import PaymentAccount
from chalicelib.records.reading import fetch
from chalicelib.records.service import Service
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.sessions import StaffSession


@dataclass(frozen=True)
class PaymentAccounts:
    """Sets and removes accounts. The secrets go in and never come out again."""

    vault: Vault
    clock: Clock

    def show(self, caller: StaffSession) -> PaymentAccount:
        """The caller's business's account. NotFoundError when there is none."""
        return _there(fetch(PaymentAccount.ref(caller.tenant), consistent=True))

    def set(
        self, caller: StaffSession, credentials: Credentials, *, signing_key: str, version: int | None, network: str
    ) -> PaymentAccount:
        """The account from now on; `version` is the one the change was made on, None to overwrite."""
        return persist(lambda: self._set(caller, credentials, signing_key, version=version, network=network))

    def remove(self, caller: StaffSession, *, network: str) -> None:
        """Forgets the account. ConflictError as long as a service that can be booked is paid by it.

        What is being paid or refunded at this moment has to be looked after there.
        """
        persist(lambda: self._remove(caller, network))

    def credentials(self, tenant: str) -> Credentials:
        """What calls to the provider are made with. NotFoundError when the business has no account."""
        held = _there(fetch(PaymentAccount.ref(tenant)))
        self.vault.preload(tenant, [tenant])
        return Credentials(instance=held.instance, api_key=held.api_key)

    def signing_key(self, tenant: str) -> str:
        """What the provider's reports to this business are signed with; empty when there is no account."""
        held = fetch(PaymentAccount.ref(tenant))
        if held is None:
            return ""
        self.vault.preload(tenant, [tenant])
        return held.signing_key

    def _set(
        self, caller: StaffSession, credentials: Credentials, signing_key: str, *, version: int | None, network: str
    ) -> PaymentAccount:
        now, ref = self.clock().replace(microsecond=0), PaymentAccount.ref(caller.tenant)
        held = fetch(ref, consistent=True)
        if version is not None and version != int((held.version if held else 0) or 0):
            raise VersionMismatchError("Read the account anew, then set it.")
        self.vault.preload(caller.tenant, [caller.tenant])
        account = held or PaymentAccount(ref.pk, ref.sk, zone=caller.zone)
        account.instance, account.changed_at = credentials.instance, now
        account.api_key, account.signing_key = credentials.api_key, signing_key
        transaction = Transaction()
        (transaction.update if held else transaction.create)(account)
        transaction.create(_entry(caller, Action.PAYMENT_ACCOUNT_SET, network, self.clock))
        transaction.commit()
        return account

    def _remove(self, caller: StaffSession, network: str) -> None:
        held = _there(fetch(PaymentAccount.ref(caller.tenant), consistent=True))
        _check_needless(caller.tenant)
        transaction = Transaction()
        transaction.delete(held)
        transaction.create(_entry(caller, Action.PAYMENT_ACCOUNT_REMOVED, network, self.clock))
        transaction.commit()


def _there(account: PaymentAccount | None) -> PaymentAccount:
    if account is None:
        raise NotFoundError("The business has no account for payments.")
    return account


def _check_needless(tenant: str) -> None:
    """Whoever publishes such a service later writes the account anew: then it is not what it was when it was read."""
    services = Service.all_of(tenant, consistent=True)
    if any(each.archived_at is None and each.payment is Payment.ONLINE for each in services):
        raise ConflictError("Archive the services that are paid online first, or choose another way to pay for them.")


def _entry(caller: StaffSession, action: Action, network: str, clock: Clock) -> LedgerEntry:
    now = clock().replace(microsecond=0)
    return LedgerEntry.of(caller.tenant, action, at=now, actor=caller.staff, thing=caller.tenant, network=network)
