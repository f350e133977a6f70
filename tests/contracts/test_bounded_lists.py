"""Every list that is answered is bounded: it comes in pages, or no more can be made than it holds.

An answer of a function holds 6 MB, and reading what nobody asked for costs time and money.
"""

from collections.abc import Mapping
from typing import Any, get_args

import pytest

from chalicelib.api.accountability.ledger import MOST_FINDINGS
from chalicelib.api.calendars import MOST_CONFLICTS
from chalicelib.api.sign_in.own_sessions import MOST as MOST_SESSIONS
from chalicelib.services.calendars.linking import MOST as MOST_CALENDARS
from chalicelib.services.customers.merging import MOST as MOST_MERGED
from chalicelib.services.customers.splitting import MOST as MOST_SPLITS
from chalicelib.services.customers.tables import MOST_COLUMNS, MOST_ROWS
from chalicelib.services.offering.catalogue import MOST_SERVICES
from chalicelib.services.offering.premises import MOST_RESOURCES
from chalicelib.services.rights.holding import MOST as MOST_HOLDS
from chalicelib.services.second_factors.managing import PASSKEYS
from chalicelib.services.staff.inviting import MOST as MOST_STAFF
from chalicelib.services.staff.inviting import MOST_OPEN
from chalicelib.services.tenancy.api_keys import MOST as MOST_KEYS
from tests.contracts.test_ledgered import declared, routes

REFUSED: Mapping[str, int] = {
    "/v1/api-keys keys": MOST_KEYS,
    "/v1/calendars calendars": MOST_CALENDARS,
    "/v1/customer-imports/{upload} columns": MOST_COLUMNS,
    "/v1/customer-imports/{upload} known": MOST_ROWS,
    "/v1/customers/{customer} merged": MOST_MERGED,
    "/v1/customers/{customer} merges": MOST_MERGED,
    "/v1/customers/{customer} splits": (MOST_MERGED + 1) * MOST_SPLITS,
    "/v1/customers/{customer}/holds holds": MOST_HOLDS,
    "/v1/invitations invitations": MOST_OPEN,
    "/v1/operator/staff staff": MOST_STAFF,
    "/v1/resources resources": MOST_RESOURCES,
    "/v1/services services": MOST_SERVICES,
    "/v1/staff staff": MOST_STAFF,
    "/v1/staff/me/second-factors passkeys": PASSKEYS,
}
"""How many there can be: whoever wants to make one more is refused."""

CUT: Mapping[str, int] = {
    "/v1/calendars/conflicts appointments": MOST_CONFLICTS,
    "/v1/customer-imports/{upload} problems": 1000,
    "/v1/ledger/verification findings": MOST_FINDINGS,
    "/v1/staff/me/sessions sessions": MOST_SESSIONS,
}
"""How many of the first ones are said: what to do about them does not depend on the others."""

FOLLOWS: Mapping[str, str] = {
    "/v1/appointment/slots starts": "from the range that may be asked for",
    "/v1/cookies cookies": "from the program",
    "/v1/customers/{customer}/appointments/{appointment} agreed": "from the experts of the service",
    "/v1/customers/{customer}/appointments/{appointment} answered": "from the questions of the service",
    "/v1/customers/{customer}/appointments/{appointment} answers": "from the questions of the service",
    "/v1/customers/{customer}/appointments/{appointment} others": "from the experts of the service",
    "/v1/customers/{customer}/appointments/{appointment} resources": "from the resources of the service",
    "/v1/forms/{form} fields": "from the program",
    "/v1/invitation roles": "from the program",
    "/v1/ledger/counts days": "from the range that may be asked for",
    "/v1/ledger/hand-overs processors": "from the register of processors",
    "/v1/operator/promises promises": "from the program",
    "/v1/premises closures": "from the body that sets all of them",
    "/v1/premises sites": "from the body that sets all of them",
    "/v1/processing-record activities": "from the declarations",
    "/v1/processing-record hand_overs": "from the register of processors",
    "/v1/processing-record measures": "from the program",
    "/v1/processing-record processors": "from the register of processors",
    "/v1/proposal starts": "from the body that proposed them",
    "/v1/services/{service}/explanation verdicts": "from the experts of the service",
    "/v1/session roles": "from the program",
    "/v1/staff leaving": "from how many can work there",
    "/v1/staff/me roles": "from the program",
    "/v1/staff/me/acceptances accepted": "from the versions that were published",
    "/v1/staff/me/acceptances announced": "from the versions that were published",
    "/v1/staff/me/acceptances asks_consent": "from the declarations",
    "/v1/tenant may": "from the program",
    "/v1/tenants/{tenant} experts": "from how many can work there",
    "/v1/tenants/{tenant} services": "from how many services there can be",
    "/v1/tenants/{tenant} sites": "from the body that sets all of them",
    "/v1/tenants/{tenant}/services/{service}/slots away": "from the experts of the service",
    "/v1/tenants/{tenant}/services/{service}/slots experts": "from the experts of the service",
    "/v1/tenants/{tenant}/services/{service}/slots free": "from the range that may be asked for",
    "/v1/tenants/{tenant}/services/{service}/slots seats": "from the range that may be asked for",
    "/v1/tenants/{tenant}/services/{service}/slots starts": "from the range that may be asked for",
    "/v1/tenants/{tenant}/visits/slots legs": "from the services of a visit",
    "/v1/tenants/{tenant}/visits/slots starts": "from the range that may be asked for",
    "/v1/trust promises": "from the program",
}
"""What else bounds it."""

SAME = {
    "/v1/services/{service}": "the body that sets all of it",
    "/v1/staff/{staff}/availability": "the body that sets all of it",
    "/v1/tenants/{tenant}/services/{service}/slots/first": "what /slots gives",
}
"""Whose lists are all bounded by one thing."""


def is_list(kind: Any) -> bool:
    """Whether it is a list, or one or nothing."""
    return any(getattr(each, "__origin__", each) is list for each in (kind, *get_args(kind)))


LISTS = {
    f"{entry.uri_pattern} {name}": (given, kind)
    for entry in routes()
    if entry.method == "GET" and (given := declared(entry).gives) and entry.uri_pattern not in SAME
    for name, kind in given.model_fields.items()
    if is_list(kind.annotation) and "notice" not in entry.uri_pattern  # what is published follows from the declarations
}
UNPAGED = {each for each, (given, _) in LISTS.items() if "cursor" not in given.model_fields}


def most(name: str) -> int | None:
    """How many entries the description allows."""
    _, kind = LISTS[name]
    return next((each.max_length for each in kind.metadata if hasattr(each, "max_length")), None)


def test_every_list_says_what_bounds_it() -> None:
    """Who adds a list gives it a cursor, or a limit and its line here."""
    assert {*REFUSED, *CUT, *FOLLOWS} == UNPAGED


@pytest.mark.parametrize("name", sorted({*REFUSED, *CUT}))
def test_the_description_says_the_limit_that_is_kept(name: str) -> None:
    """A list that held more than it may could not be answered at all."""
    assert most(name) == {**REFUSED, **CUT}[name]


@pytest.mark.parametrize("name", sorted({*LISTS} - UNPAGED))
def test_pages_have_an_end(name: str) -> None:
    """Each says how many entries it holds at most."""
    assert most(name) in range(1, 2001)
