"""How functions are fed, logged and watched, which the local cloud accepts and mostly ignores."""

import dataclasses
import json
from typing import Any

import pytest

from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.notification import Notification
from chalicelib.settings import Settings
from infra.tools.fragments import camel, logical_id
from tests.contracts.entry_points import body, configured, function_properties, resources, template

DATA_KEY = {"Fn::GetAtt": ["DataKey", "Arn"]}


def _alarms_on(metric: str) -> dict[str, dict[str, Any]]:
    """The alarms on one metric, by the logical id of the function or queue that they watch."""
    alarms = [one for one in resources("AWS::CloudWatch::Alarm").values() if one["MetricName"] == metric]
    return {_watched(one["Dimensions"][0]["Value"]): one for one in alarms}


def _watched(value: Any) -> str:
    return str(value.get("Ref") or value["Fn::GetAtt"][0]) if isinstance(value, dict) else str(value)


def test_the_queue_and_the_stream_replace_their_placeholders() -> None:
    """Partial failures are reported, so that one bad message does not send the others again."""
    stream = function_properties("relay")["Events"]["RelayDynamodbEventSource"]["Properties"]
    queue = function_properties("dispatch")["Events"]["DispatchSqsEventSource"]["Properties"]

    assert "placeholder" not in json.dumps(template("prod"))
    assert stream["Stream"] == {"Fn::GetAtt": ["RecordsTable", "StreamArn"]}
    assert queue["Queue"] == {"Fn::GetAtt": ["DispatchQueue", "Arn"]}
    assert stream["FunctionResponseTypes"] == queue["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_stuck_stream_gives_up_in_minutes_and_keeps_what_it_could_not_relay() -> None:
    """The due index picks the notifications up; a shard that waits for a day would hold up everybody's."""
    stream = function_properties("relay")["Events"]["RelayDynamodbEventSource"]["Properties"]

    assert stream["MaximumRecordAgeInSeconds"] == 600
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["RelayDeadLetters", "Arn"]}


def test_the_relay_sees_new_notifications_and_what_expired_by_itself_only() -> None:
    """Every other record never reaches a function through the stream."""
    stream = function_properties("relay")["Events"]["RelayDynamodbEventSource"]["Properties"]

    new, removed = stream["FilterCriteria"]["Filters"]
    stored = Notification.kind.get_discriminator(Notification)
    assert json.loads(new["Pattern"]) == {
        "eventName": ["INSERT"],
        "dynamodb": {"NewImage": {"kind": {"S": [stored]}}},
    }
    assert json.loads(removed["Pattern"]) == {
        "eventName": ["REMOVE"],
        "userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]},
    }


def test_the_tally_counts_new_entries_in_order() -> None:
    """One reader a shard: more would keep the order of each entry only, and an entry that comes late is not counted."""
    stream = function_properties("tally")["Events"]["TallyDynamodbEventSource"]["Properties"]

    (only,) = stream["FilterCriteria"]["Filters"]
    stored = LedgerEntry.kind.get_discriminator(LedgerEntry)
    assert stream["Stream"] == {"Fn::GetAtt": ["LedgerTable", "StreamArn"]}
    assert (stream["ParallelizationFactor"], stream["MaximumRecordAgeInSeconds"]) == (1, 6 * 3600)
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["TallyDeadLetters", "Arn"]}
    assert json.loads(only["Pattern"]) == {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": [stored]}}}}


def test_the_environment_is_what_the_settings_read() -> None:
    """One variable a field, none besides, none with a literal value."""
    # What the audit alone is told would be a circle in the others: the API needs them.
    told = template("prod")["Globals"]["Function"], function_properties("audit")
    variables = {name: value for one in told for name, value in one["Environment"]["Variables"].items()}

    # The region is Lambda's own to say: nobody can set it, so it says where the function really runs.
    assert set(variables) == {field.name.upper() for field in dataclasses.fields(Settings)} - {"AWS_REGION"}
    assert all(isinstance(value, dict) for value in variables.values())


def test_every_parameter_is_used_and_of_the_environments_name() -> None:
    """An operator's choice is named as the program names it, and none is without effect."""
    variables = template("prod")["Globals"]["Function"]["Environment"]["Variables"]
    chosen = {name: value["Ref"] for name, value in variables.items() if value.get("Ref") in _operators_parameters()}
    text = json.dumps(template("prod")["Resources"])

    assert all(parameter == name.title().replace("_", "") for name, parameter in chosen.items())
    assert {one for one in _operators_parameters() - set(chosen.values()) if f'"{one}"' not in text} == set()


def _operators_parameters() -> set[str]:
    return set(template("prod")["Parameters"])


@pytest.mark.parametrize("function", configured())
def test_a_functions_log_is_encrypted_and_ends_after_30_days(function: str) -> None:
    """The log group exists before the function, under the name that Lambda writes to."""
    group = resources("AWS::Logs::LogGroup")[f"{camel(function)}LogGroup"]

    assert group["LogGroupName"] == {"Fn::Sub": f"/aws/lambda/zusage-${{Stage}}-{function}"}
    assert (group["RetentionInDays"], group["KmsKeyId"]) == (30, DATA_KEY)
    assert function_properties(function)["FunctionName"] == {"Fn::Sub": f"zusage-${{Stage}}-{function}"}
    assert body(logical_id(function))["DependsOn"] == [f"{camel(function)}LogGroup"]


def test_no_log_group_is_without_key_or_end() -> None:
    """The gateway's log and that of visits included."""
    groups = resources("AWS::Logs::LogGroup").values()

    assert len(groups) == len(configured()) + 2
    assert {(group["RetentionInDays"], json.dumps(group["KmsKeyId"])) for group in groups} == {
        (30, json.dumps(DATA_KEY))
    }


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_alarms(metric: str) -> None:
    """One failure, or one call turned away, is enough."""
    alarms = _alarms_on(metric)

    assert set(alarms) == {logical_id(function) for function in configured()}
    assert {(one["Threshold"], one["ComparisonOperator"]) for one in alarms.values()} == {(0, "GreaterThanThreshold")}


def test_a_job_that_does_not_run_alarms() -> None:
    """Silence is the failure: no data counts as a breach. Two or three turns may be missed, no more.

    An alarm looks some periods further back than it is told, and is quiet as long as it finds a run there. So a period
    is short against the whole: were it the whole, a missing audit would ring after days.
    """
    alarms = _alarms_on("Invocations")

    silent_for = {name: one["Period"] * one["EvaluationPeriods"] for name, one in alarms.items()}
    minutes = {"Wake": 5, "Upkeep": 5, "Sync": 5, "Settle": 15, "Sweep": 45, "Lapse": 45, "Restamp": 45}
    hours = {"Close": 3, "Announce": 3, "Audit": 25}
    assert silent_for == {name: 60 * n for name, n in minutes.items()} | {name: 3600 * n for name, n in hours.items()}
    assert {name for name, one in alarms.items() if one["EvaluationPeriods"] < 3} == set()
    assert {"DatapointsToAlarm" in one for one in alarms.values()} == {False}
    assert {(one["Threshold"], one["ComparisonOperator"], one["TreatMissingData"]) for one in alarms.values()} == {
        (1, "LessThanThreshold", "breaching")
    }


def test_every_schedule_has_an_alarm_for_its_silence() -> None:
    """A new job comes with its dead man's switch."""
    scheduled = {
        logical_id(function)
        for function in configured()
        if any(event["Type"] == "Schedule" for event in function_properties(function).get("Events", {}).values())
    }

    assert set(_alarms_on("Invocations")) == scheduled


def test_dead_letters_and_delays_alarm() -> None:
    """One dead letter is enough; the stream may be two minutes behind and a message wait a quarter of an hour."""
    assert {name: one["Threshold"] for name, one in _alarms_on("ApproximateNumberOfMessagesVisible").items()} == {
        "DispatchDeadLetters": 0,
        "RelayDeadLetters": 0,
        "TallyDeadLetters": 0,
    }
    assert _alarms_on("IteratorAge")["Relay"]["Threshold"] == 120_000
    assert _alarms_on("IteratorAge")["Tally"]["Threshold"] == 3_600_000
    assert _alarms_on("ApproximateAgeOfOldestMessage")["DispatchQueue"]["Threshold"] == 900
    assert _alarms_on("5XXError")["zusage"]["Threshold"] == 0


def test_every_alarm_tells_somebody() -> None:
    """An alarm without an action is a light in an empty room."""
    actions = [one["AlarmActions"] for one in resources("AWS::CloudWatch::Alarm").values()]

    assert actions == [[{"Ref": "Alarms"}]] * len(actions)
