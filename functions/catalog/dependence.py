"""What the choices of a configuration require and exclude of each other: characteristics, and parts. Pure."""

from typing import Any

from functions.catalog import choices
from functions.catalog.assembly import Assembly, Node
from functions.catalog.choices import Characteristic, Relation
from functions.catalog.chosen import Chosen, among
from functions.catalog.verdict import LISTED, either, plain, shown
from functions.shared.resource import Json

Rule = tuple[Node, Characteristic, Relation]


class Dependence:
    """The rules between all that was chosen, whichever part says them."""

    def __init__(self, assembly: Assembly, chosen: Chosen) -> None:
        self.assembly, self.chosen, self.nodes = assembly, chosen, chosen.nodes
        self.verdict, self.values = chosen.verdict, chosen.values
        self.specification = {node: choices.specification_id(node.offering) for node in self.nodes}
        self.rules: list[Rule] = [
            (node, each, relation)
            for node, known in chosen.known.items()
            for each in known or []
            for relation in each.relations
        ]

    def ruled_out(self, node: Node, of: Characteristic, value: Any) -> bool:
        """Whether that value would go against what is there."""
        asked = {(node, of.name): [value]}
        return any(
            self._clashing(rule, target, asked)
            for rule in self.rules
            if of.name in (rule[1].name, rule[2].other)
            for target in self._targets(rule)
            if (node, of.name) in ((rule[0], rule[1].name), (target, rule[2].other))
        )

    def judge(self, *, whole: bool) -> None:
        """Says what goes against what and, of a `whole` configuration, what else must be chosen."""
        for rule in self.rules:
            if self._bound(rule, {}):
                self._judge(rule, whole=whole)
        for node in self.nodes:
            lacking = [self._judge_parts(node, listed) for listed in node.relations()]
            for allowed in lacking if whole else []:
                if not any(set(other) < set(allowed) for other in lacking if other):  # else the narrower one says it
                    self._lacks_part(node, allowed, self.chosen.name(node))

    def _bound(self, rule: Rule, asked: dict[tuple[Node, str], list[Any]]) -> list[Any]:
        """The values of the rule's own characteristic that it speaks of."""
        node, of, relation = rule
        held = asked.get((node, of.name)) or self.values.get((node, of.name), [])
        return [value for value in held if relation.values is None or among(of, value, relation.values)]

    def _targets(self, rule: Rule) -> list[Node]:
        node, _, relation = rule
        if relation.specification in (None, self.specification[node]):
            return [node] if relation.other else []
        return [other for other in self.nodes if self.specification[other] == relation.specification]

    def _clashing(self, rule: Rule, target: Node, asked: dict[tuple[Node, str], list[Any]]) -> list[Any]:
        """The values of the other that go against the rule; [None] where it is the other part as a whole."""
        relation = rule[2]
        if not self._bound(rule, asked):
            return []
        if relation.other is None:
            return [None] if relation.kind == "excludes" else []
        held = asked.get((target, relation.other)) or self.values.get((target, relation.other), [])
        of = self.chosen.characteristic(target, relation.other)
        fitting = [value for value in held if relation.related is None or (of and among(of, value, relation.related))]
        if relation.kind == "excludes":
            return fitting
        return [] if fitting or not held else held

    def _judge(self, rule: Rule, *, whole: bool) -> None:
        node, of, relation = rule
        targets = self._targets(rule)
        clashing = {target: values for target in targets if (values := self._clashing(rule, target, {}))}
        if relation.kind == "requires":
            if whole:
                self._judge_required(rule, targets)
            if len(clashing) < len(targets):
                return  # one of them is as it must be, or is still to be chosen
        chosen = self._bound(rule, {})[0]
        for target, values in clashing.items():
            self._tell(node, of, chosen, relation, target=target, value=values[0])

    def _tell(
        self, node: Node, of: Characteristic, chosen: Any, relation: Relation, *, target: Node, value: Any
    ) -> None:
        one = f"{self.chosen.label(of)} {shown(chosen)} of {self.chosen.name(node)}"
        other = self.chosen.characteristic(target, relation.other or "")
        whose = f" of {self.chosen.name(target)}" if target is not node else ""
        what = f"{self.chosen.label(other)} {shown(value)}{whose}" if other else self.chosen.name(target)
        sentence = f"{one} excludes {what}."
        if relation.kind == "requires" and other:
            wanted = either([shown(each) for each in relation.related or ()])
            sentence = f"{one} requires {self.chosen.label(other)} {wanted}{whose}, not {shown(value)}."
        pair = self.chosen.about(target, relation.other, value=plain(value))
        self.verdict.clash(self.chosen.about(node, of.name, value=plain(chosen)), pair, sentence)

    def _judge_required(self, rule: Rule, targets: list[Node]) -> None:
        node, of, relation = rule
        if not targets:
            if relation.specification not in (None, self.specification[node]):
                name = f"{self.chosen.label(of)} {shown(self._bound(rule, {})[0])} of {self.chosen.name(node)}"
                self._lacks_part(node, self._possible(specification=relation.specification), name)
            return
        if relation.other is None or any(self._fits(rule, target) for target in targets):
            return
        for target in targets:
            other = self.chosen.characteristic(target, relation.other)
            if other and not self.values.get((target, relation.other)):
                self.chosen.lacks(target, other, self.ruled_out, relation.related)

    def _fits(self, rule: Rule, target: Node) -> bool:
        return bool(self.values.get((target, rule[2].other or ""))) and not self._clashing(rule, target, {})

    def _judge_parts(self, node: Node, listed: list[Json]) -> list[str]:
        """What an offering requires and excludes of the other parts; those of which one is still to be chosen."""
        for id_, uses in choices.related(listed, "excludes"):
            for other in self.nodes:
                if other is not node and other.id == id_ and (not uses or self._used(other, uses)):
                    self._part_clash(node, other, "cannot be together with", uses)
        required = list(choices.related(listed, "requires"))
        there = [(other, uses) for id_, uses in required for other in self.nodes if other.id == id_]
        if not there:
            return self._possible(ids={id_ for id_, _ in required})
        if not any(self._used(other, uses) for other, uses in there):
            for other, uses in there:
                self._part_clash(node, other, "requires", uses)
        return []

    def _used(self, node: Node, uses: dict[str, list[Any]]) -> bool:
        """Whether a part has the values that a relationship speaks of, each of them one."""
        return all(
            (of := self.chosen.characteristic(node, name)) is not None
            and any(among(of, value, values) for value in self.values.get((node, name), []))
            for name, values in uses.items()
        )

    def _part_clash(self, node: Node, other: Node, how: str, uses: dict[str, list[Any]]) -> None:
        wanted = [f"{self._label_of(other, name)} {either([shown(v) for v in vs])}" for name, vs in uses.items()]
        with_ = f" with {either(wanted, 'and')}" if wanted else ""
        sentence = f"{self.chosen.name(node)} {how} {self.chosen.name(other)}{with_}."
        name = next(iter(uses), None)
        values = self.values.get((other, name or ""))
        about = self.chosen.about(other, name, value=plain(values[0]) if values else None)
        self.verdict.clash(self.chosen.about(node), about, sentence)

    def _possible(self, ids: set[str] | None = None, specification: str | None = None) -> list[str]:
        """The offerings that the bundles here may hold: those of them, or those of that specification."""
        found = [id_ for node in self.nodes for id_ in self.assembly.composition(node).parts]
        if ids is not None:
            return [id_ for id_ in dict.fromkeys(found) if id_ in ids]
        stored = [(id_, self.verdict.catalog.offering(id_)) for id_ in dict.fromkeys(found)]
        return [id_ for id_, each in stored if each and choices.specification_id(each) == specification]

    def _lacks_part(self, node: Node, allowed: list[str], what: str) -> None:
        if allowed:
            names = either([self.verdict.name(id_) for id_ in allowed])
            sentence = f"{what} requires {names}; choose it too."
            self.verdict.lacks({**self.chosen.about(node), "allowed": allowed[:LISTED]}, sentence)

    def _label_of(self, node: Node, name: str) -> str:
        of = self.chosen.characteristic(node, name)
        return self.chosen.label(of) if of else shown(name)
