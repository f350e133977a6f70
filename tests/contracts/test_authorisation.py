"""The table of who may call what, and the declarations of the routes, say the same.

A route that is added, opened or closed has to be said twice, so that no slip in one place lets anybody in.
"""

from collections.abc import Iterator

import pytest
from chalice.app import RouteEntry

from app import app
from chalicelib.api.http.auth import Auth, Link, Operator, Provider, Public, Staff
from chalicelib.api.http.endpoint import Endpoint
from chalicelib.domain.forms import FORMS
from chalicelib.domain.roles import ADMIN, EXPERT, OPERATOR
from chalicelib.domain.scopes import SCOPES
from infra.tools.authorisation import Rule, read_authorisation

RULES = read_authorisation()


def declared() -> Iterator[tuple[str, Endpoint, RouteEntry]]:
    """Each route with what it declares."""
    for methods in app.routes.values():
        for entry in methods.values():
            yield f"{entry.method} {entry.uri_pattern}", entry.view_function.__endpoint__, entry


ROUTES = {name: (endpoint, entry) for name, endpoint, entry in declared()}


def who(auth: Auth) -> frozenset[str]:
    """Whom a declaration lets in, in the words of the table."""
    match auth:
        case Public():
            return frozenset({"anybody"})
        case Link():
            return frozenset({"link"})
        case Provider():
            return frozenset({"provider"})
        case Operator():
            return frozenset({"operator"})
        case Staff():
            return auth.roles or frozenset({ADMIN, EXPERT, OPERATOR})


def test_every_route_stands_in_the_table() -> None:
    """And nothing else, in the order of paths, so that a line is found."""
    assert list(RULES) == sorted(ROUTES, key=lambda name: (name.partition(" ")[2], name))


@pytest.mark.parametrize("name", ROUTES)
def test_the_table_names_whom_the_route_lets_in(name: str) -> None:
    """Roles, scope, form, and who may come early."""
    endpoint, _ = ROUTES[name]
    auth, rule = endpoint.auth, RULES[name]

    assert rule.who == who(auth)
    assert rule.key == getattr(auth, "key", "")
    assert rule.form == endpoint.form
    assert rule.early == getattr(auth, "early", False)


@pytest.mark.parametrize("name", ROUTES)
def test_what_changes_nothing_works_read_only(name: str) -> None:
    """And of the rest only what is said to; nothing of staff works once a business has ended."""
    endpoint, entry = ROUTES[name]
    auth, rule = endpoint.auth, RULES[name]

    if isinstance(auth, Staff):
        assert rule.read_only == ("in" if entry.method == "GET" or auth.when_read_only else "out")
        assert rule.ended == "out"
        assert rule.other == ("out" if entry.view_args else "own")
    else:
        assert rule.read_only in ({"in", "out"} if _of_a_business(name, auth) else {"-"})
        assert rule.ended == ("out" if _of_a_business(name, auth) else "-")


def _of_a_business(name: str, auth: Auth) -> bool:
    """Whether it is about one business, which can end."""
    return isinstance(auth, Link) or (isinstance(auth, Public) and "/tenants/{tenant}" in name)


def test_the_words_are_those_of_the_table() -> None:
    """And every scope and form is asked for somewhere."""
    people = {"anybody", "link", "provider", "expert", "admin", "operator"}
    assert set().union(*(rule.who for rule in RULES.values())) == people
    assert {rule.key for rule in RULES.values()} == {"", *SCOPES}
    assert {rule.form for rule in RULES.values()} == {"", *FORMS}
    assert {rule.read_only for rule in RULES.values()} == {"-", "in", "out"}
    assert {rule.other for rule in RULES.values()} == {"-", "own", "out", "open"}
    assert {rule.restricted for rule in RULES.values()} == {"-", "in", "out", "nameless"}


def test_what_lies_with_a_customer_says_what_a_restriction_does() -> None:
    """Every route that names one, and every link of theirs."""
    theirs = {name for name in ROUTES if "{customer}" in name or "/v1/appointment" in name}

    assert {name for name, rule in RULES.items() if rule.restricted != "-"} >= theirs


def test_a_word_that_the_table_does_not_know_is_refused() -> None:
    """A misspelled one would say nothing."""
    with pytest.raises(TypeError):
        Rule(who=frozenset(), readonly="in")  # type: ignore[call-arg]
