"""The operator's account on a local cloud: made as the last step of a deployment, then used over HTTP by its owner."""

import re
import subprocess
import sys
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from secrets import token_urlsafe
from typing import Any

from chalicelib.domain.passwords import proof_of, spell
from infra.local.errors import DeployError, LocalCloudError
from infra.local.http_calls import HttpAnswer
from infra.local.paths import ROOT

_TOLD = re.compile(r"account: +(\S+)\n.*password: +(\S+)\n")
# A session ends after eight hours without use, and after a week whatever happens.
_UNUSED, _IN_ALL = timedelta(hours=7), timedelta(days=6)
# At most three attempts from one address in five minutes: so each comes from another one.
_ADDRESSES = count(1)


@dataclass
class OperatorAccount:
    """Address and password of the account, and how to speak to the API; `token` is that of the session in use."""

    call: Callable[..., HttpAnswer]
    now: Callable[[], datetime]
    address: str
    password: str
    token: str = ""
    _since: datetime | None = None
    _used: datetime | None = None

    def open_installation(self) -> None:
        """Replaces the one-time password by another one."""
        chosen = token_urlsafe(16)
        proofs = {"proof": self.proof(self.password), "new_proof": self.proof(chosen)}
        self._ask("POST", "/operator/first-password", json={"email": self.address, **proofs})
        self.password = chosen

    @property
    def header(self) -> dict[str, str]:
        """That of a session of somebody who confirmed data secrecy; signs in when there is none, or it has ended."""
        now = self.now()
        if self._since is None or self._used is None or now - self._used > _UNUSED or now - self._since > _IN_ALL:
            self.token, self._since = self.sign_in(), now
            self._confirm_secrecy()
        self._used = now
        return {"Authorization": f"Bearer {self.token}"}

    def sign_in(self) -> str:
        """A session's token."""
        form = {"Zusage-Form": self._ask("GET", "/forms/sign-in")["token"]}
        given = {"email": self.address, "proof": self.proof(self.password), "portal": "operator", "keep": "token"}
        return str(self._ask("POST", "/sign-in", json=given, headers=form)["token"])

    def _confirm_secrecy(self) -> None:
        session = {"Authorization": f"Bearer {self.token}"}
        told = self._ask("GET", "/operator/secrecy", headers=session)
        if told["confirmed_at"] is None:
            confirmed = {"version": told["version"], "language": told["language"]}
            self._ask("POST", "/operator/secrecy", json=confirmed, headers=session)

    def proof(self, password: str) -> str:
        """The proof of a password, made as the browser makes it."""
        told = self._ask("POST", "/sign-in/parameters", json={"email": self.address})
        salt = urlsafe_b64decode(told["salt"] + "==")
        return spell(proof_of(password, salt=salt, iterations=told["iterations"]))

    def _ask(self, method: str, path: str, *, json: Any = None, headers: dict[str, str] | None = None) -> Any:
        sent = {"X-Forwarded-For": f"198.51.100.{next(_ADDRESSES) % 50 + 150}", **(headers or {})}
        answer = self.call(method, f"/v1{path}", json=json, headers=sent)
        if answer.status >= 300:
            raise LocalCloudError(f"{method} {path} answered {answer.status}: {answer.text}")
        return answer.json() if answer.body else None


def first_account(endpoint_url: str) -> tuple[str, str] | None:
    """Runs the last step of a deployment; address and one-time password, or None when the account was made before.

    In a process of its own: it points the program's tables at the local cloud, and ours may point elsewhere.
    """
    command = [sys.executable, "-m", "infra.tools.first_operator", "--stage", "local", "--endpoint-url", endpoint_url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise DeployError(f"The operator's first account was not made: {done.stderr.strip().splitlines()[-1]}")
    told = _TOLD.search(done.stdout)
    return (told.group(1), told.group(2)) if told else None
