"""What counts towards a cap."""

import struct

from pynamodb.attributes import BinaryAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._fields import InstantAttribute, internal
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, query

_HELD = struct.Struct(">16sH")


class CapCount(RecordsTable, discriminator="CapCount"):
    """The appointments of one service with one expert in one day, week or month, as ids and minutes."""

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

    @classmethod
    def ref(cls, tenant: str, expert: str, service: str, over: str) -> "Ref[CapCount]":
        """Where it lies; `over` names the day, week or month, as 2026-11-22, 2026-W47 or 2026-11."""
        return Ref(cls, cls.partition(tenant, expert), f"COUNT#{service}#{over}")

    @classmethod
    def partition(cls, tenant: str, expert: str) -> str:
        """The partition of all that counts with an expert."""
        return f"TENANT#{tenant}#CAPS#{expert}"

    @classmethod
    def all_of(cls, tenant: str, expert: str, service: str) -> "list[CapCount]":
        """Those of one service with one expert: one Query."""
        return query(cls, cls.partition(tenant, expert), cls.sk.startswith(f"COUNT#{service}#"))

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
