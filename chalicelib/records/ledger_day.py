"""How much happened on one day: counts by kind of action and by processor, and nothing about whom."""

from datetime import UTC, date, datetime, time, timedelta

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import months
from chalicelib.records._base import CLOSE
from chalicelib.records._busy import reading
from chalicelib.records._fields import InstantAttribute, internal
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, fetch, query

# Longer than any function may run: whoever began before midnight has written by then, or never will.
CLOSING_DELAY = timedelta(minutes=30)
# Where no day was closed yet, entries may be older than the first counts, but not by more than this.
LOOK_BACK = timedelta(days=31)
_PREFIX = "LEDGER-DAY#"
_COUNTS = "counts of a whole day: they say nothing about a person"


class LedgerDay(RecordsTable, discriminator="LedgerDay"):
    """The counts of a tenant's UTC day. They run along while the day does, and are final once it is closed."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.ACCOUNTABILITY,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(months(24), "ends_at"),),
        then=Then.DELETE,
        because="as long as the entries that were counted",
    )

    outlives_tenant = True

    actions = internal(JSONAttribute(), why=_COUNTS)
    processors = internal(JSONAttribute(), why=_COUNTS)
    seen = internal(UnicodeAttribute(null=True), why="how far the stream was counted")
    closed_at = internal(InstantAttribute(null=True), why="when the day was proven")

    @classmethod
    def ref(cls, tenant: str, day: date) -> "Ref[LedgerDay]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}", f"{_PREFIX}{day.isoformat()}")

    @classmethod
    def current(cls, tenant: str, day: date) -> "LedgerDay":
        """The day as it is stored, or a fresh one of which nothing was counted yet."""
        ref = cls.ref(tenant, day)
        return fetch(ref, consistent=True) or cls(ref.pk, ref.sk, actions={}, processors={})

    @classmethod
    def between(cls, tenant: str, first: date, last: date) -> "list[LedgerDay]":
        """A tenant's days from `first` to `last`: one Query."""
        ends = (f"{_PREFIX}{day.isoformat()}" for day in (first, last))
        return query(cls, f"TENANT#{tenant}", cls.sk.between(*ends))

    @classmethod
    def everywhere(cls, day: date) -> "list[LedgerDay]":
        """The day of every tenant, and of the installation itself."""
        with reading():
            found = cls.lookup_index.query(f"{_PREFIX}{day.isoformat()}")
            return [each for each in found if isinstance(each, cls) and not each.is_absent()]

    @staticmethod
    def of_key(pk: str, sk: str) -> tuple[str, date]:
        """The tenant and the day that a key of the due index stands for."""
        return pk.removeprefix("TENANT#"), date.fromisoformat(sk.removeprefix(_PREFIX))

    @property
    def day(self) -> date:
        """The UTC day."""
        return date.fromisoformat(self.sk.removeprefix(_PREFIX))

    @property
    def ends_at(self) -> datetime:
        """The end of the day."""
        return end_of(self.day)

    @property
    def total(self) -> int:
        """How many entries were counted."""
        return sum(self.actions.values())

    def add(self, action: str, processor: str | None) -> None:
        """Counts one entry."""
        self.actions[action] = self.actions.get(action, 0) + 1
        if processor:
            self.processors[processor] = self.processors.get(processor, 0) + 1

    def due(self) -> tuple[str, datetime | None]:
        """Until it is closed, its closing; then its expiry."""
        return super().due() if self.closed_at is not None else (CLOSE, self.ends_at + CLOSING_DELAY)

    def stamp(self) -> None:
        """Expiry and due index, and the place in the list of the day over all tenants."""
        super().stamp()
        self.lookup_pk, self.lookup_sk = self.sk, self.tenant


def end_of(day: date) -> datetime:
    """The instant at which a UTC day is over."""
    return datetime.combine(day, time(), UTC) + timedelta(days=1)
