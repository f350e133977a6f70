"""Slows down whoever guesses the password of one account from many addresses, and whoever floods one with links."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.errors import TooManyAttemptsError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.slowing import LINKS, LINKS_WITHIN, seconds_to_wait
from chalicelib.records.attempts import AccountAttempts
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.ports import Vault


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

    def may_send_link(self, transaction: Transaction, staff: str, *, link: str | None = None, now: datetime) -> bool:
        """Whether somebody may be sent one more link; counts it. Three unused ones within an hour are enough.

        `link` is that of a sign-in, which is good until the next one is asked for.
        """
        account = self._links_of(staff)
        held = fetch(AccountAttempts.ref(account), consistent=True)
        sent = 0 if held is None or held.last_at + LINKS_WITHIN <= now else int(held.failures)
        if sent >= LINKS:
            return False
        AccountAttempts.note(transaction, account, held, sent + 1, now, link=link)
        return True

    def asked_for(self, staff: str) -> Ref[AccountAttempts]:
        """Where it stands which link somebody asked for last."""
        return AccountAttempts.ref(self._links_of(staff))

    def link_used(self, transaction: Transaction, staff: str) -> None:
        """Whoever uses a link gets mails: they may ask again."""
        transaction.discard(self.asked_for(staff))

    def _links_of(self, staff: str) -> str:
        self.vault.tenant_ready(INSTALLATION)
        return self.vault.index(INSTALLATION, "account-links", staff)

    def _claim(self, account: str, *, known: bool, now: datetime) -> None:
        held = fetch(AccountAttempts.ref(account), consistent=True)
        failures = 0 if held is None else int(held.failures)
        wait = 0 if held is None or known else seconds_to_wait(failures, held.last_at, now)
        if wait:
            raise TooManyAttemptsError(retry_after=wait)
        transaction = Transaction()
        AccountAttempts.note(transaction, account, held, failures + 1, now)
        transaction.commit()
