"""A stack for audits that is as it should be, until a test changes a part of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.stack_state import ApiState, BucketState, LogGroupState, TableState
from chalicelib.services.auditing.auditing import Auditing
from chalicelib.services.auditing.declared import Declared, Place, declared_for
from tests.fakes import DrivenClock

TENANT_KEY = "arn:aws:kms:eu-central-2:123456789012:key/00000000-0000-0000-0000-000000000000"
DATA_KEY = "arn:aws:kms:eu-central-2:123456789012:key/11111111-0000-0000-0000-000000000000"
COPY_VAULT = "arn:aws:backup:eu-central-1:123456789012:backup-vault:zusage-test-records-copy"
PLACE = Place.of("test", TENANT_KEY)


def declared() -> Declared:
    """What the template declares of a test installation."""
    return declared_for(PLACE)


@dataclass
class SoundStack:
    """Everything as declared. `changes` are what a test replaces, by the resource's name; an error is raised."""

    clock: DrivenClock
    changes: dict[str, Any] = field(default_factory=dict)
    copies: list[float] | None = None  # ages in hours
    made: dict[str, list[float]] = field(default_factory=dict)  # by table

    def table(self, name: str) -> TableState:
        """As declared."""
        said = next(one for one in declared().tables.values() if one.name == name)
        sound = TableState(
            arn=f"arn:aws:dynamodb:eu-central-2:123456789012:table/{name}",
            key=DATA_KEY,
            protected=said.protected,
            stream=said.stream,
            expires_by=said.expires_by,
            restorable=said.restorable,
        )
        return self._changed(name, sound)

    def bucket(self, name: str) -> BucketState:
        """As declared."""
        said = next(one for one in declared().buckets.values() if one.name == name)
        sound = BucketState(
            region="eu-central-2", key=DATA_KEY, closed=True, versioned=said.versioned, locked=said.locked
        )
        return self._changed(name, sound)

    def log_group(self, name: str) -> LogGroupState:
        """As declared."""
        return self._changed(name, LogGroupState(days=declared().log_groups[name], key=DATA_KEY))

    def backups(self, vault: str, *, table: str, region: str) -> Sequence[datetime]:
        """One an hour ago, unless the test says otherwise."""
        name = table.rpartition("-")[2]
        ages = self.copies if region != PLACE.region and self.copies is not None else self.made.get(name, [1.0])
        moved = DrivenClock(self.clock.now)
        found = []
        for age in ages:
            moved.now = self.clock.now
            moved.move(hours=-age)
            found.append(moved.now)
        return found

    def api(self) -> ApiState:
        """As declared."""
        sound = ApiState(
            access_log=declared().access_log,
            traces_data=False,
            logs_calls=False,
            tls=("SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",) * 2,
            only_by_domain=True,
        )
        return self._changed("api", sound)

    def _changed(self, name: str, sound: Any) -> Any:
        change = self.changes.get(name, {})
        if isinstance(change, Exception):
            raise change
        return replace(sound, **change)


def auditing(stack: SoundStack, **changes: Any) -> Auditing:
    """An audit of this stack."""
    given: dict[str, Any] = {
        "clock": stack.clock,
        "look": lambda: stack,
        "stage": "test",
        "tenant_key": TENANT_KEY,
        "data_key": DATA_KEY,
        "copy_vault": COPY_VAULT,
    }
    return Auditing(**{**given, **changes})
