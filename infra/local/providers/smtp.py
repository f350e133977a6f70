"""A small SMTP server that the emulator hands its mail to."""

import socketserver
from collections.abc import Callable
from email.utils import parseaddr

Take = Callable[[str, list[str], bytes], None]


class SmtpSink(socketserver.ThreadingTCPServer):
    """Listens on a port of its own on the loopback address and gives every mail to `take`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, take: Take) -> None:
        self.take = take
        super().__init__(("127.0.0.1", 0), _Dialogue)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class _Dialogue(socketserver.StreamRequestHandler):
    """One connection."""

    server: SmtpSink

    def setup(self) -> None:
        super().setup()
        self._forget()

    def _forget(self) -> None:
        self._sender = ""
        self._recipients: list[str] = []

    def handle(self) -> None:
        self._say("220 inbox.localhost ready")
        while line := self.rfile.readline():
            verb = line[:4].upper().decode("ascii", errors="replace").strip()
            if verb == "QUIT":
                self._say("221 bye")
                return
            self._obey(verb, line.decode("utf-8", errors="replace"))

    def _obey(self, verb: str, line: str) -> None:
        if verb in {"EHLO", "HELO", "NOOP"}:
            self._say("250 fine")
        elif verb == "RSET":
            self._forget()
            self._say("250 fine")
        elif verb == "MAIL":
            self._sender = parseaddr(line.partition(":")[2].split(" ")[0].strip())[1]
            self._say("250 fine")
        elif verb == "RCPT":
            self._recipients.append(parseaddr(line.partition(":")[2].split(" ")[0].strip())[1])
            self._say("250 fine")
        elif verb == "DATA" and self._recipients:
            self._take_mail()
        else:
            self._say("503 not now" if verb == "DATA" else "500 unknown command")

    def _take_mail(self) -> None:
        self._say("354 go on, end with a dot")
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.take(self._sender, self._recipients, b"".join(lines))
        self._forget()
        self._say("250 taken")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
