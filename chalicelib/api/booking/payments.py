"""Payments in advance: the business's account, the customer's way to the page, and the provider's reports."""

from typing import TYPE_CHECKING, Annotated, Literal

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.http.answer import Versioned
from chalicelib.api.http.auth import Link, Staff
from chalicelib.api.http.endpoint import Unnoted, endpoint
from chalicelib.api.http.models import Body, Instant, View, whole
from chalicelib.api.http.request import Call
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    LinkExpiredError,
    LinkInvalidError,
    LinkUsedError,
    NotAllowedError,
    NotFoundError,
    RestrictedError,
    VersionMismatchError,
)
from chalicelib.domain.ids import ID_PATTERN
from chalicelib.domain.roles import ADMIN, EXPERT

if TYPE_CHECKING:
    from chalicelib.records.payment import PaymentAccount

routes = Blueprint(__name__)

Secret = Annotated[
    str,
    Field(
        min_length=8,
        max_length=200,
        pattern=r"^[!-~]+$",
        examples=["kept-by-the-provider"],
        description="Never shown: it is sent anew each time.",
        json_schema_extra={"writeOnly": True},
    ),
]


class AccountGiven(Body):
    """The business's own account at Payrexx: its name there, the key of its interface, the key of its webhooks."""

    instance: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", examples=["praxis-brunner"])]
    api_key: Secret
    signing_key: Secret


class AccountView(View):
    """The account, without its keys, and the address to enter at the provider for its webhooks."""

    instance: str
    changed_at: Instant
    webhook: str


class PaymentPageView(View):
    """Where the customer pays: a page of the provider."""

    address: str


class PaymentView(View):
    """How far a payment is; amounts in the smallest unit of the currency."""

    state: Literal["open", "opening", "waiting", "paid", "refunding", "refunded", "disputed"]
    amount: int
    currency: str
    pay_until: Instant
    paid_at: Instant | None
    to_refund: int
    refunded: int


@routes.route("/payments/account", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN),
    gives=AccountView,
    errors=(NotFoundError,),
    ledger=Unnoted("the account of a business says nothing about a person"),
    summary="See the account for payments",
)
def see_account(call: Call) -> Versioned[AccountView]:
    """The keys stay where they are."""
    return _account(wiring.services().payment_accounts.show(call.session))


@routes.route("/payments/account", methods=["PUT"])
@endpoint(
    auth=Staff(ADMIN),
    takes=whole(AccountGiven, AccountView),
    gives=AccountView,
    match=True,
    errors=(VersionMismatchError,),
    ledger=(Action.PAYMENT_ACCOUNT_SET,),
    summary="Set the account for payments",
)
def set_account(call: Call[AccountGiven]) -> Versioned[AccountView]:
    """The money goes to the business itself. Only with it can services be offered whose payment is `online`."""
    from chalicelib.domain.paying import Credentials  # noqa: PLC0415 (loaded with the first call that needs it)

    given = call.body
    credentials = Credentials(instance=given.instance, api_key=given.api_key)
    accounts = wiring.services().payment_accounts
    return _account(
        accounts.set(call.session, credentials, signing_key=given.signing_key, version=call.if_match, network=call.ip)
    )


@routes.route("/payments/account", methods=["DELETE"])
@endpoint(
    auth=Staff(ADMIN),
    status=204,
    errors=(NotFoundError, ConflictError),
    ledger=(Action.PAYMENT_ACCOUNT_REMOVED,),
    summary="Remove the account for payments",
)
def remove_account(call: Call) -> None:
    """Not as long as a service that can be booked is paid online; keys that leaked are replaced by setting it anew.

    What is being paid or given back at this moment has to be looked after at the provider.
    """
    wiring.services().payment_accounts.remove(call.session, network=call.ip)


@routes.route("/appointment/payment", methods=["POST"])
@endpoint(
    auth=Link("pay for one's appointment"),
    gives=PaymentPageView,
    errors=(LinkInvalidError, LinkExpiredError, LinkUsedError, NotFoundError, ConflictError),
    ledger=(Action.PAYMENT_BEGUN,),
    summary="Get the address of the payment page by link",
)
def pay(call: Call) -> PaymentPageView:
    """The same page each time, until it is paid or the time to pay is over."""
    return PaymentPageView(address=wiring.services().paying.page(call.token, network=call.ip))


@routes.route("/customers/{customer}/appointments/{appointment}/payment", methods=["GET"])
@endpoint(
    auth=Staff(ADMIN, EXPERT),
    path={"customer": ID_PATTERN, "appointment": ID_PATTERN},
    gives=PaymentView,
    errors=(NotFoundError, NotAllowedError, RestrictedError),
    ledger=(Action.PAYMENT_READ,),
    summary="See how far a payment is",
)
def see_payment(call: Call, customer: str, appointment: str) -> PaymentView:
    """Admins see all, experts those of their own appointments."""
    held = wiring.services().payment_views.show(call.session, customer, appointment, network=call.ip)
    return PaymentView(
        state=held.state.value,
        amount=int(held.amount),
        currency=held.currency,
        pay_until=held.pay_until,
        paid_at=held.paid_at,
        to_refund=int(held.to_refund),
        refunded=int(held.refunded),
    )


def _account(held: "PaymentAccount") -> Versioned[AccountView]:
    webhook = f"{wiring.services().settings.public_base_url}/v1/webhooks/payrexx/{held.tenant}"
    shown = AccountView(instance=held.instance, changed_at=held.changed_at, webhook=webhook)
    return Versioned(shown, int(held.version or 1))
