"""What members of staff say of themselves, and their photos."""

from typing import TYPE_CHECKING, Annotated

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.api._seldom import BODIES
from chalicelib.api.http.answer import Text, Versioned
from chalicelib.api.http.auth import Public, Staff
from chalicelib.api.http.endpoint import Unnoted, endpoint
from chalicelib.api.http.models import Body, Id, Instant, Language, View, text, whole
from chalicelib.api.http.people import Name, Phone, Zone
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, NotFoundError, RestrictedError, VersionMismatchError

if TYPE_CHECKING:
    from chalicelib.records.staff import Staff as StaffRecord

routes = Blueprint(__name__)

PHOTO = "image/jpeg"
MOST_BYTES = 5_000_000
_AN_HOUR = "public, max-age=3600"


class ChangeProfile(Body):
    """Everything that one says of oneself: what is left out is empty from now on."""

    given_name: Name
    family_name: Name
    phone: Phone | None = None
    language: Language
    own_zone: Zone | None = None
    description: Annotated[str, text(2000)] | None = None


class ProfileView(View):
    """One's own profile."""

    id: Id
    given_name: str
    family_name: str
    email: str
    phone: str | None
    language: str
    own_zone: str | None
    description: str | None
    has_photo: bool
    roles: list[str]
    joined_at: Instant


@routes.route("/staff/me", methods=["GET"])
@endpoint(
    auth=Staff(),
    gives=ProfileView,
    errors=(NotFoundError,),
    ledger=Unnoted("people look at what they say of themselves"),
    summary="See one's own profile",
)
def profile(call: Call) -> Versioned:
    """Names, address, number, language, zone, description."""
    return _view(wiring.services().profiles.own(call.session))


@routes.route("/staff/me", methods=["PUT"])
@endpoint(
    auth=Staff(),
    takes=whole(ChangeProfile, ProfileView),
    gives=ProfileView,
    match=True,
    errors=(NotFoundError, RestrictedError, VersionMismatchError),
    ledger=(Action.STAFF_CHANGED,),
    summary="Change one's own profile",
)
def change_profile(call: Call[ChangeProfile]) -> Versioned:
    """All of it at once. The address is changed by a way of its own, since both have to agree."""
    from chalicelib.services.staff.profiles import Profile  # noqa: PLC0415 (loaded with the first call that needs it)

    given = Profile(**call.body.model_dump())
    changed = wiring.services().profiles.change(call.session, given, version=call.if_match, network=call.ip)
    return _view(changed)


@routes.route("/staff/me/photo", methods=["GET"])
@endpoint(
    auth=Staff(),
    produces=PHOTO,
    errors=(NotFoundError,),
    ledger=Unnoted("people look at their own photo"),
    summary="See one's own photo",
)
def own_photo(call: Call) -> Text:
    """Whether or not customers see it."""
    return Text(wiring.services().profiles.own_photo(call.session), PHOTO)


@routes.route("/staff/me/photo", methods=["PUT"], content_types=[*BODIES["set_photo"]])
@endpoint(
    auth=Staff(),
    takes_bytes=BODIES["set_photo"],
    max_bytes=MOST_BYTES,
    errors=(InvalidInputError, NotFoundError, RestrictedError),
    ledger=(Action.PHOTO_CHANGED,),
    summary="Set one's own photo",
)
def set_photo(call: Call) -> None:
    """JPEG, PNG or WebP of at most 5 MB and 40 megapixels. It is made small, and all notes in it are left out."""
    sent = call.upload
    wiring.services().profiles.set_photo(call.session, sent.content, content_type=sent.content_type, network=call.ip)


@routes.route("/staff/me/photo", methods=["DELETE"])
@endpoint(
    auth=Staff(),
    errors=(NotFoundError, RestrictedError),
    ledger=(Action.PHOTO_CHANGED,),
    summary="Remove one's own photo",
)
def remove_photo(call: Call) -> None:
    """It is deleted."""
    wiring.services().profiles.remove_photo(call.session, network=call.ip)


@routes.route("/tenants/{tenant}/staff/{staff}/photo", methods=["GET"])
@endpoint(
    auth=Public("customers see with whom they book"),
    produces=PHOTO,
    cache=_AN_HOUR,
    summary="See an expert's photo",
)
def photo(call: Call, tenant: str, staff: str) -> Text:
    """Of experts who show one."""
    return Text(wiring.services().profiles.photo(tenant, staff), PHOTO)


def _view(staff: "StaffRecord") -> Versioned:
    names = ("given_name", "family_name", "email", "phone", "language", "own_zone", "description", "joined_at")
    told = {name: getattr(staff, name) for name in names}
    view = ProfileView(id=staff.subject, roles=sorted(staff.roles), has_photo=staff.photo is not None, **told)
    return Versioned(view, int(staff.version or 1))
