"""The list of frequent passwords, for browsers to check against."""

from chalice.app import Blueprint

from chalicelib.api.http.answer import Text
from chalicelib.api.http.auth import Public
from chalicelib.api.http.endpoint import endpoint
from chalicelib.api.http.request import Call

routes = Blueprint(__name__)


@routes.route("/password-blocklist", methods=["GET"])
@endpoint(
    auth=Public("a list that anybody can get elsewhere"),
    produces="text/plain",
    cache="public, max-age=86400",
    before_setup=True,
    summary="Get the passwords that are too frequent to be taken",
)
def password_blocklist(call: Call) -> Text:
    """One a line, in lower case: what no password may be, nor be made of with digits behind it."""
    from chalicelib.services.sign_in.blocklist import frequent_passwords  # noqa: PLC0415 (few calls need it)

    return Text(frequent_passwords())
