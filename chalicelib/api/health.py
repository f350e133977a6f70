"""Whether the API answers."""

from typing import Literal

from chalice.app import Blueprint

from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import View
from chalicelib.api.http.request import Call

routes = Blueprint(__name__)


class Health(View):
    """It does."""

    status: Literal["ok"]


@routes.route("/health", methods=["GET"])
@endpoint(auth=Public("monitors have no account"), gives=Health, before_setup=True, summary="Whether the API answers")
def health(call: Call) -> Health:
    """Touches nothing else."""
    return Health(status="ok")
