"""Keys by which a tenant's own servers call: made and revoked by admins, limited by scopes, and never for people.

A key acts for the business and not for whoever made it: its own id stands in the ledger as the actor, and it goes on
working when its maker leaves, whose name admins see beside it. Within its scopes it may do what an admin may.
"""

import hmac
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotSignedInError,
    TryAgainError,
)
from chalicelib.domain.ids import new_id
from chalicelib.domain.roles import ADMIN
from chalicelib.domain.tenancy import Standing
from chalicelib.domain.tokens import Token
from chalicelib.observability import proven
from chalicelib.records.api_key import ApiKey
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.team import Team
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.sessions import StaffSession
from chalicelib.services.staff.team import check_still_runs

PREFIX = "zk_"
LONGEST = timedelta(days=366)  # a year, also when it is a leap year
MOST = 10
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class WantedKey:
    """What a key is called, what it may do, and until when."""

    label: str
    scopes: frozenset[str]
    valid_until: datetime


@dataclass(frozen=True, kw_only=True)
class KeyShown:
    """A key as admins see it. `secret` is there when it was just made, and never again."""

    id: str
    label: str
    scopes: frozenset[str]
    created_at: datetime
    created_by: str
    valid_until: datetime
    seen_at: datetime | None
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class ApiKeys:
    """Keys of tenants' servers."""

    vault: Vault
    clock: Clock

    def authenticate(self, text: str, *, network: str) -> StaffSession:
        """Who calls by this key. NotSignedInError, always the same, for what is no valid key."""
        token = Token.read(text, prefix=PREFIX)
        if token is None:
            raise _unknown()
        ref, tenant_ref = ApiKey.ref(token.tenant, token.owner), Tenant.ref(token.tenant)
        found = fetch_all([ref, tenant_ref], consistent=True)
        key, tenant = found.get(ref), found.get(tenant_ref)
        if key is None or tenant is None or not hmac.compare_digest(key.digest, token.digest):
            raise _unknown()
        proven(tenant=token.tenant, actor=token.owner)
        now = self.clock().replace(microsecond=0)
        standing = tenant.tenancy.standing(now)
        if standing is Standing.ENDED:
            raise _unknown()
        return StaffSession(
            tenant=token.tenant,
            staff=token.owner,
            roles=frozenset({ADMIN}),
            zone=tenant.zone,
            standing=standing,
            scopes=frozenset(key.scopes),
            renew=partial(_seen, key, now) if _stale(key, now) else None,
        )

    def listed(self, caller: StaffSession, *, network: str) -> list[KeyShown]:
        """The valid keys of the caller's business, the latest first; noted."""
        found = sorted(ApiKey.all_of(caller.tenant), key=lambda each: each.created_at, reverse=True)
        noted = Transaction()
        noted.create(self._entry(caller, Action.API_KEYS_READ, thing=None, network=network))
        noted.commit()
        self.vault.preload(caller.tenant, {each.subject for each in found})
        return [_shown(each) for each in found]

    def create(self, caller: StaffSession, wanted: WantedKey, *, network: str) -> KeyShown:
        """A new key, with its secret."""
        until, now = wanted.valid_until.astimezone(UTC), self.clock()
        if not now < until <= now + LONGEST:
            raise InvalidInputError("Give an end in the future, at most a year ahead.", field="valid_until")
        return persist(lambda: self._create(caller, wanted, network=network))

    def revoke(self, caller: StaffSession, key: str, *, network: str) -> None:
        """Ends a key at once: the next call with it is refused."""
        held = fetch(ApiKey.ref(caller.tenant, key), consistent=True)
        if held is None:
            raise NotFoundError("There is no such key.")
        transaction = Transaction()
        transaction.discard(ApiKey.ref(caller.tenant, key))  # even if it is noted as used this very moment
        transaction.create(self._entry(caller, Action.API_KEY_REVOKED, thing=key, network=network))
        transaction.commit()

    def _create(self, caller: StaffSession, wanted: WantedKey, *, network: str) -> KeyShown:
        team = fetch(Team.ref(caller.tenant), consistent=True)
        if team is None:
            raise NotFoundError("This business has ended.")
        check_still_runs(team, caller)
        if len(ApiKey.all_of(caller.tenant)) >= MOST:
            raise ConflictError(f"Revoke a key first: there are at most {MOST}.")
        now = self.clock().replace(microsecond=0)
        token = Token.new(caller.tenant, new_id(now))
        ref = ApiKey.ref(caller.tenant, token.owner)
        key = ApiKey(
            ref.pk,
            ref.sk,
            digest=token.digest,
            scopes=set(wanted.scopes),
            created_at=now,
            created_by=caller.staff,
            valid_until=wanted.valid_until,
            label=wanted.label,
        )
        transaction = Transaction()
        transaction.create(key)
        transaction.update(team)  # unchanged: whoever makes a key at the same time has to count anew
        transaction.create(self._entry(caller, Action.API_KEY_CREATED, thing=token.owner, network=network))
        transaction.commit()
        return _shown(key, token.spell(prefix=PREFIX))

    def _entry(self, caller: StaffSession, action: Action, *, thing: str | None, network: str) -> LedgerEntry:
        at = self.clock().replace(microsecond=0)
        return LedgerEntry.of(caller.tenant, action, at=at, actor=caller.staff, thing=thing, network=network)


def _shown(key: ApiKey, secret: str = "") -> KeyShown:
    return KeyShown(
        id=key.id,
        label=key.label,
        scopes=frozenset(key.scopes),
        created_at=key.created_at,
        created_by=key.created_by,
        valid_until=key.valid_until,
        seen_at=key.seen_at,
        secret=secret,
    )


def _stale(key: ApiKey, now: datetime) -> bool:
    return key.seen_at is None or now - key.seen_at >= SEEN_EVERY


def _seen(key: ApiKey, now: datetime) -> None:
    key.seen_at = now
    transaction = Transaction()
    transaction.update(key)
    # Another request did it, or the key was just revoked: the next request will see that.
    with suppress(TryAgainError):
        transaction.commit()


def _unknown() -> NotSignedInError:
    return NotSignedInError("Send a valid key as `Authorization: Bearer <key>`.")
