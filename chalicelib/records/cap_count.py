"""What counts towards a cap."""

import struct
from datetime import datetime

from pynamodb.attributes import BinaryAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._fields import InstantAttribute, internal
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, query

_HELD, _KEPT = struct.Struct(">16sH"), struct.Struct(">16sHI")


class CapCount(RecordsTable, discriminator="CapCount"):
    """The appointments of one service with one expert in one day, week or month, as ids and minutes.

    Beside them stands what is kept for somebody to book, each with the epoch second at which it lapses by itself.
    """

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.STAFF,
        recipients=(),
        keep=(Keep(days(7), "ends_at"),),
        then=Then.DELETE,
        because="as day sheets: what is past limits nothing any more",
    )

    ends_at = internal(InstantAttribute(), why="when the day, week or month is over")
    held = internal(BinaryAttribute(legacy_encoding=False), why="ids of appointments that tell of themselves")
    kept = internal(BinaryAttribute(legacy_encoding=False, null=True), why="ids of times that are kept free, of nobody")

    @classmethod
    def ref(cls, tenant: str, expert: str, service: str, over: str) -> "Ref[CapCount]":
        """Where it lies; `over` names the day, week or month, as 2026-11-22, 2026-W47 or 2026-11."""
        return Ref(cls, cls.partition(tenant, expert), f"COUNT#{service}#{over}")

    @classmethod
    def partition(cls, tenant: str, expert: str) -> str:
        """The partition of all that counts with an expert."""
        return f"TENANT#{tenant}#CAPS#{expert}"

    @classmethod
    def all_of(cls, tenant: str, expert: str, service: str, *, consistent: bool = False) -> "list[CapCount]":
        """Those of one service with one expert: one Query."""
        found = cls.sk.startswith(f"COUNT#{service}#")
        return query(cls, cls.partition(tenant, expert), found, consistent=consistent)

    @property
    def over(self) -> str:
        """The day, week or month that it counts."""
        return self.sk.rpartition("#")[2]

    @property
    def minutes(self) -> dict[str, int]:
        """The minutes by appointment."""
        return {owner.hex(): minutes for owner, minutes in _HELD.iter_unpack(self.held)}

    @minutes.setter
    def minutes(self, minutes: dict[str, int]) -> None:
        self.held = b"".join(_HELD.pack(bytes.fromhex(owner), each) for owner, each in sorted(minutes.items()))

    def taken(self, now: datetime) -> dict[str, int]:
        """The minutes by appointment, and by what is kept now."""
        return self.minutes | {owner: minutes for owner, minutes, _ in self._live(now)}

    def drop_lapsed(self, now: datetime) -> None:
        """Leaves out what is kept no longer."""
        self._store(self._live(now))

    def keep(self, owner: str, minutes: int, *, until: datetime, now: datetime) -> None:
        """Counts a time that is kept until then."""
        others = (each for each in self._live(now) if each[0] != owner)
        self._store([*others, (owner, minutes, int(until.timestamp()))])

    def release(self, owner: str, *, now: datetime) -> bool:
        """Counts a time no more that was kept; whether it was counted."""
        live = self._live(now)
        rest = [each for each in live if each[0] != owner]
        self._store(rest)
        return len(rest) < len(live)

    def _live(self, now: datetime) -> list[tuple[str, int, int]]:
        found = ((owner.hex(), minutes, until) for owner, minutes, until in _KEPT.iter_unpack(self.kept or b""))
        return [each for each in found if each[2] > now.timestamp()]

    def _store(self, kept: list[tuple[str, int, int]]) -> None:
        packed = (_KEPT.pack(bytes.fromhex(owner), minutes, until) for owner, minutes, until in sorted(kept))
        self.kept = b"".join(packed) or None
