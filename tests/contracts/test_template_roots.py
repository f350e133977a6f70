"""The bucket of the proofs, whose lock the local cloud accepts and ignores."""

from typing import Any

from chalicelib.domain.periods import months
from chalicelib.records.ledger_root import LedgerRoot
from tests.contracts.entry_points import body, resources

DATA_KEY = {"Fn::GetAtt": ["DataKey", "Arn"]}
LONGEST_25_MONTHS = 365 + 366 + 31


def bucket() -> dict[str, Any]:
    """Its properties."""
    return resources("AWS::S3::Bucket")["RootsBucket"]


def statements() -> dict[str, dict[str, Any]]:
    """Its policy, by the name of each statement."""
    policy = resources("AWS::S3::BucketPolicy")["RootsBucketRules"]
    assert policy["Bucket"] == {"Ref": "RootsBucket"}
    return {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}


def test_nobody_can_shorten_the_lock() -> None:
    """Compliance: not even the account's owner; 25 months, which is as long as the roots are kept, and a day."""
    retention = bucket()["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]

    assert bucket()["ObjectLockEnabled"] is True
    assert bucket()["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"
    assert retention == {"Mode": "COMPLIANCE", "Days": LONGEST_25_MONTHS + 1}
    assert [keep.period for keep in LedgerRoot.handling.keep] == [months(25)]


def test_what_is_no_longer_locked_goes() -> None:
    """A day later; nothing is kept for good."""
    first, *_ = bucket()["LifecycleConfiguration"]["Rules"]

    assert first["Status"] == "Enabled"
    assert first["ExpirationInDays"] == LONGEST_25_MONTHS + 2
    assert first["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_it_is_encrypted_versioned_and_never_public() -> None:
    """And a deleted stack leaves it."""
    (rule,) = bucket()["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": DATA_KEY}
    assert bucket()["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket()["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket()["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert (body("RootsBucket")["DeletionPolicy"], body("RootsBucket")["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_it_speaks_tls_only() -> None:
    """To everybody."""
    rule = statements()["TlsOnly"]

    assert (rule["Effect"], rule["Principal"], rule["Action"]) == ("Deny", "*", "s3:*")
    assert rule["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_nothing_is_written_over_something() -> None:
    """An object is put on the condition that there is none, or not at all: S3 itself refuses anything else."""
    rule = statements()["WrittenOnce"]

    assert (rule["Effect"], rule["Principal"], rule["Action"]) == ("Deny", "*", "s3:PutObject")
    assert rule["Condition"] == {
        "Null": {"s3:if-none-match": "true"},
        "Bool": {"s3:ObjectCreationOperation": "true"},
    }
