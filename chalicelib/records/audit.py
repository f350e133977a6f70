"""What the nightly audit found."""

from datetime import datetime

from pynamodb.attributes import JSONAttribute

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.ids import INSTALLATION, new_id
from chalicelib.domain.periods import months
from chalicelib.records._busy import reading
from chalicelib.records._fields import InstantAttribute, internal
from chalicelib.records._tables import RecordsTable

_WHY = "what was looked at and what was wrong, as names and counts; it says nothing about a person"
_PREFIX = "AUDIT#"


class AuditResult(RecordsTable, discriminator="AuditResult"):
    """What one audit found of each check. The evidence is names of ours and counts, never a value that is stored."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.ACCOUNTABILITY,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(months(24), "at"),),
        then=Then.DELETE,
        because="as long as the ledger, which it belongs to",
    )

    at = internal(InstantAttribute(), why=_WHY)
    outcomes = internal(JSONAttribute(), why=_WHY)

    @classmethod
    def of(cls, *, at: datetime, outcomes: list[dict[str, object]]) -> "AuditResult":
        """The result of an audit that ended at `at`."""
        sk = f"{_PREFIX}{int(at.timestamp()):012d}#{new_id(at)}"
        return cls(f"TENANT#{INSTALLATION}", sk, at=at, outcomes=outcomes)

    @classmethod
    def latest(cls) -> "AuditResult | None":
        """The last one; None when there never was one, or not for two years."""
        held = cls.sk.startswith(_PREFIX)
        with reading():
            found = list(cls.query(f"TENANT#{INSTALLATION}", held, scan_index_forward=False, limit=1, page_size=1))
        return next((result for result in found if not result.is_absent()), None)
