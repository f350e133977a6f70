"""Whom to write to: for forms, and whoever else has to say who is responsible."""

from dataclasses import asdict
from typing import Annotated

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.api.accountability._notice_views import PartyView, SupervisorView
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import View
from chalicelib.api.http.request import Call

routes = Blueprint(__name__)


class ContactView(View):
    """Who is responsible for this installation, its data protection officer, and the authority in charge."""

    operator: str
    controller: PartyView
    country: Annotated[str, Field(examples=["CH"], description="ISO 3166-1 alpha-2")]
    officer: PartyView
    supervisor: SupervisorView


@routes.route("/contact", methods=["GET"])
@endpoint(
    auth=Public("who asks for data says who is responsible"),
    gives=ContactView,
    summary="See who is responsible, and how to reach them",
)
def contact(call: Call) -> ContactView:
    """By post and by mail."""
    return ContactView.model_validate(asdict(wiring.services().publishing.contact()))
