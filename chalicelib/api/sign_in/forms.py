"""Forms: handed out to the pages that show them."""

from functools import reduce
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import Field, create_model

from chalicelib import wiring
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.models import Id, Instant, Query, View
from chalicelib.api.http.request import Call
from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.forms import FORMS

routes = Blueprint(__name__)

_FIXED: frozenset[str] = reduce(frozenset.union, (form.fixed for form in FORMS.values()))
_CHOICES: dict[str, Any] = dict.fromkeys(sorted(_FIXED), (Id | None, None))
FormAsked = create_model("FormAsked", __base__=Query, __doc__="What the form fixes.", **_CHOICES)


class FormView(View):
    """A form to be shown: its fields, each of which comes back, and the values among them that are fixed."""

    form: str
    token: Annotated[str, Field(description="To be sent with the form in the header `Zusage-Form`; it works once.")]
    fields: list[str]
    fixed: dict[str, str]
    expires_at: Instant


@routes.route("/forms/{form}", methods=["GET"])
@endpoint(
    auth=Public("forms are for people who are not known yet"),
    query=FormAsked,
    gives=FormView,
    path={"form": "[a-z-]{1,40}"},
    errors=(InvalidInputError,),
    summary="Get the token of a form, to send along in Zusage-Form",
)
def form(call: Call[None, FormAsked], form: str) -> FormView:
    """Nothing is stored for it. Send all of its fields, and no others."""
    asked = call.query.model_dump(exclude_none=True)
    out = wiring.services().forms.hand_out(form, asked)
    return FormView(
        form=out.form.name,
        token=out.token,
        fields=sorted(out.form.fields),
        fixed=dict(out.fixed),
        expires_at=out.expires_at,
    )
