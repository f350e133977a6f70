"""Payrexx: pages on which people pay by card or TWINT, on the account of the business.

Facts on the interface: the developers' pages and the PHP library of Payrexx. A page is asked for once: two equal
requests give two pages. Errors come as `{"status": "error"}`, also with status 200.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from chalicelib.adapters._http import Http, Reply
from chalicelib.adapters._provider import Outside, http_for, origin, refusal
from chalicelib.domain.disclosing import Received, disclosed, parts_of
from chalicelib.domain.errors import OutcomeUnknownError, ProviderMisconfiguredError, ProviderUnavailableError
from chalicelib.domain.paying import Credentials, Order, Page, Transfer

NAME = "payrexx"
_VERSION = "v1.14"
_FIREWALL = frozenset({403, 405})
"""What their firewall answers who asks too often; 403 is a wrong key as well, and then the body says so."""


class Payrexx:
    """Opens, looks at and closes payment pages, and gives money back. The ProviderError family leaves it."""

    name: ClassVar[str] = NAME
    receives: ClassVar[frozenset[str]] = frozenset(
        {"amount", "currency", "purpose", "reference", "language", "back_to", "minutes"}
    )

    def __init__(self, *, base_url: str, http: Http) -> None:
        self._base, self._http = base_url, http

    @classmethod
    def discloses(cls) -> frozenset[Received]:
        """The kinds of data that an order can hold; the register has to allow each."""
        return disclosed(Order.__name__, cls.receives)

    def open(self, account: Credentials, order: Order) -> Page:
        """A new page. OutcomeUnknownError: there may be one; never ask again for the same without looking."""
        for part in parts_of(order):
            if part not in self.receives:
                raise TypeError(f"{self.name} may not receive {part}")
        made = self._data(self._post(account, "Gateway/", _fields(order)))
        return _page(made)

    def look(self, account: Credentials, page: str) -> Page | None:
        """The page with what was paid on it; None when there is none any more."""
        reply = self._get(account, f"Gateway/{quote(page, safe='')}/")
        return None if _is_gone(reply) else _page(self._data(reply))

    def transfer(self, account: Credentials, transfer: str) -> Transfer | None:
        """A transaction as it stands; None when there is none."""
        reply = self._get(account, f"Transaction/{quote(transfer, safe='')}/")
        return None if _is_gone(reply) else _transfer(self._data(reply), {})

    def refund(self, account: Credentials, transfer: str, amount: int) -> None:
        """Gives so much back. OutcomeUnknownError: look at the transaction before asking again."""
        self._data(self._post(account, f"Transaction/{quote(transfer, safe='')}/refund/", {"amount": str(amount)}))

    def close(self, account: Credentials, page: str) -> None:
        """Takes a page away on which nobody shall pay any more; one that is gone already is fine."""
        url = self._url(account, f"Gateway/{quote(page, safe='')}/")
        reply = self._http.delete(url, headers=_auth(account))
        if not _is_gone(reply):
            self._data(reply)

    def _post(self, account: Credentials, path: str, fields: Mapping[str, str]) -> Reply:
        headers = {**_auth(account), "content-type": "application/x-www-form-urlencoded"}
        return self._http.post(self._url(account, path), headers=headers, body=urlencode(fields).encode())

    def _get(self, account: Credentials, path: str) -> Reply:
        return self._http.get(self._url(account, path), headers=_auth(account))

    def _url(self, account: Credentials, path: str) -> str:
        return f"{self._base}/{_VERSION}/{path}?{urlencode({'instance': account.instance})}"

    def _data(self, reply: Reply) -> Mapping[str, Any]:
        """The first object of a success. A success that can't be read leaves open what happened."""
        answer = reply.json()
        if reply.status in _FIREWALL and not answer:
            raise ProviderUnavailableError(self.name, str(reply.status))
        if reply.status >= 400:
            raise refusal(self.name, reply.status, {})
        if answer.get("status") == "error":
            raise ProviderMisconfiguredError(self.name, "refused")
        data = answer.get("data")
        first = data[0] if isinstance(data, list) and data else data
        if not isinstance(first, dict):
            raise OutcomeUnknownError(self.name, "unreadable")
        return first


def _auth(account: Credentials) -> dict[str, str]:
    return {"x-api-key": account.api_key}


def _fields(order: Order) -> dict[str, str]:
    back = dict.fromkeys(("successRedirectUrl", "failedRedirectUrl", "cancelRedirectUrl"), order.back_to)
    return {
        "amount": str(order.amount),
        "currency": order.currency,
        "purpose": order.purpose,
        "referenceId": order.reference,
        "language": order.language,
        "validity": str(order.minutes),
        "skipResultPage": "1",
        **back,
    }


def _is_gone(reply: Reply) -> bool:
    """Whether the answer is that there is no such thing; older versions say so with status 200."""
    message = str(reply.json().get("message", ""))
    return reply.status == 404 or (reply.json().get("status") == "error" and "found" in message.casefold())


def _page(made: Mapping[str, Any]) -> Page:
    page, link = made.get("id"), made.get("link")
    if not isinstance(page, int) or not isinstance(link, str) or not link.startswith(("https://", "http://")):
        raise OutcomeUnknownError(NAME, "unreadable")
    return Page(id=str(page), link=link, transfers=tuple(_transfers(made)))


def _transfers(made: Mapping[str, Any]) -> Iterator[Transfer]:
    for invoice in _objects(made.get("invoices")):
        for each in _objects(invoice.get("transactions")):
            yield _transfer({**each, "invoice": {**_dict(each.get("invoice")), **_said(invoice)}}, made)


def _said(invoice: Mapping[str, Any]) -> dict[str, Any]:
    return {name: invoice[name] for name in ("currency", "referenceId") if invoice.get(name)}


def _transfer(each: Mapping[str, Any], page: Mapping[str, Any]) -> Transfer:
    invoice, number = _dict(each.get("invoice")), each.get("id")
    amount, refunded = each.get("amount"), invoice.get("refundedAmount") or 0
    if not isinstance(number, int) or not isinstance(amount, int) or not isinstance(refunded, int):
        raise OutcomeUnknownError(NAME, "unreadable")
    reference = each.get("referenceId") or invoice.get("referenceId") or page.get("referenceId")
    return Transfer(
        id=str(number),
        status=str(each.get("status", "")),
        amount=amount,
        currency=str(invoice.get("currency") or page.get("currency") or ""),
        reference=str(reference or ""),
        refunded=refunded,
    )


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> Iterator[dict[str, Any]]:
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())


def build(config: Mapping[str, str], outside: Outside) -> Payrexx:
    """The provider out of settings; the keys are the businesses' own."""
    return Payrexx(base_url=origin(NAME, config, "payrexx_base_url", outside), http=http_for(NAME, outside))
