"""What the synthesized templates say, asked in the words of the hub: functions, tables, rules, rights."""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import assembly

Resource = Mapping[str, Any]


@dataclass(frozen=True)
class Statement:
    """One statement of a policy; resources stay as the template writes them."""

    actions: tuple[str, ...]
    resources: tuple[Any, ...]
    excepted: bool  # NotResource: all but these

    @property
    def tables(self) -> set[str]:
        """The tables it names, by their folder."""
        return {found for each in self.resources if (found := table_in(each))}


@dataclass(frozen=True)
class Lambda:
    """A function as its template defines it."""

    logical_id: str
    handler: str  # functions.cart.handler.handler
    variables: Mapping[str, Any]
    statements: tuple[Statement, ...]
    asset: Path
    properties: Mapping[str, Any]

    @property
    def name(self) -> str:
        """`cart.handler`, as infra names it."""
        return ".".join(self.handler.split(".")[1:3])

    @property
    def module(self) -> str:
        return self.handler.rpartition(".")[0]


class Stacks:
    """Every resource of every stack in an assembly."""

    def __init__(self, out: Path) -> None:
        self.files = {file.name: file for file in assembly.read(out)}
        self.resources: dict[str, Resource] = {
            logical_id: resource
            for file in self.files.values()
            for logical_id, resource in file.template["Resources"].items()
        }

    def of(self, *types: str) -> dict[str, Resource]:
        """The resources of these types, by logical id."""
        return {id_: each for id_, each in self.resources.items() if each["Type"] in types}

    def stack(self, prefix: str) -> assembly.StackFile:
        """The one stack of that kind, whatever the stage."""
        (found,) = [file for name, file in self.files.items() if name.startswith(f"{prefix}-")]
        return found

    def ids_in(self, value: Any) -> set[str]:
        """The logical ids of all resources that a value names, through exports of other stacks too."""
        text = json.dumps(value)
        return {id_ for id_ in self.resources if id_ in text}

    @property
    def functions(self) -> list[Lambda]:
        """Our own functions (a provider's are CDK's)."""
        found = (self._lambda(id_, each["Properties"]) for id_, each in self.of("AWS::Lambda::Function").items())
        return [each for each in found if each.handler.startswith("functions.")]

    def function(self, reference: Any) -> Lambda | None:
        """The function that a Ref or Fn::GetAtt names, through an alias if need be."""
        named = set(names_in(reference))
        for id_ in named & self.of("AWS::Lambda::Alias").keys():
            named |= set(names_in(self.resources[id_]["Properties"]["FunctionName"]))
        return next((each for each in self.functions if each.logical_id in named), None)

    def text(self, value: Any) -> str:
        """A value as text, an app client's id by its name; what else only AWS knows by its logical id."""
        if isinstance(value, str):
            return value
        if "Fn::Join" in value:
            separator, parts = value["Fn::Join"]
            return str(separator).join(map(self.text, parts))
        (id_,) = names_in(value)
        return str(self.resources[id_]["Properties"].get("ClientName", id_))

    def _lambda(self, id_: str, properties: Mapping[str, Any]) -> Lambda:
        key = json.dumps(properties["Code"])
        hash_ = re.search(r"([0-9a-f]{64})\.zip", key)
        file = next(file for file in self.files.values() if id_ in file.template["Resources"])
        return Lambda(
            logical_id=id_,
            handler=properties.get("Handler", ""),
            variables=properties.get("Environment", {}).get("Variables", {}),
            statements=tuple(self.statements_of(properties["Role"])),
            asset=file.assets[hash_[1]] if hash_ else Path(),
            properties=properties,
        )

    def statements_of(self, role: Any) -> Iterator[Statement]:
        """What the role of that reference may do."""
        (role_id,) = set(names_in(role)) & self.of("AWS::IAM::Role").keys()
        for policy in self.of("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy").values():
            if any(role_id in names_in(each) for each in policy["Properties"].get("Roles", [])):
                yield from statements(policy)


def statements(policy: Resource) -> Iterator[Statement]:
    """A policy's statements."""
    for each in listed(policy["Properties"]["PolicyDocument"]["Statement"]):
        excepted = "NotResource" in each
        resources = listed(each["NotResource" if excepted else "Resource"])
        yield Statement(tuple(listed(each["Action"])), tuple(resources), excepted)


def listed(value: Any) -> list[Any]:
    """What CloudFormation writes alone where there is one."""
    return value if isinstance(value, list) else [value]


def names_in(value: Any) -> Iterator[str]:
    """Every logical id that a value refers to."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "Fn::GetAtt":
                yield inner[0] if isinstance(inner, list) else inner.partition(".")[0]
            else:
                yield from names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_in(inner)


def table_in(value: Any) -> str | None:
    """The folder whose table a value refers to (itself, its indexes or its stream), across stacks too."""
    found = re.search(r"([A-Z][a-z]+)Table[0-9A-F]{8}", json.dumps(value))
    return found[1].lower() if found else None


def changed(out: Path, to: Path, change: Callable[[dict[str, Any]], None], stack: str = "Omnihub") -> Path:
    """A copy of an assembly in which one stack's template was changed by `change`, given its resources."""
    to.mkdir(parents=True, exist_ok=True)
    for file in out.iterdir():
        if file.is_file():
            shutil.copy(file, to / file.name)
    (template,) = to.glob(f"{stack}-*.template.json")
    content = json.loads(template.read_text("utf-8"))
    change(content["Resources"])
    template.write_text(json.dumps(content), "utf-8")
    return to
