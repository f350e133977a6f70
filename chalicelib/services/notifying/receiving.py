"""Takes in what providers report: proven by the webhook, once per event, in any order.

The note that an event was seen is written in the transaction that applies it, so a call that is killed before it
answers is simply repeated by the provider.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.delivery import Delivery, settle
from chalicelib.domain.errors import NotFoundError, TryAgainError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.reference import Reference
from chalicelib.records.idempotency import SEEN, SeenEvent
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.notification import Notification
from chalicelib.records.reading import fetch
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.notifying.suppressing import lift, suppress
from chalicelib.services.ports import Answer, OptOut, Receipt, Vault, Webhook, WebhookRequest

_ATTEMPTS = 4
_CHANNEL = "sms"  # the one on which people answer with a word
_REASONS = {Delivery.BOUNCED: "bounced", Delivery.COMPLAINED: "complained"}


@dataclass(frozen=True)
class Receiving:
    """Receipts and opt-outs."""

    vault: Vault
    clock: Clock
    webhooks: Mapping[str, Webhook]

    def take(self, provider: str, request: WebhookRequest) -> Answer:
        """Takes in one call of a provider. SignatureInvalidError when it is not from them."""
        webhook = self.webhooks.get(provider)
        if webhook is None:
            raise NotFoundError("This provider is not in use here.")
        for each in webhook.read(request):
            _until_applied(partial(self._apply, each))
        return webhook.answer

    def _apply(self, each: Receipt | OptOut) -> None:
        if isinstance(each, OptOut):
            self._opt_out(each)
        else:
            self._receipt(each)

    def _receipt(self, receipt: Receipt) -> None:
        reference = Reference.parse(receipt.reference)
        if reference is None:
            return
        ref = Notification.ref(reference.tenant, reference.subject, reference.notification)
        notification = fetch(ref, consistent=True)
        if notification is None:
            return  # It has expired, or was erased: nothing to note.
        now = self.clock().replace(microsecond=0)
        transaction = Transaction()
        transaction.create(SeenEvent.of(receipt.provider, receipt.event_id, at=now))
        notification.state = settle(notification.state, receipt.delivery)
        notification.provider_id = notification.provider_id or receipt.provider_id
        notification.note(receipt.delivery, at=receipt.at, provider=receipt.provider, code=receipt.code)
        transaction.update(notification)
        if receipt.suppress and notification.address_index:
            reason = _REASONS.get(receipt.delivery, "stopped")
            suppress(transaction, notification.channel, notification.address_index, reason=reason, at=now)
        who = notification.subject
        entry = LedgerEntry.of(notification.tenant, Action.RECEIPT_TAKEN, at=now, about=who, thing=notification.id)
        transaction.create(entry)
        transaction.commit()

    def _opt_out(self, opt_out: OptOut) -> None:
        now = self.clock().replace(microsecond=0)
        self.vault.tenant_ready(INSTALLATION)
        index = self.vault.index(INSTALLATION, f"suppression-{_CHANNEL}", opt_out.phone)
        transaction = Transaction()
        transaction.create(SeenEvent.of(opt_out.provider, opt_out.event_id, at=now))
        if opt_out.stop:
            suppress(transaction, _CHANNEL, index, reason="stopped", at=now)
        else:
            lift(transaction, _CHANNEL, index)
        action = Action.OPTED_OUT if opt_out.stop else Action.OPTED_IN
        transaction.create(LedgerEntry.of(INSTALLATION, action, at=now, thing=_CHANNEL))
        transaction.commit()


def _until_applied(apply: Callable[[], None]) -> None:
    """Applies an event once. Who loses a race reads again; an event that was seen before changes nothing."""
    for _ in range(_ATTEMPTS):
        try:
            apply()
        except LostRaceError as lost:
            if any(pk.startswith(SEEN) for pk, _ in lost.keys):
                return
        else:
            return
    raise TryAgainError(retry_after=5)
