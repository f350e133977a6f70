"""What the operator's commands share: where AWS is, and one sentence when it does not let them do their work."""

import argparse
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from chalicelib.domain.errors import TryAgainError
from chalicelib.settings import PROMISED_REGIONS, SettingsError

NOT_DONE = 3
USUAL_REGION = PROMISED_REGIONS[0]


def add_where(parser: argparse.ArgumentParser) -> None:
    """The two arguments that say where the installation is."""
    parser.add_argument("--region", choices=PROMISED_REGIONS, default=USUAL_REGION, help=f"if it is not {USUAL_REGION}")
    parser.add_argument("--endpoint-url", type=_endpoint_url, default="", help="of a local cloud")


def _endpoint_url(text: str) -> str:
    parts = urlsplit(text)
    if text and not (parts.scheme in {"http", "https"} and parts.hostname):
        raise argparse.ArgumentTypeError("write the address of a local cloud as http://127.0.0.1:4599")
    return text


def told(work: Callable[[], int]) -> int:
    """What the work ends with; 3 and one sentence when AWS can't be reached, or refuses."""
    try:
        return work()
    except TryAgainError:
        said = "AWS could not be reached, or is busy; try again."
    except (BotoCoreError, ClientError, PynamoDBException, SettingsError) as error:
        said = str(error)
    print(f"not done: {said}", file=sys.stderr)
    return NOT_DONE
