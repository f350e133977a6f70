"""The changes to the emulator, each on its own."""

import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.local.launch import (
    LOG_WAITS,
    PINNED,
    bare_functions,
    by_named_attributes,
    change,
    refuse_other_versions,
    remember,
    tagged,
)
from infra.local.paths import ROOT


def sent(**parameters: list[str]) -> bytes:
    """The mail that the emulator gets to see."""
    seen: list[dict[str, Any]] = []
    raw = base64.b64encode(b"Subject: x\r\n\r\ntext").decode()

    tagged(seen.append)({"RawMessage.Data": [raw], **parameters})

    return base64.b64decode(seen[0]["RawMessage.Data"][0])


def test_other_versions_are_refused() -> None:
    """In one sentence with both versions."""
    refuse_other_versions(PINNED)

    with pytest.raises(SystemExit, match=rf"^The local cloud changes internals of ministack {PINNED}, but 9\.9\.9 "):
        refuse_other_versions("9.9.9")


def test_the_pin_is_the_one_that_is_installed() -> None:
    """The requirements name the same version."""
    assert f"ministack[full]=={PINNED}" in (ROOT / "requirements-cloud.in").read_text().splitlines()


@pytest.mark.parametrize(
    ("runtime", "binary"), [("python3.11", "/bare/python"), ("python3.13", "/bare/python"), ("nodejs22.x", "node")]
)
def test_python_functions_run_in_the_bare_environment(runtime: str, binary: str) -> None:
    """Others as before."""
    detect = bare_functions(lambda asked: ("node" if asked.startswith("node") else "python", "script"), "/bare/python")

    assert detect(runtime) == (binary, "script")


def test_a_mail_without_tags_is_left_alone() -> None:
    """Byte for byte."""
    assert sent() == b"Subject: x\r\n\r\ntext"


def test_tags_travel_as_a_header() -> None:
    """All of them, as SES would take them from a mail."""
    tags = {
        "Tags.member.1.Name": ["ref"],
        "Tags.member.1.Value": ["abc"],
        "Tags.member.2.Name": ["kind"],
        "Tags.member.2.Value": ["reminder"],
    }

    assert sent(**tags) == b"X-SES-MESSAGE-TAGS: ref=abc, kind=reminder\r\nSubject: x\r\n\r\ntext"


def test_all_changes_are_made(tmp_path: Path) -> None:
    """To the emulator's modules."""

    class Worker:
        def _drain_stderr_bounded(self, first: float = 1, idle: float = 1, cap: float = 1) -> tuple[float, ...]:
            return (first, idle, cap)

    runtime = SimpleNamespace(Worker=Worker, _detect_runtime_binary=lambda _: ("emulator", "script"), zipfile=None)
    mail = SimpleNamespace(_send_raw_email=lambda parameters: parameters)
    before = mail._send_raw_email

    change(runtime, mail, python="/bare/python", bundles=tmp_path)

    assert runtime._detect_runtime_binary("python3.11") == ("/bare/python", "script")
    assert Worker()._drain_stderr_bounded() == LOG_WAITS
    assert runtime.zipfile is not None
    assert mail._send_raw_email is not before


def test_conditions_and_policies_are_read_once() -> None:
    """By their text; a policy that is no text is read each time, as the emulator does."""
    read: list[Any] = []

    def told(*asked: Any) -> list[Any]:
        read.append(asked)
        return [asked]

    tables = SimpleNamespace(_condition_syntax_error=told, _evaluate_condition=told)
    rights = SimpleNamespace(parse_policy_document=told)

    remember(tables, rights)

    for _ in range(2):
        assert tables._condition_syntax_error("a = :b", "FilterExpression") == [("a = :b", "FilterExpression")]
        assert tables._condition_syntax_error("a = :b", "ConditionExpression") == [("a = :b", "ConditionExpression")]
        assert rights.parse_policy_document("{}") == [("{}",)]
        assert rights.parse_policy_document({}) == [({},)]
    assert len(read) == 5


def test_a_condition_on_keys_is_looked_at_once_for_all_items_with_the_same_keys() -> None:
    """What an item holds besides makes no difference; other keys, other values, other names do."""
    looked: list[Any] = []

    def evaluate(text: str, item: Any, values: Any, names: Any, slot: str) -> bool:
        looked.append((text, item, values, names, slot))
        return bool(item["at"] == values[":at"])

    evaluated = by_named_attributes(evaluate)

    def asked(item: Any, *, at: str = "1", text: str = "at = :at", names: Any = None, slot: str = "Key") -> bool:
        return evaluated(text, item, {":at": at}, names, slot=f"{slot}ConditionExpression")

    assert [asked({"at": "1", "x": str(number)}) for number in range(3)] == [True] * 3
    assert len(looked) == 1
    assert not asked({"at": "2", "x": "1"})
    assert asked({"at": "2"}, at="2")
    assert asked({"at": "1", "x": "1"}, text="#n = :at", names={"#n": "at"})
    assert not asked({"at": "2", "x": "1"}, text="#n = :at", names={"#n": "at"})
    assert len(looked) == 5
    assert [asked({"at": "1"}, slot="") for _ in range(2)] == [True, True]
    assert len(looked) == 7
