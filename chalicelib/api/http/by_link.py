"""What the routes share that customers call by link."""

from chalicelib.api.http.endpoint import Unnoted
from chalicelib.domain.errors import LinkExpiredError, LinkInvalidError, LinkUsedError, NotFoundError

LINK_ERRORS = (LinkInvalidError, LinkExpiredError, LinkUsedError, NotFoundError)
OWN = Unnoted("people look at what is their own; where it is restricted, the exception is noted")
