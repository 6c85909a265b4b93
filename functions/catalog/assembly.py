"""Which parts a bundle is put together from: those that were chosen, and those that it has anyway. Pure.

Never deeper than DEEPEST bundles within each other and never more than PARTS parts, whatever was sent or published.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from functions.catalog import choices
from functions.catalog.choices import Composition, Group, Part
from functions.catalog.verdict import Verdict, either, plain, shown
from functions.shared.resource import Json

DEEPEST, PARTS, MOST = 5, 100, 99
UNDER = ("cartItem", "productOrderItem")  # where the parts of a line are, in a cart and in an order
Barred = Callable[[Json], Json | None]


@dataclass(eq=False)
class Node:
    """An offering in a configuration: the line's own, or a part of it, as it was sent."""

    offering: Json
    sent: Json
    quantity: int = 1
    part: Part | None = None
    above: "Node | None" = None
    position: tuple[int, ...] = ()
    children: "list[Node | Any]" = field(default_factory=list)  # what is no part of it stays as it was sent
    said: bool = False  # whether the customer said anything of its parts
    odd: Any = None  # what was sent where a list of them should be

    @property
    def id(self) -> str:
        return str(self.offering["id"])

    @property
    def place(self) -> str:
        """Its id within the line: 2.1 is the first part of the second; empty for the line itself."""
        return ".".join(map(str, self.position))

    @property
    def parts(self) -> "list[Node]":
        return [child for child in self.children if isinstance(child, Node)]

    def within(self) -> "Iterator[Node]":
        """This, and what it is in."""
        yield self
        if self.above:
            yield from self.above.within()

    def relations(self) -> Iterator[list[Json]]:
        """What the offering requires and excludes: wherever it is, and in this bundle."""
        yield self.offering.get("productOfferingRelationship") or []
        yield list(self.part.relations) if self.part else []

    def excludes(self, id_: str) -> bool:
        """Whether it and that offering cannot be together, whatever else is chosen."""
        return any(
            other == id_ and not values
            for listed in self.relations()
            for other, values in choices.related(listed, "excludes")
        )


class Assembly:
    """A line's offering with its parts: `nodes`, the line's first, each before its parts."""

    def __init__(self, verdict: Verdict, barred: Barred, *, whole: bool = True) -> None:
        self.verdict, self._barred, self._whole = verdict, barred, whole
        self.nodes: list[Node] = []

    def build(self, offering: Json, sent: Json) -> Node:
        """Puts together what was sent, and (`whole`) fills in what a bundle has anyway."""
        root = self._open(Node(offering, sent))
        for node in self.nodes:  # it grows meanwhile: what is filled in has parts too
            self._complete(node)
        self.nodes.sort(key=lambda node: node.position)
        return root

    def composition(self, node: Node) -> Composition:
        """What a node may hold."""
        return choices.composition(self.verdict.catalog, node.id)

    def _open(self, node: Node) -> Node:
        self.nodes.append(node)
        if node.part and node.above and (why := self._barred(node.offering)):
            self._clash(node.above, node, why["reason"])
        listed = next((node.sent[name] for name in UNDER if node.sent.get(name) is not None), None)
        if listed is None:
            return node
        node.said = True
        if not isinstance(listed, list):
            node.odd = listed
            self._odd(node, f"The parts of {self._name(node)} must be a list.")
            return node
        held = self.composition(node)
        for sent in listed:
            node.children.append(self._sent_part(node, held, sent) or sent)
        return node

    def _sent_part(self, node: Node, held: Composition, sent: Any) -> Node | None:
        named = sent.get("productOffering") if isinstance(sent, dict) else None
        id_ = named.get("id") if isinstance(named, dict) else None
        if not isinstance(id_, str):
            self._odd(node, f"Part {len(node.children) + 1} of {self._name(node)} names no offering.")
            return None
        part = held.parts.get(id_)
        if part is None:
            sentence = f"{self._name(node)} cannot have {self.verdict.name(id_)} as a part."
            self.verdict.clash(self._choice(node), self._offered(id_), sentence)
            return None
        return self._new(node, part, sent, self._quantity(node, part, sent))

    def _quantity(self, node: Node, part: Part, sent: Json) -> int:
        value = 1 if sent.get("quantity") is None else sent["quantity"]
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST:
            return value
        sentence = f"The quantity of {self.verdict.name(part.id)} must be a whole number from 1 to {MOST}."
        self.verdict.clash(self._choice(node), self._offered(part.id, value=plain(value)), sentence)
        return 1

    def _new(self, node: Node, part: Part, sent: Json, quantity: int) -> Node | None:
        """The part, where there is room and an end to it."""
        offering = self.verdict.catalog.offering(part.id)
        other = self._offered(part.id)
        if offering is None:
            sentence = f"{self._name(node)} has the part {shown(part.id)}, which the catalog does not hold."
        elif len(self.nodes) > PARTS:
            sentence = f"A line has at most {PARTS} parts; order what is more by itself."
        elif any(above.id == part.id for above in node.within()):
            sentence = f"{self.verdict.name(part.id)} contains itself; the catalog must be mended."
        elif len(node.position) >= DEEPEST:
            sentence = f"{self._name(node)} lies more than {DEEPEST} bundles deep; the catalog must be mended."
        else:
            position = (*node.position, len(node.children) + 1)
            return self._open(Node(offering, sent, quantity, part, node, position))
        self.verdict.clash(self._choice(node), other, sentence)
        return None

    def _complete(self, node: Node) -> None:
        held = self.composition(node)
        for part in held.parts.values():
            if part.group is None:
                if self._whole and not _of(node, part):
                    self._fill(node, part)
                self._count(node, part)
        for group in held.groups:
            self._complete_group(node, group)

    def _fill(self, node: Node, part: Part) -> None:
        wanted = min(part.least if node.said else max(part.usual, part.least), part.most)
        if wanted and (part.mandatory or self._free(part)):
            self._add(node, part, wanted)

    def _add(self, node: Node, part: Part, quantity: int) -> None:
        found = self._new(node, part, {"productOffering": {"id": part.id}, "quantity": min(quantity, MOST)}, quantity)
        if found:
            node.children.append(found)

    def _free(self, part: Part) -> bool:
        """Whether nobody would object to the part: it is sold here, and goes with all that is there."""
        offering = self.verdict.catalog.offering(part.id)
        if offering is None or self._barred(offering):
            return False
        would = Node(offering, {}, part=part)
        return not any(would.excludes(node.id) or node.excludes(part.id) for node in self.nodes)

    def _count(self, node: Node, part: Part) -> None:
        count = _of(node, part)
        if part.least <= count <= part.most or not count:
            return
        limits = {"numberRelOfferLowerLimit": part.least, "numberRelOfferUpperLimit": part.most}
        about, name = {**self._choice(node), **limits}, self.verdict.name(part.id)
        if count > part.most:
            sentence = f"{self._name(node)} has at most {part.most} of {name}, not {count}."
            self.verdict.clash(about, self._offered(part.id, value=count), sentence)
        elif self._whole:
            self.verdict.lacks({**about, "allowed": [part.id]}, f"{self._name(node)} needs {part.least} of {name}.")

    def _complete_group(self, node: Node, group: Group) -> None:
        parts = [child for child in node.parts if child.part and child.part.group == group.id]
        if self._whole and not parts and (group.least or not node.said):
            for part in group.parts:
                if part.usual and self._free(part):
                    self._add(node, part, min(part.usual, part.most))
        for part in group.parts:
            self._count(node, part)
        self._count_group(node, group)

    def _count_group(self, node: Node, group: Group) -> None:
        parts = [child for child in node.parts if child.part and child.part.group == group.id]
        count = sum(child.quantity for child in parts)
        if group.least <= count <= group.most:
            return
        limits = {"numberRelOfferLowerLimit": group.least, "numberRelOfferUpperLimit": group.most}
        about, name = {**self._choice(node), "group": group.id, **limits}, shown(self.verdict.text(group.name))
        if count > group.most:
            self._too_many(node, group, parts, about)
        elif self._whole:
            allowed = [part.id for part in group.parts if self._free(part)]
            how = group.least if group.least == group.most else f"{group.least} to {group.most}"
            names = either([self.verdict.name(id_) for id_ in allowed]) if allowed else "none of it can be had here"
            sentence = f"Choose {how} of {name} for {self._name(node)}: {names}."
            self.verdict.lacks({**about, "allowed": allowed}, sentence)

    def _too_many(self, node: Node, group: Group, parts: list[Node], about: Json) -> None:
        name = shown(self.verdict.text(group.name))
        pairs = [(one, other) for one, other in combinations(parts, 2) if one.id != other.id]
        if group.most == 1 and pairs:
            for one, other in pairs:
                names = f"{self._name(one)} and {self._name(other)}"
                self._clash(one, other, f"{names} cannot both be chosen: {name} takes one of them.")
        else:
            count = sum(child.quantity for child in parts)
            sentence = f"{self._name(node)} takes at most {group.most} of {name}, not {count}."
            self.verdict.clash(about, self._choice(parts[-1], value=count), sentence)

    def _odd(self, node: Node, sentence: str) -> None:
        self.verdict.clash(self._choice(node), self._choice(node, value=sentence), sentence)

    def _clash(self, one: Node, other: Node, sentence: str) -> None:
        self.verdict.clash(self._choice(one), self._choice(other), sentence)

    def _offered(self, id_: str, **more: Any) -> Json:
        return self.verdict.choice(self.verdict.catalog.offering(id_) or id_, **more)

    def _choice(self, node: Node, **more: Any) -> Json:
        return self.verdict.choice(node.offering, node.place, **more)

    def _name(self, node: Node) -> str:
        return self.verdict.name(node.id)


def _of(node: Node, part: Part) -> int:
    return sum(child.quantity for child in node.parts if child.id == part.id)
