"""What every promotion of a catalog version does on every charge of a cart: rule 0 of the semantics.

Part of the naive evaluator: written from the text of the semantics alone, shares nothing with `functions`.
"""

from dataclasses import dataclass
from decimal import Decimal

from tests.price.charges import Charge, rounded
from tests.price.facts import Facts, Json, facts_of_cart, holds, moment, on_sale, valid


@dataclass(frozen=True, order=True)
class Act:
    """One action of a promotion's pattern; sorted, acts stand in the order in which they act."""

    priority: int
    promotion: str
    pattern: str
    kind: str
    value: Decimal
    ident: str
    together: bool
    duration: int | None
    limit: int

    def takes_off(self, rest: Decimal, period: int, step: Decimal) -> Decimal:
        if self.duration is not None and period > self.duration:
            return Decimal(0)
        if self.kind == "percentage":
            return min(rounded(rest * self.value / 100, step), rest)
        if self.kind == "amount":
            return min(self.value, rest)
        return max(rest - self.value, Decimal(0))


@dataclass(frozen=True)
class Offer:
    """A promotion that holds for some line, with its act on each charge it reaches."""

    ident: str
    group: str | None
    priority: int
    acts: dict[Charge, Act]


def offers(content: Json, lines: list[Json], charges: list[Charge], context: Facts) -> list[Offer]:
    facts = facts_of_cart(content, lines, context)
    found = []
    for promotion in content.get("promotion", []):
        if not on_sale(promotion, moment(context)):
            continue
        patterns = {line["id"]: _pattern(promotion, line, facts, context) for line in lines}
        priorities = [_priority(pattern) for pattern in patterns.values() if pattern]
        if priorities:
            acts = {charge: _act(content, promotion, patterns[charge.line], charge) for charge in charges}
            reached = {charge: act for charge, act in acts.items() if act}
            found.append(Offer(promotion["id"], promotion.get("exclusivityGroup"), min(priorities), reached))
    return found


def _priority(pattern: Json) -> int:
    return int(pattern.get("priority", 1))


def _pattern(promotion: Json, line: Json, facts: Facts, context: Facts) -> Json | None:
    facts = facts | {"quantity": Decimal(line["quantity"])}
    holding = [p for p in promotion["pattern"] if valid(p, moment(context)) and holds(p, facts)]
    return min(holding, key=lambda pattern: (_priority(pattern), pattern["id"]), default=None)


def _act(content: Json, promotion: Json, pattern: Json | None, charge: Charge) -> Act | None:
    if pattern is None:
        return None
    return min(
        (
            Act(
                priority=_priority(pattern),
                promotion=promotion["id"],
                pattern=pattern["id"],
                kind=action["actionType"],
                value=Decimal(action["actionValue"]),
                ident=action.get("id", ""),
                together=action.get("scope", "each") == "together",
                duration=action.get("applicationDuration"),
                limit=promotion.get("stackingLimit", 1),
            )
            for action in pattern["action"]
            if _reaches(action, charge, content["currency"])
        ),
        default=None,
    )


def _reaches(action: Json, charge: Charge, currency: str) -> bool:
    if action["priceType"] != charge.price_type:
        return False
    if action["actionType"] != "percentage" and action.get("actionUnit", currency) != charge.currency:
        return False
    named = action.get("appliesTo") or ([action["actionEntityRef"]] if "actionEntityRef" in action else [])
    return not named or any(_names(reference, charge) for reference in named)


def _names(reference: Json, charge: Charge) -> bool:
    return bool(
        reference["id"]
        in {
            "ProductOffering": {charge.offering},
            "Category": charge.categories,
            "ProductOfferingPrice": {charge.price, charge.replaced},
        }[reference["@referredType"]]
    )
