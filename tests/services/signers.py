"""A business whose owner has a password, and ways to try it: fast to hash, from as many addresses as a test needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

from chalicelib.adapters.argon2 import Argon2Proofs
from chalicelib.domain.visits import Visitor
from chalicelib.records._base import Record
from chalicelib.records.credentials import Credentials
from chalicelib.records.reading import Ref, fetch
from chalicelib.records.staff import Staff
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.admitting import Pending
from chalicelib.services.sign_in.refusing import Refusing
from chalicelib.services.sign_in.sessions import SignedIn
from tests.builders import VISITOR, Business
from tests.services.prepared import open_business
from tests.stage import Stage

EMAIL = "regula@praxis-brunner.example"
UNKNOWN = "nobody@praxis-brunner.example"
PROOF, OTHER, WRONG = bytes(range(32)), bytes(range(1, 33)), bytes(32)
R = TypeVar("R", bound=Record)
FAST = Argon2Proofs(memory_kib=8, passes=1)


@dataclass
class Signer:
    """Tries to sign in, each time from another network unless told otherwise."""

    on: Stage
    of: Business
    numbers: "count[int]"

    def somewhere(self) -> Visitor:
        """A network that nobody was seen in before."""
        number = next(self.numbers)
        return Visitor.of(f"10.{number // 256}.{number % 256}.1", "Firefox/140.0 (X11; Linux)")

    def admitted(
        self, proof: bytes = PROOF, *, email: str = EMAIL, visitor: Visitor | None = None, portal: str = ""
    ) -> SignedIn | Pending:
        """What the service says."""
        found = self.on.services.password_sign_in.sign_in(
            email, proof, portal=portal, visitor=visitor or self.somewhere()
        )
        assert isinstance(found, SignedIn | Pending)
        return found

    def signed_in(self, proof: bytes = PROOF, **how: Any) -> SignedIn:
        """The session."""
        found = self.admitted(proof, **how)
        assert isinstance(found, SignedIn)
        return found

    @property
    def credentials(self) -> Credentials:
        """As they are stored."""
        return there(Credentials.ref(self.of.tenant, self.of.expert))

    @property
    def staff(self) -> Staff:
        """As they are stored."""
        return there(Staff.ref(self.of.tenant, self.of.expert))

    def change(self, record: Record, **changes: Any) -> None:
        """Changes a record behind the services' back."""
        for name, value in changes.items():
            setattr(record, name, value)
        transaction = Transaction()
        transaction.mark(record)
        transaction.commit()


def there(ref: Ref[R]) -> R:
    """The record at `ref`."""
    found = fetch(ref, consistent=True)
    assert found is not None
    return found


@contextmanager
def with_password(proof: bytes | None = PROOF) -> Iterator[Signer]:
    """The business; its owner's mails are not sent yet."""
    with open_business() as (on, of):
        vars(on.services)["hasher"], vars(on.services)["refusing"] = FAST, Refusing(seconds=0)
        if proof is not None:
            on.services.passwords.change(of.session, proof, None, visitor=VISITOR)
        yield Signer(on, of, count())
