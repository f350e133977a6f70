"""What staff see: the appointments of an expert in a range. Every look leaves an entry in the ledger."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import InvalidInputError, NotAllowedError
from chalicelib.domain.roles import ADMIN
from chalicelib.records.appointment import Appointment
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.writing import Transaction
from chalicelib.services.ports import Vault
from chalicelib.services.sessions import StaffSession
from chalicelib.services.side_by_side import side_by_side

LONGEST_RANGE = timedelta(days=62)


@dataclass(frozen=True)
class Agenda:
    """Lists of appointments."""

    vault: Vault
    clock: Clock

    def of_expert(
        self, caller: StaffSession, expert: str, *, frm: datetime, to: datetime, network: str
    ) -> list[Appointment]:
        """The appointments that start from `frm` to before `to`; experts see their own, admins everybody's."""
        if expert != caller.staff and ADMIN not in caller.roles:
            raise NotAllowedError("Experts see their own appointments.")
        if not timedelta(0) < to - frm <= LONGEST_RANGE:
            raise InvalidInputError("Ask for more than nothing and at most 62 days.", field="to")
        # Whose list, and which range: from this every customer whose appointment was in it can be told (see `telling`).
        noted = Transaction()
        noted.create(
            LedgerEntry.of(
                caller.tenant,
                Action.APPOINTMENTS_READ,
                at=self.clock().replace(microsecond=0),
                actor=caller.staff,
                about=expert,
                network=network,
                counts={"from": int(frm.timestamp()), "to": int(to.timestamp())},
            )
        )
        found, _ = side_by_side(lambda: Appointment.of_expert(caller.tenant, expert, frm=frm, to=to), noted.commit)
        self.vault.preload(caller.tenant, {each.subject for each in found})
        return found
