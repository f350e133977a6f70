"""Twice a day everything is copied to another place."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.tools.fragments import logical_id
from tests.contracts.entry_points import resources, template
from tests.deployed.stack import Stack

pytestmark = [pytest.mark.deployed, pytest.mark.promise("backup-twice-daily")]

PITR = "PointInTimeRecoverySpecification"


def rule(plan: str) -> dict[str, Any]:
    """The one rule of a plan."""
    (only,) = resources("AWS::Backup::BackupPlan")[plan]["BackupPlan"]["BackupPlanRule"]
    return dict(only)


def test_the_plan_is_made_for_twice_a_day_and_for_another_place() -> None:
    """Records and ledger, every twelve hours, copied into the vault of the second region, which has to be named."""
    selection = resources("AWS::Backup::BackupSelection")["RecordsSelection"]["BackupSelection"]
    twice = rule("RecordsPlan")
    (copy,) = twice["CopyActions"]
    guard = template("prod")["Rules"]["BackupsInSecondRegion"]["Assertions"][0]["Assert"]

    assert {one["Fn::GetAtt"][0] for one in selection["Resources"]} == {"RecordsTable", "LedgerTable"}
    assert twice["ScheduleExpression"] == "cron(0 1,13 * * ? *)"
    assert twice["StartWindowMinutes"] <= 60
    assert copy["DestinationBackupVaultArn"] == {"Ref": "BackupCopyVaultArn"}
    assert guard == {"Fn::Not": [{"Fn::Equals": [{"Ref": "BackupCopyVaultArn"}, ""]}]}
    for table in ("RecordsTable", "LedgerTable"):
        assert resources("AWS::DynamoDB::Table")[table][PITR] == {"PointInTimeRecoveryEnabled": True}


@pytest.fixture
def vaults(stack: Stack) -> Iterator[Stack]:
    """A stack whose vaults are there and empty: the local cloud has none by itself."""
    backups = stack.cloud.client("backup")
    for name in ("zusage-local-records", "zusage-local-keys"):
        backups.create_backup_vault(BackupVaultName=name)
    yield stack
    for name in ("zusage-local-records", "zusage-local-keys"):
        backups.delete_backup_vault(BackupVaultName=name)


def findings(stack: Stack) -> tuple[str, dict[str, Any]]:
    """Where the promise stands after an audit, and its checks."""
    stack.cloud.invoke(logical_id("audit"))
    told = stack.client.ask("GET", "/operator/promises", wanted=200, headers=stack.operator)
    (promise,) = [one for one in told["promises"] if one["id"] == "backup-twice-daily"]
    return promise["status"], {check["check"]: check for check in promise["checks"]}


def test_an_installation_without_backups_is_not_said_to_have_them(stack: Stack) -> None:
    """The deployed audit asks AWS what lies in the vaults; here that is nothing, and it says so to everybody."""
    status, checks = findings(stack)

    assert status == "broken"
    assert checks["backups-young"]["outcome"] == "wrong"
    assert checks["backups-young"]["wrong"] == ["records", "ledger", "keys"]
    assert checks["copies-young"]["wrong"] == ["records", "ledger"]
    assert checks["tables-restorable"]["outcome"] == "fine"
    shown = stack.client.ask("GET", "/trust", wanted=200)["promises"]
    assert next(one for one in shown if one["id"] == "backup-twice-daily")["status"] == "broken"


def test_an_empty_vault_is_no_backup(vaults: Stack) -> None:
    """The audit finds the vault and looks into it; that it is there is not enough."""
    status, checks = findings(vaults)

    assert status == "broken"
    assert (checks["backups-young"]["outcome"], checks["backups-young"]["wrong"]) == (
        "wrong",
        ["records", "ledger", "keys"],
    )
