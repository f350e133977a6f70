"""Who customers are, many at once, for lists that know them by id only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.domain.errors import KeyDestroyedError
from chalicelib.records._base import Standing
from chalicelib.records.customer import Customer
from chalicelib.records.reading import fetch_all
from chalicelib.services.ports import Vault


@dataclass(frozen=True, kw_only=True)
class Contact:
    """How somebody is named and reached; `id` is the entry that remained where theirs was merged."""

    id: str
    given_name: str
    family_name: str
    email: str | None
    phone: str | None


def contacts(vault: Vault, tenant: str, ids: Iterable[str]) -> Mapping[str, Contact]:
    """By the id that was asked for: those who may be shown. Two round trips for a hundred, one more for merged ones."""
    asked = list(dict.fromkeys(ids))
    people = _live(tenant, asked)
    merged = [each.merged_into for each in people.values() if each.merged_into]
    survivors = _live(tenant, merged)
    vault.preload(tenant, [*(one for one, each in people.items() if not each.merged_into), *survivors])
    found = {one: survivors.get(each.merged_into) if each.merged_into else each for one, each in people.items()}
    told = {one: _contact(each) for one, each in found.items() if each is not None}
    return {one: each for one, each in told.items() if each is not None}


def _live(tenant: str, ids: Iterable[str]) -> dict[str, Customer]:
    refs = {each: Customer.ref(tenant, each) for each in ids}
    found = fetch_all(refs.values())
    held = {one: found.get(ref) for one, ref in refs.items()}
    return {one: each for one, each in held.items() if each is not None and each.standing() is Standing.LIVE}


def _contact(person: Customer) -> Contact | None:
    names = ("given_name", "family_name", "email", "phone")
    try:
        return Contact(id=person.subject, **{name: getattr(person, name) for name in names})
    except KeyDestroyedError:  # they ended this very moment
        return None
