"""A device that holds a passkey, as far as a server can tell: it signs what a browser would have it sign."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


@dataclass
class Device:
    """A new device with one passkey; `count` goes up with each signature, `flags` say what it made sure of."""

    origin: str = "https://api.example.ch"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    @property
    def id(self) -> str:
        """What the passkey is called."""
        return bytes_to_base64url(self.credential)

    def create(self, options: Any, *, rp_id: str = "") -> dict[str, Any]:
        """The answer of a browser that was told to make a passkey."""
        held = self._data(rp_id or options["rp"]["id"], HAS_KEY) + self._public()
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": held})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": client, "attestationObject": attestation})

    def sign(self, options: Any, *, rp_id: str = "") -> dict[str, Any]:
        """The answer of a browser that was told to use one."""
        self.count += 1
        held, client = self._data(rp_id or options["rpId"], 0), self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(held + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": held, "signature": signature})

    def _data(self, rp_id: str, more: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _public(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (numbers.x, numbers.y))
        length = len(self.credential).to_bytes(2, "big")
        return bytes(16) + length + self.credential + cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, bytes]) -> dict[str, Any]:
        spelled = {name: bytes_to_base64url(value) for name, value in response.items()}
        return {"id": self.id, "rawId": self.id, "type": "public-key", "response": spelled}
