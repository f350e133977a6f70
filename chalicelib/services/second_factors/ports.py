"""What passkeys need from outside: the cryptography of WebAuthn."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from chalicelib.domain.passkeys import Passkey


class Passkeys(Protocol):
    """Passkeys for our own address. What a browser gets and gives is the JSON that WebAuthn defines."""

    def challenge(self) -> str:
        """Something random that a device signs once."""
        ...

    def creation(
        self, challenge: str, *, handle: bytes, name: str, display_name: str, known: Sequence[str]
    ) -> Mapping[str, Any]:
        """What a browser needs to make a passkey, on a device that has none of the `known` ones."""
        ...

    def request(self, challenge: str, *, known: Sequence[str]) -> Mapping[str, Any]:
        """What a browser needs to use one of the `known` passkeys."""
        ...

    def created(self, answer: Mapping[str, Any], *, challenge: str) -> Passkey | None:
        """The passkey that was made for this challenge; None when it proves nothing."""
        ...

    def used(self, answer: Mapping[str, Any], passkey: Passkey, *, challenge: str) -> int | None:
        """The count of signatures after this one; None when it proves nothing, or the count did not go on."""
        ...
