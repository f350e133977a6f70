"""OAuth 2.0 with a code and PKCE (RFC 6749, 7636): how an expert lets us into an account, and how that stays so."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlencode

from chalicelib.adapters._http import Http, Reply
from chalicelib.adapters.calendars._calendar import checked
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import AccessEndedError, ProviderMisconfiguredError
from chalicelib.domain.own_calendars import Access

FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
_ENDED = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})


@dataclass(frozen=True, kw_only=True)
class OAuth:
    """Our account at one provider. `asks` are further words for its page."""

    provider: str
    http: Http
    clock: Clock
    authorise_url: str
    token_url: str
    client_id: str
    client_secret: str
    back_to: str
    scope: str
    asks: Mapping[str, str]

    def address(self, *, state: str, verifier: str) -> str:
        """The page at the provider on which the expert agrees."""
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.back_to,
            "scope": self.scope,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **self.asks,
        }
        return f"{self.authorise_url}?{urlencode(asked)}"

    def exchange(self, code: str, verifier: str) -> Access:
        """What the code stands for. AccessEndedError when it is used up, too old, or somebody else's."""
        access = self._ask({"grant_type": "authorization_code", "code": code, "code_verifier": verifier})
        if not access.refresh:
            raise ProviderMisconfiguredError(self.provider, "no-refresh-token")
        return access

    def refreshed(self, access: Access) -> Access:
        """The same access with a new token; some providers hand out a new refresh token, too."""
        fresh = self._ask({"grant_type": "refresh_token", "refresh_token": access.refresh})
        return replace(fresh, refresh=fresh.refresh or access.refresh)

    def _ask(self, given: Mapping[str, str]) -> Access:
        account = {"client_id": self.client_id, "client_secret": self.client_secret}
        body = urlencode({**given, **account, "redirect_uri": self.back_to}).encode()
        reply = self.http.post(self.token_url, headers=FORM, body=body)
        said = reply.json()
        if reply.status == 400 and said.get("error") in _ENDED:
            raise AccessEndedError(self.provider, str(said["error"]))
        if reply.status in {400, 401}:  # not the expert's account is refused, but ours
            raise ProviderMisconfiguredError(self.provider, str(reply.status))
        checked(self.provider, reply)
        token, lasts = said.get("access_token"), said.get("expires_in")
        if not isinstance(token, str) or not isinstance(lasts, int):
            raise ProviderMisconfiguredError(self.provider, "no-token")
        until = self.clock().replace(microsecond=0) + timedelta(seconds=lasts)
        return Access(token=token, refresh=str(said.get("refresh_token") or ""), until=until)


def call(
    http: Http,
    method: str,
    url: str,
    access: Access,
    *,
    content: object = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """A request in the name of the expert."""
    given = {"authorization": f"Bearer {access.token}", "accept": "application/json", **(headers or {})}
    if content is None:
        return http.send(method, url, headers=given)
    return http.send(
        method, url, headers={**given, "content-type": "application/json"}, body=json.dumps(content).encode()
    )
