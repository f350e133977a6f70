"""What is written into logs about people and is no record: declared like one, for the same readers."""

from dataclasses import dataclass

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days


@dataclass(frozen=True, kw_only=True)
class Log:
    """One log: what a line holds, and how it is handled. It ends by the log group's own retention."""

    name: str
    says: str
    fields: tuple[str, ...]
    handling: Handling


ACCESS_LOG = Log(
    name="AccessLog",
    says="A visit of a page. Nobody can be recognised: no complete network address, no version of a browser, no "
    "address of a page, no session.",
    fields=("at", "route", "status", "browser", "system", "referrer", "network"),
    handling=Handling(
        category=Category.USAGE,
        purposes=(Purpose.SECURITY,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.ANYONE,
        recipients=(),
        keep=(Keep(days(30), "at"),),
        then=Then.DELETE,
        because="attacks and failures show only in what was asked for, and a shortened address names nobody",
    ),
)

REQUEST_LOG = Log(
    name="RequestLog",
    says="A call of the API. Who called stands there by an id, and only if the call was refused: others who do "
    "something stand in the ledger.",
    fields=("timestamp", "route", "status", "problem", "tenant", "actor", "request_id", "ms"),
    handling=Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.SECURITY,),
        basis=Basis.LEGITIMATE_INTEREST,
        source=Source.SYSTEM,
        about=Subject.ANYONE,
        recipients=(),
        keep=(Keep(days(30), "timestamp"),),
        then=Then.DELETE,
        because="who tries again and again what they may not do shows in refusals only",
    ),
)

LOGS: tuple[Log, ...] = (ACCESS_LOG, REQUEST_LOG)
