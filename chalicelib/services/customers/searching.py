"""Lists of customers: page by page, by address, by number, by the beginning of a name.

There is no index of names. Each name stands in one of 64 buckets by a keyed hash of its first two letters; all of a
bucket are opened and compared (decision 20). Each person who is shown gets an entry in the ledger.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import InvalidInputError, KeyDestroyedError
from chalicelib.domain.names import FEWEST_LETTERS, fits, fold, words
from chalicelib.records._base import Standing
from chalicelib.records.customer import Customer, CustomerName
from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.walking import people
from chalicelib.services.customers.entries import looked
from chalicelib.services.customers.finding import Finding
from chalicelib.services.customers.reach import own_customers, sees_all
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.sessions import StaffSession

PAGE = 25
_MOST_IN_A_BUCKET = 5000
_MOST_PAGES = 8


@dataclass(frozen=True)
class Hits:
    """Some people, in order of their names; `more` when there are others that were left out."""

    customers: Sequence[Customer]
    more: bool = False


@dataclass(frozen=True)
class Searching:
    """Finds customers for staff."""

    vault: Vault
    clock: Clock
    finding: Finding

    def page(self, caller: StaffSession, *, after: str, network: str) -> tuple[Sequence[Customer], str]:
        """A page of customers in order of entry, and the place of the next one; empty: that was all."""
        read = people if sees_all(caller) else self._own_people(caller)
        shown: list[Customer] = []
        for _ in range(_MOST_PAGES):
            ids = read(caller.tenant, after=after, most=PAGE - len(shown))
            shown += self._shown(caller.tenant, ids)
            after = ids[-1] if ids else ""
            if not after or len(shown) == PAGE:
                break
        self._note(caller, shown, network)
        return shown, after

    def by_email(self, caller: StaffSession, email: str, *, network: str) -> Hits:
        """Whose address it is."""
        claim = fetch(self.finding.claim(caller.tenant, email))
        return self._hits(caller, [claim.of_customer] if claim else [], network)

    def by_phone(self, caller: StaffSession, phone: str, *, network: str) -> Hits:
        """Who gave this number: families share one, so it may be several people."""
        found = Customer.with_phone(caller.tenant, self.finding.phone_index(caller.tenant, phone))
        return self._hits(caller, [each.subject for each in found], network)

    def by_name(self, caller: StaffSession, name: str, *, network: str) -> Hits:
        """Those of whose names each word that was typed begins one."""
        asked = words(name)
        longest = max(asked, key=len, default="")
        if len(longest) < FEWEST_LETTERS:
            raise InvalidInputError("Type at least two letters of a name; ä, ae and a count as one.", field="name")
        bucket = self.finding.bucket(caller.tenant, longest[:FEWEST_LETTERS])
        held = list(islice(CustomerName.in_bucket(caller.tenant, bucket), _MOST_IN_A_BUCKET))
        self.vault.preload(caller.tenant, {each.subject for each in held})
        fitting = sorted(place for each in held if (place := _fitting(each, asked)))
        return self._hits(caller, [customer for *_, customer in fitting], network)

    def _hits(self, caller: StaffSession, ids: Sequence[str], network: str) -> Hits:
        """The first of those with these ids who are within reach; no more of them are read than that takes."""
        reached = self._reach(caller)
        found: dict[str, Customer] = {}
        for at in range(0, len(ids), 2 * PAGE):
            near = self._shown(caller.tenant, ids[at : at + 2 * PAGE])
            found |= {each.subject: each for each in near if reached(each)}
            if len(found) > PAGE:
                break
        shown = list(found.values())[:PAGE]
        shown.sort(key=lambda each: (fold(each.family_name), fold(each.given_name), each.subject))
        self._note(caller, shown, network)
        return Hits(shown, len(found) > PAGE)

    def _shown(self, tenant: str, ids: Iterable[str]) -> list[Customer]:
        """Those behind the ids who may be shown, each once; whose entry was merged stands under the one that is."""
        wanted = list(dict.fromkeys(ids))
        held = _customers(tenant, wanted)
        survivors = _customers(tenant, [each.merged_into for each in held if each.merged_into])
        each_once = {each.subject: each for each in (*held, *survivors) if not each.merged_into}
        found = [each for each in each_once.values() if each.standing() is Standing.LIVE]
        self.vault.preload(tenant, [each.subject for each in found])
        return found

    def _reach(self, caller: StaffSession) -> Callable[[Customer], bool]:
        """Whether somebody is within the caller's reach."""
        if sees_all(caller):
            return lambda _: True
        own = own_customers(caller, now=self.clock())
        return lambda each: each.entered_by == caller.staff or bool(own & {each.subject, *(each.merged or ())})

    def _own_people(self, caller: StaffSession) -> Callable[..., list[str]]:
        own = sorted(own_customers(caller, now=self.clock()))

        def read(_: str, *, after: str, most: int) -> list[str]:
            return [each for each in own if each > after][:most]

        return read

    def _note(self, caller: StaffSession, shown: Iterable[Customer], network: str) -> None:
        ids = [each.subject for each in shown]
        if ids:
            looked(caller, Action.CUSTOMER_LISTED, ids, at=_second(self.clock), network=network).commit()


def _fitting(held: CustomerName, asked: Sequence[str]) -> tuple[str, str, str] | None:
    """Where somebody comes in order, and who it is, if their name fits."""
    try:
        given, family = held.given_name, held.family_name
    except KeyDestroyedError:  # they ended this very moment
        return None
    return (fold(family), fold(given), held.subject) if fits(asked, given, family) else None


def _customers(tenant: str, ids: Iterable[str]) -> list[Customer]:
    refs = [Customer.ref(tenant, each) for each in dict.fromkeys(ids)]
    found = fetch_all(refs)
    return [each for ref in refs if (each := found.get(ref)) is not None]


def _second(clock: Clock) -> datetime:
    return clock().astimezone(UTC).replace(microsecond=0)
