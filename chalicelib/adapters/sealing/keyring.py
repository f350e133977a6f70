"""The keyring: finds the key of a subject, seals and opens with it, and forgets it in time.

KMS key -> tenant key -> subject key -> blob. Keys come from the key store wrapped, stay in memory for a bounded time,
and are made by `tenant_ready`,
`new_tenant_key` and `new_subject_key` only. Reading never makes a key, so a tenant or a
person that was shredded stays so.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Lock
from weakref import WeakValueDictionary

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chalicelib.adapters.sealing import blob as blobs
from chalicelib.adapters.sealing.cache import BoundedCache, Moment
from chalicelib.adapters.sealing.derive import KEY_BYTES, TenantKey
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import KeyDestroyedError
from chalicelib.domain.sealing import KeyManagement, KeyStore


class Keyring:
    """The Sealer of the product. May be used from several threads; asks nothing of anybody when made."""

    def __init__(
        self,
        key_store: KeyStore,
        kms: KeyManagement,
        *,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        randomness: Callable[[int], bytes] = secrets.token_bytes,
        tenant_seconds: float = 300,
        tenant_count: int = 1000,
        subject_seconds: float = 300,
        subject_count: int = 5000,
    ) -> None:
        self._store, self._kms, self._randomness = key_store, kms, randomness
        self._clock, self._monotonic = clock, monotonic
        self._tenants = BoundedCache[str, TenantKey](seconds=tenant_seconds, count=tenant_count, now=self._now)
        self._subjects = BoundedCache[tuple[str, str], AESGCM](
            seconds=subject_seconds, count=subject_count, now=self._now
        )
        self._loading: WeakValueDictionary[str, Lock] = WeakValueDictionary()
        self._loading_guard = Lock()

    def seal(self, plain: bytes, *, tenant: str, subject: str, aad: bytes) -> bytes:
        """The sealed blob; KeyDestroyedError when the subject has no key (any more)."""
        key = self._subject(tenant, subject)
        return blobs.seal(key, plain, aad=aad, nonce=self._randomness(blobs.NONCE_BYTES))

    def open(self, blob: bytes, *, tenant: str, subject: str, aad: bytes) -> bytes:
        """The plain bytes; KeyDestroyedError when the subject's key is gone, ValueError when tampered with."""
        return blobs.unseal(self._subject(tenant, subject), blob, aad=aad)

    def tenant_ready(self, tenant: str) -> None:
        """Sees to it that the tenant has a key: loads it, or makes the first one. Safe when done twice at once."""
        self._tenant(tenant, may_create=True)

    def new_tenant_key(self, tenant: str) -> bytes:
        """The first key of a new tenant, wrapped: to be stored in the transaction that writes its first record."""
        since = self._now()
        plain, wrapped = self._kms.new_data_key(tenant)
        self._tenants.put(tenant, TenantKey(plain), since=since)
        return wrapped

    def new_subject_key(self, tenant: str) -> bytes:
        """A fresh subject key, wrapped: to be stored in the transaction that writes the subject's first record."""
        return self._tenant(tenant).wrap(self._randomness(KEY_BYTES))

    def adopt(self, tenant: str, subject: str, wrapped: bytes) -> None:
        """Uses `wrapped` for this subject before it is stored. Whose transaction fails calls `forget`."""
        since = self._now()
        self._keep(tenant, subject, self._tenant(tenant).unwrap(wrapped), since)

    def preload(self, tenant: str, subjects: Iterable[str]) -> None:
        """Fetches in one go the keys that are not at hand. Missing or damaged ones are reported by `open`."""
        missing = [subject for subject in dict.fromkeys(subjects) if self._subjects.get((tenant, subject)) is None]
        if not missing:
            return
        tenant_key, since = self._tenant(tenant), self._now()
        for subject, wrapped in self._store.subject_keys(tenant, missing).items():
            with suppress(ValueError):
                self._keep(tenant, subject, tenant_key.unwrap(wrapped), since)

    def forget(self, tenant: str, subject: str | None = None) -> None:
        """Drops one subject's key from this process, or without `subject` the tenant's and all of its subjects'."""
        if subject is None:
            self._tenants.drop(lambda key: key == tenant)
        self._subjects.drop(lambda key: key[0] == tenant and subject in {None, key[1]})

    def index(self, tenant: str, purpose: str, value: str) -> str:
        """The blind index of a normalised value for one purpose: 32 hexadecimal digits."""
        return self._tenant(tenant).index(purpose, value)

    def link_key(self, tenant: str) -> bytes:
        """The key that signs the tenant's capability links."""
        return self._tenant(tenant).link_key()

    def _now(self) -> Moment:
        return Moment(self._monotonic(), self._clock().timestamp())

    def _keep(self, tenant: str, subject: str, key: bytes, since: Moment) -> AESGCM:
        cipher = AESGCM(key)
        self._subjects.put((tenant, subject), cipher, since=since)
        return cipher

    def _subject(self, tenant: str, subject: str) -> AESGCM:
        cached = self._subjects.get((tenant, subject))
        if cached is not None:
            return cached
        # The age counts from before the store is asked: a key destroyed right after that is not used for longer.
        tenant_key, since = self._tenant(tenant), self._now()
        wrapped = self._store.subject_keys(tenant, [subject]).get(subject)
        if wrapped is None:
            raise KeyDestroyedError(f"subject {subject} of tenant {tenant} has no key")
        return self._keep(tenant, subject, tenant_key.unwrap(wrapped), since)

    def _tenant(self, tenant: str, *, may_create: bool = False) -> TenantKey:
        cached = self._tenants.get(tenant)
        if cached is not None:
            return cached
        with self._loading_lock(tenant):
            # Whoever waited here finds what the first one fetched: one call to KMS, however many ask.
            return self._tenants.get(tenant) or self._load_tenant(tenant, may_create=may_create)

    def _loading_lock(self, tenant: str) -> Lock:
        with self._loading_guard:
            return self._loading.setdefault(tenant, Lock())

    def _load_tenant(self, tenant: str, *, may_create: bool) -> TenantKey:
        since = self._now()
        wrapped = self._store.tenant_key(tenant)
        if wrapped is None and not may_create:
            raise KeyDestroyedError(f"tenant {tenant} has no key")
        key = TenantKey(self._first_key(tenant) if wrapped is None else self._kms.open_data_key(tenant, wrapped))
        self._tenants.put(tenant, key, since=since)
        return key

    def _first_key(self, tenant: str) -> bytes:
        plain, wrapped = self._kms.new_data_key(tenant)
        stored = self._store.claim_tenant_key(tenant, wrapped)
        return plain if stored == wrapped else self._kms.open_data_key(tenant, stored)
