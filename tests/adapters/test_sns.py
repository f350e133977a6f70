"""SNS: whose message it is, how old, from which topic; and which addresses are ever called."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.adapters.webhooks._sns import OLDEST, SnsProof, string_to_sign
from chalicelib.domain.errors import SignatureInvalidError, TryAgainError
from tests.adapters.provider_builders import NOW, VECTORS, now
from tests.adapters.sns_messages import (
    CERTIFICATE_URL,
    ORIGIN,
    SUBSCRIBE_URL,
    TOPIC,
    Web,
    a_certificate,
    a_message,
    a_subscription,
    iso,
    key,
    signed,
)


def proof(web: Web, *, at: datetime = NOW, origin: str = ORIGIN, topic: str = TOPIC) -> SnsProof:
    """The proof with this web around it."""
    return SnsProof(origin=origin, topic_arn=topic, clock=lambda: at, fetch=web.fetch)


def of_vector(signature: str = "signature_v2", **changes: Any) -> bytes:
    """The published message with its signature."""
    vector = VECTORS["sns"]
    envelope = {"SignatureVersion": "2", "SigningCertURL": CERTIFICATE_URL, "Signature": vector[signature]}
    return json.dumps({**vector["message"], **envelope, **changes}).encode()


def at_vector(web: Web) -> SnsProof:
    """The proof at the time and for the topic of the published message."""
    web.pages[CERTIFICATE_URL] = VECTORS["sns"]["cert_pem"].encode()
    return proof(web, at=datetime(2026, 1, 1, 0, 30, tzinfo=UTC), topic=VECTORS["sns"]["message"]["TopicArn"])


@pytest.mark.parametrize("name", ["sns", "sns_subscription_sts"])
def test_the_published_texts_to_sign(name: str) -> None:
    """The fields, in their order, for both kinds of message."""
    assert string_to_sign(VECTORS[name]["message"]) == VECTORS[name]["string_to_sign"]


def test_the_published_signature() -> None:
    """The second version holds."""
    assert at_vector(Web()).prove(of_vector())["Message"] == '{"eventType":"Bounce"}'


@pytest.mark.parametrize(
    "body",
    [
        of_vector("signature_v1", SignatureVersion="1"),
        of_vector("signature_v1"),
        of_vector(SignatureVersion="1"),
        of_vector(Message='{"eventType":"Delivery"}'),
        of_vector(Subject="added"),
        of_vector(MessageId="another"),
    ],
)
def test_the_published_signature_for_something_else(body: bytes) -> None:
    """The first version (SHA1) is refused, and so is any change."""
    with pytest.raises(SignatureInvalidError):
        at_vector(Web()).prove(body)


def test_what_is_not_signed_does_not_exist() -> None:
    """Fields beside the signed ones are dropped; a subject is there only if it was sent."""
    message = a_message("hello")

    assert proof(Web()).prove(signed(message, UnsubscribeURL="https://evil.example", Token="x")) == message
    assert proof(Web()).prove(signed({**message, "Subject": "s"}))["Subject"] == "s"
    assert proof(Web()).prove(signed(message, Subject=None)) == message


GOOD = a_message("hello")


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff"])
def test_bodies_that_are_no_objects(body: bytes) -> None:
    """There is nothing to prove."""
    with pytest.raises(SignatureInvalidError):
        proof(Web()).prove(body)


@pytest.mark.parametrize(
    "changes",
    [
        {"TopicArn": None},
        {"TopicArn": TOPIC + "2"},
        {"Signature": None},
        {"Signature": ""},
        {"Signature": "not base64"},
        {"Signature": "AAAA"},
        {"SignatureVersion": 2},
        {"SignatureVersion": "3"},
        {"Type": "New"},
        {"Type": ["Notification"]},
        {"Type": "SubscriptionConfirmation"},
        {"Message": {"not": "text"}},
        {"Message": "\ud800"},
        {"MessageId": None},
        {"Timestamp": "yesterday"},
    ],
)
def test_what_does_not_prove_itself(changes: dict[str, Any]) -> None:
    """Another topic, no signature, wrong types, missing fields: nothing is read."""
    with pytest.raises(SignatureInvalidError):
        proof(Web()).prove(signed(GOOD, **changes))


def test_another_topic_is_refused_before_anything_is_fetched() -> None:
    """Anyone can have SNS sign messages of his own topic; they don't even make us fetch a certificate."""
    web = Web()

    with pytest.raises(SignatureInvalidError):
        proof(web).prove(signed(a_message("hello", TopicArn="arn:aws:sns:eu-central-2:999999999999:mine")))
    with pytest.raises(SignatureInvalidError):
        proof(web, topic="").prove(signed(a_message("hello", TopicArn="")))

    assert web.fetched == []


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        "",
        "http://sns.eu-central-2.amazonaws.com/SimpleNotificationService-0123.pem",
        "https://sns.eu-central-2.amazonaws.com.evil.example/SimpleNotificationService-0123.pem",
        "https://sns.eu-central-2.amazonaws.com@evil.example/SimpleNotificationService-0123.pem",
        "https://sns.eu-central-2.amazonaws.com:8443/SimpleNotificationService-0123.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123.pem",
        "https://evil.example/SimpleNotificationService-0123.pem",
        f"{ORIGIN}/SimpleNotificationService-0123.pem?x=y",
        f"{ORIGIN}/SimpleNotificationService-0123.pem#x",
        f"{ORIGIN}/other/SimpleNotificationService-0123.pem",
        f"{ORIGIN}/SimpleNotificationService-XYZ.pem",
        f"{ORIGIN}/SimpleNotificationService-0123.pem/../evil.pem",
        f"{ORIGIN}/SimpleNotificationService-.pem",
        "https://[bad/SimpleNotificationService-0123.pem",
    ],
)
def test_certificates_come_from_one_place(url: object) -> None:
    """Any other address is refused and never called."""
    web = Web()

    with pytest.raises(SignatureInvalidError):
        proof(web).prove(signed(GOOD, SigningCertURL=url))

    assert web.fetched == []


def test_a_certificate_is_fetched_once() -> None:
    """The next message needs no fetch."""
    web = Web()
    proving = proof(web)

    proving.prove(signed(GOOD))
    proving.prove(signed(a_message("another")))

    assert web.fetched == [CERTIFICATE_URL]


def test_the_cache_is_bounded() -> None:
    """Many certificates do not fill the memory; the ones dropped are fetched again."""
    urls = [f"{ORIGIN}/SimpleNotificationService-{number:x}.pem" for number in range(40)]
    web = Web(**dict.fromkeys(urls, a_certificate()))
    proving = proof(web)

    for url in urls:
        proving.prove(signed(GOOD, SigningCertURL=url))

    assert len(proving._certificates) <= 8


def test_a_certificate_out_of_reach_is_tried_again() -> None:
    """Nothing was decided: SNS repeats itself, unlike after a refusal."""
    web = Web()
    del web.pages[CERTIFICATE_URL]

    with pytest.raises(TryAgainError):
        proof(web).prove(signed(GOOD))


@pytest.mark.parametrize(("seconds", "accepted"), [(-1, False), (0, True), (1, True)])
def test_the_beginning_of_a_certificate(seconds: int, accepted: bool) -> None:
    """It counts from its first second."""
    web = Web(**{CERTIFICATE_URL: a_certificate(begins=NOW - timedelta(seconds=seconds))})

    assert_proves(proof(web), signed(GOOD), accepted)


@pytest.mark.parametrize(("seconds", "accepted"), [(-1, False), (0, True), (1, True)])
def test_the_end_of_a_certificate(seconds: int, accepted: bool) -> None:
    """It counts to its last second, also when it came from the cache."""
    certificate = a_certificate(begins=NOW - timedelta(days=1), ends=NOW + timedelta(seconds=seconds))

    assert_proves(proof(Web(**{CERTIFICATE_URL: certificate})), signed(GOOD), accepted)


@pytest.mark.parametrize(
    "certificate",
    [
        b"",
        b"nonsense",
        a_certificate() + b"\n" * 20_000,
        a_certificate(signer=key(1024)),
        a_certificate(signer=ec.generate_private_key(ec.SECP256R1())),
    ],
    ids=["empty", "nonsense", "too large", "weak key", "other kind of key"],
)
def test_certificates_that_are_refused(certificate: bytes) -> None:
    """What is no certificate with an RSA key of decent size proves nothing."""
    signer = key(1024)

    assert_proves(proof(Web(**{CERTIFICATE_URL: certificate})), signed(GOOD, signer=signer), accepted=False)


def test_another_key_is_refused() -> None:
    """A good signature by someone else."""
    assert_proves(proof(Web()), signed(GOOD, signer=key(3072)), accepted=False)


@pytest.mark.parametrize(
    ("age", "accepted"),
    [
        (OLDEST - timedelta(seconds=1), True),
        (OLDEST, True),
        (OLDEST + timedelta(seconds=1), False),
        (timedelta(minutes=-10) + timedelta(seconds=1), True),
        (timedelta(minutes=-10), True),
        (timedelta(minutes=-10, seconds=-1), False),
    ],
)
def test_the_age_at_its_edges(age: timedelta, accepted: bool) -> None:
    """An hour and a quarter old and ten minutes ahead pass; a second more does not."""
    assert_proves(proof(Web()), signed(a_message("hello", Timestamp=iso(NOW - age))), accepted)


def test_a_subscription_is_confirmed_at_its_origin() -> None:
    """The address in the proven message is called once."""
    web = Web()
    proving = proof(web)

    proving.confirm(proving.prove(signed(a_subscription())))

    assert web.fetched == [CERTIFICATE_URL, SUBSCRIBE_URL]


@pytest.mark.parametrize(
    "url",
    [
        SUBSCRIBE_URL.replace("amazonaws.com", "amazonaws.com.evil.example"),
        SUBSCRIBE_URL.replace("https:", "http:"),
        SUBSCRIBE_URL.replace("ConfirmSubscription", "Unsubscribe"),
        SUBSCRIBE_URL.replace("mail-events", "other"),
        f"{ORIGIN}/",
        "https://[bad/?Action=ConfirmSubscription",
        "",
    ],
)
def test_other_addresses_are_not_called(url: str) -> None:
    """Not even when they are properly signed."""
    web = Web()
    proving = proof(web)
    message = proving.prove(signed(a_subscription(SubscribeURL=url)))

    with pytest.raises(SignatureInvalidError):
        proving.confirm(message)

    assert web.fetched == [CERTIFICATE_URL]


def assert_proves(proving: SnsProof, body: bytes, accepted: bool) -> None:
    """Whether the body is proven is as expected."""
    if accepted:
        assert proving.prove(body)["Message"] == "hello"
    else:
        with pytest.raises(SignatureInvalidError):
            proving.prove(body)


def test_the_clock_of_the_builders() -> None:
    """The messages of these tests are of the tests' present."""
    assert now() == NOW
