"""An expert's own calendars: linking them, what they lie over, and one's own times to subscribe to."""

from typing import TYPE_CHECKING, Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.answer import Text
from chalicelib.api.http.auth import Public, Staff
from chalicelib.api.http.endpoint import Unnoted, endpoint
from chalicelib.api.http.models import Body, Id, Instant, View, line, many
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    LinkInvalidError,
    NotAllowedError,
    NotFoundError,
    TryAgainError,
)
from chalicelib.domain.own_calendars import GOOGLE, MICROSOFT
from chalicelib.domain.roles import ADMIN, EXPERT

if TYPE_CHECKING:
    from chalicelib.records.calendar_link import CalendarLink

routes = Blueprint(__name__)

MOST_CONFLICTS = 1000
_ASKING = (NotFoundError, NotAllowedError)
_LINKING = (*_ASKING, InvalidInputError, ConflictError, TryAgainError)


class LinkView(View):
    """A linked calendar, as its owner knows it again. `trouble` is the provider's code, while something is wrong."""

    id: Id
    calendar: Literal["microsoft-graph", "google-calendar", "caldav"]
    state: Literal["connecting", "working", "broken"]
    trouble: str | None
    linked_at: Instant
    synced_at: Instant | None


class LinksView(View):
    """One's own linked calendars, and since when one's times can be subscribed to, if they can."""

    calendars: Annotated[list[LinkView], many(5)]
    feed_since: Instant | None


class PageView(View):
    """Where to go to let us in."""

    address: str


class Returned(Body):
    """What the provider's page handed over to ours."""

    code: Annotated[str, line(4096)]
    state: Annotated[str, line(128)]


class Caldav(Body):
    """A CalDAV server: the address of a calendar, or of the account. Best with a password made for this only."""

    address: Annotated[
        str, Field(max_length=500, pattern=r"^https?://[!-~]+$", examples=["https://dav.example.ch/anna/"])
    ]
    user: Annotated[str, line(254)]
    password: Annotated[str, line(254)]


class ConflictView(View):
    """One's own appointment that lies under something else of one's own."""

    id: Id
    starts_at: Instant
    ends_at: Instant


class ConflictsView(View):
    """The next thousand of the next two years."""

    appointments: Annotated[list[ConflictView], many(MOST_CONFLICTS)]


class MakeFeed(Body):
    """What it says: only when one is busy, or the services, too."""

    services: bool = False


@routes.route("/calendars", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    gives=LinksView,
    ledger=(Action.CALENDARS_READ,),
    summary="List one's own linked calendars",
)
def own_calendars(call: Call) -> LinksView:
    """Without anything that stands in them."""
    held = wiring.services().calendar_linking.listed(call.session, network=call.ip)
    feed = wiring.services().feeds.held(call.session)
    return LinksView(calendars=[_link(each) for each in held], feed_since=feed.started_at if feed else None)


@routes.route("/calendars/microsoft-graph", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    gives=PageView,
    errors=_ASKING,
    ledger=(Action.CALENDAR_ASKED,),
    summary="Begin to link a calendar of Microsoft 365 or Outlook.com",
)
def link_microsoft(call: Call) -> PageView:
    """The page at Microsoft to go to; it leads back to `/calendar`."""
    return PageView(address=wiring.services().calendar_linking.ask(call.session, MICROSOFT, network=call.ip))


@routes.route("/calendars/google-calendar", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    gives=PageView,
    errors=_ASKING,
    ledger=(Action.CALENDAR_ASKED,),
    summary="Begin to link a Google calendar",
)
def link_google(call: Call) -> PageView:
    """The page at Google to go to; it leads back to `/calendar`."""
    return PageView(address=wiring.services().calendar_linking.ask(call.session, GOOGLE, network=call.ip))


@routes.route("/calendars/callback", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    takes=Returned,
    gives=LinkView,
    status=201,
    errors=(*_LINKING, LinkInvalidError),
    ledger=(Action.CALENDAR_LINKED,),
    summary="Finish linking a calendar",
)
def finish_linking(call: Call[Returned]) -> LinkView:
    """Good once, for ten minutes, and in the session that began it. The first look follows within a minute."""
    linking = wiring.services().calendar_linking
    return _link(linking.finish(call.session, code=call.body.code, state=call.body.state, network=call.ip))


@routes.route("/calendars/caldav", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    takes=Caldav,
    gives=LinkView,
    status=201,
    errors=_LINKING,
    ledger=(Action.CALENDAR_LINKED,),
    summary="Link calendars on a CalDAV server",
)
def link_caldav(call: Call[Caldav]) -> LinkView:
    """The server is tried at once, on the public internet and encrypted only."""
    given = call.body
    linking = wiring.services().calendar_linking
    link = linking.add(call.session, address=given.address, user=given.user, password=given.password, network=call.ip)
    return _link(link)


@routes.route("/calendars/conflicts", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    gives=ConflictsView,
    ledger=Unnoted("tells when one's own appointments are, and of nobody else"),
    summary="List one's own appointments that linked calendars say busy for",
)
def conflicts(call: Call) -> ConflictsView:
    """Nothing is cancelled for them: the expert decides."""
    found = wiring.services().importing.conflicts(call.session)
    return ConflictsView(
        appointments=[
            ConflictView(id=each.id, starts_at=each.starts_at, ends_at=each.ends_at) for each in found[:MOST_CONFLICTS]
        ]
    )


@routes.route("/calendars/feed", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    takes=MakeFeed,
    gives=PageView,
    status=201,
    errors=(NotAllowedError,),
    ledger=(Action.CALENDAR_FEED_MADE,),
    summary="Make a secret address to subscribe to one's times",
)
def make_feed(call: Call[MakeFeed]) -> PageView:
    """Told once. An address that there was before works no longer."""
    held = wiring.services()
    token = held.feeds.make(call.session, names_services=call.body.services, network=call.ip)
    return PageView(address=f"{held.settings.public_base_url}/v1/feeds/{token}.ics")


@routes.route("/calendars/feed", methods=["DELETE"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, when_read_only=True),
    ledger=(Action.CALENDAR_FEED_ENDED,),
    summary="End the secret address of one's times",
)
def end_feed(call: Call) -> None:
    """At once."""
    wiring.services().feeds.end(call.session, network=call.ip)


@routes.route("/calendars/{link}/sync", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    gives=LinkView,
    errors=(NotFoundError, ConflictError),
    ledger=(Action.CALENDAR_REFRESHED,),
    summary="Synchronise a linked calendar now",
)
def sync_calendar(call: Call, link: str) -> LinkView:
    """Within a minute."""
    return _link(wiring.services().calendar_linking.refresh(call.session, link, network=call.ip))


@routes.route("/calendars/{link}", methods=["DELETE"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, when_read_only=True),
    errors=(NotFoundError,),
    ledger=(Action.CALENDAR_UNLINKED,),
    summary="Unlink a calendar",
)
def unlink(call: Call, link: str) -> None:
    """Deletes tokens and busy times at once; what is at the provider is taken back within a minute.

    Microsoft has no way for us to take back the permission: remove it under https://myapps.microsoft.com, or
    https://account.live.com/consent/Manage for Outlook.com. An app password of a CalDAV server is yours to revoke.
    """
    wiring.services().unlinking.unlink(call.session, link, network=call.ip)


@routes.route("/feeds/{feed}", methods=["GET"])
@endpoint(
    auth=Public("whoever has the secret address was given it by the expert"),
    path={"feed": r"^[A-Za-z0-9_-]{86}\.ics$"},
    produces="text/calendar",
    cache="private, max-age=300",
    any_query=True,
    errors=(NotFoundError,),
    ledger=Unnoted("tells when an expert is busy, to whom the expert gave the address; no customer is in it"),
    summary="Subscribe to when an expert is busy, as a calendar",
)
def feed(call: Call, feed: str) -> Text:
    """Half a year ahead. Programs ask again every hour."""
    content = wiring.services().feeds.serve(feed.removesuffix(".ics"))
    return Text(content.decode(), "text/calendar; charset=utf-8")


def _link(link: "CalendarLink") -> LinkView:
    return LinkView(
        id=link.id,
        calendar=link.calendar,
        state=link.state.value,
        trouble=link.trouble,
        linked_at=link.linked_at,
        synced_at=link.synced_at,
    )
