"""The bucket of files as AWS would build it; the local cloud ignores most of what stands here."""

from typing import Any

from tests.contracts.entry_points import body, resources

DATA_KEY = {"Fn::GetAtt": ["DataKey", "Arn"]}


def bucket() -> dict[str, Any]:
    """The bucket's properties."""
    return resources("AWS::S3::Bucket")["FilesBucket"]


def test_files_are_encrypted_with_the_data_key() -> None:
    """Each object, whatever its writer says."""
    (rule,) = bucket()["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": DATA_KEY}
    assert rule["BucketKeyEnabled"] is True


def test_nothing_of_the_bucket_is_public() -> None:
    """Neither by a policy nor by the list of an object; those lists are switched off altogether."""
    assert set(bucket()["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket()["PublicAccessBlockConfiguration"]) == 4
    assert bucket()["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_the_bucket_refuses_plain_transport() -> None:
    """For the bucket and for every object in it; the policy allows nobody anything."""
    policy = resources("AWS::S3::BucketPolicy")["FilesBucketTls"]
    (statement,) = policy["PolicyDocument"]["Statement"]

    assert policy["Bucket"] == {"Ref": "FilesBucket"}
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [
        {"Fn::GetAtt": ["FilesBucket", "Arn"]},
        {"Fn::Sub": "${FilesBucket.Arn}/*"},
    ]


def test_what_is_deleted_or_never_finished_goes_within_a_day() -> None:
    """Old versions, which a slip can be undone with for a day, and parts of uploads that were given up."""
    rules = {rule["Id"]: rule for rule in bucket()["LifecycleConfiguration"]["Rules"]}

    assert bucket()["VersioningConfiguration"] == {"Status": "Enabled"}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}
    assert rules["AbortedUploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert rules["OldVersions"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert rules["OldVersions"]["ExpiredObjectDeleteMarker"] is True


def test_the_bucket_outlives_its_stack() -> None:
    """Like the tables."""
    assert (body("FilesBucket")["DeletionPolicy"], body("FilesBucket")["UpdateReplacePolicy"]) == ("Retain", "Retain")
