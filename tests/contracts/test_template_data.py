"""What the local cloud ignores in silence about stored data is held here: expiry, encryption, keys, backups."""

import json
from typing import Any

import pytest

from chalicelib.records import _tables
from tests.contracts.entry_points import ROOT, body, resources, template

TABLES = {"RecordsTable": "records", "KeysTable": "keys", "LedgerTable": "ledger", "TransientTable": "transient"}
DATA_KEY = {"Fn::GetAtt": ["DataKey", "Arn"]}


def _table(name: str) -> dict[str, Any]:
    return resources("AWS::DynamoDB::Table")[name]


def _keys(schema: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(key["KeyType"], key["AttributeName"]) for key in schema]


def test_there_are_the_four_tables() -> None:
    """They are split by how long things live and who may restore them; their names carry the stage."""
    names = {name: table["TableName"] for name, table in resources("AWS::DynamoDB::Table").items()}

    assert names == {name: {"Fn::Sub": f"zusage-${{Stage}}-{word}"} for name, word in TABLES.items()}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_forgets_is_sealed_and_stays(name: str) -> None:
    """Expiry on `ttl`, the customer-managed key, and no deletion by a slip."""
    table = _table(name)

    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": DATA_KEY}
    assert table["DeletionProtectionEnabled"] is True
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert _keys(table["KeySchema"]) == [("HASH", "pk"), ("RANGE", "sk")]
    assert (body(name)["DeletionPolicy"], body(name)["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_only_what_may_be_brought_back_has_point_in_time_recovery() -> None:
    """For keys it would undo shredding for 35 days."""
    recovered = {
        name: _table(name)["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] for name in TABLES
    }

    assert recovered == {"RecordsTable": True, "LedgerTable": True, "KeysTable": False, "TransientTable": False}


def test_records_has_its_stream_and_its_two_indexes() -> None:
    """The due index holds keys only, so that reading it discloses nothing."""
    table = _table("RecordsTable")

    indexes = {
        one["IndexName"]: (_keys(one["KeySchema"]), one["Projection"]) for one in table["GlobalSecondaryIndexes"]
    }
    types = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    assert indexes == {
        "due": ([("HASH", "due_shard"), ("RANGE", "due_at")], {"ProjectionType": "KEYS_ONLY"}),
        "lookup": ([("HASH", "lookup_pk"), ("RANGE", "lookup_sk")], {"ProjectionType": "ALL"}),
    }
    assert types == {"pk": "S", "sk": "S", "due_shard": "S", "due_at": "N", "lookup_pk": "S", "lookup_sk": "S"}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.mark.parametrize("kind", _tables.TABLES, ids=lambda kind: kind.__name__)
def test_the_program_and_the_template_mean_the_same_table(kind: Any) -> None:
    """Keys, expiry and indexes are spelled once in the records and once in the template."""
    table, schema = _table(kind.__name__), kind._get_schema()

    types = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    indexes = {
        one["IndexName"]: (sorted(_keys(one["KeySchema"])), one["Projection"])
        for one in table.get("GlobalSecondaryIndexes", ())
    }
    spelled = {one["AttributeName"]: one["AttributeType"] for one in schema["attribute_definitions"]}
    assert types == {name: spelled[name] for name in types}
    assert _keys(table["KeySchema"]) == _keys(schema["key_schema"])
    assert table["TimeToLiveSpecification"]["AttributeName"] == kind.ttl.attr_name
    assert indexes == {
        one["index_name"]: (sorted(_keys(one["key_schema"])), one["projection"])
        for one in schema["global_secondary_indexes"]
        if one["index_name"] in kind._indexes  # PynamoDB lists those of every kind that shares the discriminator
    }


def test_the_ledger_has_its_stream_and_finds_the_entries_about_a_person() -> None:
    """What is appended only has no image of before; people are shown the whole entries about themselves."""
    table = _table("LedgerTable")

    (index,) = table["GlobalSecondaryIndexes"]
    assert (index["IndexName"], index["Projection"]) == ("people", {"ProjectionType": "ALL"})
    assert _keys(index["KeySchema"]) == [("HASH", "people_pk"), ("RANGE", "people_sk")]
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}


def test_keys_and_transient_have_neither_stream_nor_index() -> None:
    """A stream is a copy of what it shows, and an index another way to it."""
    others = [_table(name) for name in ("KeysTable", "TransientTable")]

    assert not [one for one in others if "StreamSpecification" in one or "GlobalSecondaryIndexes" in one]


@pytest.mark.parametrize("name", ["DataKey", "TenantKey"])
def test_a_key_rotates_and_is_not_destroyed_by_a_slip(name: str) -> None:
    """Without its key everything is lost, so a deleted stack leaves it, and a deleted key waits a month."""
    key = resources("AWS::KMS::Key")[name]

    assert key["EnableKeyRotation"] is True
    assert key["PendingWindowInDays"] == 30
    assert body(name)["DeletionPolicy"] == "Retain"


def test_the_tenant_key_is_open_to_roles_of_the_account_only() -> None:
    """No service and no other account is named in its policy; the roles' own policies decide."""
    (statement,) = resources("AWS::KMS::Key")["TenantKey"]["KeyPolicy"]["Statement"]

    root = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    assert statement["Principal"] == {"AWS": root}


def test_services_use_the_data_key_for_this_installation_only() -> None:
    """Each service that is let in is held to this account or to our log groups."""
    _, *services = resources("AWS::KMS::Key")["DataKey"]["KeyPolicy"]["Statement"]

    assert {one["Sid"] for one in services} == {"LogGroups", "TopicPublishers"}
    assert all(one["Condition"] for one in services)
    assert not [one for one in services if "*" in "".join(one["Action"])]


def test_the_providers_secret_has_no_value_in_the_template() -> None:
    """The operator fills it in; a template is no place for keys."""
    secret = resources("AWS::SecretsManager::Secret")["ProvidersSecret"]

    assert not {"SecretString", "GenerateSecretString"} & set(secret)
    assert secret["KmsKeyId"] == DATA_KEY


def _plan(name: str) -> dict[str, Any]:
    (rule,) = resources("AWS::Backup::BackupPlan")[name]["BackupPlan"]["BackupPlanRule"]
    return dict(rule)


def _selected(name: str) -> list[str]:
    chosen = resources("AWS::Backup::BackupSelection")[name]["BackupSelection"]["Resources"]
    return [one["Fn::GetAtt"][0] for one in chosen]


def test_records_and_ledger_are_backed_up_twice_a_day_in_two_regions() -> None:
    """The copy lives as long as the original."""
    rule = _plan("RecordsPlan")

    (copy,) = rule["CopyActions"]
    assert rule["ScheduleExpression"] == "cron(0 1,13 * * ? *)"
    assert rule["Lifecycle"] == copy["Lifecycle"] == {"DeleteAfterDays": 35}
    assert copy["DestinationBackupVaultArn"] == {"Ref": "BackupCopyVaultArn"}
    assert _selected("RecordsSelection") == ["RecordsTable", "LedgerTable"]


def test_keys_are_backed_up_daily_and_forgotten_after_seven_days() -> None:
    """The vault itself refuses to keep a key for longer, and no copy leaves it."""
    rule, vault = _plan("KeysPlan"), resources("AWS::Backup::BackupVault")["KeysVault"]

    assert rule["ScheduleExpression"] == "cron(30 1 * * ? *)"
    assert rule["Lifecycle"] == {"DeleteAfterDays": 7}
    assert "CopyActions" not in rule
    assert vault["LockConfiguration"]["MaxRetentionDays"] == 7
    assert _selected("KeysSelection") == ["KeysTable"]


def test_transient_is_never_backed_up() -> None:
    """A session that was ended stays ended."""
    chosen = [table for name in resources("AWS::Backup::BackupSelection") for table in _selected(name)]

    assert "TransientTable" not in chosen


def test_vaults_are_encrypted_and_stay() -> None:
    """The second region's too, under a key of that region."""
    second = json.loads((ROOT / "infra" / "template" / "second_region" / "vault.json").read_text())["Resources"]

    assert {one["EncryptionKeyArn"]["Fn::GetAtt"][0] for one in resources("AWS::Backup::BackupVault").values()} == {
        "DataKey"
    }
    assert {body(name)["DeletionPolicy"] for name in ("RecordsVault", "KeysVault")} == {"Retain"}
    assert second["CopyVault"]["Properties"]["EncryptionKeyArn"] == {"Fn::GetAtt": ["CopyKey", "Arn"]}
    assert second["CopyKey"]["Properties"]["EnableKeyRotation"] is True


def test_only_backups_are_left_out_locally() -> None:
    """Whatever carries the condition is not tried on the local cloud, so the list is short and known."""
    guarded = {name for name, body in template("prod")["Resources"].items() if body.get("Condition") == "Prod"}

    assert {body(name)["Type"].partition("::Backup")[1] for name in guarded - {"BackupRole"}} == {"::Backup"}
