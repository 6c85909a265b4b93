"""CloudFormation's intrinsic functions: a value of the template becomes the plain value that it stands for."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from local.pretend import ACCOUNT, REGION

_NOTHING = object()  # Ref AWS::NoValue: whoever holds it leaves it out


class CannotResolve(RuntimeError):
    """The template says something that this hub cannot evaluate; the message says what and where to add it."""


class Names(Protocol):
    """What a stack knows: its resources (created when first asked for) and what other stacks export."""

    name: str
    template: Mapping[str, Any]

    def ref(self, logical_id: str) -> Any:
        """What `Ref` gives for a resource."""

    def attribute(self, logical_id: str, name: str) -> Any:
        """What `Fn::GetAtt` gives for a resource."""

    def imported(self, export: str) -> Any:
        """What another stack exports under this name."""


class Resolver:
    """Evaluates the values of one stack."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._attribute,
            "Fn::Join": self._join,
            "Fn::Sub": self._sub,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::If": self._if,
            "Fn::ImportValue": lambda export: names.imported(str(self(export))),
            "Fn::FindInMap": self._find_in_map,
            "Fn::Base64": lambda text: base64.b64encode(str(self(text)).encode()).decode(),
            "Fn::GetAZs": lambda _: [f"{REGION}{letter}" for letter in "abc"],
            "Fn::Equals": lambda pair: self(pair[0]) == self(pair[1]),
            "Fn::And": lambda parts: all(self._condition(part) for part in parts),
            "Fn::Or": lambda parts: any(self._condition(part) for part in parts),
            "Fn::Not": lambda parts: not self._condition(parts[0]),
        }

    def __call__(self, value: Any) -> Any:
        """The plain value; `AWS::NoValue` vanishes from the list or object that holds it."""
        if isinstance(value, list):
            return [member for member in map(self, value) if member is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name in self._functions:
                return self._functions[name](argument)
            if name.startswith("Fn::"):
                raise CannotResolve(f"local/resolve.py does not know {name}; add it to its functions.")
        resolved = {name: self(member) for name, member in value.items()}
        return {name: member for name, member in resolved.items() if member is not _NOTHING}

    def holds(self, condition: str) -> bool:
        """Whether a named condition of the template is true."""
        return bool(self(self._names.template["Conditions"][condition]))

    def _condition(self, part: Any) -> bool:
        if isinstance(part, dict) and set(part) == {"Condition"}:
            return self.holds(part["Condition"])
        return bool(self(part))

    def _ref(self, name: str) -> Any:
        if name.startswith("AWS::"):
            return self._pseudo(name)
        parameters = self._names.template.get("Parameters", {})
        if name in parameters:
            return parameters[name].get("Default", "")
        return self._names.ref(name)

    def _pseudo(self, name: str) -> Any:
        values = {
            "AWS::AccountId": ACCOUNT,
            "AWS::NoValue": _NOTHING,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{self._names.name}/local",
            "AWS::StackName": self._names.name,
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name not in values:
            raise CannotResolve(f"local/resolve.py does not know the pseudo parameter {name}; add it to _pseudo.")
        return values[name]

    def _attribute(self, argument: Any) -> Any:
        resource, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return self._names.attribute(resource, self(attribute))

    def _join(self, argument: Any) -> str:
        separator, parts = argument
        return str(separator).join(str(part) for part in self(parts))

    def _sub(self, argument: Any) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else (argument[0], self(argument[1]))

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):  # ${!Literal} stands for ${Literal}
                return "${" + name[1:] + "}"
            if name in given:
                return str(given[name])
            return str(self._attribute(name) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^}]+)\}", value, text)

    def _select(self, argument: Any) -> Any:
        return self(argument[1])[int(self(argument[0]))]

    def _split(self, argument: Any) -> list[str]:
        return str(self(argument[1])).split(argument[0])

    def _if(self, argument: Any) -> Any:
        condition, yes, no = argument
        return self(yes if self.holds(condition) else no)

    def _find_in_map(self, argument: Any) -> Any:
        table, row, column = (self(part) for part in argument)
        return self._names.template["Mappings"][table][row][column]
