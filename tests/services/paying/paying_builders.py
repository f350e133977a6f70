"""A payment provider that lives in memory, and payments on a stage."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.errors import SlotTakenError
from chalicelib.domain.paying import Credentials, Order, Page, PaymentState, Transfer
from chalicelib.records.due import SETTLE, ended
from chalicelib.records.payment import Payment
from chalicelib.records.reading import fetch
from chalicelib.records.writing import Transaction
from chalicelib.services.paying.paying import reference_of
from chalicelib.services.paying.settling import Payments
from tests.builders import NETWORK, Business
from tests.stage import Stage

TENANT, CUSTOMER, APPOINTMENT = "a" * 32, "b" * 32, "c" * 32
PRICE = 12_050


@dataclass
class MemoryPayrexx:
    """Keeps pages and transactions; `fails` is raised instead of the next answer."""

    pages: dict[str, Page] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    refunds: list[tuple[str, int]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def open(self, account: Credentials, order: Order) -> Page:
        """A page, even if it then fails to say so."""
        number = str(next(self.numbers))
        self.orders.append(order)
        self.pages[number] = Page(id=number, link=f"https://praxis.payrexx.example/{number}")
        self._maybe_fail()
        return self.pages[number]

    def look(self, account: Credentials, page: str) -> Page | None:
        """The page."""
        self._maybe_fail()
        return self.pages.get(page)

    def transfer(self, account: Credentials, transfer: str) -> Transfer | None:
        """The transaction."""
        self._maybe_fail()
        return next((one for page in self.pages.values() for one in page.transfers if one.id == transfer), None)

    def refund(self, account: Credentials, transfer: str, amount: int) -> None:
        """Gives back, even if it then fails to say so."""
        self.refunds.append((transfer, amount))
        self.change(transfer, refunded=amount, status="partially-refunded")
        self._maybe_fail()

    def close(self, account: Credentials, page: str) -> None:
        """Closes it."""
        self.closed.append(page)
        self.pages.pop(page, None)

    def pay(self, page: str, reference: str, **changes: Any) -> str:
        """Somebody pays; the number of the transaction."""
        number = str(next(self.numbers))
        values = {"status": "confirmed", "amount": PRICE, "currency": "CHF", "reference": reference, **changes}
        held = self.pages[page]
        self.pages[page] = replace(held, transfers=(*held.transfers, Transfer(id=number, **values)))
        return number

    def change(self, transfer: str, **changes: Any) -> None:
        """What becomes of a transaction."""
        for number, page in self.pages.items():
            changed = tuple(replace(one, **changes) if one.id == transfer else one for one in page.transfers)
            self.pages[number] = replace(page, transfers=changed)

    def _maybe_fail(self) -> None:
        if self.fails:
            raise self.fails.pop(0)


@dataclass
class Appointments:
    """What is paid for: it holds, or is `gone`."""

    gone: bool = False
    paid_for: list[str] = field(default_factory=list)

    def paid(self, tenant: str, customer: str, appointment: str, *, also: Callable[[Transaction], None]) -> None:
        """Makes it hold."""
        if self.gone:
            raise SlotTakenError("Choose another time.")
        transaction = Transaction()
        also(transaction)
        transaction.commit()
        self.paid_for.append(appointment)


def with_account(on: Stage, of: Business) -> None:
    """Gives a business an account, so that what it offers may be paid online."""
    credentials = Credentials(instance="praxis", api_key="insecure-key")
    on.services.payment_accounts.set(of.session, credentials, signing_key="insecure-key", version=None, network=NETWORK)


class Account:
    """Any business's account."""

    def credentials(self, tenant: str) -> Credentials:
        """The same for all."""
        return Credentials(instance="praxis", api_key="key")


@dataclass
class Till:
    """Everything around one payment."""

    on: Stage
    provider: MemoryPayrexx
    appointments: Appointments
    payments: Payments

    def payment(self) -> Payment | None:
        """The payment as it is stored."""
        return fetch(Payment.ref(TENANT, CUSTOMER, APPOINTMENT), consistent=True)

    def there(self) -> Payment:
        """The payment, which is there."""
        held = self.payment()
        assert held is not None
        return held

    def run(self, **after: float) -> None:
        """The job, some time later."""
        self.on.clock.move(**after)
        self.payments.run()

    def due(self) -> bool:
        """Whether the job will look after it at some time."""
        return any(ended(SETTLE, until=self.on.clock() + timedelta(days=30), limit=9))


def till(on: Stage, **changes: Any) -> Till:
    """A payment that waits on its page for half an hour."""
    provider, appointments = MemoryPayrexx(), Appointments()
    now, ref = on.clock(), Payment.ref(TENANT, CUSTOMER, APPOINTMENT)
    page = provider.open(Credentials(instance="praxis", api_key="key"), an_order())
    values = {
        "state": PaymentState.WAITING,
        "amount": PRICE,
        "currency": "CHF",
        "opened_at": now,
        "appointment_ends_at": now + timedelta(days=2),
        "pay_until": now + timedelta(minutes=30),
        "page": page.id,
        "page_link": page.link,
        "next_at": now + timedelta(minutes=30),
    }
    transaction = Transaction()
    transaction.create(Payment(ref.pk, ref.sk, zone="Europe/Zurich", **{**values, **changes}))
    transaction.commit()
    payments = Payments(on.clock, Account(), lambda: provider, appointments)  # type: ignore[arg-type]
    return Till(on, provider, appointments, payments)


def an_order(**changes: Any) -> Order:
    """Half an hour for what an appointment costs."""
    values = {
        "amount": PRICE,
        "currency": "CHF",
        "purpose": "Physiotherapie",
        "reference": "Ab-_" * 16,
        "language": "de",
        "back_to": "https://api.example.ch/appointment",
        "minutes": 30,
    }
    return Order(**{**values, **changes})


def reference(of: Till) -> str:
    """What the transactions of its payment carry."""
    return reference_of(of.there())
