"""All entries of one person: what holds for the person holds for each of them."""

from chalicelib.records.customer import Customer
from chalicelib.records.marking import to_mark


def all_entries(tenant: str, customer: str) -> list[str]:
    """The ids of all entries that are known to be of the same person, the one asked for first; nothing is opened."""
    person = to_mark(Customer.ref(tenant, customer))
    root = to_mark(Customer.ref(tenant, person.merged_into)) if person and person.merged_into else person
    if root is None:
        return [customer]
    return list(dict.fromkeys([customer, root.subject, *sorted(root.merged or ())]))
