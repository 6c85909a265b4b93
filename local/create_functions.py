"""How functions, what feeds them, machines and the HTTP API are created: most go into the blueprint, for us to run."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from local.blueprint import AsyncRules, Authorizer, EventSource, Route
from local.create import Made, Making, client, text
from local.functions import Function, name_in
from local.pretend import arn
from local.resolve import CannotResolve


def function(making: Making, properties: dict[str, Any]) -> Made:
    """A function: its handler's name and what it is told; the code is the repository's."""
    name = making.name(properties, "FunctionName")
    dead_letter = properties.get("DeadLetterConfig", {}).get("TargetArn")
    variables = properties.get("Environment", {}).get("Variables", {})
    making.blueprint.functions.add(
        Function(
            name=name,
            handler=properties.get("Handler", ""),
            environment={key: str(value) for key, value in variables.items()},
            timeout=int(properties.get("Timeout", 3)),
            memory=int(properties.get("MemorySize", 128)),
            dead_letter=dead_letter,
        )
    )
    if dead_letter:
        making.blueprint.dead_letter_queues.add(dead_letter)
    return Made(name, {"Arn": arn("lambda", f"function:{name}")})


def version(_: Making, properties: dict[str, Any]) -> Made:
    """A version stands for its function."""
    where = arn("lambda", f"function:{name_in(properties['FunctionName'])}")
    return Made(f"{where}:1", {"Version": "1", "FunctionArn": f"{where}:1"})


def alias(_: Making, properties: dict[str, Any]) -> Made:
    """An alias stands for its function."""
    where = arn("lambda", f"function:{name_in(properties['FunctionName'])}:{properties['Name']}")
    return Made(where, {"AliasArn": where})


def async_rules(making: Making, properties: dict[str, Any]) -> Made:
    """What happens to an asynchronous invocation that fails."""
    name = name_in(properties["FunctionName"])
    destinations = properties.get("DestinationConfig", {})
    on_failure = destinations.get("OnFailure", {}).get("Destination")
    making.blueprint.async_rules[name] = AsyncRules(
        retries=int(properties.get("MaximumRetryAttempts", 2)),
        on_failure=on_failure,
        on_success=destinations.get("OnSuccess", {}).get("Destination"),
    )
    if on_failure:
        making.blueprint.dead_letter_queues.add(on_failure)
    return Made(name)


def event_source(making: Making, properties: dict[str, Any]) -> Made:
    """A stream or a queue that feeds a function."""
    number = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{making.stack.name}/{making.logical_id}"))
    made = source_of(number, properties)
    if properties.get("Enabled", True):
        making.blueprint.event_sources.append(made)
    if made.on_failure and ":sqs:" in made.on_failure:
        making.blueprint.dead_letter_queues.add(made.on_failure)
    return Made(number, {"Id": number, "EventSourceMappingArn": arn("lambda", f"event-source-mapping:{number}")})


def source_of(number: str, properties: Mapping[str, Any]) -> EventSource:
    """A mapping, by the names that templates and Lambda's API share."""
    source = properties["EventSourceArn"]
    return EventSource(
        id=number,
        function=properties["FunctionName"],
        source=source,
        batch_size=int(properties.get("BatchSize", 10 if ":sqs:" in source else 100)),
        filters=tuple(entry["Pattern"] for entry in properties.get("FilterCriteria", {}).get("Filters", [])),
        reports_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
        bisects=bool(properties.get("BisectBatchOnFunctionError")),
        retries=int(properties.get("MaximumRetryAttempts", -1)),
        on_failure=properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"),
    )


def machine(making: Making, properties: dict[str, Any]) -> Made:
    """A state machine, run by moto's own engine."""
    name = making.name(properties, "StateMachineName")
    definition = _definition(making, properties)
    for key, value in properties.get("DefinitionSubstitutions", {}).items():
        definition = definition.replace("${" + key + "}", str(value))
    where = client("stepfunctions").create_state_machine(
        name=name,
        definition=definition,
        roleArn=properties["RoleArn"],
        type=properties.get("StateMachineType", "STANDARD"),
    )["stateMachineArn"]
    making.blueprint.machines.append(where)
    return Made(where, {"Arn": where, "Name": name})


def _definition(making: Making, properties: Mapping[str, Any]) -> str:
    if "DefinitionS3Location" in properties:
        asset = making.stack.asset(properties["DefinitionS3Location"]["Key"])
        return asset.read_text("utf-8")
    return text(properties.get("DefinitionString") or properties["Definition"])


# --- HTTP API --------------------------------------------------------------------------------------------------------


def api(making: Making, properties: dict[str, Any]) -> Made:
    """The HTTP API; the gateway serves it."""
    making.blueprint.cors = properties.get("CorsConfiguration")
    return Made(making.logical_id, {"ApiEndpoint": making.blueprint.url, "ApiId": making.logical_id})


def stage(_: Making, properties: dict[str, Any]) -> Made:
    """The default stage; any other would put its name before every path."""
    if properties["StageName"] != "$default":
        raise CannotResolve("The local gateway serves the stage $default alone.")
    return Made("$default")


def authorizer(making: Making, properties: dict[str, Any]) -> Made:
    """Who may call: its `Ref` carries the issuer and audience to the routes that name it."""
    jwt = properties["JwtConfiguration"]
    making.blueprint.issuers.append(jwt["Issuer"])
    return Made(json.dumps([jwt["Issuer"], jwt.get("Audience", [])]), {"AuthorizerId": making.logical_id})


def integration(making: Making, properties: dict[str, Any]) -> Made:
    """A function behind a route: its `Ref` carries the function's name."""
    if properties.get("PayloadFormatVersion") != "2.0":
        raise CannotResolve(f"The integration {making.logical_id} must ask for payload format 2.0.")
    return Made(properties["IntegrationUri"])


def route(making: Making, properties: dict[str, Any]) -> Made:
    """One route of the API."""
    found = None
    if properties.get("AuthorizationType") == "JWT":
        issuer, audience = json.loads(properties["AuthorizerId"])
        found = Authorizer(issuer, tuple(audience))
    making.blueprint.routes.append(
        Route(
            key=properties["RouteKey"],
            function=properties["Target"].partition("integrations/")[2],
            authorizer=found,
            scopes=tuple(properties.get("AuthorizationScopes", [])),
        )
    )
    return Made(making.logical_id)
