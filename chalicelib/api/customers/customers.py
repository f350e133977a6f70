"""Customers as staff enter, find, read and change them. Admins see all; experts those whom they meet or entered."""

from typing import TYPE_CHECKING, Annotated

from chalice.app import Blueprint
from pydantic import model_validator

from chalicelib import wiring
from chalicelib.api.customers._customer_views import (
    PLACE,
    CustomerEntry,
    CustomerList,
    CustomerView,
    MergeView,
    SplitView,
    merge_view,
    split_view,
    view,
)
from chalicelib.api.http.answer import Versioned
from chalicelib.api.http.auth import Staff
from chalicelib.api.http.cursor import PageAsked, cursor_of, place_of
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Body, Id, View, many, refused, whole
from chalicelib.api.http.people import EmailAddress, Name, Phone
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    IdempotencyMismatchError,
    InvalidInputError,
    NotFoundError,
    VersionMismatchError,
)
from chalicelib.domain.roles import ADMIN, EXPERT
from chalicelib.services.repeating import Repeatable

if TYPE_CHECKING:
    from chalicelib.services.customers.history import Overview

routes = Blueprint(__name__)


class CustomerSearch(Body):
    """One of the three. It is sent in a body, since addresses of pages end in logs."""

    email: EmailAddress | None = None
    phone: Phone | None = None
    name: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> "CustomerSearch":
        if sum(each is not None for each in (self.email, self.phone, self.name)) != 1:
            raise refused("does not say one thing to look for", "Send one of email, phone and name.")
        return self


class CustomerHits(View):
    """Customers in order of their names; `more` when some were left out."""

    customers: Annotated[list[CustomerView], many(25)]
    more: bool


class CustomerFile(CustomerView):
    """A customer, and how their entries came together. Appointments and notes are lists of their own."""

    merged: Annotated[list[Id], many(10)]
    merges: Annotated[list[MergeView], many(10)]
    splits: Annotated[list[SplitView], many(220)]


@routes.route("/customers", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    query=PageAsked,
    gives=CustomerList,
    errors=(InvalidInputError,),
    ledger=(Action.CUSTOMER_LISTED,),
    summary="List customers",
)
def customers(call: Call[None, PageAsked]) -> CustomerList:
    """In order of their entry. Each of them gets an entry in the ledger. A page may hold less, and others follow."""
    after = place_of(call.query.cursor, PLACE)
    found, rest = wiring.services().customers.page(call.session, after=after, network=call.ip)
    return CustomerList(customers=[view(each) for each in found], cursor=cursor_of(rest))


@routes.route("/customer-search", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT, when_read_only=True),
    takes=CustomerSearch,
    gives=CustomerHits,
    errors=(InvalidInputError,),
    ledger=(Action.CUSTOMER_LISTED,),
    summary="Look for customers",
)
def search_customers(call: Call[CustomerSearch]) -> CustomerHits:
    """By a whole address, a whole number, or the beginnings of names, with at least two letters of one."""
    services, asked = wiring.services().customers, call.body
    if asked.email is not None:
        hits = services.by_email(call.session, asked.email, network=call.ip)
    elif asked.phone is not None:
        hits = services.by_phone(call.session, asked.phone, network=call.ip)
    else:
        hits = services.by_name(call.session, asked.name or "", network=call.ip)
    return CustomerHits(customers=[view(each) for each in hits.customers], more=hits.more)


@routes.route("/customers", methods=["POST"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    takes=CustomerEntry,
    gives=CustomerView,
    status=201,
    location="customers/{id}",
    idempotent=True,
    errors=(ConflictError, IdempotencyMismatchError, InvalidInputError, NotFoundError),
    ledger=(Action.CUSTOMER_ENTERED,),
    summary="Enter a customer",
)
def enter_customer(call: Call[CustomerEntry]) -> Versioned:
    """An address belongs to one customer; a number may belong to several. Without an appointment they end in a year."""
    repeat = Repeatable.of(
        call.idempotency_key, scope=f"{call.session.tenant}/customers", content=call.body.model_dump_json()
    )
    person = call.body.person()
    made = wiring.services().keeping.enter(call.session, person, network=call.ip, repeat=repeat)
    return Versioned(view(made), int(made.version or 1))


@routes.route("/customers/{customer}", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    gives=CustomerFile,
    errors=(NotFoundError,),
    ledger=(Action.CUSTOMER_READ,),
    summary="See a customer",
)
def customer(call: Call, customer: str) -> Versioned:
    """By any of the ids of their entries. Whoever had it restricted is not shown."""
    found = wiring.services().history.overview(call.session, customer, network=call.ip)
    return Versioned(_file(found), int(found.customer.version or 1))


@routes.route("/customers/{customer}", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    takes=whole(CustomerEntry, CustomerFile),
    gives=CustomerView,
    match=True,
    errors=(ConflictError, InvalidInputError, NotFoundError, VersionMismatchError),
    ledger=(Action.CUSTOMER_CHANGED,),
    summary="Change a customer",
)
def change_customer(call: Call[CustomerEntry], customer: str) -> Versioned:
    """All of it at once. What is still to be said about upcoming appointments goes to the new address."""
    changed = wiring.services().keeping.change(
        call.session, customer, call.body.person(), version=call.if_match, network=call.ip
    )
    return Versioned(view(changed), int(changed.version or 1))


def _file(found: "Overview") -> CustomerFile:
    return CustomerFile(
        **view(found.customer).model_dump(),
        merged=sorted(found.customer.merged or ()),
        merges=[merge_view(each) for each in found.merges],
        splits=[split_view(each) for each in found.splits],
    )
