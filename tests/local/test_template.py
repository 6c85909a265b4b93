"""Reading templates: every intrinsic, stacks that need each other, and refusals that say what to do."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local import assembly, template
from local.gateway import PortTaken, Server
from local.hub import AlreadyRunning, Hub
from local.resolve import CannotResolve, Resolver
from tests.local.assemblies import att, function, resource, stream_to, table, write
from tests.local.conftest import StartHub


class Names:
    """A stack of two resources."""

    name = "Toy"
    template: Mapping[str, Any] = {
        "Parameters": {"Stage": {"Type": "String", "Default": "dev"}},
        "Conditions": {
            "Dev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
            "Far": {"Fn::And": [{"Condition": "Dev"}, {"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}]}]},
            "Never": {"Fn::Or": [{"Fn::Equals": ["a", "b"]}, {"Fn::Not": [{"Condition": "Far"}]}]},
        },
        "Mappings": {"Sizes": {"dev": {"memory": 128}}},
    }

    def ref(self, logical_id: str) -> str:
        return f"the {logical_id}"

    def attribute(self, logical_id: str, name: str) -> str:
        return f"{name} of {logical_id}"

    def imported(self, export: str) -> str:
        return f"imported {export}"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("text", "text"),
        ({"Ref": "Table"}, "the Table"),
        ({"Ref": "Stage"}, "dev"),
        ({"Ref": "AWS::Region"}, "eu-central-1"),
        ({"Fn::GetAtt": ["Table", "Arn"]}, "Arn of Table"),
        ({"Fn::GetAtt": "Table.Arn"}, "Arn of Table"),
        ({"Fn::Join": ["-", ["a", {"Ref": "T"}, 1]]}, "a-the T-1"),
        ({"Fn::Sub": "${T} ${T.Arn} ${AWS::AccountId} ${!kept}"}, "the T Arn of T 123456789012 ${kept}"),
        ({"Fn::Sub": ["${a}-${T}", {"a": {"Ref": "Stage"}}]}, "dev-the T"),
        ({"Fn::Select": [1, {"Fn::Split": [":", {"Ref": "a:b"}]}]}, "b"),
        ({"Fn::If": ["Dev", "yes", {"Fn::Unknown": 1}]}, "yes"),
        ({"Fn::If": ["Never", "yes", "no"]}, "no"),
        ({"Fn::ImportValue": {"Fn::Sub": "x-${Stage}"}}, "imported x-dev"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "memory"]}, 128),
        ({"Fn::Base64": "a"}, "YQ=="),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [1, {"Ref": "AWS::NoValue"}]}, {"b": [1]}),
        ({"a": {"Fn::If": ["Never", 1, {"Ref": "AWS::NoValue"}]}}, {}),
        ({"Ref": "T", "more": 1}, {"Ref": "T", "more": 1}),
        ([{"a": None}, True, 1.5], [{"a": None}, True, 1.5]),
    ],
)
def test_intrinsic_functions(value: Any, plain: Any) -> None:
    assert Resolver(Names())(value) == plain


@pytest.mark.parametrize("value", [{"Fn::Transform": {}}, {"Ref": "AWS::Moon"}])
def test_what_the_resolver_does_not_know_it_names(value: Any) -> None:
    with pytest.raises(CannotResolve, match=r"local/resolve\.py does not know"):
        Resolver(Names())(value)


def test_stacks_are_created_in_the_order_of_their_dependencies(tmp_path: Path) -> None:
    exported = {"Value": att("Rows", "StreamArn"), "Export": {"Name": "Data:Stream"}}
    mapping = resource(
        "Lambda::EventSourceMapping",
        EventSourceArn={"Fn::ImportValue": "Data:Stream"},
        FunctionName={"Fn::GetAtt": ["One", "Arn"]},
    )
    out = write(
        tmp_path / "cdk.out",
        {
            "Data": {"Resources": {"Rows": table(TableName="rows")}, "Outputs": {"Stream": exported}},
            "Hub": {
                "Resources": {"Feed": mapping, "One": function("one")},
                "Outputs": {"F": {"Value": {"Ref": "One"}}},
            },
        },
    )
    with Hub.start(out) as hub:
        assert hub.tables == {"Rows": "rows"}
        assert hub.outputs["F"] == "One"
        hub.client("dynamodb").put_item(TableName="rows", Item={"pk": {"S": "a"}})
        hub.settle()
        (source,) = hub.blueprint.event_sources
        assert source.source == hub.outputs["Stream"]


def test_an_export_that_is_not_there_is_named(tmp_path: Path) -> None:
    out = write(tmp_path / "out", {"Hub": {"Resources": {"T": table(TableName={"Fn::ImportValue": "Data:Name"})}}})
    with pytest.raises(CannotResolve, match="Stack Hub imports Data:Name, which no stack before it exports"):
        Hub.start(out)
    Hub.start(write(tmp_path / "next", {"Hub": {"Resources": {}}})).stop()  # a failed start leaves nothing behind


def test_an_unknown_type_is_named(start_hub: StartHub) -> None:
    with pytest.raises(template.UnknownType) as refused:
        start_hub({"Moon": resource("Moon::Base")})
    assert str(refused.value) == "local/template.py does not know AWS::Moon::Base; add it to CREATED or IGNORED."


def test_no_type_is_both_created_and_ignored() -> None:
    assert not set(template.CREATED) & set(template.IGNORED)


def test_an_unknown_attribute_is_named(start_hub: StartHub) -> None:
    with pytest.raises(CannotResolve, match="gives AWS::DynamoDB::GlobalTable no attribute Moon"):
        start_hub({"Rows": table(), "One": function("one", Environment={"Variables": {"A": att("Rows", "Moon")}})})


def test_a_circle_is_named(start_hub: StartHub) -> None:
    with pytest.raises(CannotResolve, match="circle: A -> B -> A"):
        start_hub({"A": resource("SQS::Queue", QueueName=att("B")), "B": resource("SQS::Queue", QueueName=att("A"))})


def test_a_missing_resource_is_named(start_hub: StartHub) -> None:
    with pytest.raises(CannotResolve, match="refers to Nobody"):
        start_hub({"A": resource("SQS::Queue", QueueName=att("Nobody"))})


def test_ignored_resources_have_names_and_arns(start_hub: StartHub) -> None:
    hub = start_hub(
        {
            "Role": resource("IAM::Role", AssumeRolePolicyDocument={"Fn::Whatever": 1}),
            "Client": resource("Cognito::UserPoolClient", ClientName="shop-web"),
            "One": function(
                "one", Environment={"Variables": {"ROLE": att("Role"), "CLIENT": {"Ref": "Client"}, "N": 1}}
            ),
        }
    )
    told = hub.blueprint.functions.find("One").environment
    assert told == {"ROLE": "arn:aws:iam::123456789012:role/Role", "CLIENT": "shop-web", "N": "1"}


def test_a_resource_whose_condition_is_false_does_not_exist(tmp_path: Path) -> None:
    resources = {"Rows": {**table(), "Condition": "No"}, "More": table()}
    stack = {"Conditions": {"No": {"Fn::Equals": [1, 2]}}, "Resources": resources}
    with Hub.start(write(tmp_path / "out", {"Toy": stack})) as hub:
        assert hub.tables == {"More": "More"}


def test_tables_get_indexes_and_time_to_live(start_hub: StartHub) -> None:
    index = {
        "IndexName": "by-state",
        "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
        "ContributorInsightsSpecification": {"Enabled": True},
    }
    rows = table(TimeToLiveSpecification={"AttributeName": "until", "Enabled": True}, GlobalSecondaryIndexes=[index])
    rows["Properties"]["AttributeDefinitions"].append({"AttributeName": "state", "AttributeType": "S"})
    hub = start_hub({"Rows": rows})
    described = hub.client("dynamodb").describe_table(TableName="Rows")["Table"]
    assert [found["IndexName"] for found in described["GlobalSecondaryIndexes"]] == ["by-state"]
    assert hub.blueprint.expiring == {"Rows": "until"}


def test_functions_are_found_by_whatever_names_them(start_hub: StartHub) -> None:
    hub = start_hub(
        {
            "One": function("one"),
            "Version": resource("Lambda::Version", FunctionName={"Ref": "One"}),
            "Live": resource(
                "Lambda::Alias",
                FunctionName={"Ref": "One"},
                FunctionVersion=att("Version", "Version"),
                Name="live",
            ),
            "Rows": table(),
            "Feed": stream_to("Live"),
        }
    )
    functions = hub.blueprint.functions
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:One"
    uri = f"arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/{arn}:live/invocations"
    for named in ("One", arn, f"{arn}:live", f"{arn}:1", uri, "One:live"):
        assert functions.find(named).name == "One"
    assert hub.blueprint.event_sources[0].function == f"{arn}:live"


def test_a_definition_may_be_an_asset(tmp_path: Path) -> None:
    machine = resource(
        "StepFunctions::StateMachine",
        RoleArn="arn:aws:iam::123456789012:role/r",
        DefinitionS3Location={"Bucket": {"Fn::Sub": "cdk-assets-${AWS::Region}"}, "Key": "abc.json"},
        DefinitionSubstitutions={"end": "Done"},
    )
    out = write(tmp_path / "out", {"Toy": {"Resources": {"Flow": machine}}})
    definition = {"StartAt": "${end}", "States": {"Done": {"Type": "Succeed"}}}
    (out / "asset.abc.json").write_text(json.dumps(definition))
    with Hub.start(out) as hub:
        (where,) = hub.blueprint.machines
        described = hub.client("stepfunctions").describe_state_machine(stateMachineArn=where)
        assert json.loads(described["definition"])["StartAt"] == "Done"


def test_without_an_assembly_one_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(assembly.NoAssembly, match=r"There is no manifest\.json in .*; run `make synth` first\."):
        Hub.start(tmp_path)


def test_a_taken_port_and_a_second_hub_are_refused(start_hub: StartHub, tmp_path: Path) -> None:
    hub = start_hub({})
    with pytest.raises(PortTaken, match=r"Port \d+ is taken\."):
        Server(int(hub.url.rpartition(":")[2]))
    with pytest.raises(AlreadyRunning):
        Hub.start(tmp_path)
