"""Who runs a business, to be told what concerns it: whoever is an admin at that moment."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.records.reading import fetch, fetch_all
from chalicelib.records.staff import Staff
from chalicelib.records.team import Team
from chalicelib.records.writing import Transaction
from chalicelib.services.outbox import notify_staff

AT_ONCE = 90
"""How many admins are told in one transaction; it has room for a few writes more."""


def admins_of(tenant: str) -> list[Staff]:
    """The admins who have confirmed their address, at most as many as can be told in one transaction."""
    team = fetch(Team.ref(tenant), consistent=True)
    refs = [Staff.ref(tenant, each) for each in (team.admins() if team is not None else ())]
    held = filter(None, map(fetch_all(refs).get, refs))
    return [admin for admin in held if admin.unconfirmed_since is None][:AT_ONCE]


def tell_admins(
    transaction: Transaction, admins: Iterable[Staff], message: str, *, useless_at: datetime | None, now: datetime
) -> None:
    """Puts a message about their business into the outbox, one for each."""
    for admin in admins:
        notify_staff(
            transaction,
            tenant=admin.tenant,
            staff=admin.subject,
            message=message,
            language=admin.language,
            zone=admin.zone,
            about=admin.tenant,
            useless_at=useless_at,
            now=now,
        )
