"""What must never be replaced is not: names, keys and protections of everything that holds data."""

import json
from pathlib import Path
from typing import Any

from tests.infra.stacks import Stacks

# Logical id -> what would be lost if CloudFormation replaced it, as it does when its id or its keys change.
PINNED = {
    "CatalogTableF8EA09BD": "every draft of the catalogs that is not published yet, and who published what",
    "CustomerTable260DCC08": "every customer, party and billing account, and every identifier they are found by",
    "InteractionTable7CCBF1C9": "the timeline of every customer",
    "InventoryTableFD135387": "the installed base, with the terms each product was sold on",
    "CartTableD1105F87": "every cart that a customer has open in any channel",
    "OrderTable416EB896": "every order: the contracts",
    "EventsTableD24865E5": "which messages were sent and what was activated, so both would be done again",
    "Catalog742F25FD": "every catalog version that carts, orders and products still name",
    "CatalogPolicyAAFBEA99": "nothing by itself, but while it is replaced the catalog could be read without TLS",
    "Parked6D7C062F": "what tables said and the bus never heard",
    "ParkedPolicyB4FFF44A": "nothing by itself, but while it is replaced parked rows could be read without TLS",
    "PriceSecretDB5E4323": "what was told of prices: no proof that a customer holds could be checked any more",
    "Access9901B1FF": "who read the catalog and the parked records in the last ninety days",
    "AccessPolicy24F350C1": "nothing by itself, but while it is replaced nobody's access is written down",
}
BY_CUSTOMER = {"Interaction", "Inventory", "Cart", "Order"}


def _data(stacks: Stacks) -> dict[str, Any]:
    return dict(stacks.stack("OmnihubData").template["Resources"])


def _tables(stacks: Stacks) -> dict[str, Any]:
    found = {id_: each for id_, each in _data(stacks).items() if each["Type"] == "AWS::DynamoDB::GlobalTable"}
    return {id_: each["Properties"] for id_, each in found.items()}


def test_the_logical_id_of_everything_that_holds_data_is_pinned(prod: Stacks) -> None:
    now = set(_data(prod))
    gone = [
        f"{id_} is gone or renamed: deploying this would lose {PINNED[id_]}." for id_ in sorted(PINNED.keys() - now)
    ]
    new = [f"{id_} is new: pin it here, with what its replacement would lose." for id_ in sorted(now - PINNED.keys())]
    assert not gone + new, "\n".join(gone + new)


def test_the_stack_of_the_data_is_protected_from_termination(prod: Stacks, every_stage: Path) -> None:
    manifest = json.loads((every_stage / "prod" / "manifest.json").read_text("utf-8"))
    artifact = manifest["artifacts"][prod.stack("OmnihubData").name]
    assert artifact["properties"]["terminationProtection"] is True


def test_what_holds_data_stays_when_their_stack_or_resource_goes(prod: Stacks) -> None:
    for id_, each in _data(prod).items():
        if each["Type"] != "AWS::S3::BucketPolicy":
            assert (each["DeletionPolicy"], each["UpdateReplacePolicy"]) == ("Retain", "Retain"), id_


def test_every_table_streams_both_images_and_can_be_restored_to_any_second(prod: Stacks) -> None:
    tables = _tables(prod)
    assert tables
    for id_, table in tables.items():
        assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}, id_
        assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}, id_
        for replica in table["Replicas"]:
            assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, id_
            assert replica["DeletionProtectionEnabled"] is True, id_


def test_keys_and_indexes_are_the_ones_the_rows_were_written_with(prod: Stacks) -> None:
    for id_, table in _tables(prod).items():
        assert _keys(table) == {"HASH": "pk", "RANGE": "sk"}, id_
        indexes = {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}
        if any(id_.startswith(noun) for noun in BY_CUSTOMER):
            by = indexes["by_customer"]
            assert _keys(by) == {"HASH": "customer_key", "RANGE": "created"}, id_
            assert by["Projection"] == {"ProjectionType": "KEYS_ONLY"}, f"{id_}: an index holds keys only"


def _keys(of: Any) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in of["KeySchema"]}


def test_buckets_are_private_encrypted_and_reached_by_tls_alone(prod: Stacks) -> None:
    policies = prod.of("AWS::S3::BucketPolicy")
    for id_, bucket in prod.of("AWS::S3::Bucket").items():
        properties = bucket["Properties"]
        assert all(properties["PublicAccessBlockConfiguration"].values()), id_
        assert "BucketEncryption" in properties, id_
        (policy,) = [p for p in policies.values() if p["Properties"]["Bucket"] == {"Ref": id_}]
        denied = [s for s in policy["Properties"]["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert any(s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for s in denied), id_


def test_the_catalog_keeps_its_versions(prod: Stacks) -> None:
    assert _data(prod)["Catalog742F25FD"]["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
