"""What is asked of the ledger, and what is shown of it."""

from typing import Annotated

from pydantic import Field

from chalicelib.api.http.cursor import Cursor
from chalicelib.api.http.models import Id, Instant, LocalDate, Query, View, many

MOST_DAYS = 366


class DaysAsked(Query):
    """UTC days, both included; at most 366."""

    frm: Annotated[LocalDate, Field(alias="from")]
    to: LocalDate


class DayAsked(Query):
    """A UTC day."""

    day: LocalDate


class PageOfDayAsked(DayAsked):
    """A UTC day, and where the page begins."""

    cursor: Cursor | None = None


class PageAsked(Query):
    """Where the page begins."""

    cursor: Cursor | None = None


class DayCounts(View):
    """How often each kind of action happened on a day."""

    day: LocalDate
    total: int
    actions: dict[str, int]


class CountsView(View):
    """The days on which something happened."""

    days: Annotated[list[DayCounts], many(MOST_DAYS)]


class HandOvers(View):
    """How often a processor was, or may have been, handed data."""

    processor: str
    total: int
    days: dict[str, int]


class HandOversView(View):
    """The processors that got anything."""

    processors: Annotated[list[HandOvers], many(100)]


class EntryView(View):
    """An entry: ids and counts, no names. The address is shortened to its network."""

    at: Instant
    kind: Annotated[str, Field(examples=["staff:appointments:read"])]
    source: str
    actor: str | None
    about: str | None
    thing: str | None
    network: str | None
    ground: str | None
    processor: str | None
    counts: dict[str, int] | None


class EntriesView(View):
    """Entries of a day in their order, and the cursor of the rest."""

    entries: Annotated[list[EntryView], many(100)]
    cursor: str | None


class OwnEntryView(View):
    """An entry about oneself."""

    at: Instant
    kind: Annotated[str, Field(examples=["staff:session:started"])]
    source: str
    by_yourself: bool
    network: str | None


class OwnEntriesView(View):
    """Entries about oneself, the newest first, and the cursor of the rest."""

    entries: Annotated[list[OwnEntryView], many(100)]
    cursor: str | None


class ToldView(View):
    """What happened, when, and in what role somebody did it."""

    at: Instant
    kind: Annotated[str, Field(examples=["customer:appointment:booked"])]
    source: str
    by: Annotated[str, Field(description="customer, expert, admin, staff, provider or system.")]
    processor: Annotated[str | None, Field(description="The processor that was, or may have been, handed data.")]


class ToldEntriesView(View):
    """Entries about oneself, the newest first, and the cursor of the rest."""

    entries: Annotated[list[ToldView], many(1500)]
    cursor: str | None


class GroupView(View):
    """How often, and in how many businesses."""

    businesses: int
    count: int


class TelemetryView(View):
    """A day over all businesses. What fewer than five businesses did is left out, and `businesses` is null then."""

    day: LocalDate
    businesses: int | None
    actions: dict[str, GroupView]


class FindingView(View):
    """One thing that is wrong; `pk` and `sk` name the entry, where it is one."""

    problem: str
    pk: str | None
    sk: str | None


class VerificationView(View):
    """How a day of the ledger compares with its proof."""

    day: LocalDate
    tenant: Id
    state: str
    entries: int
    ok: bool
    findings: Annotated[list[FindingView], many(1000)]
    more: Annotated[bool, Field(description="Whether there are findings beside the first thousand.")]
