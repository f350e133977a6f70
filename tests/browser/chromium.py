"""A real browser in the hands of tests: Debian's Chromium, driven over the DevTools protocol through a pipe.

    with Chromium() as chromium:                                  # one process; the fixture `chromium` gives it
        page = chromium.page(language="de-CH")                    # a profile of its own: no cookie is shared
        page.open(f"{cloud.api_base}/sign-in")                    # waits until the page is loaded
        page.fill("#email", "anna@example.ch")
        page.click("#go")
        page.until("document.getElementById('status').textContent !== ''")
        page.run("navigator.language")                            # any expression; a promise is awaited
        page.requests                                             # everything that was sent, with bodies and headers
        page.cookies()                                            # what the browser keeps, HttpOnly ones included
        page.complaints                                           # errors, refusals of the policy, warnings
        page.send("WebAuthn.enable")                              # any command of the protocol

The local cloud needs no TLS for it: to Chromium *.localhost is as good as an encrypted connection, so it keeps
`__Host-` cookies, derives keys and speaks with passkeys there. No library is needed either: messages are JSON, each
ended by a zero byte, on two pipes. Nothing outside this machine can be reached from a page.
"""

import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from infra.local.browsers import ensure

SECONDS = 30.0
_OURS_ONLY = "MAP * ~NOTFOUND, EXCLUDE *.localhost, EXCLUDE localhost, EXCLUDE 127.0.0.1"
_ARGUMENTS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--password-store=basic",
    f"--host-resolver-rules={_OURS_ONLY}",
)


class BrowserError(AssertionError):
    """The browser, or a script in a page, said no."""


@dataclass(frozen=True)
class Sent:
    """One request of a page, as it left the browser."""

    method: str
    url: str
    headers: dict[str, str]  # names in lower case
    body: str

    def __contains__(self, text: str) -> bool:
        """Whether `text` stands anywhere in it."""
        return any(text in part for part in (self.url, self.body, *self.headers, *self.headers.values()))


class Chromium:
    """One browser process; give each test a page of its own."""

    def __init__(self) -> None:
        self._profile = Path(tempfile.mkdtemp(prefix="zusage-chromium-"))
        self._last, self._rest = 0, b""
        self._pages: dict[str, Page] = {}

    def __enter__(self) -> Self:
        program = ensure()
        their_in, self._to = os.pipe()
        self._from, their_out = os.pipe()
        self._pid = _spawned(program, self._profile, reads=their_in, writes=their_out)
        os.close(their_in)
        os.close(their_out)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._to)
        os.close(self._from)
        shutil.rmtree(self._profile, ignore_errors=True)

    def page(self, *, language: str = "en", beside: "Page | None" = None) -> "Page":
        """An empty page whose reader prefers `language`: with a fresh profile, or with that of another page."""
        context = beside.context if beside else self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        made = self._pages[session] = Page(self, session, context, target)
        for domain in ("Page", "Runtime", "Log"):
            made.send(f"{domain}.enable")
        made.send("Network.enable", maxPostDataSize=1_000_000)
        agent = self.send("Browser.getVersion")["userAgent"].replace("Headless", "")
        made.send("Network.setUserAgentOverride", userAgent=agent, acceptLanguage=language)
        return made

    def send(self, method: str, *, session: str = "", **parameters: Any) -> dict[str, Any]:
        """One command; its result. BrowserError with the browser's own words when it is refused."""
        self._last += 1
        wanted = self._last
        command = {"id": wanted, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        os.write(self._to, json.dumps(command).encode() + b"\0")
        deadline = time.monotonic() + SECONDS
        while (message := self._next(deadline, method)).get("id") != wanted:
            self._heard(message)
        if "error" in message:
            raise BrowserError(f"{method}: {message['error'].get('message')}")
        result: dict[str, Any] = message["result"]
        return result

    def listen(self, seconds: float) -> None:
        """Takes in whatever the browser tells within `seconds`."""
        deadline = time.monotonic() + seconds
        while b"\0" in self._rest or self._readable(deadline):
            self._heard(self._next(deadline + SECONDS, "an event"))

    def _heard(self, message: dict[str, Any]) -> None:
        page = self._pages.get(message.get("sessionId", ""))
        if page is not None and "method" in message:
            page.heard(message["method"], message["params"])

    def _readable(self, deadline: float) -> bool:
        return bool(select.select([self._from], [], [], max(0.0, deadline - time.monotonic()))[0])

    def _next(self, deadline: float, awaited: str) -> dict[str, Any]:
        while b"\0" not in self._rest:
            if not self._readable(deadline):
                raise BrowserError(f"the browser did not answer within {SECONDS:.0f} seconds: {awaited}")
            piece = os.read(self._from, 1 << 20)
            if not piece:
                raise BrowserError("the browser is gone")
            self._rest += piece
        head, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(head)
        return message


@dataclass
class Page:
    """One page: what a person does there, and what can be seen of it from outside."""

    chromium: Chromium
    session: str
    context: str
    target: str
    requests: list[Sent] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _headers: dict[str, dict[str, str]] = field(default_factory=dict)

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol about this page."""
        return self.chromium.send(method, session=self.session, **parameters)

    def live_at(self, seconds: float) -> None:
        """Moves the clock of what is opened from now on: the stack's runs ahead, and pages ask it for coming days."""
        self.send("Page.addScriptToEvaluateOnNewDocument", source=_MOVED_CLOCK % (seconds * 1000))

    def open(self, url: str) -> None:
        """Goes to an address as if it was typed, and waits until the page and its scripts are loaded.

        The same address with another part behind the # loads anew, too: links from mails do.
        """
        self.send("Page.navigate", url="about:blank")
        refused = self.send("Page.navigate", url=url).get("errorText")
        if refused:
            raise BrowserError(f"{url.partition('#')[0]}: {refused}")
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, expression: str) -> Any:
        """The value of an expression, which may be a promise; BrowserError for what it throws."""
        given = self.send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in given:
            thrown = given["exceptionDetails"]
            raise BrowserError(thrown.get("exception", {}).get("description") or thrown["text"])
        return given["result"].get("value")

    def until(self, expression: str, *, seconds: float = SECONDS) -> Any:
        """Waits until an expression is true, and gives its value."""
        deadline = time.monotonic() + seconds
        while not (value := self._settled(expression)):
            if time.monotonic() > deadline:
                said = self.run("document.body ? document.body.innerText : ''")
                raise BrowserError(f"did not come true: {expression}; the page says: {said}; {self.complaints}")
            self.chromium.listen(0.05)
        return value

    def _settled(self, expression: str) -> Any:
        """The value; nothing while the page is being replaced by the next one."""
        try:
            return self.run(expression)
        except BrowserError as problem:
            if any(word in str(problem) for word in ("context", "navigated", "null")):
                return None
            raise

    def fill(self, selector: str, text: str) -> None:
        """Types a text into a field that is empty or has another text, once it can be seen."""
        self.until(f"(e => e && e.checkVisibility())(document.querySelector({json.dumps(selector)}))")
        self.run(f"(e => {{ e.focus(); e.select(); }})({_element(selector)})")
        self.send("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Presses a button or a link, once it can be seen and pressed."""
        ready = f"(e => e && e.checkVisibility() && !e.disabled)(document.querySelector({json.dumps(selector)}))"
        self.until(ready)
        self.run(f"{_element(selector)}.click()")

    def text(self, selector: str) -> str:
        """What can be read in an element."""
        return str(self.run(f"{_element(selector)}.innerText"))

    def value(self, selector: str) -> str:
        """What stands in a field."""
        return str(self.run(f"{_element(selector)}.value"))

    def sees(self, selector: str) -> bool:
        """Whether an element is there and can be seen."""
        return bool(
            self.run(f"(e => Boolean(e && e.checkVisibility()))(document.querySelector({json.dumps(selector)}))")
        )

    def cookies(self) -> list[dict[str, Any]]:
        """All cookies that the browser keeps for whoever sits before this page."""
        found: list[dict[str, Any]] = self.chromium.send("Storage.getCookies", browserContextId=self.context)["cookies"]
        return found

    def heard(self, event: str, told: dict[str, Any]) -> None:
        """Notes what the browser tells of this page."""
        self.events.append((event, told))
        if event == "Network.requestWillBeSent":
            self._note_request(told)
        elif event == "Network.requestWillBeSentExtraInfo":
            self._headers.setdefault(told["requestId"], {}).update(_lower(told["headers"]))
        elif event == "Log.entryAdded" and told["entry"]["level"] in {"warning", "error"}:
            self.complaints.append(told["entry"]["text"])
        elif event == "Runtime.exceptionThrown":
            thrown = told["exceptionDetails"]
            self.complaints.append(thrown.get("exception", {}).get("description") or thrown["text"])
        elif event == "Runtime.consoleAPICalled" and told["type"] in {"error", "warning", "assert"}:
            self.complaints.append(" ".join(str(part.get("value", "")) for part in told["args"]))

    def _note_request(self, told: dict[str, Any]) -> None:
        made = told["request"]
        if made["url"].startswith(("data:", "about:", "blob:")):
            return
        # What the network adds, such as cookies, is told apart: before or after, under the same id.
        headers = self._headers.setdefault(told["requestId"], {})
        headers.update(_lower(made["headers"]) | headers)
        self.requests.append(Sent(made["method"], made["url"], headers, made.get("postData", "")))


_MOVED_CLOCK = """
const Real = Date, ahead = %d;
Date = class extends Real {
  constructor(...given) { given.length ? super(...given) : super(Real.now() + ahead); }
  static now() { return Real.now() + ahead; }
};
"""


def _lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _element(selector: str) -> str:
    return f"document.querySelector({json.dumps(selector)})"


def _spawned(program: str, profile: Path, *, reads: int, writes: int) -> int:
    """Starts the browser in a process group of its own: it reads commands from 3 and writes answers to 4."""
    # First out of the way of 3 and 4: one of the two may be what the other is to become.
    high_reads, high_writes = (fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 10) for each in (reads, writes))
    arguments = [program, *_ARGUMENTS, f"--user-data-dir={profile}"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's sandbox refuses root; pages here are our own
    arguments.append("about:blank")
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        return os.posix_spawn(
            program,
            arguments,
            {"PATH": "/usr/bin:/bin", "HOME": str(profile), "LANG": "C.UTF-8", "TMPDIR": str(profile)},
            file_actions=[
                *((os.POSIX_SPAWN_DUP2, nothing, number) for number in (0, 1, 2)),
                (os.POSIX_SPAWN_DUP2, high_reads, 3),
                (os.POSIX_SPAWN_DUP2, high_writes, 4),
            ],
            setsid=True,
        )
    finally:
        for each in (high_reads, high_writes, nothing):
            os.close(each)
