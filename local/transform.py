"""What a rule's target gets of an event: all of it, a part, a constant, or a template with parts put in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\['([^']*)'\]")
_PLACE = re.compile(r"<([^<>]+)>")


def at_path(event: Any, path: str) -> Any:
    """The part of `event` that a path such as `$.detail.item[0].id` names; None where there is none."""
    found = event
    for name, index, quoted in _STEP.findall(path.removeprefix("$")):
        if index:
            found = found[int(index)] if isinstance(found, list) and int(index) < len(found) else None
        else:
            found = found.get(name or quoted) if isinstance(found, dict) else None
    return found


def input_for(target: Mapping[str, Any], event: dict[str, Any], rule_arn: str) -> str:
    """The JSON text that the target receives."""
    if "InputTransformer" in target:
        return _filled(target["InputTransformer"], event, rule_arn)
    if "InputPath" in target:
        return json.dumps(at_path(event, target["InputPath"]))
    if "Input" in target:
        return str(target["Input"])
    return json.dumps(event)


def _filled(transformer: Mapping[str, Any], event: dict[str, Any], rule_arn: str) -> str:
    values = {name: at_path(event, path) for name, path in transformer.get("InputPathsMap", {}).items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event": event,
        "aws.events.event.json": event,
        "aws.events.event.ingestion-time": event.get("time"),
    }
    template: str = transformer["InputTemplate"]

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            return found[0]
        part = values[found[1]]
        if not _in_quotes(template, found.start()):
            return json.dumps(part)
        text = "" if part is None else part if isinstance(part, str) else json.dumps(part)
        return json.dumps(text)[1:-1]

    text = _PLACE.sub(value, template)
    try:
        json.loads(text)
    except ValueError:
        return json.dumps(text)  # a template of plain words
    return text


def _in_quotes(template: str, place: int) -> bool:
    return len(re.findall(r'(?<!\\)"', template[:place])) % 2 == 1
