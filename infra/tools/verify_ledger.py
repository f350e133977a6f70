"""Verify the whole ledger: `python -m infra.tools.verify_ledger --stage prod`, or `make verify-ledger`.

Walks every tenant that has a proof, the installation included, and every day: entries against the proof under lock,
the proof against the chain, the roots against the proof. Prints a line for each tenant and one for everything that is
wrong; exits with 1 when something is, with 3 when AWS did not let it look. Needs rights of its own, which no function
has: to read the ledger's table and to list and read the bucket of the proofs. With `--endpoint-url` it speaks to a
local cloud; `make run` prints which.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import boto3

from chalicelib.adapters.roots import LockedRoots
from chalicelib.domain.clock import Clock, system_clock
from chalicelib.domain.sealing import Sealer
from chalicelib.records._tables import TABLES, bind
from chalicelib.services.ledger.verifying import Finding, Verifying
from infra.tools.asking_aws import USUAL_REGION, add_where, told
from infra.tools.package import STAGES


def tenants(s3: Any, bucket: str) -> Iterator[str]:
    """Everybody who has a proof, or had one: a deletion only hides it."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix="roots/")
    found = (each["Key"] for page in pages for kind in ("Versions", "DeleteMarkers") for each in page.get(kind, ()))
    yield from dict.fromkeys(key.split("/")[1] for key in found)


def verify(
    *, stage: str, clock: Clock = system_clock, only: str = "", endpoint_url: str = "", region: str = USUAL_REGION
) -> list[tuple[str, list[Finding]]]:
    """Prints what is found, and returns it by tenant."""
    how: dict[str, Any] = {"region_name": region}
    if endpoint_url:
        how |= {"endpoint_url": endpoint_url, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
    s3, account = boto3.client("s3", **how), boto3.client("sts", **how).get_caller_identity()["Account"]
    _bind(stage, clock, endpoint_url, region)
    bucket = f"zusage-{stage}-roots-{account}-{region}"
    verifying = Verifying(clock, LockedRoots(s3, bucket))
    return [(tenant, _verified(verifying, tenant)) for tenant in ([only] if only else tenants(s3, bucket))]


def _verified(verifying: Verifying, tenant: str) -> list[Finding]:
    verdicts = verifying.whole(tenant)
    findings = [finding for verdict in verdicts for finding in verdict.findings]
    entries = sum(verdict.entries for verdict in verdicts)
    print(f"{tenant}  {len(verdicts):>5} days  {entries:>9,} entries  {'WRONG' if findings else 'ok'}")
    for finding in findings:
        print(f"  {finding.day}  {finding.problem.value}  {finding.pk} {finding.sk}".rstrip())
    return findings


def _bind(stage: str, clock: Clock, endpoint_url: str, region: str) -> None:
    bind(names={_short(t): f"zusage-{stage}-{_short(t)}" for t in TABLES}, clock=clock, sealer=_nothing_sealed)
    for table in TABLES:
        meta: Any = table.Meta
        meta.region = region
        if endpoint_url:
            meta.host, meta.aws_access_key_id, meta.aws_secret_access_key = endpoint_url, "test", "test"


def _short(table: type) -> str:
    return table.__name__.removesuffix("Table").lower()


def _nothing_sealed() -> Sealer:
    raise TypeError("the ledger holds nothing sealed")


def main(arguments: list[str] | None = None) -> int:
    """The command line; 1 when something is wrong, 2 when there was nothing to verify, 3 when it could not look."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", choices=STAGES, required=True)
    parser.add_argument("--tenant", default="", help="one only")
    add_where(parser)
    given = parser.parse_args(arguments)
    return told(lambda: _verify_all(given))


def _verify_all(given: argparse.Namespace) -> int:
    found = verify(stage=given.stage, only=given.tenant, endpoint_url=given.endpoint_url, region=given.region)
    if not found:
        print("There is no proof of any day yet.")
        return 2
    return 1 if any(findings for _, findings in found) else 0


if __name__ == "__main__":
    sys.exit(main())
