"""Round trips, units and calls to KMS of the requests that matter, with the keys at hand (warm) and without (cold).

Measured on the real app over real records on moto, from the calls that really leave it. "In sequence" is what somebody
waits for: calls side by side count once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from infra.bench.actions import Practice, practice
from infra.bench.figures import Figure
from infra.bench.metering import Meter, Trips

_TRANSACTION = "dynamodb.TransactWriteItems"
_KEY = "a-key-of-the-benchmark"


@dataclass(frozen=True)
class Allowed:
    """The budgets of one request; None where the design names none."""

    trips: int | None = None
    transactions: int | None = None
    kms: int | None = None


_BOOKING = Allowed(trips=3, transactions=1, kms=0)
_COLD = Allowed()
_READ = Allowed(trips=2)


def run() -> list[Figure]:
    """All requests, one after the other, in one practice."""
    meter = Meter()
    with meter.installed(), practice() as at:
        for name in ("new_data_key", "open_data_key"):
            setattr(at.on.kms, name, meter.watched(f"kms.{name}", getattr(at.on.kms, name)))
        at.slots_of_a_month()  # whatever is made once in a process
        bench = _Requests(at, meter)
        return [
            *bench.slots(),
            *bench.bookings(),
            *bench.changes(),
            *bench.staff_reads(),
            *bench.receipts(),
        ]


class _Requests:
    """One method a kind of request."""

    def __init__(self, at: Practice, meter: Meter) -> None:
        self._at, self._meter = at, meter

    def slots(self) -> Iterator[Figure]:
        """A month of one expert with sixty appointments."""
        trips = self._metered(self._at.slots_of_a_month)
        yield Figure("slots of a month: Query", trips.count("dynamodb.Query"), "calls", 1)
        yield Figure("slots of a month: read units of the Query", trips.reads("dynamodb.Query"), "RRU", 2)
        yield from _figures("slots of a month", trips, Allowed(kms=0))

    def bookings(self) -> Iterator[Figure]:
        """Customers old and new."""
        at, known = self._at, self._at.somebody()
        yield from self._of("a form for a booking", at.booking_form, Allowed(trips=0, kms=0))
        first, second, third, fourth, fifth, sixth = (at.booking_form() for _ in range(6))
        at.book(days=0, form=first, email=known)
        yield from self._of("booking, new customer", lambda: at.book(days=1, form=second), _BOOKING)
        yield from self._of("booking, known customer", lambda: at.book(days=2, form=third, email=known), _BOOKING)
        keyed = {"form": fourth, "email": known, "Idempotency_Key": _KEY}
        yield from self._of("booking, known customer, Idempotency-Key", lambda: at.book(days=3, **keyed), _BOOKING)
        yield from self._of("the same request again", lambda: at.book(days=3, **keyed), _COLD)
        at.forget_keys()
        yield from self._of("booking, new customer, cold", lambda: at.book(days=4, form=fifth), _COLD)
        at.forget_keys()
        yield from self._of("booking, known customer, cold", lambda: at.book(days=7, form=sixth, email=known), _COLD)

    def changes(self) -> Iterator[Figure]:
        """By link."""
        at = self._at
        held = [at.book(days=days, form=at.booking_form()) for days in (8, 9, 10, 11)]
        warm = Allowed(kms=0)
        yield from self._of("cancelling", lambda: at.cancel(held[0]), warm)
        yield from self._of("moving", lambda: at.move(held[1]), warm)
        at.forget_keys()
        yield from self._of("cancelling, cold", lambda: at.cancel(held[2]), _COLD)
        at.forget_keys()
        yield from self._of("moving, cold", lambda: at.move(held[3]), _COLD)

    def staff_reads(self) -> Iterator[Figure]:
        """The list of a day of nine appointments: session, list, keys, entry in the ledger."""
        at = self._at
        at.list_a_day()
        yield from self._of("staff read of a day", at.list_a_day, Allowed(trips=2, kms=0))
        at.forget_keys()
        yield from self._of("staff read of a day, cold", at.list_a_day, _COLD)
        at.on.clock.move(minutes=5)
        subjects = {each["customer"] for each in at.list_a_day()["appointments"]}
        at.on.clock.move(minutes=5)
        at.on.vault.preload(at.of.tenant, subjects)  # or the keys' own five minutes would be over as well
        yield from self._of("staff read of a day, first in five minutes", at.list_a_day, _READ)

    def receipts(self) -> Iterator[Figure]:
        """A provider reports on a mail."""
        at = self._at
        at.on.clock.move(seconds=1)
        at.on.pump()
        first, second = (mail.reference for mail in at.on.mailgun.sent[-2:])
        yield from self._of("receipt by webhook", lambda: at.report_delivery(first), Allowed(kms=0))
        at.forget_keys()
        yield from self._of("receipt by webhook, cold", lambda: at.report_delivery(second), _COLD)

    def _of(self, name: str, action: Callable[[], object], allowed: Allowed) -> list[Figure]:
        return list(_figures(name, self._metered(action), allowed))

    def _metered(self, action: Callable[[], object]) -> Trips:
        with self._meter.metering() as trips:
            action()
        return trips


def _figures(name: str, trips: Trips, allowed: Allowed) -> Iterator[Figure]:
    yield Figure(f"{name}: round trips", trips.in_sequence(), "in sequence", allowed.trips)
    if transactions := trips.count(_TRANSACTION):
        yield Figure(f"{name}: transactions", transactions, "calls", allowed.transactions)
    yield Figure(f"{name}: KMS", trips.count("kms."), "calls", allowed.kms)
    yield Figure(f"{name}: read units", trips.reads(), "RRU")
    if writes := trips.writes():
        yield Figure(f"{name}: write units", writes, "WRU")
