"""Links by mail are asked for: for every address by the same reads and the same writes, whether or not it is known.

So neither the answer nor the time that it takes tells whether there is an account. What is written for an address that
has none is for nobody: a count that ends within a day, an entry that names no one, a message that is settled at once.
"""

from dataclasses import dataclass, replace

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.ids import INSTALLATION, new_id
from chalicelib.records.credentials import Credentials
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.staff import Staff, StaffAddress
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.outbox import notify_nobody, notify_staff
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.slowing import LinkCount, Slowing

STAFF_ADDRESS = "staff-address"


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Who has an address, if anybody, and how many links were asked for to it lately."""

    staff: Staff | None
    tenant: Tenant | None
    credentials: Credentials | None
    count: LinkCount
    strange: LinkCount  # what is counted while nobody is sent anything

    def nobody(self) -> "Addressee":
        """The same, when whoever has it is sent nothing; nor does that count as a link to them."""
        return replace(self, staff=None, count=self.strange)


@dataclass(frozen=True)
class Asking:
    """What every request for a link by mail does."""

    vault: Vault
    clock: Clock
    slowing: Slowing

    def look(self, email: str) -> Addressee:
        """What there is to a (normalised) address."""
        index = self.index(email)
        return self.whose(fetch(StaffAddress.ref(index)), index)

    def index(self, email: str) -> str:
        """Under which the claim of an address lies."""
        self.vault.tenant_ready(INSTALLATION)
        return self.vault.index(INSTALLATION, STAFF_ADDRESS, email.casefold())

    def whose(self, address: StaffAddress | None, index: str) -> Addressee:
        """The same, of what was read at the address's `index`."""
        tenant, member = (address.of_tenant, address.of_staff) if address else (INSTALLATION, index)
        staff_ref, tenant_ref = Staff.ref(tenant, member), Tenant.ref(tenant)
        credentials_ref = Credentials.ref(tenant, member)
        own, strange = self.slowing.asked_for(member), self.slowing.asked_for(index)
        found = fetch_all([staff_ref, tenant_ref, credentials_ref, own, strange], consistent=True)
        return Addressee(
            staff=found.get(staff_ref),
            tenant=found.get(tenant_ref),
            credentials=found.get(credentials_ref),
            count=LinkCount(own, found.get(own)),
            strange=LinkCount(strange, found.get(strange)),
        )

    def put(
        self, transaction: Transaction, to: Addressee, message: str, action: Action, *, version: int, network: str
    ) -> None:
        """Puts a link into the outbox, and notes that; nothing while enough of them are under way."""
        now = self.clock().replace(microsecond=0)
        link = new_id(now)
        opens = link if action is Action.SIGN_IN_LINK_ASKED else None
        if not self.slowing.may_send_link(transaction, to.count, link=opens, now=now):
            return
        staff = to.staff
        tenant, about = (staff.tenant, staff.subject) if staff is not None else (INSTALLATION, None)
        transaction.create(LedgerEntry.of(tenant, action, at=now, about=about, network=network))
        if staff is None:
            notify_nobody(transaction, message=message, notification=link, now=now)
            return
        notify_staff(
            transaction,
            tenant=staff.tenant,
            staff=staff.subject,
            message=message,
            language=staff.language,
            zone=staff.zone,
            version=version,
            notification=link,
            now=now,
        )
