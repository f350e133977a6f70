"""The part of OAuth 2.0 that the simulated calendars share: a person who agrees to everything, codes, tokens, PKCE."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from infra.local.providers.exchange import Request, Response, json_response
from infra.local.providers.setup import Setup

LASTS = timedelta(hours=1)


@dataclass
class Grant:
    """What one person agreed to once."""

    account: str
    refresh: str
    scope: str
    tokens: dict[str, datetime] = field(default_factory=dict)


@dataclass
class OAuthServer:
    """Hands out codes and tokens. `rotates`: each refresh gives a new refresh token, and the old one stays good."""

    setup: Setup
    client_id: str
    client_secret: str
    rotates: bool
    codes: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)

    def authorise(self, request: Request) -> Response:
        """Sends the person back with a code at once; `login_hint` says who it is."""
        asked = request.query
        if asked.get("client_id") != self.setup.account[self.client_id] or asked.get("response_type") != "code":
            return json_response(400, {"error": "invalid_request"})
        code = secrets.token_urlsafe(24)
        who, scope = asked.get("login_hint", "expert"), asked.get("scope", "")
        self.codes[code] = (who, scope, asked["code_challenge"], asked["redirect_uri"])
        back = urlencode({"code": code, "state": asked["state"]})
        return Response(302, b"", "text/html", {"Location": f"{asked['redirect_uri']}?{back}"})

    def token(self, request: Request) -> Response:
        """A token for a code or a refresh token."""
        given = request.form()
        account = (given.get("client_id"), given.get("client_secret"))
        if account != (self.setup.account[self.client_id], self.setup.secrets[self.client_secret]):
            return json_response(401, {"error": "invalid_client"})
        if given.get("grant_type") == "refresh_token":
            grant = next((each for each in self.grants if each.refresh == given.get("refresh_token")), None)
        else:
            grant = self._granted(given)
        return json_response(400, {"error": "invalid_grant"}) if grant is None else self._tokens(grant, given)

    def _granted(self, given: dict[str, str]) -> Grant | None:
        account, scope, challenge, back_to = self.codes.pop(given.get("code", ""), ("", "", "", ""))
        proof = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        if not account or proof.decode().rstrip("=") != challenge or given.get("redirect_uri") != back_to:
            return None
        grant = Grant(account, secrets.token_urlsafe(24), scope)
        self.grants.append(grant)
        return grant

    def _tokens(self, grant: Grant, given: dict[str, str]) -> Response:
        token = secrets.token_urlsafe(24)
        grant.tokens[token] = self.setup.clock() + LASTS
        content = {"access_token": token, "token_type": "Bearer", "expires_in": int(LASTS.total_seconds())}
        if given.get("grant_type") != "refresh_token":
            return json_response(200, {**content, "refresh_token": grant.refresh})
        if self.rotates:
            fresh = Grant(grant.account, secrets.token_urlsafe(24), grant.scope, grant.tokens)
            self.grants.append(fresh)
            content["refresh_token"] = fresh.refresh
        return json_response(200, content)

    def account_of(self, request: Request) -> str:
        """Whose token it is; empty for one that is not valid."""
        grant = self._grant_of(request)
        return grant.account if grant else ""

    def allows(self, request: Request, right: str) -> bool:
        """Whether the person agreed to a right, by the last part of its name."""
        grant = self._grant_of(request)
        return grant is not None and right in {each.rpartition("/")[2] for each in grant.scope.split()}

    def _grant_of(self, request: Request) -> Grant | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        now = self.setup.clock()
        return next((each for each in self.grants if each.tokens.get(token, now) > now), None)

    def revoke(self, token: str) -> bool:
        """Ends the grant that a token belongs to; False when there is none."""
        ended = [each for each in self.grants if token == each.refresh or token in each.tokens]
        self.grants = [each for each in self.grants if each not in ended]
        return bool(ended)

    def revoke_all(self, account: str) -> None:
        """The person takes back everything they agreed to."""
        self.grants = [each for each in self.grants if each.account != account]
