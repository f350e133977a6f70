"""Reports that a calendar has changed. They say nothing of what changed, and all they bring about is a look at it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import SignatureInvalidError, TryAgainError
from chalicelib.domain.own_calendars import Report
from chalicelib.domain.tokens import Token
from chalicelib.records.calendar_link import CalendarLink, LinkState
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.writing import LostRaceError, Transaction


@dataclass(frozen=True)
class Hearing:
    """Takes reports."""

    clock: Clock

    def take(self, reports: Iterable[Report]) -> None:
        """Has a look brought forward for each report. SignatureInvalidError when none has a secret of ours."""
        proven = [(link, each) for each in reports if (link := _proven(each.secret)) is not None]
        if not proven:
            raise SignatureInvalidError
        for link, report in proven:
            if report.changed and not _is_known(link, report):
                self._bring_forward(link, report)

    def _bring_forward(self, link: CalendarLink, report: Report) -> None:
        now = self.clock().replace(microsecond=0)
        if link.state is LinkState.BROKEN or not (report.ends or _is_of_use(link, now)):
            return
        if report.ends:
            link.subscribed_until = now  # the next look asks anew
        if _is_of_use(link, now):
            link.next_at = now
        if report.channel:
            link.heard = f"{report.channel} {report.number}"
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


def _is_of_use(link: CalendarLink, now: datetime) -> bool:
    """Whether a look can be brought forward: one that is due is no sooner for it, nor what can't be reached."""
    return link.next_at > now and not link.failures


def _proven(secret: str) -> CalendarLink | None:
    token = Token.read(secret)
    if token is None:
        return None
    links = CalendarLink.all_of(token.tenant, token.owner)
    return next((each for each in links if compare_digest(str(each.digest or ""), token.digest)), None)


def _is_known(link: CalendarLink, report: Report) -> bool:
    """Whether this one, or a later one, was heard before: the look that followed has seen what it is about."""
    channel, _, number = str(link.heard or "").partition(" ")
    return bool(report.channel) and report.channel == channel and report.number <= int(number)
