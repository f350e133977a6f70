"""The simulated providers sign as the real ones: checked with published and independently computed examples."""

import base64
import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from infra.local.providers.signing import SnsSigner, mailgun_signature, sns_string_to_sign, twilio_signature
from tests.adapters.provider_builders import VECTORS
from tests.local.simulator_builders import NOW


def test_mailgun() -> None:
    """Over time and token."""
    vector = VECTORS["mailgun"]

    signature = mailgun_signature(vector["signing_key"], vector["timestamp"], vector["token"])

    assert signature == vector["signature"]


@pytest.mark.parametrize("name", ["twilio_classic", "twilio_status_form"])
def test_twilio(name: str) -> None:
    """Over the address and the sorted parameters."""
    vector = VECTORS[name]

    signature = twilio_signature(vector["auth_token"], vector["url"], vector["params"].items())

    assert signature == vector["signature"]


@pytest.mark.parametrize("name", ["sns", "sns_subscription_sts"])
def test_what_sns_signs(name: str) -> None:
    """The fields of the message's type, in their order."""
    vector = VECTORS[name]

    text = sns_string_to_sign(vector["message"])

    assert text == vector["string_to_sign"]
    assert hashlib.sha256(text.encode()).hexdigest() == vector["sts_sha256"]


def test_sns_signature_fits_the_certificate() -> None:
    """Verified with the public key alone; the certificate outlives every journey in time."""
    signer, message = SnsSigner(NOW), VECTORS["sns"]["message"]

    signature = signer.sign(message)

    certificate = x509.load_pem_x509_certificate(signer.pem)
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(base64.b64decode(signature), sns_string_to_sign(message).encode(), padding.PKCS1v15(), hashes.SHA256())
    assert certificate.not_valid_before_utc < NOW < NOW + timedelta(days=36_000) < certificate.not_valid_after_utc
