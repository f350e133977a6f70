"""Starts the simulated providers as a process of their own and speaks with them."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from infra.local import http_calls
from infra.local.errors import LocalCloudError
from infra.local.paths import ROOT
from infra.local.processes import LOOPBACK, Program, refuse_port_in_use

PATIENCE = 100
"""Seconds: what a provider did not take at first comes again after 30, with the next turn of what looks each minute."""


class Simulation:
    """The running simulated providers and their inbox."""

    def __init__(self, *, port: int, run: Path, offset_file: Path) -> None:
        if port:
            refuse_port_in_use(port, option="--inbox-port")
        ready = run / "providers.json"
        ready.unlink(missing_ok=True)
        self._program = Program(
            [sys.executable, "-m", "infra.local.providers", str(port), str(offset_file), str(ready)],
            environment={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            directory=ROOT,
            log=run / "providers.log",
        )
        try:
            self._program.wait_until(ready.exists, what="simulated providers")
        except BaseException:
            self.stop()
            raise
        ports = json.loads(ready.read_text())
        self.port: int = ports["port"]
        self.smtp_port: int = ports["smtp_port"]

    @property
    def url(self) -> str:
        """The address of the inbox page, below which the providers answer too."""
        return f"http://{LOOPBACK}:{self.port}"

    def stop(self) -> None:
        """Ends the process."""
        self._program.stop()

    def configure(self, **settings: str) -> None:
        """Tells the providers `api_base` and `topic_arn`, which are known after the deployment."""
        self._order({"configure": settings})

    def fail(self, provider: str, mode: str, **settings: Any) -> None:
        """Makes a provider fail; modes and settings: providers/faults.py. `times=3`: the next three requests only."""
        self._order({"faults": {provider: {"mode": mode, **settings}}})

    def work(self, *providers: str) -> None:
        """Makes providers work again."""
        self._order({"faults": dict.fromkeys(providers)})

    def calendar(self, calendar: str, **orders: Any) -> None:
        """Changes what stands in somebody's own calendar; orders: providers/calendar_accounts.py and the calendar's."""
        self._order({"calendars": {calendar: orders}})

    def calendars(self, calendar: str, account: str) -> dict[str, Any]:
        """What was made in somebody's own account: calendars with their events, and how many subscriptions."""
        found: dict[str, Any] = self._call("GET", "/calendars.json")[calendar].get(account, {})
        return found

    def clear(self) -> None:
        """Empties the inbox and makes every provider work again."""
        self._order({"clear": True})

    def messages(self, **filters: str | int) -> list[dict[str, Any]]:
        """What was taken, the oldest first; filters: to, since, after, kind."""
        query = urlencode(filters)
        found: list[dict[str, Any]] = self._call("GET", f"/inbox.json?{query}")["messages"]
        return found

    def wait_for(
        self,
        count: int = 1,
        *,
        seconds: float = PATIENCE,
        wanted: Callable[[dict[str, Any]], bool] = lambda _: True,
        **filters: str | int,
    ) -> list[dict[str, Any]]:
        """At least `count` messages that pass the filters and are `wanted`; LocalCloudError when they don't come."""
        deadline = time.monotonic() + seconds
        while len(found := [message for message in self.messages(**filters) if wanted(message)]) < count:
            if time.monotonic() > deadline:
                raise LocalCloudError(f"{len(found)} of {count} messages came within {seconds:.0f} seconds.")
            time.sleep(0.05)
        return found

    def file(self, message: dict[str, Any], index: int = 0) -> bytes:
        """An attachment of a message, as it was sent."""
        url = message["attachments"][index]["url"]
        return http_calls.call(self.port, "GET", url, host=f"{LOOPBACK}:{self.port}").body

    def report(self, number: int, event: str, *, times: int = 1, late_seconds: float = 0) -> list[dict[str, Any]]:
        """Has the provider report `event` about message `number`; returns what the API answered each time."""
        order = {"event": event, "times": times, "late_seconds": late_seconds}
        reports: list[dict[str, Any]] = self._call("POST", f"/inbox/{number}/report", order)["reports"]
        return reports

    def _order(self, orders: dict[str, Any]) -> None:
        self._call("POST", "/_control", orders)

    def _call(self, method: str, path: str, json_body: Any = None) -> Any:
        answer = http_calls.call(self.port, method, path, host=f"{LOOPBACK}:{self.port}", json=json_body)
        if answer.status >= 300:
            raise LocalCloudError(f"The simulated providers refused {method} {path}: {answer.text}")
        return answer.json()
