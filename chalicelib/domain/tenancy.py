"""Where a tenant stands: on trial, on a plan, read-only after either, or ended. Derived from instants, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

TRIAL = timedelta(days=30)
"""How long everything can be tried."""

READ_ONLY = timedelta(days=30)
"""How long everything can still be read and exported after the trial, or after a tenancy was cancelled."""

NOTICES = (timedelta(days=7), timedelta(days=1))
"""How long before its end a trial is told to be ending."""

PLANS = ("standard",)
"""What a tenant can go over to; prices and invoices come with billing."""


class Standing(Enum):
    """Where a tenant stands."""

    TRIAL = "trial"
    ON_PLAN = "on-plan"
    READ_ONLY = "read-only"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Tenancy:
    """The instants that decide: end of trial (None: never, or over for a plan), cancellation, end."""

    trial_ends_at: datetime | None
    cancelled_at: datetime | None
    plan: str | None

    @property
    def read_only_from(self) -> datetime | None:
        """From when on nothing can be changed any more; None: never."""
        ends = None if self.plan else self.trial_ends_at
        return min((at for at in (ends, self.cancelled_at) if at is not None), default=None)

    @property
    def closes_at(self) -> datetime | None:
        """When everything ends; None: never."""
        begins = self.read_only_from
        return None if begins is None else begins + READ_ONLY

    @property
    def notices(self) -> tuple[datetime, ...]:
        """When its admins hear of the end of the trial: before it, and as it comes."""
        if self.plan or self.trial_ends_at is None or self.cancelled_at is not None:
            return ()
        return (*(self.trial_ends_at - ahead for ahead in NOTICES), self.trial_ends_at)

    def notice_at(self, now: datetime, *, told: datetime | None) -> datetime | None:
        """The notice whose time has come and that is later than the last one told; the latest, if there are several."""
        return max((at for at in self.notices if at <= now and (told is None or at > told)), default=None)

    def next_step(self, *, told: datetime | None) -> datetime | None:
        """When something has to be done about it: the first notice later than the last one told, or else the end."""
        return min((at for at in self.notices if told is None or at > told), default=self.closes_at)

    def is_open(self, now: datetime) -> bool:
        """Whether everything can be used."""
        return self.read_only_from is None or now < self.read_only_from

    def may(self, now: datetime) -> Sequence[str]:
        """What can be done at `now` by whoever runs it."""
        cancelled = self.cancelled_at is not None
        doings = {
            "use": self.is_open(now),
            "export": True,
            "choose-plan": cancelled or not self.plan,
            "cancel": not cancelled,
            "resume": cancelled,
        }
        return [doing for doing, can in doings.items() if can]

    def standing(self, now: datetime) -> Standing:
        """Where it stands at `now`; each instant already belongs to what follows."""
        if self.closes_at is not None and self.closes_at <= now:
            return Standing.ENDED
        if self.read_only_from is not None and self.read_only_from <= now:
            return Standing.READ_ONLY
        return Standing.ON_PLAN if self.plan else Standing.TRIAL
