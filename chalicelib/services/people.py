"""New people: an id and a key of their own, which goes into the store in the transaction that first writes of them."""

from datetime import datetime

from chalicelib.domain.ids import new_id
from chalicelib.records.keys import SubjectKey
from chalicelib.records.writing import Transaction
from chalicelib.services.ports import Vault


def new_person(vault: Vault, transaction: Transaction, *, tenant: str, now: datetime, person: str = "") -> str:
    """The id of a new person (or of `person`, known but without a key yet), whose records can be sealed at once."""
    person = person or new_id(now)
    wrapped = vault.new_subject_key(tenant)
    vault.adopt(tenant, person, wrapped)
    transaction.create(SubjectKey.of(tenant, person, wrapped))
    return person
