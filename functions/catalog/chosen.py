"""The characteristics that were chosen of each part of a configuration, and those that they have anyway. Pure."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from functions.catalog import choices
from functions.catalog.assembly import UNDER, Node
from functions.catalog.choices import Characteristic
from functions.catalog.verdict import LISTED, Verdict, either, plain, shown
from functions.shared.resource import Json

MOST = 100  # characteristics that are looked at of one part, and values of one characteristic
RuledOut = Callable[[Node, Characteristic, Any], bool]


class Chosen:
    """What was chosen: `values` of each characteristic of each part, those that were filled in among them."""

    def __init__(self, verdict: Verdict, nodes: list[Node]) -> None:
        self.verdict, self.nodes = verdict, nodes
        self.known = {node: choices.characteristics(verdict.catalog, node.id) for node in nodes}
        self.values: dict[tuple[Node, str], list[Any]] = {}
        self.filled: dict[Node, list[Json]] = {}

    def read(self) -> None:
        """Takes up what was sent, and says what cannot be."""
        for node in self.nodes:
            known = None if self.known[node] is None else {each.name: each for each in self.known[node] or []}
            for name, values in self._sent(node):
                if known is not None and name not in known:
                    other = self.about(node, name, value=plain(values[0]) if values else None)
                    sentence = f"{self.name(node)} has no characteristic {shown(name)}."
                    self.verdict.clash(self.about(node), other, sentence)
                elif known is not None:
                    self._take(node, known[name], values)
            for each in (known or {}).values():
                self._count(node, each)
                if not each.configurable:  # it is so, whoever says it or not
                    self.values.setdefault((node, each.name), each.fixed)

    def _sent(self, node: Node) -> Iterator[tuple[str, list[Any]]]:
        product = node.sent.get("product")
        listed = product.get("productCharacteristic") if isinstance(product, dict) else None
        if listed is not None and not isinstance(listed, list):
            self._odd(node, f"The characteristics of {self.name(node)} must be a list.")
            return
        if listed and len(listed) > MOST:
            self._odd(node, f"At most {MOST} characteristics of {self.name(node)} can be chosen.")
        for number, each in enumerate((listed or [])[:MOST], 1):
            if not isinstance(each, dict) or not isinstance(each.get("name"), str):
                self._odd(node, f"Characteristic {number} of {self.name(node)} has no name.")
            elif (value := each.get("value")) is not None:
                yield each["name"], (value if isinstance(value, list) else [value])[:MOST]

    def _take(self, node: Node, of: Characteristic, values: list[Any]) -> None:
        held = self.values.setdefault((node, of.name), [])
        for value in values[: MOST - len(held)]:
            if all(_same(of, value, each) is False for each in held):
                held.append(value)
                if not of.allows(value):
                    self._not_allowed(node, of, value)

    def _not_allowed(self, node: Node, of: Characteristic, value: Any) -> None:
        allowed = [shown(each) for each in of.allowed]
        rather = f"it is {either(allowed)}" if allowed else f"it must be a {of.kind}"
        sentence = f"{self.label(of)} of {self.name(node)} cannot be {shown(value)}: {rather}."
        about = self.about(node, of.name, allowed=of.allowed[:LISTED])
        self.verdict.clash(self.about(node, of.name, value=plain(value)), about, sentence)

    def _count(self, node: Node, of: Characteristic) -> None:
        values = self.values.get((node, of.name), [])
        if of.most == 1:
            for one, other in combinations(values, 2):
                pair = [self.about(node, of.name, value=plain(value)) for value in (one, other)]
                sentence = f"{self.label(of)} of {self.name(node)} cannot be both {shown(one)} and {shown(other)}."
                self.verdict.clash(pair[0], pair[1], sentence)
        elif len(values) > of.most:
            sentence = f"{self.label(of)} of {self.name(node)} takes at most {of.most} values, not {len(values)}."
            about = self.about(node, of.name)
            self.verdict.clash({**about, "allowed": [of.most]}, {**about, "value": len(values)}, sentence)

    def fill(self, ruled_out: RuledOut) -> None:
        """Gives what nobody chose its default, unless what is there rules it out."""
        for node in self.nodes:
            for of in self.known[node] or []:
                if of.configurable and not self.values.get((node, of.name)):
                    default = [value for value in of.default if not ruled_out(node, of, value)]
                    if default and len(default) == len(of.default):
                        self.values[node, of.name] = default
                        self.filled.setdefault(node, []).extend(
                            {"name": of.name, "valueType": of.kind, "value": value} for value in default
                        )

    def complete(self, ruled_out: RuledOut) -> None:
        """Says what must be chosen and is not."""
        for node in self.nodes:
            for of in self.known[node] or []:
                if of.configurable and len(self.values.get((node, of.name), [])) < of.least:
                    self.lacks(node, of, ruled_out)

    def lacks(self, node: Node, of: Characteristic, ruled_out: RuledOut, values: tuple[Any, ...] | None = None) -> None:
        """Says that a characteristic is missing, of which any of these values may be chosen that nothing rules out."""
        allowed = [
            value
            for value in (values or of.allowed)[:LISTED]
            if isinstance(value, dict) or (of.allows(value) and not ruled_out(node, of, value))
        ]
        names = either([shown(value) for value in allowed])
        sentence = f"Choose {self.label(of)} for {self.name(node)}{f': {names}' if names else ''}."
        self.verdict.lacks({**self.about(node, of.name), "allowed": allowed}, sentence)

    def completed(self, node: Node) -> Json:
        """What was sent of a node, with what was filled in."""
        item = {name: value for name, value in node.sent.items() if name not in UNDER}
        if filled := self.filled.get(node):
            product = item.get("product") if isinstance(item.get("product"), dict) else {}
            held = (product or {}).get("productCharacteristic")
            listed = [*(held if isinstance(held, list) else []), *filled]
            item["product"] = {**(product or {}), "productCharacteristic": listed}
        if node.children or node.said:
            below = [self.completed(each) if isinstance(each, Node) else each for each in node.children]
            item["cartItem"] = below if node.odd is None else node.odd
        return item

    def characteristic(self, node: Node, name: str) -> Characteristic | None:
        """The characteristic of that name."""
        return next((each for each in self.known[node] or [] if each.name == name), None)

    def label(self, of: Characteristic) -> str:
        """What people call a characteristic."""
        return shown(self.verdict.text(of.label))

    def name(self, node: Node) -> str:
        """What people call a part."""
        return self.verdict.name(node.id)

    def about(self, node: Node, characteristic: str | None = None, **more: Any) -> Json:
        """A part, or a characteristic of it, as a verdict names it."""
        name = characteristic and characteristic[:MOST]
        return self.verdict.choice(node.offering, node.place, characteristic=name, **more)

    def _odd(self, node: Node, sentence: str) -> None:
        self.verdict.clash(self.about(node), self.about(node, value=sentence), sentence)


def among(of: Characteristic, value: Any, values: Any) -> bool:
    """Whether it is one of these values."""
    return any(_same(of, value, each) for each in values)


def _same(of: Characteristic, one: Any, other: Any) -> bool:
    key = of.key(one)
    return key == of.key(other) if key is not None else one == other
