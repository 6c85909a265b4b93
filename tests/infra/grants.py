"""What the roles of the functions grant, by the variables the functions know things by, against what is called."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from tests.infra.stacks import Lambda, Stacks, names_in

Call = tuple[str, str, str]  # function, action, on what
READ_STREAM = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
RECEIVE = ("ReceiveMessage", "ChangeMessageVisibility", "GetQueueUrl", "DeleteMessage", "GetQueueAttributes")
QUEUES = "SUBSCRIBER_QUEUES"
SEND = ("SendMessage", "GetQueueAttributes", "GetQueueUrl")


def granted(function: Lambda, stacks: Stacks) -> set[Call]:
    """Everything that its role allows."""
    return {
        (function.name, action, "a phone number" if statement.excepted else named(resource, function, stacks))
        for statement in function.statements
        for action in statement.actions
        for resource in statement.resources
    }


def named(resource: Any, function: Lambda, stacks: Stacks) -> str:
    """`CART_TABLE/index/by_customer`: the variable that holds the thing or else its logical id, and what follows."""
    if isinstance(resource, str):
        return resource
    if "-hub-*" in str(resource):  # by how their names begin; they are made while the hub runs
        return f"{QUEUES}*"
    (id_,) = stacks.ids_in(resource)
    variable = next((name for name, value in function.variables.items() if id_ in stacks.ids_in(value)), id_)
    parts = resource.get("Fn::Join", ["", []])[1]
    return variable + "".join(part for part in parts if isinstance(part, str))


def own(function: Lambda, stacks: Stacks) -> set[Call]:
    """What Lambda itself does with the role, which no call of ours shows: logs, traces, feeding, parking."""
    return {(function.name, *each) for each in _by_lambda(function, stacks)}


def _by_lambda(function: Lambda, stacks: Stacks) -> Iterator[tuple[str, str]]:
    log = function.properties["LoggingConfig"]["LogGroup"]["Ref"]
    yield from ((f"logs:{each}", log) for each in ("CreateLogStream", "PutLogEvents"))
    if function.properties["TracingConfig"] == {"Mode": "Active"}:
        yield from ((f"xray:{each}", "*") for each in ("PutTraceSegments", "PutTelemetryRecords"))
    for properties in _about(function, stacks, "AWS::Lambda::EventSourceMapping"):
        source = properties["EventSourceArn"]
        (id_,) = stacks.ids_in(source)
        table = "Table" in stacks.resources[id_]["Type"]
        service, verbs = ("dynamodb", READ_STREAM) if table else ("sqs", RECEIVE)
        yield from ((f"{service}:{verb}", named(source, function, stacks)) for verb in verbs)
        yield from _parks(properties, stacks)
    if any(function.logical_id in stacks.ids_in(each.variables.get("DELIVER_FUNCTION")) for each in stacks.functions):
        yield from ((f"sqs:{verb}", f"{QUEUES}*") for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"))
    for properties in _about(function, stacks, "AWS::Lambda::EventInvokeConfig"):
        yield from _parks(properties, stacks)


def _about(function: Lambda, stacks: Stacks, kind: str) -> Iterator[Any]:
    for each in stacks.of(kind).values():
        if function.logical_id in names_in(each["Properties"]["FunctionName"]):
            yield each["Properties"]


def _parks(properties: Any, stacks: Stacks) -> Iterator[tuple[str, str]]:
    to = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    for id_ in stacks.ids_in(to):
        if stacks.resources[id_]["Type"] == "AWS::S3::Bucket":
            yield from (("s3:PutObject", f"{id_}/aws/lambda/*"), ("s3:ListBucket", id_))
        else:
            yield from ((f"sqs:{verb}", id_) for verb in SEND)


def differences(calls: Iterable[Call], stacks: Stacks) -> tuple[list[str], list[str]]:
    """What is missing and what is too much, a sentence each that says what to change."""
    used = set(calls)
    known = {function.name: function for function in stacks.functions}
    allowed = {call for function in known.values() for call in granted(function, stacks)}
    lambdas = {call for function in known.values() for call in own(function, stacks)}
    missing = [call for call in used if not any(_covers(grant, call) for grant in allowed)]
    excess = [grant for grant in allowed - lambdas if not any(_covers(grant, call) for call in used)]
    return [_lacks(*call) for call in sorted(missing)], [_idle(*grant) for grant in sorted(excess)]


def _covers(grant: Call, call: Call) -> bool:
    return grant[:2] == call[:2] and fnmatchcase(call[2], grant[2])


def _lacks(function: str, action: str, on: str) -> str:
    return f"{function} calls {action} on {on}, which AWS would refuse: add {_row(function, action, on)}."


def _idle(function: str, action: str, on: str) -> str:
    return f"{function} may {action} on {on} and no test has it do so: take away {_row(function, action, on)}."


def _row(function: str, action: str, on: str) -> str:
    """The change, as infra/rights.py writes it where it does."""
    service, _, verb = action.partition(":")
    thing, _, index = on.partition("/index/")
    if service == "dynamodb":
        entry = f"{verb}:{index}" if index else verb
        table = thing.removesuffix("_TABLE").lower()
        return f'{entry} for "{table}" in ROWS["{function}"] of infra/rights.py'
    if thing.startswith("CATALOG_BUCKET"):
        return f'{verb} in OBJECTS["{function}"] of infra/rights.py'
    return f"{action} where infra/ grants {function} the use of {on}"
