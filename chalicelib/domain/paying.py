"""How far a payment is, and what a provider's report makes of it.

Reports come late, twice and out of order. What counts is always the transaction as the provider has it now; a report
only says that it is worth a look.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class PaymentState(Enum):
    """Where a payment stands."""

    OPEN = "open"
    OPENING = "opening"
    WAITING = "waiting"
    PAID = "paid"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    DISPUTED = "disputed"


_MONEY_CAME = frozenset({"confirmed", "refunded", "partially-refunded", "refund_pending"})
_TAKEN_BACK = frozenset({"disputed", "chargeback"})


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A business's account at the payment provider: its name there, and the secret that goes with each call."""

    instance: str
    api_key: str


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a payer is asked for. `amount` in the smallest unit; `purpose` is the name of a service, no person's."""

    amount: int
    currency: str
    purpose: str
    reference: str
    language: str
    back_to: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """A transaction as the provider has it; amounts in the smallest unit."""

    id: str
    status: str
    amount: int
    currency: str
    reference: str
    refunded: int = 0

    @property
    def money_came(self) -> bool:
        """Whether it was paid, whatever became of the money since."""
        return self.status in _MONEY_CAME

    @property
    def is_disputed(self) -> bool:
        """Whether the payer has the money taken back by their bank."""
        return self.status in _TAKEN_BACK

    @property
    def refund_is_pending(self) -> bool:
        """Whether money is on its way back, which may not be among what was `refunded` yet."""
        return self.status == "refund_pending"

    def pays(self, amount: int, currency: str, reference: str) -> bool:
        """Whether it is the money that was asked for, and came."""
        return self.money_came and (self.amount, self.currency, self.reference) == (amount, currency, reference)


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the provider on which somebody pays, with what was paid there."""

    id: str
    link: str
    transfers: Sequence[Transfer] = ()
