"""A record that goes over to another person: the same in every field, under their key and in their partition."""

from typing import TypeVar

from chalicelib.records._base import Record

R = TypeVar("R", bound=Record)
_ITS_PLACE = frozenset({"pk", "sk", "version", "sealed", "lookup_pk", "lookup_sk"})


def moved(record: R, *, to: str) -> R:
    """A copy of the record that lies with the person `to` of the same business, to be created there.

    RestrictedError when it may not be opened; KeyDestroyedError when one of the two has no key.
    """
    kept = {name: value for name, value in record.attribute_values.items() if name not in _ITS_PLACE}
    made = type(record)(f"TENANT#{record.tenant}#SUBJECT#{to}", record.sk, **kept)
    if record.sealed_fields():
        made.opened().update(record.opened())
    return made
