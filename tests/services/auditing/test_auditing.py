"""The nightly audit: each check finds what it looks for, and none of them ends the audit."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.ids import INSTALLATION
from chalicelib.messages.promises import promises
from chalicelib.records.audit import AuditResult
from chalicelib.records.last_run import LastRun
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import client, query
from chalicelib.services.auditing._checking import Checked, Outcome
from chalicelib.services.auditing.checks import CHECKS
from tests.services.audited import SoundStack, auditing, declared
from tests.stage import Stage, stage

FILES = "zusage-test-files-123456789012-eu-central-2"
ROOTS = "zusage-test-roots-123456789012-eu-central-2"
API_LOG = "/aws/lambda/zusage-test-api_handler"

STRONG = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"


@pytest.fixture
def on() -> Iterator[Stage]:
    """A stage on which every job has just run."""
    with stage() as built:
        for function in declared().schedules:
            LastRun.note(function, at=built.clock.now)
        yield built


def audited(on: Stage, stack: SoundStack | None = None, **changes: Any) -> dict[str, Checked]:
    """What an audit found, by check."""
    return {one.name: one for one in auditing(stack or SoundStack(on.clock), **changes).run()}


def not_fine(found: dict[str, Checked]) -> dict[str, tuple[str, ...]]:
    """What was wrong, by check."""
    return {name: one.wrong for name, one in found.items() if not one.is_fine}


def test_a_sound_installation(on: Stage) -> None:
    """Everything is as declared."""
    assert not_fine(audited(on)) == {}


@pytest.mark.parametrize(
    ("resource", "change", "found"),
    [
        ("zusage-test-records", {"expires_by": ""}, {"tables-expire": ("records",)}),
        ("zusage-test-ledger", {"expires_by": "expires_at"}, {"tables-expire": ("ledger",)}),
        ("zusage-test-records", {"restorable": False}, {"tables-restorable": ("records",)}),
        ("zusage-test-keys", {"restorable": True}, {"tables-restorable": ("keys",)}),
        ("zusage-test-transient", {"key": ""}, {"tables-encrypted": ("transient",)}),
        ("zusage-test-records", {"key": "arn:aws:kms:eu-central-2:1:key/other"}, {"tables-encrypted": ("records",)}),
        ("zusage-test-keys", {"protected": False}, {"tables-protected": ("keys",)}),
        ("zusage-test-records", {"stream": "NEW_IMAGE"}, {"streams-on": ("records",)}),
        ("zusage-test-ledger", {"stream": ""}, {"streams-on": ("ledger",)}),
        (
            "zusage-test-records",
            {"arn": "arn:aws:dynamodb:us-east-1:1:table/zusage-test-records"},
            {"promised-region": ("table records",)},
        ),
        (FILES, {"region": "us-east-1"}, {"promised-region": ("bucket FilesBucket",)}),
        (FILES, {"closed": False}, {"buckets-closed": ("FilesBucket",)}),
        (ROOTS, {"key": ""}, {"buckets-closed": ("RootsBucket",)}),
        (ROOTS, {"locked": ""}, {"buckets-kept": ("RootsBucket",)}),
        (ROOTS, {"locked": "GOVERNANCE"}, {"buckets-kept": ("RootsBucket",)}),
        (FILES, {"versioned": False}, {"buckets-kept": ("FilesBucket",)}),
        (API_LOG, {"days": None}, {"logs-end": (API_LOG,)}),
        (API_LOG, {"days": 365}, {"logs-end": (API_LOG,)}),
        (API_LOG, {"key": ""}, {"logs-end": (API_LOG,)}),
        ("api", {"access_log": "$context.identity.sourceIp"}, {"gateway-without-addresses": ("access log",)}),
        ("api", {"traces_data": True}, {"gateway-without-addresses": ("data trace",)}),
        ("api", {"logs_calls": True}, {"gateway-without-addresses": ("execution log",)}),
        ("api", {"tls": (STRONG, "TLS_1_0")}, {"modern-tls": ("TLS",)}),
        ("api", {"tls": ("TLS_1_2", STRONG)}, {"modern-tls": ("TLS",)}),
        ("api", {"tls": ("SecurityPolicy_TLS13_1_2_2021_06",) * 2}, {"modern-tls": ("TLS",)}),
        ("api", {"tls": ("", "")}, {"modern-tls": ("TLS",)}),
        ("api", {"only_by_domain": False}, {"modern-tls": ("address beside the domain",)}),
    ],
)
def test_each_setting_is_looked_at(
    on: Stage, resource: str, change: dict[str, Any], found: dict[str, tuple[str, ...]]
) -> None:
    """Another value than the declared one is found, by the one check that is for it, and named."""
    assert not_fine(audited(on, SoundStack(on.clock, {resource: change}))) == found


@pytest.mark.parametrize("tls", ["SecurityPolicy_TLS13_1_3_2025_09", "SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09"])
def test_tls_may_be_newer(on: Stage, tls: str) -> None:
    """What AWS adds later and is no worse is no finding."""
    assert not_fine(audited(on, SoundStack(on.clock, {"api": {"tls": (tls, tls)}}))) == {}


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ({"records": [13.0]}, {}),
        ({"records": [13.01]}, {"backups-young": ("records",)}),
        ({"ledger": []}, {"backups-young": ("ledger",), "copies-young": ("ledger",)}),
        ({"keys": [25.0]}, {}),
        ({"keys": [25.01]}, {"backups-young": ("keys",)}),
        ({"keys": [1.0, 7 * 24 + 8]}, {}),
        ({"keys": [1.0, 7 * 24 + 9.01]}, {"backups-end": ("keys",)}),
        ({"records": [1.0, 35 * 24 + 9.01]}, {"backups-end": ("records",)}),
    ],
)
def test_backups(on: Stage, made: dict[str, list[float]], found: dict[str, tuple[str, ...]]) -> None:
    """Young ones are fine, old and missing ones are found; so are those that are kept for too long."""
    assert not_fine(audited(on, SoundStack(on.clock, made=made))) == found


@pytest.mark.parametrize(("copies", "wrong"), [([16.0], False), ([16.01], True), ([], True)])
def test_copies_in_the_second_region(on: Stage, copies: list[float], wrong: bool) -> None:
    """They may take a few hours longer, and no more."""
    found = audited(on, SoundStack(on.clock, copies=copies))["copies-young"]

    assert found.wrong == (("records", "ledger") if wrong else ())


@pytest.mark.parametrize(
    "vault", ["", "arn:aws:backup:eu-central-2:123456789012:backup-vault:zusage-test-records-copy"]
)
def test_no_second_region(on: Stage, vault: str) -> None:
    """Without one, or with the same one, one place holds everything."""
    assert not audited(on, copy_vault=vault)["copies-young"].is_fine


def test_a_job_that_stands_still(on: Stage) -> None:
    """It is named from the second on at which it is late; so is one that never ran."""
    seconds = declared().schedules["wake"]
    on.clock.move(seconds=seconds)
    assert "wake" not in audited(on)["schedules-ran"].wrong

    on.clock.move(seconds=1)

    assert "wake" in audited(on)["schedules-ran"].wrong
    client().delete_item(TableName="zusage-test-transient", Key={"pk": {"S": "LAST-RUN#sweep"}, "sk": {"S": "RUN"}})
    assert "sweep" in audited(on)["schedules-ran"].wrong


def test_what_should_be_gone(on: Stage) -> None:
    """An item that nobody removed is found in the index and in the sample."""
    _plant(on, hours=49)

    found = audited(on)

    assert not_fine(found) == {"nothing-overdue": ("due index",), "nothing-too-old": ("Appointment",)}
    assert found["nothing-too-old"].counts == {"items": 1, "too-old": 1}


def test_what_lies_in_the_clear(on: Stage) -> None:
    """The finding names kind and field, and never what stood there."""
    _plant(on, hours=-1, given_name={"S": "Jane"}, service={"S": "jane.doe@example.org"})

    found = audited(on)

    assert not_fine(found) == {"nothing-in-the-clear": ("Appointment.given_name", "Appointment.service")}
    assert "ane" not in repr(AuditResult.latest())


def _plant(on: Stage, *, hours: float, **attributes: Any) -> None:
    """An item that ended so long ago, written past everything that would refuse it."""
    ended = {"N": str(int(on.clock.now.timestamp() - hours * 3600))}
    item = {
        "pk": {"S": f"TENANT#{INSTALLATION}#SUBJECT#1"},
        "sk": {"S": "APPOINTMENT#1"},
        "kind": {"S": "Appointment"},
        "due_shard": {"S": "EXPIRY#0"},
        "due_at": ended,
        "expires_at": ended,
        **attributes,
    }
    client().put_item(TableName="zusage-test-records", Item=item)


def test_a_check_that_can_not_look_counts_as_one_that_found_something(on: Stage) -> None:
    """It is noted with the class of the error, without its text, and the others go on."""
    stack = SoundStack(on.clock, {"zusage-test-keys": PermissionError("jane.doe@example.org")})

    found = audited(on, stack)

    blind = {name for name, one in found.items() if one.outcome is Outcome.COULD_NOT_LOOK}
    assert blind == {
        "tables-expire", "tables-restorable", "tables-encrypted", "tables-protected", "streams-on", "promised-region",
        "backups-young", "backups-end",
    }  # fmt: skip
    assert {found[name].wrong for name in blind} == {("PermissionError",)}
    assert set(found) == {check.name for check in CHECKS}


def test_what_was_found_is_kept_and_in_the_ledger(on: Stage) -> None:
    """As a result of its own, with counts under the installation; the last one is the one that counts."""
    audited(on, SoundStack(on.clock, {"api": {"tls": ""}}))
    on.clock.move(hours=24)
    for function in declared().schedules:
        LastRun.note(function, at=on.clock.now)

    audited(on)

    last = AuditResult.latest()
    assert last is not None
    assert last.at == on.clock.now
    assert {Checked.read(one).outcome for one in last.outcomes} == {Outcome.FINE}
    (entry,) = query(LedgerEntry, LedgerEntry.partition(INSTALLATION, on.clock.now.date()))
    assert (entry.action, entry.counts) == (Action.AUDITED, {"fine": len(CHECKS)})


def test_an_outcome_is_read_as_it_was_stored() -> None:
    """Nothing is lost on the way."""
    one = Checked(name="logs-end", outcome=Outcome.WRONG, wrong=("x",), counts={"groups": 3})

    assert Checked.read(one.stored()) == one
    with pytest.raises(TypeError):
        Checked.read({"name": "x", "outcome": "fine", "wrong": "x", "counts": {}})


def test_every_check_bears_on_promises_that_exist() -> None:
    """And each has its own name and its sentence."""
    known = {promise.id for promise in promises()}

    assert all(check.promises and set(check.promises) <= known and check.looks_at for check in CHECKS)
    assert len({check.name for check in CHECKS}) == len(CHECKS)
