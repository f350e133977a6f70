"""The door for forms: what came back, compared with what was handed out, before anything of it is read as meant."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chalicelib import wiring
from chalicelib.domain.forms import FORMS, Returned, names_in

if TYPE_CHECKING:
    from chalicelib.api.http.request import Incoming
    from chalicelib.services.forms import FormUse

FORM_HEADER = "Zusage-Form"
_LONGEST = 2048


def returned_form(name: str, content: object, incoming: "Incoming", path: Mapping[str, str]) -> "FormUse":
    """The form that came with a request whose body says `content`. FormRefusedError when it is not as it went out."""
    token = incoming.headers.get(FORM_HEADER.lower(), "")[:_LONGEST]
    within = content if isinstance(content, dict) else {}
    fixed = {each: path.get(each, within.get(each)) for each in FORMS[name].fixed}
    back = Returned(fields=frozenset(names_in(content)), fixed=fixed)
    return wiring.services().forms.check(name, token, back, network=incoming.ip())
