"""Who may have been entered twice: the same name, or the same number and a name in common.

All buckets of names are opened one after the other, some at each call; whoever is in two of them may come twice. It is
a proposal: a phone number and a name identify nobody, so a person decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import combinations

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.names import words
from chalicelib.records._base import Standing
from chalicelib.records.customer import Customer, CustomerName
from chalicelib.records.reading import fetch_all
from chalicelib.services.customers.entries import looked
from chalicelib.services.customers.finding import BUCKETS
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.sessions import StaffSession

PAIRS = 20
_BUCKETS = [f"{number:02x}" for number in range(BUCKETS)]
_BUCKETS_AT_ONCE = 8
_MOST_PEOPLE = 2000
_MOST_IN_A_BUCKET = 100


@dataclass(frozen=True)
class Pair:
    """Two entries that may be of one person, and what speaks for it."""

    one: Customer
    other: Customer
    same_name: bool
    same_phone: bool


@dataclass(frozen=True)
class Doubling:
    """Looks for people who were entered twice."""

    vault: Vault
    clock: Clock

    def pairs(self, caller: StaffSession, *, after: str, network: str) -> tuple[Sequence[Pair], str]:
        """Some pairs, and the bucket after which the search goes on; empty: that was all."""
        ahead = [each for each in _BUCKETS if each > after]
        found: list[Pair] = []
        last = after
        for last in ahead[:_BUCKETS_AT_ONCE]:
            found += self._in_bucket(caller.tenant, last)
            if len(found) >= PAIRS:
                break
        people = sorted({each.subject for pair in found for each in (pair.one, pair.other)})
        now = self.clock().astimezone(UTC).replace(microsecond=0)
        for at in range(0, len(people), 100):
            looked(caller, Action.CUSTOMER_LISTED, people[at : at + 100], at=now, network=network).commit()
        return found, last if last != _BUCKETS[-1] else ""

    def _in_bucket(self, tenant: str, bucket: str) -> list[Pair]:
        ids = [each.subject for each in CustomerName.in_bucket(tenant, bucket)][:_MOST_PEOPLE]
        self.vault.preload(tenant, ids)
        people = {each.subject: each for each in _people(tenant, ids)}
        names = {one: frozenset(words(each.given_name, each.family_name)) for one, each in people.items()}
        alike: dict[object, list[str]] = {}
        for one, each in people.items():
            alike.setdefault(names[one], []).append(one)
            if each.phone_index:
                alike.setdefault(each.phone_index, []).append(one)
        two = {pair for group in alike.values() for pair in combinations(group, 2) if names[pair[0]] & names[pair[1]]}
        first = sorted(two)[:_MOST_IN_A_BUCKET]  # who merges these finds the others the next time
        return [_pair(people[one], people[other], same_name=names[one] == names[other]) for one, other in first]


def _people(tenant: str, ids: Iterable[str]) -> list[Customer]:
    refs = [Customer.ref(tenant, each) for each in sorted(set(ids))]
    found = fetch_all(refs)
    held = [each for ref in refs if (each := found.get(ref)) is not None]
    return [each for each in held if each.standing() is Standing.LIVE and not each.merged_into]


def _pair(one: Customer, other: Customer, *, same_name: bool) -> Pair:
    return Pair(one, other, same_name, one.phone_index is not None and one.phone_index == other.phone_index)
