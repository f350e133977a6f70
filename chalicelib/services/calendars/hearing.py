"""Reports that a calendar has changed. They say nothing of what changed, and all they bring about is a look at it."""

from collections.abc import Iterable
from dataclasses import dataclass
from hmac import compare_digest

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import SignatureInvalidError, TryAgainError
from chalicelib.domain.tokens import Token
from chalicelib.records.calendar_link import CalendarLink, LinkState
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.writing import LostRaceError, Transaction


@dataclass(frozen=True)
class Hearing:
    """Takes reports."""

    clock: Clock

    def take(self, secrets: Iterable[str]) -> None:
        """Has a look brought forward for each secret. SignatureInvalidError when none is one that we gave out."""
        links = [link for each in secrets if (link := _proven(each)) is not None]
        if not links:
            raise SignatureInvalidError
        for link in links:
            self._bring_forward(link)

    def _bring_forward(self, link: CalendarLink) -> None:
        now = self.clock().replace(microsecond=0)
        if link.state is LinkState.BROKEN or link.next_at <= now or link.failures:
            return
        link.next_at = now
        transaction = Transaction()
        transaction.update(link)
        transaction.create(
            LedgerEntry.of(
                link.tenant,
                Action.CALENDAR_REPORTED,
                at=now,
                about=link.subject,
                thing=link.id,
            )
        )
        try:
            transaction.commit()
        except LostRaceError:
            # Whoever was faster may have looked before it changed: the provider reports again.
            raise TryAgainError from None


def _proven(secret: str) -> CalendarLink | None:
    token = Token.read(secret)
    if token is None:
        return None
    links = CalendarLink.all_of(token.tenant, token.owner)
    return next((each for each in links if compare_digest(str(each.digest or ""), token.digest)), None)
