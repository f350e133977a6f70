"""Beside the register of processors: services that an expert chooses and has an account of their own with.

They are no processors of ours. The expert, for the business that they work for, has a contract with them, decides that
an appointment of theirs is told to them, and ends that at any time; we do as they say, and hand over nothing about a
customer. So no place is promised for them, and none of the promises about places is weakened: what the register of
processors allows is closed to them, and the other way round.

What is not listed here can't be built, as with processors: adapters reach the `hosts` named here and no others, hand
over what `receives` allows, and each hand-over is in the ledger under this name.
"""

from dataclasses import dataclass

from chalicelib.domain.disclosing import Received
from chalicelib.domain.own_calendars import CALDAV, GOOGLE, MICROSOFT


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A service that an expert has chosen. Without `hosts` the expert names the server, too."""

    name: str
    company: str
    receives: frozenset[Received]
    hosts: frozenset[str]
    because: str

    def check_disclosure(self, handed: frozenset[Received]) -> None:
        """TypeError for what is handed over beyond what is listed."""
        if beyond := handed - self.receives:
            raise TypeError(f"{self.name} may not receive: {', '.join(sorted(beyond))}")


_TIMES = frozenset({Received.APPOINTMENT, Received.REFERENCE})

CHOSEN: tuple[Chosen, ...] = (
    Chosen(
        name=MICROSOFT,
        company="Microsoft",
        receives=_TIMES,
        hosts=frozenset({"login.microsoftonline.com", "graph.microsoft.com"}),
        because="the expert's own account of Microsoft 365 or Outlook.com: name of the service, start and end of the"
        " expert's appointments; no customer is named",
    ),
    Chosen(
        name=GOOGLE,
        company="Google",
        receives=_TIMES,
        hosts=frozenset({"accounts.google.com", "oauth2.googleapis.com", "www.googleapis.com"}),
        because="the expert's own Google account: name of the service, start and end of the expert's appointments; no"
        " customer is named",
    ),
    Chosen(
        name=CALDAV,
        company="whoever runs the server that the expert names",
        receives=_TIMES,
        hosts=frozenset(),
        because="the expert's own calendar server: name of the service, start and end of the expert's appointments; no"
        " customer is named",
    ),
)


def chosen(name: str) -> Chosen:
    """The listed service of this name; LookupError when there is none."""
    for each in CHOSEN:
        if each.name == name:
            return each
    raise LookupError(f"{name} is not among the services that experts may choose")
