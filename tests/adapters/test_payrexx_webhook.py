"""Payrexx's reports: the proof over the raw body, and nothing but a number out of it."""

import hashlib
import hmac

import pytest

from chalicelib.adapters.webhooks.payrexx import transfer_in
from chalicelib.domain.errors import SignatureInvalidError
from chalicelib.services.ports import WebhookRequest
from tests.adapters.provider_builders import a_call

KEY = "payrexx-signing-key-demo"
BODY = b'{"transaction":{"id":1,"status":"confirmed","amount":4900}}'
PROOF = "a593154250fb64ce8c87b02a7a0cb7547aa4a61380f5e5930cb45824e62aa94c"


def call(body: bytes = BODY, proof: str = PROOF) -> WebhookRequest:
    """A report; unless told otherwise the one of the published vector."""
    return a_call("/v1/webhooks/payrexx/x", body=body, headers={"x-webhook-signature": proof})


def test_the_published_vector() -> None:
    """Key, body and proof as they are documented."""
    assert transfer_in(call(), KEY) == "1"


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        pytest.param(call(proof=""), KEY, id="none"),
        pytest.param(call(proof=PROOF.upper()), KEY, id="capitals"),
        pytest.param(call(body=BODY + b" "), KEY, id="a-byte-more"),
        pytest.param(call(), KEY + "x", id="another-key"),
        pytest.param(
            call(proof="b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"), "", id="no-account"
        ),
    ],
)
def test_what_is_not_genuine(request_: WebhookRequest, key: str) -> None:
    """A business without an account has no key, and an empty one proves nothing."""
    with pytest.raises(SignatureInvalidError):
        transfer_in(request_, key)


@pytest.mark.parametrize("body", [b'{"subscription":{"id":1}}', b"nonsense", b'{"transaction":{"id":true}}'])
def test_what_is_about_no_transaction(body: bytes) -> None:
    """It is genuine, and there is nothing to look at."""
    proof = hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()

    assert transfer_in(call(body, proof), KEY) is None
