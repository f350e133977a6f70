"""Every route says what it leaves in the ledger, or why it leaves nothing; and the words follow their grammar."""

import re
from collections.abc import Iterator

import pytest
from chalice.app import RouteEntry

from app import app
from chalicelib.api.http.auth import Link, Operator, Provider, Public, Staff
from chalicelib.api.http.endpoint import Endpoint, Unnoted
from chalicelib.domain.actions import Action

SOURCES = {"visitor", "staff", "customer", "provider", "operator", "system"}
READS = {"GET", "HEAD"}
# They change nothing, but what they ask is personal or secret: it stands in a body, and not in an address.
LOOKS = {
    "POST /v1/registrations/hints",
    "POST /v1/sign-in/parameters",
    "POST /v1/password-resets/parameters",
}


def routes() -> Iterator[RouteEntry]:
    """All routes of the application."""
    for methods in app.routes.values():
        yield from methods.values()


def declared(entry: RouteEntry) -> Endpoint:
    """What a route declares."""
    found: Endpoint = entry.view_function.__endpoint__
    return found


def has_to_say(entry: RouteEntry) -> bool:
    """Whether it reads as somebody, or changes something: all but the open pages."""
    return not isinstance(declared(entry).auth, Public) or entry.method not in READS


ASKED = [entry for entry in routes() if has_to_say(entry)]


@pytest.mark.parametrize("entry", ASKED, ids=lambda entry: f"{entry.method} {entry.uri_pattern}")
def test_a_route_that_reads_as_somebody_or_changes_says_what_it_leaves(entry: RouteEntry) -> None:
    """Nothing goes unnoted by forgetting."""
    ledger = declared(entry).ledger

    assert isinstance(ledger, Unnoted) or (isinstance(ledger, tuple) and ledger), "say `ledger=`"


@pytest.mark.parametrize("entry", ASKED, ids=lambda entry: f"{entry.method} {entry.uri_pattern}")
def test_only_a_look_can_go_unnoted(entry: RouteEntry) -> None:
    """And its reason is a sentence."""
    ledger = declared(entry).ledger
    if isinstance(ledger, Unnoted):
        assert entry.method in READS or f"{entry.method} {entry.uri_pattern}" in LOOKS
        assert len(ledger.why) > 20


@pytest.mark.parametrize("entry", ASKED, ids=lambda entry: f"{entry.method} {entry.uri_pattern}")
def test_the_source_is_who_may_call(entry: RouteEntry) -> None:
    """Staff do what staff may do; what anybody may do is a visitor's, a customer's, or proves who staff are."""
    allowed = {
        Staff: {"staff"},
        Link: {"customer"},
        Operator: {"operator", "staff"},
        Provider: {"provider", "customer"},
        Public: {"visitor", "customer", "staff"},
    }
    ledger = declared(entry).ledger
    if isinstance(ledger, tuple):
        opens = {"operator"} if Action.INSTALLATION_OPENED in ledger else set()  # by the one-time password
        assert {action.source for action in ledger} <= allowed[type(declared(entry).auth)] | opens


@pytest.mark.parametrize("action", Action, ids=lambda action: str(action.name))
def test_a_kind_is_source_subject_action(action: Action) -> None:
    """Three words, the first of a short list."""
    assert re.fullmatch(r"[a-z]+(:[a-z]+(-[a-z]+)*){2}", action.value)
    assert action.source in SOURCES


def test_unnoted_needs_its_reason() -> None:
    """An empty one is no reason."""
    with pytest.raises(TypeError):
        Unnoted(" ")
