"""The operator's key: made when the installation is deployed, read when first needed, compared without a hint."""

import hashlib
import hmac
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.adapters._secret import read_secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SHORTEST = 32  # a key that somebody put in by hand and that can be guessed opens nothing


class OperatorKey:
    """The one key of the installation. Kept as a digest for a bounded time, so that a replaced one stops working."""

    def __init__(
        self, client: "SecretsManagerClient", arn: str, *, monotonic: Callable[[], float], seconds: float = 300
    ) -> None:
        self._client, self._arn = client, arn
        self._monotonic, self._seconds = monotonic, seconds
        self._digest: bytes | None = None
        self._since: float | None = None
        self._lock = Lock()

    def matches(self, given: str) -> bool:
        """Whether `given` is the key. Takes the same time however much of it is right."""
        held = self._held()
        return held is not None and hmac.compare_digest(held, _digest(given))

    def _held(self) -> bytes | None:
        with self._lock:
            now = self._monotonic()
            if self._since is None or now - self._since >= self._seconds:
                key = read_secret(self._client, self._arn)
                self._digest, self._since = _digest(key) if len(key) >= SHORTEST else None, now
            return self._digest


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
