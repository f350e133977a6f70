"""Runs the emulator with the few changes it needs; started by processes.py inside the emulator's own environment.

`python -m infra.local.launch <interpreter of the functions> <directory for unpacked bundles>`. Six changes reach into
the emulator, hence the exact pin: functions run in a bare environment, a bundle is unpacked once and not once a worker,
a function that logs nothing is not waited for, a mail keeps its tags on its way out, conditions and policies are read
once and not at every request, and a query does not look anew at each item of its partition. Ends itself and its workers
when whoever started it is gone.
"""

import base64
import importlib.metadata
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from infra.local import moving_time
from infra.local.unpacking import shared_unpacking

PINNED = "1.5.33"
# Seconds to wait for a first log line, for another one, and at most.
LOG_WAITS = (0.002, 0.001, 0.250)
_KNOWN = 4096
_NAME = re.compile(r"(?<![\w:])#?\w+")


def refuse_other_versions(installed: str) -> None:
    """Stops when the emulator is not the version whose internals are changed below."""
    if installed != PINNED:
        sys.exit(
            f"The local cloud changes internals of ministack {PINNED}, but {installed} is installed: install "
            "requirements-cloud.txt, or check launch.py and unpacking.py against the new version and move the pin."
        )


def bare_functions(detect: Callable[[str], tuple[str, str]], python: str) -> Callable[[str], tuple[str, str]]:
    """The emulator's choice of interpreter, with `python` for Python functions."""

    def chosen(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        return (python if runtime.startswith("python") else binary), script

    return chosen


def tagged(send_raw_email: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """The emulator's SendRawEmail, with the request's tags as a header: it passes on nothing but the mail itself."""

    def send(parameters: dict[str, Any]) -> Any:
        tags, number = [], 1
        while f"Tags.member.{number}.Name" in parameters:
            name, value = (parameters[f"Tags.member.{number}.{part}"] for part in ("Name", "Value"))
            tags.append(f"{_first(name)}={_first(value)}")
            number += 1
        if tags:
            raw = base64.b64decode(_first(parameters["RawMessage.Data"]))
            header = f"X-SES-MESSAGE-TAGS: {', '.join(tags)}\r\n".encode()
            parameters = {**parameters, "RawMessage.Data": [base64.b64encode(header + raw).decode()]}
        return send_raw_email(parameters)

    return send


def _first(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value)


def change(runtime: Any, mail: Any, *, python: str, bundles: Path) -> None:
    """Makes the changes to the emulator's modules that run functions and send mail."""
    mail._send_raw_email = tagged(mail._send_raw_email)
    runtime._detect_runtime_binary = bare_functions(runtime._detect_runtime_binary, python)
    runtime.Worker._drain_stderr_bounded.__defaults__ = LOG_WAITS
    runtime.zipfile = shared_unpacking(bundles)


def remember(tables: Any, rights: Any) -> None:
    """Makes the changes to the modules that look at conditions and at policies, which depend on their text only."""
    tables._condition_syntax_error = lru_cache(maxsize=_KNOWN)(tables._condition_syntax_error)
    tables._evaluate_condition = by_named_attributes(tables._evaluate_condition)
    read = rights.parse_policy_document
    known = lru_cache(maxsize=1024)(read)
    rights.parse_policy_document = lambda document: known(document) if isinstance(document, str) else read(document)


def by_named_attributes(evaluate: Callable[..., bool]) -> Callable[..., bool]:
    """The emulator's look at a condition, done once for all items of a partition that have the same keys.

    It asks each of them, however few a page holds; a condition on keys depends on the attributes that it names alone.
    """
    known: dict[tuple[str, ...], bool] = {}
    named = lru_cache(maxsize=_KNOWN)(_NAME.findall)

    def evaluated(text: str, item: Any, values: Any, names: Any, slot: str = "ConditionExpression") -> bool:
        if slot != "KeyConditionExpression":
            return evaluate(text, item, values, names, slot=slot)
        keys = (repr(item.get((names or {}).get(each, each))) for each in named(text))
        asked = (text, repr(values), repr(names), *keys)
        if asked not in known:
            if len(known) >= _KNOWN:
                known.clear()
            known[asked] = evaluate(text, item, values, names, slot=slot)
        return known[asked]

    return evaluated


def end_with_parent() -> None:
    """Kills the whole process group as soon as the pipe to whoever started us is closed."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, daemon=True, name="end-with-parent").start()


def main() -> None:
    """Changes the emulator and runs it until it is told to stop."""
    python, bundles = sys.argv[1:]
    refuse_other_versions(importlib.metadata.version("ministack"))
    end_with_parent()
    moving_time.follow_environment()
    from ministack.core import iam_evaluator, lambda_runtime
    from ministack.services import dynamodb, ses

    change(lambda_runtime, ses, python=python, bundles=Path(bundles))
    remember(dynamodb, iam_evaluator)
    from ministack.app import main as run

    del sys.argv[1:]
    run()


if __name__ == "__main__":
    main()
