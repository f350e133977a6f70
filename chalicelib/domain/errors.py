"""Every error the product raises on purpose. They carry ids and field names, never personal values.

Two families: `CallerError` (the caller can mend it; the API maps each to one status) and `TryAgainError`
(nothing was decided; the same call may succeed later).
"""

from collections.abc import Iterable


class ZusageError(Exception):
    """The base of all errors of the product."""


class CallerError(ZusageError):
    """Raised when the caller can mend what is wrong. `remedy` says how, `field` names the part of the input."""

    status = 400
    slug = "bad-request"
    title = "The request can't be carried out"

    def __init__(self, remedy: str = "", *, field: str | None = None) -> None:
        super().__init__(remedy or self.title)
        self.remedy = remedy
        self.field = field


class InvalidInputError(CallerError):
    """Raised when a value is well-formed JSON but not acceptable."""

    status = 422
    slug = "invalid-input"
    title = "A value is not acceptable"


class NotSignedInError(CallerError):
    """Raised when a staff session is missing, unknown, expired or revoked."""

    status = 401
    slug = "not-signed-in"
    title = "Sign in first"


class NotAllowedError(CallerError):
    """Raised when the caller is known but may not do this."""

    status = 403
    slug = "not-allowed"
    title = "Not allowed"


class SetupRequiredError(CallerError):
    """Raised for everything but the change of the first password, until that is done."""

    status = 403
    slug = "setup-required"
    title = "The installation's first password must be changed first"


class SecrecyRequiredError(CallerError):
    """Raised when somebody who works for the operator has not confirmed data secrecy yet."""

    status = 403
    slug = "secrecy-required"
    title = "Confirm data secrecy first"


class SecondFactorRequiredError(CallerError):
    """Raised when a business requires a second factor and this member of staff has none yet."""

    status = 403
    slug = "second-factor-required"
    title = "Set up a second factor first"


class SignInAnewError(CallerError):
    """Raised when a change of sign-in data takes a sign-in, or a second factor, of minutes ago."""

    status = 403
    slug = "sign-in-anew"
    title = "Sign in anew first"


class ReadOnlyError(CallerError):
    """Raised when a trial is over, or a tenancy cancelled: everything can be read and exported, nothing changed."""

    status = 403
    slug = "read-only"
    title = "This account can be read and exported only"


class CrossSiteError(CallerError):
    """Raised when a request with a cookie does not surely come from a page of ours."""

    status = 403
    slug = "cross-site"
    title = "This request does not come from our own pages"


class FormRefusedError(CallerError):
    """Raised when a form was changed on its way, is out of date, was used before, or belongs to somebody else."""

    status = 403
    slug = "form-refused"
    title = "This form is not accepted"


class CredentialsRefusedError(CallerError):
    """Raised when address and password, or a second factor, do not fit; never says which, or whether they exist."""

    status = 401
    slug = "credentials-refused"
    title = "Signing in was refused"


class TooManyAttemptsError(CallerError):
    """Raised when somebody has to wait before trying again. `retry_after` is in seconds."""

    status = 429
    slug = "too-many-attempts"
    title = "Too many attempts"

    def __init__(self, remedy: str = "", *, retry_after: int = 1, field: str | None = None) -> None:
        super().__init__(remedy, field=field)
        self.retry_after = retry_after


class LinkInvalidError(CallerError):
    """Raised when a capability link is forged, meant for something else, or names what is gone."""

    status = 403
    slug = "link-invalid"
    title = "This link is not valid"


class NotFoundError(CallerError):
    """Raised when a thing does not exist for this caller, whether or not it exists for another."""

    status = 404
    slug = "not-found"
    title = "Not found"


class LinkUsedError(CallerError):
    """Raised when a capability link was used up or replaced by a newer one."""

    status = 410
    slug = "link-used"
    title = "This link was used or replaced"


class LinkExpiredError(CallerError):
    """Raised when a genuine capability link is past its time."""

    status = 410
    slug = "link-expired"
    title = "This link has expired"


class SlotTakenError(CallerError):
    """Raised when a time is not, or no longer, free. Someone else may have been faster."""

    status = 409
    slug = "slot-taken"
    title = "This time is not available"


class ConflictError(CallerError):
    """Raised when what is there does not allow the change, such as an address that is taken."""

    status = 409
    slug = "conflict"
    title = "This contradicts what is there"


class NotHandedOverError(ConflictError):
    """Raised when appointments can't go over to another expert; `appointments` are their ids."""

    slug = "not-handed-over"
    title = "Some appointments can't be handed over"

    def __init__(self, remedy: str = "", *, appointments: Iterable[str] = ()) -> None:
        super().__init__(remedy)
        self.appointments = tuple(appointments)


class RestrictedError(CallerError):
    """Raised when data is to be used whose processing is restricted (Art. 18 GDPR) or that is blocked."""

    status = 409
    slug = "restricted"
    title = "The processing of this data is restricted"


class IdempotencyMismatchError(CallerError):
    """Raised when an Idempotency-Key comes again with a different request."""

    status = 422
    slug = "idempotency-mismatch"
    title = "This Idempotency-Key was used for another request"


class VersionMismatchError(CallerError):
    """Raised when a change was made on another version than the one that is stored."""

    status = 412
    slug = "changed"
    title = "It was changed since you read it"


class TooLargeError(CallerError):
    """Raised when a body is larger than the endpoint takes."""

    status = 413
    slug = "too-large"
    title = "The request is too large"


class SignatureInvalidError(CallerError):
    """Raised when a webhook can't prove where it comes from."""

    status = 403
    slug = "signature-invalid"
    title = "The signature does not fit"


class TryAgainError(ZusageError):
    """Raised when nothing was decided and the same call may succeed after `retry_after` seconds."""

    status = 503
    slug = "try-again"
    title = "Busy; try again"

    def __init__(self, *, retry_after: int = 1) -> None:
        super().__init__(self.title)
        self.retry_after = retry_after


class ChangedMeanwhileError(TryAgainError):
    """Raised when a record changed between reading and writing and the verb has given up re-reading."""


class KeyDestroyedError(ZusageError):
    """Raised when a sealed record can't be opened because its subject's key was destroyed."""


class ProviderError(ZusageError):
    """The base of what can go wrong at an outside provider. `code` is the provider's own, never its text."""

    def __init__(self, provider: str, code: str = "") -> None:
        super().__init__(f"{provider}: {code or self.__class__.__name__}")
        self.provider = provider
        self.code = code


class ProviderUnavailableError(ProviderError):
    """Raised when the provider surely did not take the message and may take it later (connect failure, 429, 5xx)."""


class ThrottledError(ProviderUnavailableError):
    """Raised when the provider asks us to come back later: after `retry_after` seconds, if it says when."""

    def __init__(self, provider: str, code: str = "", *, retry_after: int = 0) -> None:
        super().__init__(provider, code)
        self.retry_after = retry_after


class AccessEndedError(ProviderError):
    """Raised when somebody's own account does not let us in any more: only they can mend that."""


class ThingGoneError(ProviderError):
    """Raised when what we made at the provider is not there any more, such as a calendar that was deleted there."""


class ProviderMisconfiguredError(ProviderError):
    """Raised when the provider refuses us, not the recipient (credentials, sender, account)."""


class RecipientRefusedError(ProviderError):
    """Raised when the provider will never deliver to this recipient. `suppress` says whether to stop for good."""

    def __init__(self, provider: str, code: str = "", *, suppress: bool = False) -> None:
        super().__init__(provider, code)
        self.suppress = suppress


class OutcomeUnknownError(ProviderError):
    """Raised when the request was sent and no answer came: the provider may or may not have taken it."""
