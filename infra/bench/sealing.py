"""Sealing and opening the personal fields of one appointment, with the keys at hand."""

import json
from timeit import repeat

from chalicelib.adapters.sealing import Keyring
from infra.bench.figures import Figure
from tests.fakes import DrivenClock, PlainKms

_TENANT, _SUBJECT = "1" * 32, "2" * 32
_AAD = f"Appointment|{_TENANT}|{_SUBJECT}|APPOINTMENT#{'3' * 32}".encode()
_PERSON = {
    "given_name": "Anna",
    "family_name": "Muster",
    "email": "anna.muster@kundin.example",
    "phone": "+41795550123",
}
_ROUNDS = 50
_CALLS = 500


class _OneTenant:
    """A key store for one tenant and its people."""

    def __init__(self) -> None:
        self.tenant: bytes | None = None
        self.subjects: dict[str, bytes] = {}

    def tenant_key(self, tenant: str) -> bytes | None:
        return self.tenant

    def claim_tenant_key(self, tenant: str, wrapped: bytes) -> bytes:
        self.tenant = self.tenant or wrapped
        return self.tenant

    def subject_keys(self, tenant: str, subjects: list[str]) -> dict[str, bytes]:
        return {subject: self.subjects[subject] for subject in subjects if subject in self.subjects}


def run() -> list[Figure]:
    """The fastest of many, per record."""
    ring = Keyring(_OneTenant(), PlainKms(), clock=DrivenClock())
    ring.tenant_ready(_TENANT)
    ring.adopt(_TENANT, _SUBJECT, ring.new_subject_key(_TENANT))
    plain = json.dumps(_PERSON).encode()
    blob = ring.seal(plain, tenant=_TENANT, subject=_SUBJECT, aad=_AAD)

    def seal() -> None:
        ring.seal(plain, tenant=_TENANT, subject=_SUBJECT, aad=_AAD)

    def unseal() -> None:
        ring.open(blob, tenant=_TENANT, subject=_SUBJECT, aad=_AAD)

    def microseconds(action: object) -> float:
        return min(repeat(action, number=_CALLS, repeat=_ROUNDS)) / _CALLS * 1e6  # type: ignore[arg-type]

    return [
        Figure("sealing a record", microseconds(seal), "us"),
        Figure("opening a record", microseconds(unseal), "us"),
        Figure("sealed record larger than plain by", len(blob) - len(plain), "bytes"),
    ]
