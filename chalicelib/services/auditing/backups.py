"""Checks of the backups: young where they have to be, gone where they have to be."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.services.auditing._checking import Finding, Sight
from chalicelib.services.auditing.declared import DeclaredBackup

LATE = timedelta(hours=1)  # after its turn; so for twice a day, the last one is younger than 13 hours
COPYING = timedelta(hours=3)  # what the copy may take after that
CLEARING = timedelta(hours=9)  # AWS removes a backup at some moment within 8 hours after its last day


def backups_are_young(sight: Sight) -> Finding:
    """The last complete backup of each table is no older than one turn and an hour."""
    declared = sight.declared.backups
    old = [name for name, said in declared.items() if _age(sight, _here(sight, name, said)) > _every(said) + LATE]
    return Finding(tuple(old), {"tables": len(declared)})


def copies_are_young(sight: Sight) -> Finding:
    """So is the last copy; and it lies in another region, so that one place can be lost."""
    copied = {name: said for name, said in sight.declared.backups.items() if said.copied}
    counts = {"tables": len(copied)}
    if not sight.copy_vault:
        return Finding(tuple(copied), counts)
    _, _, _, region, _, _, vault = sight.copy_vault.split(":", 6)
    if region == sight.place.region:
        return Finding(("the copies are in the same region",), counts)
    found = {name: sight.stack.backups(vault, table=_table(sight, name), region=region) for name in copied}
    old = [name for name, said in copied.items() if _age(sight, found[name]) > _every(said) + LATE + COPYING]
    return Finding(tuple(old), counts)


def backups_end(sight: Sight) -> Finding:
    """No backup is older than it may be: with the last one of a key that was destroyed, its data can't be read."""
    kept = [
        name
        for name, said in sight.declared.backups.items()
        if any(sight.now - at > timedelta(days=said.days) + CLEARING for at in _here(sight, name, said))
    ]
    return Finding(tuple(kept), {"tables": len(sight.declared.backups)})


def _here(sight: Sight, name: str, said: DeclaredBackup) -> Sequence[datetime]:
    return sight.stack.backups(said.vault, table=_table(sight, name), region=sight.place.region)


def _table(sight: Sight, name: str) -> str:
    return sight.stack.table(sight.declared.tables[name].name).arn


def _age(sight: Sight, found: Sequence[datetime]) -> timedelta:
    """Of the youngest; without one, older than anything."""
    return sight.now - max(found) if found else timedelta.max


def _every(said: DeclaredBackup) -> timedelta:
    return timedelta(hours=said.every_hours)
