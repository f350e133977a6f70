"""Cold starts at the same time: in one process one call to KMS a key, between processes one key."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

from chalicelib.adapters.sealing import Keyring

TENANT, OTHER_TENANT = "1" * 32, "2" * 32


class Keys:
    """Key store and KMS in one; `during_call` runs inside every call to KMS."""

    def __init__(self, *tenants: str) -> None:
        self.stored = {tenant: (tenant * 2)[:32].encode() for tenant in tenants}
        self.calls: list[str] = []
        self.during_call: Callable[[], object] = lambda: None

    def tenant_key(self, tenant: str) -> bytes | None:
        """The stored key, or None."""
        return self.stored.get(tenant)

    def claim_tenant_key(self, tenant: str, wrapped: bytes) -> bytes:
        """The first one stays."""
        return self.stored.setdefault(tenant, wrapped)

    def subject_keys(self, tenant: str, subjects: list[str]) -> dict[str, bytes]:
        """Nobody."""
        return {}

    def new_data_key(self, tenant: str) -> tuple[bytes, bytes]:
        """Another key at each call; its wrapping is the key itself."""
        self.calls.append("new")
        key = bytes([len(self.calls)]) * 32
        self.during_call()
        return key, key

    def open_data_key(self, tenant: str, wrapped: bytes) -> bytes:
        """The key in the wrapping."""
        self.calls.append("open")
        self.during_call()
        return wrapped

    def process(self) -> Keyring:
        """A fresh process."""
        return Keyring(self, self, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC), monotonic=lambda: 0)


def test_cold_start_of_many_threads_asks_kms_once() -> None:
    """Threads that need one tenant's key at the same time wait for the first one's call."""
    keys = Keys(TENANT)
    ring, together, second = keys.process(), threading.Barrier(8), threading.Barrier(2)

    def meet() -> None:
        # A second caller would meet the first one here; alone, the first gives up waiting and goes on.
        with suppress(threading.BrokenBarrierError):
            second.wait(0.2)

    def use(_: int) -> str:
        together.wait()
        return ring.index(TENANT, "email", "x")

    keys.during_call = meet
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(use, range(8)))

    assert keys.calls == ["open"]
    assert len(answers) == 1


def test_cold_starts_of_two_tenants_do_not_wait_for_each_other() -> None:
    """The lock is one a tenant: two calls for two tenants run side by side."""
    keys = Keys(TENANT, OTHER_TENANT)
    ring, both = keys.process(), threading.Barrier(2)
    keys.during_call = lambda: both.wait(5)

    with ThreadPoolExecutor(2) as pool:
        answers = set(pool.map(lambda tenant: ring.index(tenant, "email", "x"), (TENANT, OTHER_TENANT)))

    assert len(answers) == 2


def test_two_processes_agree_on_the_first_tenant_key() -> None:
    """Who loses the claim uses the winner's key, not its own."""
    keys = Keys()
    winner, loser = keys.process(), keys.process()
    pending = [lambda: winner.tenant_ready(TENANT)]
    keys.during_call = lambda: pending.pop()() if pending else None

    loser.tenant_ready(TENANT)

    assert keys.calls == ["new", "new", "open"]
    assert loser.index(TENANT, "email", "x") == winner.index(TENANT, "email", "x")


def test_making_a_keyring_asks_nobody() -> None:
    """Construction does not call KMS: a function that seals nothing pays nothing."""
    keys = Keys(TENANT)

    keys.process()

    assert keys.calls == []
