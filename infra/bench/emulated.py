"""The services of the product in this process, on the tables and keys of a local cloud."""

from typing import Any

from chalicelib.domain.clock import Clock
from chalicelib.records._tables import TABLES
from chalicelib.settings import Settings
from chalicelib.wiring import Services
from infra.local.cloud import LocalCloud
from infra.local.emulator import REGION

_ROOT_KEY = "test"


def point_tables_at(cloud: LocalCloud, *, connections: int) -> None:
    """Has the records of this process speak to the emulator; before the first of them is read or written."""
    for table in TABLES:
        meta: Any = table.Meta
        meta.host, meta.region = cloud.endpoint_url, REGION
        meta.aws_access_key_id = meta.aws_secret_access_key = _ROOT_KEY
        meta.max_pool_connections = connections
        meta.read_timeout_seconds = 60


def services_on(cloud: LocalCloud, clock: Clock, *, connections: int) -> Services:
    """The services with the settings of the deployed API, and every right."""
    point_tables_at(cloud, connections=connections)
    deployed = cloud.client("lambda").get_function_configuration(FunctionName=cloud.resources["APIHandler"])
    settings = Settings.from_env({**deployed["Environment"]["Variables"], "AWS_REGION": REGION})
    return Services(settings, clock=clock, client=lambda service, _=None: cloud.client(service))
