"""Payrexx's reports: signed over the raw body with a key of the business's account. Only the number in it is used."""

import hashlib
import hmac

from chalicelib.adapters.webhooks._reading import nested, object_in, same
from chalicelib.domain.errors import SignatureInvalidError
from chalicelib.services.ports import WebhookRequest

HEADER = "x-webhook-signature"


def transfer_in(request: WebhookRequest, signing_key: str) -> str | None:
    """The number of the transaction that the report is about; None for what is about no transaction.

    SignatureInvalidError unless the header holds the hexadecimal HMAC-SHA256 of the body under the key.
    """
    proof = hmac.new(signing_key.encode(), request.body, hashlib.sha256).hexdigest()
    if not signing_key or not same(request.headers.get(HEADER, ""), [proof]):
        raise SignatureInvalidError
    number = nested(object_in(request.body), "transaction", "id")
    return str(number) if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None
