"""What lies beside a customer: the claims of their addresses, and their places in the search by name."""

from collections.abc import Iterable, Sequence

from chalicelib.records._base import Record
from chalicelib.records.customer import CustomerAddress, CustomerName
from chalicelib.records.writing import Transaction
from chalicelib.services.customers.finding import Known


def bind_together(claims: Iterable[CustomerAddress]) -> None:
    """Has each claim name the others: who books by one of the addresses keeps all of them alive."""
    held = list(claims)
    for each in held:
        each.others = {other.index for other in held if other is not each} or None


def exchange(
    transaction: Transaction,
    known: Known,
    described: Sequence[Record],
    *,
    old_claim: str | None,
    joined: frozenset[str] = frozenset(),
) -> None:
    """Puts what follows from new data in the place of what followed from the old, leaving alone what is the same.

    The addresses of entries that were `joined` with the person's stay claimed, whichever of all counts.
    """
    claims = [each for each in known.beside if isinstance(each, CustomerAddress)]
    names = {each.sk: each for each in known.beside if isinstance(each, CustomerName)}
    if known.customer.email_index != old_claim:
        new = [each for each in described if isinstance(each, CustomerAddress)]
        fresh = [each for each in new if each.index not in known.addresses]
        kept = [each for each in claims if each.index != old_claim or each.index in joined]
        others = {each.index for each in kept} - {known.customer.email_index or ""}
        known.customer.more_claims = others or None
        bind_together([*kept, *fresh])
        _write(transaction, kept=kept, fresh=fresh, gone=[each for each in claims if each not in kept])
    wanted = {each.sk: each for each in described if isinstance(each, CustomerName)}
    for sk in names.keys() & wanted.keys():
        names[sk].bucket = wanted[sk].bucket
        names[sk].given_name, names[sk].family_name = wanted[sk].given_name, wanted[sk].family_name
    _write(
        transaction,
        kept=[each for sk, each in names.items() if sk in wanted],
        fresh=[each for sk, each in wanted.items() if sk not in names],
        gone=[each for sk, each in names.items() if sk not in wanted],
    )


def _write(
    transaction: Transaction, *, kept: Iterable[Record], fresh: Iterable[Record], gone: Iterable[Record]
) -> None:
    for each in kept:
        transaction.update(each)
    for each in fresh:
        transaction.create(each)
    for each in gone:
        transaction.delete(each)
