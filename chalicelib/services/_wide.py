"""Reading more than fits into one round trip: so many at the same time."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from chalicelib.records.reading import Found, Ref, fetch_all
from chalicelib.services.side_by_side import all_at_once

_BATCH = 100


def fetch_wide(refs: Iterable[Ref[Any]]) -> Found:
    """All the records at `refs` as they are now, a hundred a call and the calls side by side."""
    wanted = list(dict.fromkeys(refs))
    if len(wanted) <= _BATCH:
        return fetch_all(wanted, consistent=True)
    parts = [wanted[at : at + _BATCH] for at in range(0, len(wanted), _BATCH)]
    found = Found()
    for some, part in zip(parts, all_at_once(partial(fetch_all, part, consistent=True) for part in parts), strict=True):
        for ref in some:
            record = part.get(ref)
            if record is not None:
                found.add(ref.table, record)
    return found
