"""How the routes about second factors are driven, for tests/api/test_ledgered.py. The owner has no password there."""

from collections.abc import Callable
from typing import Any

import pyotp

from tests.builders import link_to
from tests.passkey_device import Device

Drive = Callable[[Any], object]


def begin_app(at: Any) -> pyotp.TOTP:
    """The secret of an app."""
    return pyotp.TOTP(at.call("POST", "/staff/me/totp", {})["secret"])


def confirm_app(at: Any, app: pyotp.TOTP) -> Any:
    """The code that comes back."""
    return at.call("POST", "/staff/me/totp/confirmation", {"code": app.at(at.on.clock.now)})


def added_app(at: Any) -> pyotp.TOTP:
    """An app that counts."""
    app = begin_app(at)
    confirm_app(at, app)
    return app


def begin_passkey(at: Any) -> dict[str, Any]:
    """A passkey that was made."""
    device = Device()
    return {
        "label": "Telefon",
        "credential": device.create(at.call("POST", "/staff/me/passkeys/options", {})["public_key"]),
    }


def added_passkey(at: Any) -> str:
    """The id of a passkey that counts."""
    at.call("POST", "/staff/me/passkeys", begin_passkey(at))
    return str(at.call("GET", "/staff/me/second-factors")["passkeys"][0]["id"])


def pending(at: Any) -> str:
    """A sign-in by link that waits for its second factor."""
    at.call("POST", "/sign-in-links", {"email": "regula@praxis-brunner.example"})
    at.on.pump()
    told = at.call("POST", "/sessions", {"token": link_to(at.on, "sign-in")})
    return str(told["pending"])


def confirm(at: Any) -> Drive:
    """Of a secret that was told."""
    app = begin_app(at)
    return lambda _: confirm_app(at, app)


def add_passkey(at: Any) -> Drive:
    """One that was made."""
    body = begin_passkey(at)
    return lambda _: at.call("POST", "/staff/me/passkeys", body)


def remove_app(at: Any) -> Drive:
    """One that counts."""
    added_app(at)
    return lambda _: at.call("POST", "/staff/me/totp/removal", {})


def remove_passkey(at: Any) -> Drive:
    """One that counts."""
    passkey = added_passkey(at)
    return lambda _: at.call("POST", f"/staff/me/passkeys/{passkey}/removal", {})


def make_codes(at: Any) -> Drive:
    """Beside an app."""
    added_app(at)
    return lambda _: at.call("POST", "/staff/me/recovery-codes", {})


def require(at: Any) -> Drive:
    """By somebody who has one."""
    added_app(at)
    return lambda _: at.call("PUT", "/tenant/second-factor", {"required": True})


def ask(at: Any) -> Drive:
    """At a sign-in of somebody with a passkey."""
    added_passkey(at)
    waiting = pending(at)
    return lambda _: at.call("POST", "/sign-in/second-factor/options", {"pending": waiting})


def prove(at: Any) -> Drive:
    """At a sign-in of somebody with an app."""
    app, waiting = added_app(at), pending(at)
    return lambda _: at.call("POST", "/sign-in/second-factor", {"pending": waiting, "totp": app.at(at.on.clock.now)})


READY: dict[str, Callable[[Any], Drive]] = {
    "POST /v1/staff/me/totp": lambda _: begin_app,
    "POST /v1/staff/me/totp/confirmation": confirm,
    "POST /v1/staff/me/totp/removal": remove_app,
    "POST /v1/staff/me/passkeys/options": lambda _: begin_passkey,
    "POST /v1/staff/me/passkeys": add_passkey,
    "POST /v1/staff/me/passkeys/{passkey}/removal": remove_passkey,
    "POST /v1/staff/me/recovery-codes": make_codes,
    "PUT /v1/tenant/second-factor": require,
    "POST /v1/sign-in/second-factor/options": ask,
    "POST /v1/sign-in/second-factor": prove,
}
