"""The last step of a deployment: `python -m infra.tools.first_operator --stage prod`, or `make first-operator`.

Makes the operator's first account, once, and prints its address and a one-time password, once: whoever has both
replaces the password at /first-password, and with that the installation opens. Runs the program's own services with the
rights of whoever deploys and the settings of the deployed API. With `--endpoint-url` it speaks to a local cloud, with
`--again` it prints another password as long as the installation is not open.
"""

import argparse
import secrets
import sys
from dataclasses import dataclass
from functools import partial
from typing import Any

import boto3

from chalicelib.domain.clock import Clock, system_clock
from chalicelib.domain.passwords import proof_of
from chalicelib.records._tables import TABLES
from chalicelib.services.operator.founding import Operator
from chalicelib.settings import Settings
from chalicelib.wiring import Services
from infra.tools.asking_aws import USUAL_REGION, add_where, told
from infra.tools.package import STAGES

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none is taken for another: no l, o, 0 or 1
_GROUPS, _GROUP = 6, 5
"""30 letters out of 32: 150 bits."""


@dataclass(frozen=True)
class FirstAccount:
    """What is told once."""

    address: str
    password: str


def make(services: Services, *, again: bool = False) -> FirstAccount | None:
    """Makes the account, or `again` a password for it; None when there is nothing to be made."""
    held = services.settings
    operator = Operator(
        name=held.operator_name,
        postal=held.controller_postal,
        country=held.controller_country,
        mail=held.operator_mail or held.controller_mail,
    )
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    founding, prove = services.founding, partial(_proof, password)
    made = founding.renew(prove=prove) if again else founding.found(operator, prove=prove)
    return FirstAccount(operator.mail, password) if made else None


def _proof(password: str, salt: bytes) -> bytes:
    return proof_of(password, salt=salt)


def deployed(
    *, stage: str, endpoint_url: str = "", region: str = USUAL_REGION, clock: Clock = system_clock
) -> Services:
    """The services of this process, on tables and keys of a deployed stage."""
    how: dict[str, Any] = {"region_name": region}
    if endpoint_url:
        how |= {"endpoint_url": endpoint_url, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
    functions = boto3.client("lambda", **how)
    found = functions.get_function_configuration(FunctionName=f"zusage-{stage}-api_handler")["Environment"]["Variables"]
    for table in TABLES:
        meta: Any = table.Meta
        meta.region = region
        if endpoint_url:
            meta.host, meta.aws_access_key_id, meta.aws_secret_access_key = endpoint_url, "test", "test"
    settings = Settings.from_env({**found, "AWS_REGION": region})
    return Services(settings, clock=clock, client=lambda service, _=None: boto3.client(service, **how))


def main(arguments: list[str] | None = None) -> int:
    """The command line; 3 with one sentence when AWS does not let it do its work."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stage", choices=STAGES, required=True)
    add_where(parser)
    parser.add_argument("--again", action="store_true", help="another password for one that was lost")
    given = parser.parse_args(arguments)
    return told(lambda: _make_and_tell(given))


def _make_and_tell(given: argparse.Namespace) -> int:
    services = deployed(stage=given.stage, endpoint_url=given.endpoint_url, region=given.region)
    account = make(services, again=given.again)
    if account is None:
        print("There is nothing to be made: the account was made before, and its password is not shown again.")
        return 0
    print(f"The operator's account:  {account.address}")
    print(f"One-time password:       {account.password}")
    print("It is not shown again. Replace it at /first-password: until then the installation does nothing else.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
