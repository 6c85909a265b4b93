"""The edge lets nobody in without a token, and the app is synthesized without an account and without Docker."""

import json
import re
from pathlib import Path

from infra import channels
from tests.infra.stacks import Stacks


def test_every_route_asks_for_a_token(stacks: Stacks) -> None:
    routes = stacks.of("AWS::ApiGatewayV2::Route")
    authorizers = stacks.of("AWS::ApiGatewayV2::Authorizer")
    assert routes
    for id_, route in routes.items():
        properties = route["Properties"]
        assert properties["AuthorizationType"] == "JWT", id_
        assert authorizers[properties["AuthorizerId"]["Ref"]]["Properties"]["AuthorizerType"] == "JWT", id_


def test_a_route_is_one_greedy_path_below_a_base_path_its_hub_or_a_task_of_our_own(stacks: Stacks) -> None:
    keys = [route["Properties"]["RouteKey"] for route in stacks.of("AWS::ApiGatewayV2::Route").values()]
    assert len(keys) == len(set(keys)) <= 300
    for key in keys:
        assert re.fullmatch(
            r"ANY /(tmf-api/[a-zA-Z]+/v4/(\{proxy\+\}|hub|hub/\{id\})"
            r"|omnihub/v1/([a-zA-Z]+|hub/\{id\}|([a-zA-Z]+/)?\{proxy\+\}))",
            key,
        ), key


def test_the_tokens_are_those_of_the_channels_and_no_others(stacks: Stacks) -> None:
    for authorizer in stacks.of("AWS::ApiGatewayV2::Authorizer").values():
        properties = authorizer["Properties"]
        assert properties["IdentitySource"] == ["$request.header.Authorization"]
        admitted = map(stacks.text, properties["JwtConfiguration"]["Audience"])
        assert sorted(admitted) == sorted(channels.clients())


def test_every_function_that_is_asked_over_http_knows_the_channels_and_the_issuer(stacks: Stacks) -> None:
    (authorizer,) = stacks.of("AWS::ApiGatewayV2::Authorizer").values()
    issuer = stacks.text(authorizer["Properties"]["JwtConfiguration"]["Issuer"])
    for id_, integration in stacks.of("AWS::ApiGatewayV2::Integration").items():
        function = stacks.function(integration["Properties"]["IntegrationUri"])
        assert function is not None, id_
        assert json.loads(stacks.text(function.variables["CHANNELS"])) == channels.clients(), function.name
        assert issuer in json.loads(stacks.text(function.variables["ISSUERS"])), function.name


def test_functions_run_on_arm_traced_and_with_logs_that_end(stacks: Stacks) -> None:
    for function in stacks.functions:
        properties = function.properties
        assert properties["Runtime"] == "python3.14", function.name
        assert properties["Architectures"] == ["arm64"], function.name
        assert properties["TracingConfig"] == {"Mode": "Active"}, function.name
        assert properties["Timeout"] <= 60, function.name
        log = stacks.resources[properties["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
        assert log["RetentionInDays"] <= 400, function.name


def test_the_access_log_says_the_route_and_never_what_was_asked_for(stacks: Stacks) -> None:
    (stage,) = stacks.of("AWS::ApiGatewayV2::Stage").values()
    logged = json.loads(stage["Properties"]["AccessLogSettings"]["Format"])
    assert logged["route"] == "$context.routeKey"
    told = re.compile(r"path|query|sourceIp|identity|body|claims\.(?!client_id)", re.IGNORECASE)
    assert not [value for value in logged.values() if told.search(value)]


def test_a_request_is_answered_by_a_published_version(stacks: Stacks) -> None:
    for id_, integration in stacks.of("AWS::ApiGatewayV2::Integration").items():
        (alias,) = stacks.ids_in(integration["Properties"]["IntegrationUri"])
        assert stacks.resources[alias]["Type"] == "AWS::Lambda::Alias", id_
        (version,) = stacks.ids_in(stacks.resources[alias]["Properties"]["FunctionVersion"])
        assert stacks.resources[version]["Type"] == "AWS::Lambda::Version", id_


def test_the_api_waits_a_little_longer_than_its_functions_run(stacks: Stacks) -> None:
    for id_, integration in stacks.of("AWS::ApiGatewayV2::Integration").items():
        function = stacks.function(integration["Properties"]["IntegrationUri"])
        assert function is not None, id_
        seconds = integration["Properties"]["TimeoutInMillis"] / 1000
        assert function.properties["Timeout"] < seconds <= 30, function.name


def test_synth_knows_no_account_and_no_region(out: Path, stacks: Stacks) -> None:
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert "missing" not in manifest, "synth looked something up in an account"
    for name in stacks.files:
        assert manifest["artifacts"][name]["environment"] == "aws://unknown-account/unknown-region"
    for name, file in stacks.files.items():
        text = json.dumps(file.template)
        assert not (found := re.search(r"(?<![0-9A-Fa-f])\d{12}(?![0-9A-Fa-f])", text)), f"{name}: {found}"
        assert not (found := re.search(r"\b(us|eu|ap|ca|sa|me|af)-[a-z]+-\d\b", text)), f"{name}: {found}"


def test_synth_builds_no_image(out: Path) -> None:
    for file in out.glob("*.assets.json"):
        assert json.loads(file.read_text("utf-8")).get("dockerImages", {}) == {}, file.name
    assert "DockerImage" not in (out / "manifest.json").read_text("utf-8")


def test_synth_had_no_error_to_report(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    found = [
        entry["data"]
        for artifact in manifest["artifacts"].values()
        for entries in artifact.get("metadata", {}).values()
        for entry in entries
        if entry["type"] in ("aws:cdk:error", "aws:cdk:warning")
    ]
    assert found == []
