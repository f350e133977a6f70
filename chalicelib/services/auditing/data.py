"""Checks of what is stored: nothing too old, nothing in the clear, and every job that sees to it at work."""

from datetime import timedelta

from chalicelib.records.last_run import LastRun
from chalicelib.records.sampling import overdue
from chalicelib.services.auditing._checking import Finding, Sight

GRACE = timedelta(hours=48)
_MOST = 1000  # counted in each shard: one is as wrong as a million


def nothing_overdue(sight: Sight) -> Finding:
    """Whatever has been due for longer than the sweep, and DynamoDB's own deletion behind it, may take."""
    found = overdue(before=sight.now - GRACE, limit=_MOST)
    return Finding(("due index",) if found else (), {"overdue": found})


def nothing_too_old(sight: Sight) -> Finding:
    """A sample of stored items, whatever the index says of them."""
    found = sight.sample.too_old
    return Finding(tuple(sorted(found)), {"items": sight.sample.items, "too-old": sum(found.values())})


def nothing_in_the_clear(sight: Sight) -> Finding:
    """No sealed field beside its blob, no field that nobody declared, nothing that looks like an address."""
    found = sight.sample.in_the_clear
    return Finding(tuple(sorted(found)), {"items": sight.sample.items, "in-the-clear": sum(found.values())})


def schedules_ran(sight: Sight) -> Finding:
    """Each job noted the end of a run not longer ago than it may take."""
    last = LastRun.of(sight.declared.schedules)
    late = [
        function
        for function, seconds in sight.declared.schedules.items()
        if function not in last or (sight.now - last[function]).total_seconds() > seconds
    ]
    return Finding(tuple(late), {"jobs": len(sight.declared.schedules)})
