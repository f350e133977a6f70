"""Keys for a business's own servers: admins make, list and revoke them."""

from typing import TYPE_CHECKING, Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, Instant, View, line, many
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, InvalidInputError, NotFoundError
from chalicelib.domain.roles import ADMIN
from chalicelib.domain.scopes import SCOPES

if TYPE_CHECKING:
    from chalicelib.services.tenancy.api_keys import KeyShown

routes = Blueprint(__name__)

Scope = Literal[
    "appointments:read",
    "appointments:write",
    "services:read",
    "services:write",
    "availability:read",
    "availability:write",
]


class CreateKey(Body):
    """What the key is for, what it may do, and until when: at most a year."""

    label: Annotated[str, line(80, example="Website")]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES))]
    valid_until: Instant


class KeyView(View):
    """A key; who made it, and when it was last used, to within five minutes."""

    id: Id
    label: str
    scopes: list[str]
    created_at: Instant
    created_by: Id
    valid_until: Instant
    seen_at: Instant | None


class KeyMade(KeyView):
    """A new key. It is told once."""

    key: Annotated[str, Field(description="To be sent as `Authorization: Bearer <key>`.")]


class KeyList(View):
    """The keys that are valid."""

    keys: Annotated[list[KeyView], many(10)]


@routes.route("/api-keys", methods=["GET"])
@endpoint(auth=Staff(ADMIN), gives=KeyList, ledger=(Action.API_KEYS_READ,), summary="List the keys of one's servers")
def list_keys(call: Call) -> KeyList:
    """Without their secrets, which nobody knows but the servers."""
    held = wiring.services().api_keys.listed(call.session, network=call.ip)
    return KeyList(keys=[KeyView(**_plain(each)) for each in held])


@routes.route("/api-keys", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN),
    takes=CreateKey,
    gives=KeyMade,
    status=201,
    errors=(ConflictError, InvalidInputError, NotFoundError),
    ledger=(Action.API_KEY_CREATED,),
    summary="Make a key for a server",
)
def create_key(call: Call[CreateKey]) -> KeyMade:
    """At most ten. The key is shown this once; only its hash is stored."""
    from chalicelib.services.tenancy.api_keys import WantedKey  # noqa: PLC0415 (loaded with the first call that needs it)

    body = call.body
    wanted = WantedKey(label=body.label, scopes=frozenset(body.scopes), valid_until=body.valid_until)
    made = wiring.services().api_keys.create(call.session, wanted, network=call.ip)
    return KeyMade(**_plain(made), key=made.secret)


@routes.route("/api-keys/{key}", methods=["DELETE"])
@endpoint(auth=Staff(ADMIN, when_read_only=True), ledger=(Action.API_KEY_REVOKED,), summary="Revoke a key")
def revoke_key(call: Call, key: str) -> None:
    """The next call with it is refused."""
    wiring.services().api_keys.revoke(call.session, key, network=call.ip)


def _plain(key: "KeyShown") -> dict[str, object]:
    shown = {name: getattr(key, name) for name in KeyView.model_fields}
    return {**shown, "scopes": sorted(key.scopes)}
