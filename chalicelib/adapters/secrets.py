"""The providers' secrets: one JSON object in AWS Secrets Manager, filled by the operator, read when first needed."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.adapters._secret import read_secret
from chalicelib.domain.errors import ProviderMisconfiguredError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class ProviderSecrets:
    """Secrets by name, kept for a bounded time, so that a rotated one is used after at most `seconds`."""

    def __init__(
        self, client: "SecretsManagerClient", arn: str, *, monotonic: Callable[[], float], seconds: float = 300
    ) -> None:
        self._client, self._arn = client, arn
        self._monotonic, self._seconds = monotonic, seconds
        self._values: dict[str, str] = {}
        self._since: float | None = None
        self._lock = Lock()

    def get(self, name: str) -> str:
        """The secret; ProviderMisconfiguredError with its name when the operator has not filled it in."""
        value = self.all().get(name)
        if not value:
            raise ProviderMisconfiguredError(name)
        return value

    def all(self) -> Mapping[str, str]:
        """All secrets that are filled in."""
        with self._lock:
            now = self._monotonic()
            if self._since is None or now - self._since >= self._seconds:
                self._values, self._since = _strings(read_secret(self._client, self._arn)), now
            return self._values


def _strings(text: str) -> dict[str, str]:
    # A parser's error quotes the text it choked on: it must not get out of here.
    content: object = None
    with suppress(ValueError):
        content = json.loads(text)
    values = content if isinstance(content, dict) else {}
    return {name: value for name, value in values.items() if isinstance(value, str)}
