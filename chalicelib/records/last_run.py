"""When each function that runs on a schedule last did."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records._busy import reading
from chalicelib.records._fields import InstantAttribute, internal
from chalicelib.records._tables import TransientTable
from chalicelib.records.reading import Ref, client, fetch_all


class LastRun(TransientTable, discriminator="LastRun"):
    """The end of a function's last run that went well, so that the nightly audit can tell a job that stands still."""

    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.OPERATION,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(days(7), "at"),),
        then=Then.DELETE,
    )

    at = internal(InstantAttribute(), why="when a job ran says nothing about a person")

    @classmethod
    def ref(cls, function: str) -> "Ref[LastRun]":
        """Where the last run of a function lies."""
        return Ref(cls, f"LAST-RUN#{function}", "RUN")

    @classmethod
    def note(cls, function: str, *, at: datetime) -> None:
        """Notes a run; which of two that end together is noted makes no difference."""
        ref = cls.ref(function)
        item = cls(ref.pk, ref.sk, at=at).serialize()
        item["version"] = {"N": "1"}
        with reading():
            client().put_item(TableName=ref.table, Item=item)

    @classmethod
    def of(cls, functions: Iterable[str]) -> dict[str, datetime]:
        """The last runs of those of the functions that have run."""
        refs = {function: cls.ref(function) for function in functions}
        found = fetch_all(refs.values())
        runs = {function: found.get(ref) for function, ref in refs.items()}
        return {function: run.at for function, run in runs.items() if run is not None}
