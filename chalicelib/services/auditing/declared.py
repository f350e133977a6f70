"""What the installation is declared to be, from `declared.json`, which is made from the template."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "declared.json"


@dataclass(frozen=True)
class Place:
    """Where the installation lies: what the names of its resources are made of."""

    stage: str
    account: str
    region: str

    @classmethod
    def of(cls, stage: str, key_arn: str) -> "Place":
        """Taken from the ARN of a key of the installation."""
        _, _, _, region, account, *_ = key_arn.split(":")
        return cls(stage, account, region)


@dataclass(frozen=True, kw_only=True)
class DeclaredTable:
    """A table as it should be."""

    name: str
    expires_by: str
    restorable: bool
    protected: bool
    stream: str


@dataclass(frozen=True, kw_only=True)
class DeclaredBucket:
    """A bucket as it should be."""

    name: str
    versioned: bool
    locked: str


@dataclass(frozen=True, kw_only=True)
class DeclaredBackup:
    """How a table should be backed up: how often, where to, and for how long the backups are kept."""

    vault: str
    every_hours: int
    days: int
    copied: bool


@dataclass(frozen=True, kw_only=True)
class Declared:
    """Everything the audit compares with, with the names that the resources have in this place."""

    regions: tuple[str, ...]
    tables: Mapping[str, DeclaredTable]
    buckets: Mapping[str, DeclaredBucket]
    log_groups: Mapping[str, int]
    backups: Mapping[str, DeclaredBackup]
    schedules: Mapping[str, int]
    access_log: str


def declared_for(place: Place) -> Declared:
    """What is declared for an installation in this place."""
    told = _told()

    def named(entry: Mapping[str, Any], name: str) -> dict[str, Any]:
        return {**entry, name: _name(entry[name], place)}

    return Declared(
        regions=tuple(told["regions"]),
        tables={key: DeclaredTable(**named(one, "name")) for key, one in told["tables"].items()},
        buckets={key: DeclaredBucket(**named(one, "name")) for key, one in told["buckets"].items()},
        log_groups={_name(key, place): days for key, days in told["log_groups"].items()},
        backups={key: DeclaredBackup(**named(one, "vault")) for key, one in told["backups"].items()},
        schedules=told["schedules"],
        access_log=told["api"]["access_log"],
    )


@functools.cache
def _told() -> Mapping[str, Any]:
    told: Mapping[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return told


def _name(pattern: str, place: Place) -> str:
    return pattern.format(stage=place.stage, account=place.account, region=place.region)
