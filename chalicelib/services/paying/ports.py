"""What paying needs from outside."""

from collections.abc import Callable
from typing import Protocol

from chalicelib.domain.paying import Credentials, Order, Page, Transfer
from chalicelib.records.writing import Transaction


class PaymentProvider(Protocol):
    """Pages on which people pay. Raises the ProviderError family of domain.errors, nothing else."""

    def open(self, account: Credentials, order: Order) -> Page:
        """A new page."""
        ...

    def look(self, account: Credentials, page: str) -> Page | None:
        """The page with what was paid on it; None when there is none any more."""
        ...

    def transfer(self, account: Credentials, transfer: str) -> Transfer | None:
        """A transaction as it stands; None when there is none."""
        ...

    def refund(self, account: Credentials, transfer: str, amount: int) -> None:
        """Gives so much back."""
        ...

    def close(self, account: Credentials, page: str) -> None:
        """Takes a page away on which nobody shall pay any more."""
        ...


class Honouring(Protocol):
    """What is paid for, seen from the money."""

    def paid(self, tenant: str, customer: str, appointment: str, *, also: Callable[[Transaction], None]) -> None:
        """Makes a paid appointment hold; `also` writes what belongs to it. A CallerError when it can't be had."""
        ...
