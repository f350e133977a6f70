"""A member of staff with a password and second factors, for tests: fast to hash, and in the tests' hands."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyotp

from chalicelib.domain.visits import Visitor
from chalicelib.records.credentials import Credentials
from chalicelib.records.reading import fetch
from chalicelib.records.staff import Staff
from chalicelib.records.writing import Transaction
from chalicelib.services.second_factors import Given
from chalicelib.services.sign_in.admitting import Pending
from chalicelib.services.sign_in.sessions import SignedIn, StaffSession
from tests.builders import NETWORK, VISITOR
from tests.fakes import DrivenClock
from tests.passkey_device import Device
from tests.services.prepared import open_business
from tests.stage import Stage

PROOF = bytes(range(32))
WRONG = bytes(32)
FAR = Visitor.of("192.0.2.1", "")


class PlainHasher:
    """Keeps proofs as they are."""

    decoy = ""

    def hash(self, proof: bytes) -> str:
        """In hexadecimal digits."""
        return proof.hex()

    def matches(self, kept: str, proof: bytes) -> bool:
        """Plainly."""
        return kept == proof.hex()

    def needs_rehash(self, kept: str) -> bool:
        """Never."""
        return False


class Member:
    """The business's owner, signed in, and what they do about their second factors."""

    def __init__(self, on: Stage, caller: StaffSession, token: str) -> None:
        self.on, self.caller, self.token = on, caller, token
        self.codes: list[str] = []
        vars(on.services)["hasher"] = PlainHasher()

    @property
    def credentials(self) -> Credentials:
        """As they are stored."""
        found = fetch(Credentials.ref(self.caller.tenant, self.caller.staff), consistent=True)
        assert found is not None
        return found

    def set_password(self) -> None:
        """As somebody does who has none yet."""
        ref = Credentials.ref(self.caller.tenant, self.caller.staff)
        held = Credentials(ref.pk, ref.sk, proof_hash=PROOF.hex(), changed_at=self.on.clock.now)
        transaction = Transaction()
        transaction.create(held)
        transaction.commit()

    def add_app(self, proof: bytes | None = PROOF) -> pyotp.TOTP:
        """Sets up codes of an app."""
        secret = self.on.services.second_factors.begin_totp(self.caller, proof, network=NETWORK).secret
        app = pyotp.TOTP(secret)
        code = app.at(self.on.clock.now)
        self.codes = self.on.services.second_factors.confirm_totp(self.caller, code, network=NETWORK) or self.codes
        self.on.clock.move(seconds=60)  # the code that was just used is good for nothing more
        return app

    def add_passkey(self, label: str = "Schlüssel") -> Device:
        """Sets up a passkey."""
        device = Device()
        answer = device.create(self.on.services.second_factors.begin_passkey(self.caller, PROOF, network=NETWORK))
        added = self.on.services.second_factors.add_passkey(self.caller, label, answer, network=NETWORK)
        self.codes = added or self.codes
        return device

    def first_step(self, means: str = "password") -> str:
        """Proves the first factor; the token of the sign-in that waits for the second one."""
        staff = fetch(Staff.ref(self.caller.tenant, self.caller.staff))
        assert staff is not None
        transaction = Transaction()
        admitted = self.on.services.admitting.admit(
            transaction,
            staff,
            self.credentials,
            portal="admin",
            means=means,
            visitor=VISITOR,
            now=self.on.clock.now,
        )
        transaction.commit()
        assert isinstance(admitted, Pending)
        return admitted.token

    def second_step(self, pending: str, *, visitor: Visitor = VISITOR, **given: Any) -> SignedIn:
        """Proves the second one."""
        return self.on.services.second_step.prove(pending, Given(**given), visitor=visitor)

    def sign(self, device: Device, pending: str) -> dict[str, Any]:
        """What a passkey answers to a fresh challenge."""
        return device.sign(self.on.services.second_step.ask(pending, network=NETWORK))


@contextmanager
def member(clock: DrivenClock | None = None, *, password: bool = True) -> Iterator[Member]:
    """A stage with a business whose owner has a password, and no second factor yet."""
    with open_business(clock) as (on, of):
        made = Member(on, on.services.sessions.authenticate(of.token), of.token)
        if password:
            made.set_password()
        yield made
