"""Slows down whoever guesses the password of one account from many addresses, and whoever floods one with links."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.errors import TooManyAttemptsError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.slowing import next_link, seconds_to_wait
from chalicelib.records.attempts import AccountAttempts
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.ports import Vault


@dataclass(frozen=True)
class LinkCount:
    """How many links were asked for and not used, as it was read at `ref`."""

    ref: Ref[AccountAttempts]
    held: AccountAttempts | None


@dataclass(frozen=True)
class Slowing:
    """Counts by account, or by what would be one."""

    vault: Vault

    def account(self, email: str) -> str:
        """What the failures of an address of mail are counted under, whether or not there is such an account."""
        return self.vault.index(INSTALLATION, "account-attempts", email.casefold())

    def claim(self, account: str, *, known: bool, now: datetime) -> None:
        """Counts an attempt as failed before it is made; whoever succeeds calls `clear`. So no race gets around it.

        TooManyAttemptsError when it has to wait, unless it comes from a network `known` to the account.
        """
        persist(lambda: self._claim(account, known=known, now=now))

    def clear(self, transaction: Transaction, account: str) -> None:
        """A success: whatever failed before is forgotten."""
        transaction.discard(AccountAttempts.ref(account))

    def may_send_link(
        self, transaction: Transaction, count: LinkCount, *, link: str | None = None, now: datetime
    ) -> bool:
        """Whether one more link may be sent; counts it. After three unused ones the next waits until the last is over.

        `link` is that of a sign-in, which is good until the next one is asked for.
        """
        held = count.held
        number = 1 if held is None else next_link(int(held.failures), held.last_at, now)
        if number:
            AccountAttempts.note(transaction, count.ref, held, number, now, link=link)
        return bool(number)

    def asked_for(self, whose: str) -> Ref[AccountAttempts]:
        """Where it stands which link a member asked for last, or what was asked for with an address of nobody's."""
        self.vault.tenant_ready(INSTALLATION)
        return AccountAttempts.ref(self.vault.index(INSTALLATION, "account-links", whose))

    def link_used(self, transaction: Transaction, staff: str) -> None:
        """Whoever uses a link gets mails: they may ask again."""
        transaction.discard(self.asked_for(staff))

    def _claim(self, account: str, *, known: bool, now: datetime) -> None:
        held = fetch(AccountAttempts.ref(account), consistent=True)
        failures = 0 if held is None else int(held.failures)
        wait = 0 if held is None or known else seconds_to_wait(failures, held.last_at, now)
        if wait:
            raise TooManyAttemptsError(retry_after=wait)
        transaction = Transaction()
        AccountAttempts.note(transaction, AccountAttempts.ref(account), held, failures + 1, now)
        transaction.commit()
