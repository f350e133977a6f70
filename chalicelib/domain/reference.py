"""References: what we give providers so that a receipt finds its notification. Opaque; ids only."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """Which notification: tenant, subject and notification id, 32 hexadecimal digits each."""

    tenant: str
    subject: str
    notification: str

    def __str__(self) -> str:
        return urlsafe_b64encode(bytes.fromhex(self.tenant + self.subject + self.notification)).decode()

    @classmethod
    def parse(cls, text: str) -> "Reference | None":
        """The reference, or None when the text is none."""
        try:
            raw = urlsafe_b64decode(text.encode("ascii"))
        except ValueError:
            return None
        digits = raw.hex()
        reference = cls(digits[:32], digits[32:64], digits[64:])
        # Decoding forgives strange characters; a reference has one spelling.
        return reference if len(raw) == 48 and str(reference) == text else None
