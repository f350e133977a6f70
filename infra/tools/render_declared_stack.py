"""What the template and app.py declare of the installation, as the nightly audit reads it: made, never written by hand.

The audit compares what AWS says of the stack with this file. It is made from the same fragments that the stack is
made from, so a change of a declaration is a change of what is audited.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app import app
from infra.local.paths import ROOT
from infra.tools.fragments import function_names, merged

DECLARED = ROOT / "chalicelib" / "services" / "auditing" / "declared.json"
_PLACES = {"${Stage}": "{stage}", "${AWS::AccountId}": "{account}", "${AWS::Region}": "{region}"}
_DAY = 86_400
_LATE = 7200  # a job that runs every few hours may be this late
Resources = Mapping[str, Any]


def declared_stack() -> str:
    """The file."""
    template = merged(ROOT, stage="prod")
    resources = template["Resources"]
    (regions,) = template["Rules"]["StaysInPromisedRegions"]["Assertions"]
    stage = resources["RestAPI"]["Properties"]
    told = {
        "regions": regions["Assert"]["Fn::Contains"][0],
        "tables": dict(_tables(resources)),
        "buckets": dict(_buckets(resources)),
        "log_groups": dict(sorted(_log_groups(resources))),
        "backups": dict(_backups(resources)),
        "schedules": dict(sorted(_schedules())),
        "api": {"access_log": stage["AccessLogSetting"]["Format"]},
    }
    return json.dumps(told, indent=1) + "\n"


def _of_type(resources: Resources, kind: str) -> Iterator[tuple[str, Any]]:
    return ((name, one["Properties"]) for name, one in resources.items() if one.get("Type") == kind)


def _tables(resources: Resources) -> Iterator[tuple[str, Any]]:
    for name, table in _of_type(resources, "AWS::DynamoDB::Table"):
        yield (
            name.removesuffix("Table").lower(),
            {
                "name": _named(table["TableName"]),
                "expires_by": table["TimeToLiveSpecification"]["AttributeName"],
                "restorable": table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"],
                "protected": table["DeletionProtectionEnabled"],
                "stream": table.get("StreamSpecification", {}).get("StreamViewType", ""),
            },
        )


def _buckets(resources: Resources) -> Iterator[tuple[str, Any]]:
    for name, bucket in _of_type(resources, "AWS::S3::Bucket"):
        lock = bucket.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
        versioned = bucket.get("VersioningConfiguration", {}).get("Status") == "Enabled"
        told = {"name": _named(bucket["BucketName"]), "versioned": versioned, "locked": lock.get("Mode", "")}
        yield name, told


def _log_groups(resources: Resources) -> Iterator[tuple[str, int]]:
    """Those of the functions, which Chalice makes, and those of our own."""
    days = json.loads((ROOT / ".chalice" / "config.json").read_text())["log_retention_in_days"]
    yield from ((f"/aws/lambda/zusage-{{stage}}-{name}", days) for name in function_names(ROOT))
    for _, group in _of_type(resources, "AWS::Logs::LogGroup"):
        yield _named(group["LogGroupName"]), group["RetentionInDays"]


def _backups(resources: Resources) -> Iterator[tuple[str, Any]]:
    plans = dict(_of_type(resources, "AWS::Backup::BackupPlan"))
    vaults = dict(_of_type(resources, "AWS::Backup::BackupVault"))
    for _, selection in _of_type(resources, "AWS::Backup::BackupSelection"):
        (rule,) = plans[selection["BackupPlanId"]["Ref"]]["BackupPlan"]["BackupPlanRule"]
        vault = vaults[rule["TargetBackupVault"]["Ref"]]
        for table in selection["BackupSelection"]["Resources"]:
            yield (
                table["Fn::GetAtt"][0].removesuffix("Table").lower(),
                {
                    "vault": _named(vault["BackupVaultName"]),
                    "every_hours": _period(rule["ScheduleExpression"]) // 3600,
                    "days": rule["Lifecycle"]["DeleteAfterDays"],
                    "copied": bool(rule.get("CopyActions")),
                },
            )


def _schedules() -> Iterator[tuple[str, int]]:
    """By function, how many seconds may lie between now and its last run before something is wrong.

    Not of the audit: while it runs it has not ended yet, and one that stands still can't say so. Its alarm does.
    """
    for source in app.event_sources:
        expression = getattr(source, "schedule_expression", None)
        if expression is not None and source.name != "audit":
            period = _period(expression if isinstance(expression, str) else expression.to_string())
            yield source.name, period + _LATE if period > _LATE else 3 * period + 300


def _period(expression: str) -> int:
    """The seconds between two runs; ValueError for what this can't read, such as a job that rests on Sundays."""
    if rate := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression):
        return int(rate[1]) * {"minute": 60, "hour": 3600, "day": _DAY}[rate[2]]
    if cron := re.fullmatch(r"cron\(\d+ (\d+(?:,\d+)*) (?:\*|\?) \* (?:\*|\?) \*\)", expression):
        return _DAY // len(cron[1].split(","))
    raise ValueError(f"{expression} is no schedule that the audit can watch")


def _named(name: Any) -> str:
    text = str(name["Fn::Sub"] if isinstance(name, dict) else name)
    for place, instead in _PLACES.items():
        text = text.replace(place, instead)
    return text
