"""Small hand-written assemblies: what CDK would synthesize for a toy."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ISSUER = "https://issuer.test"
AUDIENCE = ["shop-web", "shop-desk"]

Resources = dict[str, dict[str, Any]]


def write(out: Path, stacks: Mapping[str, Mapping[str, Any]]) -> Path:
    """Write one template for each stack; each depends on the one before it."""
    out.mkdir(exist_ok=True)
    artifacts: dict[str, Any] = {"Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}}
    before: list[str] = []
    for name, template in stacks.items():
        (out / f"{name}.template.json").write_text(json.dumps(template))
        files = {"abc": {"source": {"path": "asset.abc.json", "packaging": "file"}}}
        (out / f"{name}.assets.json").write_text(json.dumps({"files": files}))
        artifacts[f"{name}.assets"] = {"type": "cdk:asset-manifest", "properties": {"file": f"{name}.assets.json"}}
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": f"{name}.template.json"},
            "dependencies": [*before, f"{name}.assets"],
        }
        before = [name]
    # Written last stack first: the order of the file must not matter.
    (out / "manifest.json").write_text(json.dumps({"artifacts": dict(reversed(artifacts.items()))}))
    return out


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    """A resource of the template."""
    return {"Type": f"AWS::{kind}", "Properties": properties}


def att(logical_id: str, name: str = "Arn") -> dict[str, Any]:
    """`Fn::GetAtt`."""
    return {"Fn::GetAtt": [logical_id, name]}


def function(handler: str, **properties: Any) -> dict[str, Any]:
    """A function whose handler is one of the toys."""
    return resource("Lambda::Function", Handler=f"tests.local.toys.{handler}", Role="r", **properties)


def table(**properties: Any) -> dict[str, Any]:
    """A table with a stream, as CDK's TableV2 synthesizes it."""
    return resource(
        "DynamoDB::GlobalTable",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"},
        Replicas=[{"Region": {"Ref": "AWS::Region"}}],
        **properties,
    )


def stream_to(function_id: str, table_id: str = "Rows", **properties: Any) -> dict[str, Any]:
    """A mapping from a table's stream to a function."""
    return resource(
        "Lambda::EventSourceMapping",
        EventSourceArn=att(table_id, "StreamArn"),
        FunctionName={"Ref": function_id},
        StartingPosition="TRIM_HORIZON",
        **properties,
    )


def api(function_id: str, *keys: str, open_keys: tuple[str, ...] = (), **properties: Any) -> Resources:
    """An HTTP API with a JWT authorizer before the routes of `keys`, none before those of `open_keys`."""
    made: Resources = {
        "Api": resource("ApiGatewayV2::Api", Name="Api", ProtocolType="HTTP", **properties),
        "Stage": resource("ApiGatewayV2::Stage", ApiId={"Ref": "Api"}, StageName="$default", AutoDeploy=True),
        "Jwt": resource(
            "ApiGatewayV2::Authorizer",
            ApiId={"Ref": "Api"},
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Audience": AUDIENCE, "Issuer": ISSUER},
            Name="Jwt",
        ),
        "Behind": resource(
            "ApiGatewayV2::Integration",
            ApiId={"Ref": "Api"},
            IntegrationType="AWS_PROXY",
            IntegrationUri=att(function_id),
            PayloadFormatVersion="2.0",
        ),
    }
    target = {"Fn::Join": ["", ["integrations/", {"Ref": "Behind"}]]}
    for number, key in enumerate((*keys, *open_keys)):
        kind = (
            {"AuthorizationType": "NONE"}
            if key in open_keys
            else {"AuthorizationType": "JWT", "AuthorizerId": {"Ref": "Jwt"}}
        )
        made[f"Route{number}"] = resource(
            "ApiGatewayV2::Route", ApiId={"Ref": "Api"}, RouteKey=key, Target=target, **kind
        )
    return made
