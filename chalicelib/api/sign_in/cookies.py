"""Cookies: the three that there are, told to whoever shows them to people."""

from typing import Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.api.http.auth import Public
from chalicelib.api.http.cookies import Cookie
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Query, View
from chalicelib.api.http.request import Call
from chalicelib.messages.cookie_words import cookie_words

routes = Blueprint(__name__)


class CookiesAsked(Query):
    """In which language."""

    language: Annotated[Literal["en", "de", "fr", "it"], Field()] = "en"


class CookieView(View):
    """A cookie: what for, who sets it, how long it lasts, what it holds, and how to be rid of it."""

    name: str
    purpose: str
    set_by: str
    lasts: str
    holds: str
    to_delete: str


class CookiesView(View):
    """All of them."""

    cookies: list[CookieView]


@routes.route("/cookies", methods=["GET"])
@endpoint(
    auth=Public("everybody may know which cookies there are"),
    query=CookiesAsked,
    gives=CookiesView,
    cache="public, max-age=3600",
    summary="List the cookies, and what each is for",
)
def cookies(call: Call[None, CookiesAsked]) -> CookiesView:
    """No page of ours sets any other."""
    said = cookie_words(call.query.language)
    return CookiesView(cookies=[CookieView(name=each.value, **said[each.name.lower()]) for each in Cookie])
