"""Customers brought along in a file: uploaded, looked at with what is wrong, and then taken."""

from typing import TYPE_CHECKING, Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api._seldom import BODIES
from chalicelib.api.http.answer import Versioned
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, Language, ReadOnly, View, many, whole
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, InvalidInputError, NotFoundError, VersionMismatchError
from chalicelib.domain.roles import ADMIN

if TYPE_CHECKING:
    from chalicelib.services.customers.taking_over import Preview

routes = Blueprint(__name__)

MOST_BYTES = 4_000_000
MOST_PROBLEMS = 1000
LARGEST_PREVIEW = 1_000_000
Meant = Literal["given_name", "family_name", "full_name", "email", "phone", "language"]


class ColumnView(View):
    """A column: its heading, and what it is taken for; null: it is left behind."""

    heading: str
    meaning: Meant | None


class ProblemView(View):
    """What is wrong in a row, and what to do. A row with a problem that is no hint is left behind."""

    row: Annotated[int, Field(description="As people count: 1 is the row of the headings, or the first card.")]
    column: Annotated[int | None, Field(description="From 0, in the order of `columns`; null: the row as a whole.")]
    problem: str
    remedy: str
    hint: bool


class ImportView(View):
    """How an import stands. It is forgotten a day after the upload."""

    id: Id
    uploaded_at: Instant
    columns: Annotated[list[ColumnView], many(60)]
    language: str
    rows: int
    ready: Annotated[int, Field(description="Rows that become, or became, customers.")]
    known: Annotated[
        list[int],
        Field(
            max_length=5000,
            description="Rows whose address a customer has already, or their name and number where no address is given "
            "(looked up for the first 200 of those).",
        ),
    ]
    problems: Annotated[list[ProblemView], many(MOST_PROBLEMS)]
    more_problems: int
    added: int
    state: Literal["open", "running", "finished"]


class ColumnRead(Body):
    """What a column is taken for; null: it is left behind."""

    heading: ReadOnly = None
    meaning: Meant | None


class ImportReading(Body):
    """What each column means, in their order, and the language of those for whom no column says one."""

    columns: Annotated[list[ColumnRead], many(60)]
    language: Language


class ImportProgress(View):
    """How far it has come: until it is finished, the same is asked for again."""

    added: int
    state: Literal["running", "finished"]


@routes.route("/customer-imports", methods=["POST"], content_types=[*BODIES["upload_customers"]])
@endpoint(
    auth=Staff(ADMIN),
    takes_bytes=BODIES["upload_customers"],
    max_bytes=MOST_BYTES,
    gives=ImportView,
    status=201,
    location="customer-imports/{id}",
    errors=(InvalidInputError, NotFoundError),
    ledger=(Action.IMPORT_UPLOADED,),
    summary="Upload a file with customers",
)
def upload_customers(call: Call) -> Versioned[ImportView]:
    """XLSX, CSV or vCard 3 and 4, at most 4 MB and 5,000 rows; which it is, the content says. Nobody is taken yet."""
    return _view(wiring.services().taking_over.upload(call.session, call.upload.content, network=call.ip))


@routes.route("/customer-imports/{upload}", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN),
    gives=ImportView,
    errors=(NotFoundError,),
    ledger=(Action.IMPORT_READ,),
    summary="See an import and what is wrong in it",
)
def see_import(call: Call, upload: str) -> Versioned[ImportView]:
    """For a day."""
    return _view(wiring.services().taking_over.preview(call.session, upload, network=call.ip))


@routes.route("/customer-imports/{upload}", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN),
    takes=whole(ImportReading, ImportView),
    max_bytes=LARGEST_PREVIEW,
    gives=ImportView,
    match=True,
    errors=(ConflictError, InvalidInputError, NotFoundError, VersionMismatchError),
    ledger=(Action.IMPORT_CHANGED,),
    summary="Say what the columns of an import mean",
)
def change_import(call: Call[ImportReading], upload: str) -> Versioned[ImportView]:
    """What no column is taken for is left behind."""
    from chalicelib.domain.importing import Meaning  # noqa: PLC0415 (loaded when it is needed)

    columns = [Meaning(each.meaning) if each.meaning else None for each in call.body.columns]
    changed = wiring.services().taking_over.change(
        call.session, upload, columns, call.body.language, version=call.if_match, network=call.ip
    )
    return _view(changed)


@routes.route("/customer-imports/{upload}/completion", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN),
    gives=ImportProgress,
    errors=(NotFoundError,),
    ledger=(Action.CUSTOMER_IMPORTED, Action.IMPORT_TAKEN),
    summary="Make customers of an import",
)
def complete_import(call: Call, upload: str) -> ImportProgress:
    """Some hundred at a call. Asked again after the end, nothing more is added. They have to be told (Art. 14 GDPR)."""
    held = wiring.services().taking_over.take(call.session, upload, network=call.ip)
    return ImportProgress(added=int(held.added), state="finished" if held.finished_at else "running")


@routes.route("/customer-imports/{upload}", methods=["DELETE"])
@endpoint(
    auth=Staff(ADMIN, when_read_only=True),
    errors=(NotFoundError,),
    ledger=(Action.IMPORT_DISCARDED,),
    summary="Discard an import",
)
def discard_import(call: Call, upload: str) -> None:
    """Who became a customer by it stays one."""
    wiring.services().taking_over.discard(call.session, upload, network=call.ip)


def _view(preview: "Preview") -> Versioned[ImportView]:
    return Versioned(_import(preview), int(preview.held.version or 1))


def _import(preview: "Preview") -> ImportView:
    held, shown = preview.held, preview.problems[:MOST_PROBLEMS]
    meant = zip(held.headings, held.columns, strict=True)
    return ImportView(
        id=held.id,
        uploaded_at=held.uploaded_at,
        columns=[ColumnView(heading=heading, meaning=meaning) for heading, meaning in meant],
        language=held.language,
        rows=int(held.rows),
        ready=preview.ready,
        known=list(preview.known),
        problems=[
            ProblemView(row=each.row, column=each.column, problem=each.what, remedy=each.remedy, hint=each.hint)
            for each in shown
        ],
        more_problems=len(preview.problems) - len(shown),
        added=int(held.added or 0),
        state="finished" if held.finished_at else "running" if held.started_at else "open",
    )
