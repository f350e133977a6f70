"""Sends what is in the outbox: claim, compose, hand over, note what came of it.

The claim is written before a provider is called and the outcome after it, each under the version that was read. So
two dispatchers never send the same notification, and one that was killed in between leaves a claim whose lease runs
out: whoever comes next first asks the provider whether it has the message. A provider that surely did not take it is
passed over for the next in the order of preference; when none takes it, the due index brings it back later.

Every call that handed a person's data to a provider, or may have, leaves an entry that names the provider: accepted,
refused by the recipient's side, in doubt. So hand-overs can be counted from the ledger alone.

A doubt about whether a provider took the message is noted on it and never forgotten: as long as there is one, that
provider is asked first, and after a few of them it is given up, so that nobody gets the same message on and on.
"""

import contextlib
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
    TryAgainError,
)
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.notification import IN_OUTBOX, Notification
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services._not_sent import NotToBeSent
from chalicelib.services.notifying.composing import Composed, Composing
from chalicelib.services.notifying.lateness import morning_for
from chalicelib.services.notifying.suppressing import suppress
from chalicelib.services.ports import Email, EmailProvider, Sms, SmsProvider

LEASE = timedelta(seconds=120)
EARLY = timedelta(seconds=5)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
MOST_ATTEMPTS = 20
MOST_DOUBTS = 4
NOTING_ATTEMPTS = 5

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
        if notification.state is Delivery.SENDING:
            # Whoever claimed it was killed before they could say what came of it.
            self._no_word(notification)
        try:
            composed = self.composing.compose(notification)
        except NotToBeSent as no:
            return self._skip(notification, no.reason)
        notification.address_index = composed.address_index
        if notification.state is Delivery.UNKNOWN and self._found(notification, composed):
            return notification.state
        if len(_doubts(notification)) >= MOST_DOUBTS:
            return self._give_up(notification, "in-doubt")
        morning = morning_for(notification, now=self._now())
        if morning is not None:
            return self._sleep_until(notification, morning)
        return self._try_each(notification, composed)

    def _no_word(self, notification: Notification) -> None:
        now, provider = self._now(), notification.provider or ""
        notification.state = Delivery.UNKNOWN
        notification.note(Delivery.UNKNOWN, at=now, provider=provider, code="no-word")
        _write(notification, _entry(notification, Action.NOTIFICATION_IN_DOUBT, now, processor=provider or None))

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
                return self._accepted(notification, provider.name, provider_id, processor=provider.name)
        return self._later(notification, refusal)

    def _order(self, notification: Notification) -> Sequence[Provider]:
        """The order of preference; a provider whose answer never came is asked again before any other."""
        doubts = _doubts(notification)
        return sorted(self.providers.get(notification.channel, ()), key=lambda each: each.name not in doubts)

    def _claim(self, notification: Notification, provider: Provider) -> None:
        notification.state, notification.provider = Delivery.SENDING, provider.name
        notification.next_at = self._now() + LEASE
        _write(notification)

    def _found(self, notification: Notification, composed: Composed) -> bool:
        """Whether a provider has the message that we don't know the fate of; then that is noted."""
        doubts = _doubts(notification)
        for provider in (each for each in self._order(notification) if each.name in doubts):
            provider_id = _find(provider, composed.content, notification.send_at - LEASE)
            if provider_id is not None:
                # The call that handed it over was noted when it was in doubt.
                self._accepted(notification, provider.name, provider_id, processor=None)
                return True
        return False

    def _accepted(
        self, notification: Notification, provider: str, provider_id: str, *, processor: str | None
    ) -> Delivery:
        now = self._now()
        notification.provider_id = provider_id
        notification.state = settle(notification.state, Delivery.ACCEPTED)
        notification.note(Delivery.ACCEPTED, at=now, provider=provider)
        try:
            _write(notification, _entry(notification, Action.NOTIFICATION_HANDED_OVER, now, processor=processor))
        except TryAgainError:
            entry = _entry(notification, Action.NOTIFICATION_HANDED_OVER, now, processor=processor)
            notification.state = self._merged(notification, provider, provider_id, entry)
        return notification.state

    def _merged(self, lost: Notification, provider: str, provider_id: str, entry: LedgerEntry) -> Delivery:
        """A receipt came before our own note: adds the note to it. What was handed over must not go unnoted."""
        for _ in range(NOTING_ATTEMPTS):
            held = fetch(Ref(Notification, lost.pk, lost.sk), consistent=True)
            if held is None:
                return lost.state
            held.provider, held.provider_id = provider, provider_id
            held.state = settle(held.state, Delivery.ACCEPTED)
            held.note(Delivery.ACCEPTED, at=entry.at, provider=provider)
            with contextlib.suppress(TryAgainError):
                _write(held, entry)
                return held.state
        raise TryAgainError

    def _refused(self, notification: Notification, error: RecipientRefusedError) -> Delivery:
        now = self._now()
        notification.state = Delivery.BOUNCED
        notification.note(Delivery.BOUNCED, at=now, provider=error.provider, code=error.code)
        transaction = Transaction()
        transaction.update(notification)
        transaction.create(_entry(notification, Action.NOTIFICATION_NOT_SENT, now, processor=error.provider))
        if error.suppress and notification.address_index:
            suppress(transaction, notification.channel, notification.address_index, reason="refused", at=now)
        transaction.commit()
        return notification.state

    def _unknown(self, notification: Notification, error: OutcomeUnknownError) -> Delivery:
        now = self._now()
        notification.state = Delivery.UNKNOWN
        notification.next_at = now + max(LEASE, _wait(int(notification.attempts)))
        notification.note(Delivery.UNKNOWN, at=now, provider=error.provider, code=error.code)
        _write(notification, _entry(notification, Action.NOTIFICATION_IN_DOUBT, now, processor=error.provider))
        return notification.state

    def _later(self, notification: Notification, error: ProviderError | None) -> Delivery:
        now = self._now()
        attempts, reason = int(notification.attempts), error.code if error else "no-provider"
        again, useless = now + _wait(attempts), notification.useless_at
        if attempts >= MOST_ATTEMPTS or (useless is not None and again >= useless):
            return self._give_up(notification, reason)
        notification.state = Delivery.UNKNOWN if _doubts(notification) else Delivery.WAITING
        notification.next_at, notification.reason = again, reason
        _write(notification)
        return notification.state

    def _sleep_until(self, notification: Notification, morning: datetime) -> Delivery:
        if notification.useless_at is not None and morning >= notification.useless_at:
            return self._give_up(notification, "night")
        notification.next_at, notification.reason = morning, "night"
        _write(notification)
        return notification.state

    def _give_up(self, notification: Notification, reason: str) -> Delivery:
        notification.state, notification.reason = Delivery.FAILED, reason
        _write(notification, _entry(notification, Action.NOTIFICATION_NOT_SENT, self._now()))
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


def _doubts(notification: Notification) -> list[str]:
    """The providers that may have taken it without our knowing, once for each time."""
    return [each.provider for each in notification.reports or () if each.state == Delivery.UNKNOWN.value]


def _wait(attempts: int) -> timedelta:
    doubled: int = 2 ** min(attempts - 1, 10)
    return min(FIRST_RETRY * doubled, LONGEST_RETRY)


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


def _entry(notification: Notification, action: Action, at: datetime, *, processor: str | None = None) -> LedgerEntry:
    """An entry about a message; `processor` is who got, or may have got, the person's data by one call."""
    who, thing = notification.subject, notification.id
    return LedgerEntry.of(notification.tenant, action, at=at, about=who, thing=thing, processor=processor)
