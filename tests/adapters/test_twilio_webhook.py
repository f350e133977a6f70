"""Twilio's calls: the signature over everything, and what the calls say."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest

from chalicelib.adapters.webhooks._twilio_signature import TwilioSignature, signature
from chalicelib.adapters.webhooks.twilio import DEAD_NUMBERS, STATUSES, TwilioWebhook
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import SignatureInvalidError
from chalicelib.services.ports import OptOut, Receipt, WebhookRequest
from tests.adapters.provider_builders import NOW, PHONE, REFERENCE, VECTORS, a_call, now

BASE = "https://api.example.ch"
STATUS = f"/v1/webhooks/twilio/status/{REFERENCE}"
INBOUND = "/v1/webhooks/twilio/inbound"
TOKEN = "0123456789abcdef"
SHARED = "key=webhooks_sharedkey_demo,algorithm=HMAC_SHA256"
FORM = "application/x-www-form-urlencoded"


def signed(
    path: str, fields: dict[str, str], *, secret: str = TOKEN, algorithm: str = "sha1", **changes: Any
) -> WebhookRequest:
    """A call as Twilio would sign it; `changes` come after the signing."""
    proof = signature(secret, BASE + path, list(fields.items()), algorithm=algorithm)
    headers = {"x-twilio-signature": proof, **changes.pop("headers", {})}
    form = {**fields, **changes.pop("form", {})}
    return a_call(path, form=form, headers=headers, **changes)


def webhook(**changes: str) -> TwilioWebhook:
    """The webhook with the token of the tests."""
    return TwilioWebhook(**{"public_base_url": BASE, "auth_token": TOKEN, **changes}, clock=now)


def proof(vector: dict[str, Any], secret: str, **options: str) -> TwilioSignature:
    """The proof for the host of a vector."""
    base = "/".join(vector["url"].split("/")[:3])
    return TwilioSignature(public_base_url=base, tokens=(secret,), **options)


def call_of(vector: dict[str, Any], **changes: Any) -> WebhookRequest:
    """The call of a vector."""
    path, _, query = vector["url"].partition("://")[2].partition("?")
    details = {
        "body": vector.get("raw_body", ""),
        "form": vector.get("params"),
        "query": dict(parse_qsl(query)),
        "headers": {"x-twilio-signature": vector["signature"]},
        "content_type": FORM,
    }
    return a_call("/" + path.partition("/")[2], **{**details, **changes})


@pytest.mark.parametrize("name", ["twilio_classic", "twilio_status_form", "twilio_inbound_raw"])
def test_published_vectors_of_forms(name: str) -> None:
    """The signatures of the vectors hold, also with empty fields and umlauts."""
    vector = VECTORS[name]

    assert proof(vector, vector["auth_token"]).prove(call_of(vector))


def test_the_vector_of_the_shared_key() -> None:
    """SHA256 with the shared key, announced by its header."""
    vector = VECTORS["twilio_status_sharedkey_sha256"]
    headers = {
        "x-twilio-signature": vector["signature"],
        "x-twilio-webhooks-signature-settings": vector["settings_header"],
    }
    shared = proof(vector, "", shared_key=vector["shared_key_secret"])

    assert shared.prove(call_of(vector, headers=headers))


def test_the_vector_of_json() -> None:
    """The body's hash is in the signed query; a body that does not fit it is refused."""
    vector = VECTORS["twilio_json"]
    call = call_of(vector, content_type="application/json")

    assert proof(vector, vector["auth_token"]).prove(call) == ()
    with pytest.raises(SignatureInvalidError):
        proof(vector, vector["auth_token"]).prove(
            call_of(vector, content_type="application/json", body=vector["raw_body"] + " ")
        )


def test_the_wrong_vector_is_refused() -> None:
    """A signature made without the empty fields does not hold."""
    vector = VECTORS["twilio_inbound_raw"]
    call = call_of(vector, headers={"x-twilio-signature": vector["wrong_if_blanks_dropped"]})

    with pytest.raises(SignatureInvalidError):
        proof(vector, vector["auth_token"]).prove(call)


def test_json_without_its_hash_is_refused() -> None:
    """Else anyone who saw one signed URL could send any body."""
    sign = signature(TOKEN, BASE + STATUS, (), algorithm="sha1")
    call = a_call(STATUS, body={"MessageStatus": "delivered"}, headers={"x-twilio-signature": sign})

    with pytest.raises(SignatureInvalidError):
        webhook().read(call)


@pytest.mark.parametrize("base", [BASE, f"{BASE}:443"])
@pytest.mark.parametrize("called", [BASE, f"{BASE}:443"])
def test_the_default_port_may_be_written_or_not(base: str, called: str) -> None:
    """Both spellings of one address hold."""
    sign = signature(TOKEN, called + STATUS, [("a", "")], algorithm="sha1")
    call = a_call(STATUS, form={"a": ""}, headers={"x-twilio-signature": sign})

    assert TwilioSignature(public_base_url=base, tokens=(TOKEN,)).prove(call) == [("a", "")]


def test_another_port_is_another_address() -> None:
    """A port that is not the default belongs to the address."""
    sign = signature(TOKEN, f"{BASE}:8443{STATUS}", [], algorithm="sha1")
    call = a_call(STATUS, form={}, headers={"x-twilio-signature": sign})

    assert TwilioSignature(public_base_url=f"{BASE}:8443", tokens=(TOKEN,)).prove(call) == []
    with pytest.raises(SignatureInvalidError):
        TwilioSignature(public_base_url=BASE, tokens=(TOKEN,)).prove(call)


DELIVERED = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": PHONE, "New": ""}


@pytest.mark.parametrize(
    "call",
    [
        signed(STATUS, DELIVERED, form={"MessageStatus": "failed"}),
        signed(STATUS, DELIVERED, form={"Extra": ""}),
        replace(signed(STATUS, DELIVERED), path=STATUS[:-1] + "x"),
        signed(STATUS, DELIVERED, query={"a": "b"}),
        signed(STATUS, DELIVERED, secret="another token"),
        signed(STATUS, DELIVERED, algorithm="sha256"),
        signed(STATUS, DELIVERED, algorithm="sha256", headers={"x-twilio-webhooks-signature-settings": SHARED}),
        signed(STATUS, DELIVERED, headers={"x-twilio-webhooks-signature-settings": "algorithm=HMAC_MD5"}),
        signed(STATUS, DELIVERED, headers={"x-twilio-webhooks-signature-settings": "nonsense"}),
        signed(STATUS, DELIVERED, headers={"x-twilio-signature": ""}),
        signed(STATUS, DELIVERED, headers={"x-twilio-signature": "ä"}),
        a_call(STATUS, form=DELIVERED),
        a_call(STATUS, body="x", content_type="text/plain"),
        a_call(STATUS, body=b"\xff", content_type=FORM),
        a_call(STATUS, body="a&" * 300, content_type=FORM),
    ],
)
def test_what_does_not_prove_itself(call: WebhookRequest) -> None:
    """A changed field, an added one, another path, another secret, no signature: nothing is read."""
    with pytest.raises(SignatureInvalidError):
        webhook().read(call)


def test_a_shared_key_refuses_the_weaker_signature() -> None:
    """Once the shared key is set, the caller can't fall back to SHA1 and the token."""
    strict = webhook(shared_key="shared")
    good = signed(
        STATUS, DELIVERED, secret="shared", algorithm="sha256", headers={"x-twilio-webhooks-signature-settings": SHARED}
    )

    assert len(strict.read(good)) == 1
    with pytest.raises(SignatureInvalidError):
        strict.read(signed(STATUS, DELIVERED))
    with pytest.raises(SignatureInvalidError):
        strict.read(signed(STATUS, DELIVERED, secret="shared", algorithm="sha256"))


def test_both_tokens_hold_while_they_change() -> None:
    """During a rotation the old and the new token are good, a third is not."""
    rotating = webhook(secondary_token="next")

    assert rotating.read(signed(STATUS, DELIVERED))
    assert rotating.read(signed(STATUS, DELIVERED, secret="next"))
    with pytest.raises(SignatureInvalidError):
        rotating.read(signed(STATUS, DELIVERED, secret=""))


def test_a_receipt() -> None:
    """The reference is the end of the path; the event is the message and its state."""
    assert webhook().read(signed(STATUS, DELIVERED)) == [
        Receipt(
            provider="twilio",
            reference=REFERENCE,
            provider_id="SM1",
            event_id="SM1:delivered",
            delivery=Delivery.DELIVERED,
            at=NOW,
        )
    ]


@pytest.mark.parametrize("status", [*STATUSES])
def test_every_known_status(status: str) -> None:
    """Each status gives the state of the table."""
    (receipt,) = webhook().read(signed(STATUS, {**DELIVERED, "MessageStatus": status}))

    assert isinstance(receipt, Receipt)
    assert receipt.delivery is STATUSES[status]


@pytest.mark.parametrize("status", ["", "partially_delivered", "receiving", "a new one", "DELIVERED"])
def test_unknown_statuses_say_nothing(status: str) -> None:
    """Twilio adds values without notice; they are proven and then ignored."""
    assert webhook().read(signed(STATUS, {**DELIVERED, "MessageStatus": status})) == []


@pytest.mark.parametrize("code", ["30003", "30007", "30008", *sorted(DEAD_NUMBERS)])
@pytest.mark.parametrize("status", ["failed", "undelivered"])
def test_failures(status: str, code: str) -> None:
    """Some codes mean that the number is dead: then it is not written to again."""
    (receipt,) = webhook().read(signed(STATUS, {**DELIVERED, "MessageStatus": status, "ErrorCode": code}))

    assert isinstance(receipt, Receipt)
    assert receipt.code == code
    assert receipt.suppress == (code in DEAD_NUMBERS)
    assert receipt.delivery is (Delivery.BOUNCED if code in DEAD_NUMBERS else Delivery.FAILED)


@pytest.mark.parametrize("path", [STATUS + "/", "/v1/webhooks/twilio/status/a.b"])
def test_a_path_without_a_reference(path: str) -> None:
    """Proven, but about nothing of ours."""
    assert webhook().read(signed(path, DELIVERED)) == []


def inbound(**changes: str) -> dict[str, str]:
    """A message that someone sent to our number."""
    return {"MessageSid": "SM2", "From": PHONE, "To": "+41790000001", "Body": "Hallo", "ToCity": "", **changes}


@pytest.mark.parametrize(
    ("changes", "stop"),
    [
        ({"OptOutType": "STOP", "Body": "stop please"}, True),
        ({"OptOutType": "START"}, False),
        ({"Body": "STOP"}, True),
        ({"Body": " stopp! \n"}, True),
        ({"Body": "Abmelden"}, True),
        ({"Body": "arrêter"}, True),
        ({"Body": "start"}, False),
    ],
)
def test_a_wish(changes: dict[str, str], stop: bool) -> None:
    """What Twilio recognised, or one of our words as the whole message."""
    assert webhook().read(signed(INBOUND, inbound(**changes))) == [
        OptOut(provider="twilio", event_id="SM2", phone=PHONE, stop=stop)
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Body": "Bitte nicht STOP verstehen"},
        {"Body": ""},
        {"Body": "yes"},
        {"OptOutType": "HELP"},
        {"OptOutType": "NEW", "Body": "STOP"},
        {"Body": "STOP", "From": "Praxis"},
        {"Body": "STOP", "From": "whatsapp:+41790000002"},
        {"Body": "STOP", "MessageSid": ""},
    ],
)
def test_what_is_no_wish(changes: dict[str, str]) -> None:
    """Other texts, other channels, unknown kinds: nothing."""
    assert webhook().read(signed(INBOUND, inbound(**changes))) == []


def test_the_answer_is_an_empty_reply() -> None:
    """Twilio sends what it is answered as a message; the answer is none."""
    assert webhook().answer.content_type == "text/xml; charset=utf-8"
    assert webhook().answer.body.endswith("<Response></Response>")
