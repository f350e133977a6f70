"""Runs the simulated providers: `python -m infra.local.providers <port or 0> <file of the moved time> <ready file>`.

Writes its ports to the ready file once it listens. Ends when the pipe to whoever started it closes.
"""

import json
import os
import sys
import threading
from pathlib import Path

from infra.local.local_time import moved_clock
from infra.local.providers.server import SimulatorServer
from infra.local.providers.setup import Setup
from infra.local.providers.simulator import Simulator
from infra.local.providers.smtp import SmtpSink


def main(arguments: list[str]) -> None:
    """Serves until the parent is gone."""
    port, offset_file, ready_file = int(arguments[0]), Path(arguments[1]), Path(arguments[2])
    simulator = Simulator(Setup(clock=moved_clock(offset_file)))
    web, smtp = SimulatorServer(simulator, port=port), SmtpSink(simulator.ses.take)
    for server in (web, smtp):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    half = ready_file.with_suffix(".half")
    half.write_text(json.dumps({"port": web.port, "smtp_port": smtp.port}))
    half.rename(ready_file)
    while os.read(0, 1024):
        pass


if __name__ == "__main__":
    main(sys.argv[1:])
