"""Sends what is in the outbox: claim, compose, hand over, note what came of it.

The claim is written before a provider is called and the outcome after it, each under the version that was read. So
two dispatchers never send the same notification, and one that was killed in between leaves a claim whose lease runs
out: whoever comes next first asks the provider whether it has the message. A provider that surely did not take it is
passed over for the next in the order of preference; when none takes it, the due index brings it back later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.delivery import Delivery, settle
from chalicelib.domain.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RecipientRefusedError,
)
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.notification import IN_OUTBOX, Notification
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.composing import Composed, Composing, NotToBeSent
from chalicelib.services.ports import Email, EmailProvider, Sms, SmsProvider
from chalicelib.services.suppressing import suppress

LEASE = timedelta(seconds=120)
EARLY = timedelta(seconds=5)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
MOST_ATTEMPTS = 20

Provider = EmailProvider | SmsProvider


@dataclass(frozen=True)
class Dispatching:
    """The dispatcher. `providers` are those of each channel, the preferred one first."""

    composing: Composing
    clock: Clock
    providers: Mapping[str, Sequence[Provider]]

    def deliver(self, pk: str, sk: str) -> Delivery | None:
        """Sends one notification if it is due and nobody else is at it; its state then, None if it is gone."""
        notification = fetch(Ref(Notification, pk, sk), consistent=True)
        if notification is None:
            return None
        if notification.state not in IN_OUTBOX or notification.next_at > self.clock() + EARLY:
            return notification.state
        try:
            return self._deliver(notification)
        except LostRaceError:
            # Another dispatcher claimed it, it was taken back, or a receipt overtook us: they have noted the truth.
            return None

    def _deliver(self, notification: Notification) -> Delivery:
        try:
            composed = self.composing.compose(notification)
        except NotToBeSent as no:
            return self._skip(notification, no.reason)
        notification.address_index = composed.address_index
        if notification.state is not Delivery.WAITING and self._found(notification, composed):
            return notification.state
        return self._try_each(notification, composed)

    def _try_each(self, notification: Notification, composed: Composed) -> Delivery:
        notification.attempts = int(notification.attempts) + 1
        refusal: ProviderError | None = None
        for provider in self._order(notification):
            self._claim(notification, provider)
            try:
                provider_id = provider.send(composed.content)  # type: ignore[arg-type]
            except (ProviderUnavailableError, ProviderMisconfiguredError) as error:
                refusal = error
            except RecipientRefusedError as error:
                return self._refused(notification, error)
            except OutcomeUnknownError as error:
                return self._unknown(notification, error)
            else:
                return self._accepted(notification, provider.name, provider_id)
        return self._later(notification, refusal)

    def _order(self, notification: Notification) -> Sequence[Provider]:
        """The order of preference; a provider whose answer never came is asked again before any other."""
        order = self.providers.get(notification.channel, ())
        if notification.state is Delivery.WAITING:
            return order
        return sorted(order, key=lambda provider: provider.name != notification.provider)

    def _claim(self, notification: Notification, provider: Provider) -> None:
        notification.state, notification.provider = Delivery.SENDING, provider.name
        notification.next_at = self._now() + LEASE
        _write(notification)

    def _found(self, notification: Notification, composed: Composed) -> bool:
        """Whether the provider has the message that we don't know the fate of; then that is noted."""
        asked = [each for each in self.providers[notification.channel] if each.name == notification.provider]
        for provider in asked:
            provider_id = _find(provider, composed.content, notification.send_at - LEASE)
            if provider_id is not None:
                self._accepted(notification, provider.name, provider_id)
                return True
        return False

    def _accepted(self, notification: Notification, provider: str, provider_id: str) -> Delivery:
        now = self._now()
        notification.provider_id = provider_id
        notification.state = settle(notification.state, Delivery.ACCEPTED)
        notification.note(Delivery.ACCEPTED, at=now, provider=provider)
        try:
            _write(notification, _entry(notification, Action.NOTIFICATION_HANDED_OVER, now))
        except LostRaceError:
            self._merge(notification, provider, provider_id, now)
        return notification.state

    def _merge(self, lost: Notification, provider: str, provider_id: str, now: datetime) -> None:
        """A receipt came before our own note: add the note to it."""
        held = fetch(Ref(Notification, lost.pk, lost.sk), consistent=True)
        if held is None:
            return
        held.provider, held.provider_id = provider, provider_id
        held.state = settle(held.state, Delivery.ACCEPTED)
        held.note(Delivery.ACCEPTED, at=now, provider=provider)
        _write(held, _entry(held, Action.NOTIFICATION_HANDED_OVER, now))
        lost.state = held.state

    def _refused(self, notification: Notification, error: RecipientRefusedError) -> Delivery:
        now = self._now()
        notification.state = Delivery.BOUNCED
        notification.note(Delivery.BOUNCED, at=now, provider=error.provider, code=error.code)
        transaction = Transaction()
        transaction.update(notification)
        transaction.create(_entry(notification, Action.NOTIFICATION_NOT_SENT, now))
        if error.suppress and notification.address_index:
            suppress(transaction, notification.channel, notification.address_index, reason="refused", at=now)
        transaction.commit()
        return notification.state

    def _unknown(self, notification: Notification, error: OutcomeUnknownError) -> Delivery:
        now = self._now()
        notification.state, notification.next_at = Delivery.UNKNOWN, now + LEASE
        notification.note(Delivery.UNKNOWN, at=now, provider=error.provider, code=error.code)
        _write(notification)
        return notification.state

    def _later(self, notification: Notification, error: ProviderError | None) -> Delivery:
        now = self._now()
        attempts = int(notification.attempts)
        wait = min(FIRST_RETRY * 2 ** min(attempts - 1, 10), LONGEST_RETRY)
        notification.reason = error.code if error else "no-provider"
        useless = notification.useless_at
        if attempts >= MOST_ATTEMPTS or (useless is not None and now + wait >= useless):
            notification.state = Delivery.FAILED
            _write(notification, _entry(notification, Action.NOTIFICATION_NOT_SENT, now))
        else:
            notification.state, notification.next_at = Delivery.WAITING, now + wait
            _write(notification)
        return notification.state

    def _skip(self, notification: Notification, reason: str) -> Delivery:
        now = self._now()
        # Handed over in doubt, and pointless by now: it can't be called skipped any more.
        doubt = notification.state is Delivery.UNKNOWN
        notification.state, notification.reason = (Delivery.FAILED if doubt else Delivery.SKIPPED), reason
        notification.note(notification.state, at=now, provider="", code=reason)
        _write(notification, _entry(notification, Action.NOTIFICATION_NOT_SENT, now))
        return notification.state

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _find(provider: Provider, content: Email | Sms, since: datetime) -> str | None:
    try:
        return provider.find(content, since=since)  # type: ignore[arg-type]
    except ProviderError:
        # It can't be asked now. Sending again comes before never knowing: a person waits for this message.
        return None


def _write(notification: Notification, entry: LedgerEntry | None = None) -> None:
    transaction = Transaction()
    transaction.update(notification)
    if entry is not None:
        transaction.create(entry)
    transaction.commit()


def _entry(notification: Notification, action: Action, at: datetime) -> LedgerEntry:
    return LedgerEntry.of(notification.tenant, action, at=at, about=notification.subject, thing=notification.id)
