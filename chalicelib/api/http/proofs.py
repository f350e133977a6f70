"""Proofs of passwords as they are sent, and what a browser needs to make one. No route takes a password."""

from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from chalicelib.api.http.models import Body, View, refused
from chalicelib.domain.passwords import ALGORITHM, ITERATIONS, read_proof, spell

_EXAMPLE = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"


def _read(given: Any) -> bytes:
    if isinstance(given, str):
        try:
            return read_proof(given)
        except ValueError:
            pass  # one refusal for whatever is none
    raise refused("is not a proof", "Send the 32 bytes that PBKDF2 makes of the password, in base64url unpadded.")


Proof = Annotated[
    bytes,
    BeforeValidator(_read),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$",
            "examples": [_EXAMPLE],
            "description": "PBKDF2-SHA-256 of the password in NFKC, 32 bytes, in base64url without padding.",
        }
    ),
]


class Proven(Body):
    """The proof of the password once more; nothing where there is none, or where a sign-in of minutes ago will do."""

    proof: Proof | None = None


class ProofParameters(View):
    """How a browser makes the proof of a password: with this salt (base64url) and so many iterations."""

    salt: str
    iterations: int
    algorithm: str


def parameters(salt: bytes) -> ProofParameters:
    """The parameters for a salt."""
    return ProofParameters(salt=spell(salt), iterations=ITERATIONS, algorithm=ALGORITHM)
