"""Which expert gets an appointment when the customer leaves the choice to us.

Experts have a share each: their weight out of the weights of all experts of the service. Counted are the appointments
of the service with each expert, whoever chose them, that lie in the same month as the one to be given and were booked
since the newest of the experts joined. So a newcomer gets their share from then on, and not everything until they have
caught up with a month that began without them.

An expert's shortfall is their share of all that is counted, the new one included, less what they have. Of those who are
free the one with the greatest shortfall gets it; of equals, the one with the lowest id, who joined the business first.
As long as everybody is free, nobody ever gets a whole appointment more than their share.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from chalicelib.domain.ids import made_at

_USUAL = 1


def fairest(
    free: Collection[str], *, experts: Iterable[str], weights: Mapping[str, int], held: Mapping[str, int]
) -> str:
    """The one of the `free` experts who is to get the next appointment; `held` is what each has, as counted."""
    weighed = {each: weights.get(each, _USUAL) for each in experts}
    if not any(weighed.values()):
        weighed = dict.fromkeys(weighed, _USUAL)
    total, whole = sum(weighed.values()), sum(held.get(each, 0) for each in weighed) + 1
    return min(free, key=lambda each: (held.get(each, 0) * total - weighed.get(each, 0) * whole, each))


def counted(appointments: Iterable[str], joined: Collection[datetime]) -> int:
    """How many of the appointments (ids) were booked since the newest of the experts joined."""
    since = max(joined, default=None)
    return sum(since is None or made_at(each) >= since for each in appointments)
