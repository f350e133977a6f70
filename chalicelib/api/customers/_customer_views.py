"""How staff send and see customers."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from chalicelib.api.http.cursor import Cursor
from chalicelib.api.http.models import Body, Id, Instant, Language, View, many
from chalicelib.api.http.people import EmailAddress, Name, Phone

if TYPE_CHECKING:
    from chalicelib.records.customer import Customer
    from chalicelib.records.customer_join import Merge, Split
    from chalicelib.records.customer_note import CustomerNote
    from chalicelib.services.customers.finding import Person

PLACE = r"[0-9a-f]{32}"
Came = Annotated[
    Literal["person", "business"],
    Field(description="From whom the data comes; whoever enters somebody else has to tell them (Art. 14 GDPR)."),
]


class CustomerEntry(Body):
    """Who somebody is: what is left out is empty from now on."""

    given_name: Name
    family_name: Name
    email: EmailAddress | None = None
    phone: Phone | None = None
    language: Language

    def person(self) -> "Person":
        """As services take it."""
        from chalicelib.services.customers.finding import Person  # noqa: PLC0415 (loaded when it is needed)

        names = ("given_name", "family_name", "email", "phone", "language")
        return Person(**{name: getattr(self, name) for name in names})


class CustomerView(View):
    """A customer."""

    id: Id
    given_name: str
    family_name: str
    email: str | None
    phone: str | None
    language: str
    source: Came
    entered_by: Id | None
    created_at: Instant
    last_appointment_at: Annotated[
        Instant, Field(description="When the last one ends; when they were entered, as long as there is none.")
    ]
    kept_until: Instant


class CustomerList(View):
    """Customers, and where the rest begins."""

    customers: Annotated[list[CustomerView], many(25)]
    cursor: Cursor | None


class NoteView(View):
    """A note; `version` goes into If-Match when it is changed."""

    id: Id
    author: Id
    text: str
    written_at: Instant
    changed_at: Instant
    version: int


class MergeView(View):
    """A merge that can still be undone."""

    id: Id
    customer: Id
    other: Id
    merged_at: Instant


class SplitView(View):
    """A split that can still be undone; not done means that it was interrupted, and is to be asked for again."""

    id: Id
    customer: Id
    other: Id
    split_at: Instant
    done: bool


def note_view(held: "CustomerNote") -> NoteView:
    """A note as staff see it."""
    shown = {name: getattr(held, name) for name in ("id", "author", "text", "written_at", "changed_at")}
    return NoteView(version=int(held.version or 1), **shown)


def merge_view(held: "Merge") -> MergeView:
    """A merge as staff see it."""
    return MergeView(id=held.id, customer=held.subject, other=held.other, merged_at=held.merged_at)


def split_view(held: "Split") -> SplitView:
    """A split as staff see it."""
    done = held.done_at is not None and held.back_since is None
    return SplitView(id=held.id, customer=held.subject, other=held.other, split_at=held.split_at, done=done)


def view(held: "Customer") -> CustomerView:
    """A customer as staff see them."""
    names = ("given_name", "family_name", "email", "phone", "language", "entered_by")
    return CustomerView(
        id=held.subject,
        source="person" if held.source.name == "SUBJECT" else "business",
        created_at=held.created_at,
        last_appointment_at=held.last_appointment_at,
        kept_until=held.expires_at or held.last_appointment_at,
        **{name: getattr(held, name) for name in names},
    )
