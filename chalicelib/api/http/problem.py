"""Problems (RFC 9457): one shape for every refusal. They name the field and the remedy, never what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.errors import CallerError, NotHandedOverError, TooManyAttemptsError, TryAgainError

PROBLEM_TYPE = "application/problem+json"


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one part of the input: where, what, and what to send instead."""

    field: str
    problem: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A refusal, ready to be written."""

    status: int
    slug: str
    title: str
    detail: str = ""
    errors: Sequence[FieldProblem] = ()
    retry_after: int | None = None

    def body(self, request_id: str) -> dict[str, object]:
        """The members of the problem document."""
        document: dict[str, object] = {"type": problem_type(self.slug), "title": self.title, "status": self.status}
        if self.detail:
            document["detail"] = self.detail
        document["instance"] = f"urn:uuid:{request_id}"
        if self.errors:
            document["errors"] = [vars(error) for error in self.errors]
        return document


class MalformedError(CallerError):
    """Raised when the request can't be read at all: broken JSON, a bad header."""

    slug = "malformed"
    title = "The request can't be read"


class UnsupportedTypeError(CallerError):
    """Raised when the body is of a type the endpoint does not read."""

    status = 415
    slug = "unsupported-type"
    title = "This type of content is not taken here"


class RefusedFieldsError(CallerError):
    """Raised when fields of the body or the query are not acceptable; carries one entry a field."""

    status = 422
    slug = "invalid-input"
    title = "A value is not acceptable"

    def __init__(self, errors: Sequence[FieldProblem]) -> None:
        super().__init__("Mend the fields listed under errors.")
        self.errors = tuple(errors)


def problem_type(slug: str) -> str:
    """The URI that identifies a kind of problem."""
    return f"urn:zusage:problem:{slug}"


def problem_of(error: CallerError | TryAgainError) -> Problem:
    """What the caller hears of an error raised on purpose."""
    if isinstance(error, TryAgainError):
        detail = f"Send the same request again in {error.retry_after} s or later."
        return Problem(
            status=error.status, slug=error.slug, title=error.title, detail=detail, retry_after=error.retry_after
        )
    errors: tuple[FieldProblem, ...] = error.errors if isinstance(error, RefusedFieldsError) else ()
    if isinstance(error, NotHandedOverError):
        errors = tuple(FieldProblem(f"appointments.{each}", "stays", error.remedy) for each in error.appointments)
    if error.field:
        errors = (FieldProblem(error.field, "is not acceptable", error.remedy or error.title),)
    wait = error.retry_after if isinstance(error, TooManyAttemptsError) else None
    detail = error.remedy or (f"Try again in {wait} s." if wait else "")
    return Problem(
        status=error.status, slug=error.slug, title=error.title, detail=detail, errors=errors, retry_after=wait
    )


INTERNAL = Problem(
    status=500,
    slug="internal",
    title="Something is broken on our side",
    detail="Try again later; if it stays, report the instance of this problem.",
)

# What Chalice refuses by itself, before a view is reached.
ROUTER = {
    400: Problem(status=400, slug="malformed", title=MalformedError.title, detail="Mend the request's headers."),
    404: Problem(status=404, slug="not-found", title="Not found", detail="See the documentation for what is there."),
    405: Problem(status=405, slug="wrong-method", title="Not with this method", detail="Use a method named in Allow."),
    415: Problem(
        status=415,
        slug=UnsupportedTypeError.slug,
        title=UnsupportedTypeError.title,
        detail="Send a Content-Type that the documentation names.",
    ),
}
