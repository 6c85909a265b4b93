"""What a catalog version holds: the kinds of resource, their lives, and how they refer to one another. Pure."""

import re
from collections.abc import Iterator
from decimal import Decimal

from functions.shared.resource import Json

KINDS = ("catalog", "category", "productOffering", "productOfferingPrice", "productSpecification")  # TMF620's
# What decides who gets what at which price, and who may sell it.
RULES = ("promotion", "segment", "priceList", "taxRate", "partner")
HELD = (*KINDS, *RULES)
WRITTEN = (*KINDS, "promotion")  # what operators write as drafts: TMF620's kinds, and TMF671's
DUE = ("atOrder", "onDelivery", "onBill", "perUse")  # when a price is to be paid
PERIODS = ("day", "week", "month", "year")  # that a recurring price may be paid for
AMOUNT = re.compile(r"\d{1,12}(\.\d{1,6})?", re.ASCII)  # of a price
LARGEST = 18  # digits before or behind the point of a number
ON_SALE = ("Active", "Launched")  # of the life of an offering, a price or a promotion
RELEASED = (*ON_SALE, "Retired", "Obsolete")  # what channels may know of; before that it is the operator's alone
WITHIN_TERM = ("excluded", "included")  # whether a rise spares products whose minimum term is not over, or not
# An attribute that refers to another resource of the catalog -> its kind, and the @referredType where it has one.
REFERENCES: dict[str, tuple[str, str | None]] = {
    "category": ("category", "Category"),
    "subCategory": ("category", "Category"),
    "productOffering": ("productOffering", "ProductOffering"),
    "productOfferingPrice": ("productOfferingPrice", "ProductOfferingPrice"),
    "productSpecification": ("productSpecification", "ProductSpecification"),
    "bundledProductOffering": ("productOffering", None),
    "productOfferingRelationship": ("productOffering", None),
}
# What a resource says where nobody said otherwise.
STANDING: dict[str, Json] = {
    "productOffering": {"isBundle": False, "isSellable": True},
    "productOfferingPrice": {"isBundle": False},
    "productSpecification": {"isBundle": False},
}

PARTS = ("bundledProductOffering", "bundledGroupProductOffering")


def is_bundle(offering: Json) -> bool:
    """Whether it has parts, whatever it says."""
    return bool(offering.get("bundledProductOffering") or offering.get("bundledGroupProductOffering"))


def standing(kind: str, stored: Json) -> Json:
    """What a resource says where nobody said otherwise: an offering that has parts is a bundle."""
    found = STANDING.get(kind, {})
    return {**found, "isBundle": True} if kind == "productOffering" and is_bundle(stored) else found


SELLER, PROVIDER = "seller", "provider"  # roles of a partner: who sells, and whose the offering is


def released(stored: Json) -> bool:
    """Whether channels may know of a resource."""
    return stored["lifecycleStatus"] in RELEASED


def references(stored: Json) -> Iterator[tuple[str, Json]]:
    """Every reference of a resource to another of the catalog: the kind of that one, and what is said of it."""
    for name, (kind, _) in REFERENCES.items():
        if named := stored.get(name):
            yield from ((kind, each) for each in (named if isinstance(named, list) else [named]))
    for group in stored.get("bundledGroupProductOffering") or []:
        yield from references({"bundledProductOffering": group.get("bundledProductOffering")})


def reckonable(price: Json) -> bool:
    """Whether anybody could be charged by a price: an amount of a currency, zero or more, with when it is due."""
    said, kind = price.get("price") or {}, price.get("priceType")
    value = amount(said.get("value"))
    is_amount = value is not None and AMOUNT.fullmatch(f"{value:f}")
    periodic = kind != "recurring" or price.get("recurringChargePeriodType") in PERIODS
    return bool(is_amount and said.get("unit") and kind and periodic and price.get("due") in DUE)


def amount(value: object) -> Decimal | None:
    """The number that is said, where it is one of a size that can be written down."""
    try:
        found = Decimal(str(value))
    except ArithmeticError:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= LARGEST else None


def provider(offering: Json) -> Json | None:
    """The partner whose offering it is, as a relatedParty; None where it is the brand's own."""
    return next((each for each in offering.get("relatedParty") or [] if each.get("role") == PROVIDER), None)


def targets(promotion: Json) -> set[tuple[str, str]]:
    """What a promotion may make cheaper, as @referredType and id; two empty texts stand for everything."""
    actions = [action for pattern in promotion.get("pattern") or [] for action in pattern.get("action") or []]
    return {target for action in actions for target in aims(action) or [("", "")]}


def aims(action: Json) -> list[tuple[str, str]]:
    """What an action names, as @referredType and id; nothing where it acts on every offering."""
    one = action.get("actionEntityRef")
    named = action.get("appliesTo") or ([one] if one else [])
    return [(each.get("@referredType", "ProductOffering"), each.get("id", "")) for each in named]


def channels(promotion: Json) -> set[str] | None:
    """The channels that may give a promotion; None where every one may."""
    return _named(promotion, "channel")


def partners(promotion: Json) -> set[str] | None:
    """The partners in whose sales alone, or those beneath them, a promotion is given; None where in others too."""
    found = _named(promotion, "partner")
    if found is None or found:
        return found
    groups = [group for pattern in promotion["pattern"] for group in pattern.get("criteriaGroup") or []]
    criteria = [each for group in groups for each in group.get("criteria") or []]
    return {each["criteriaValue"] for each in criteria if each.get("criteriaParameter") == "partner"}


def _named(promotion: Json, parameter: str) -> set[str] | None:
    return _either([_of_criteria(pattern, parameter) for pattern in promotion.get("pattern") or []])


def _of_criteria(pattern: Json, parameter: str) -> set[str] | None:
    groups = [_of_group(group, parameter) for group in pattern.get("criteriaGroup") or []]
    return (_either if pattern.get("criteriaGroupLogicalRelationship") == "OR" else _both)(groups)


def _of_group(group: Json, parameter: str) -> set[str] | None:
    asked = [
        {each["criteriaValue"]}
        if (each.get("criteriaParameter"), each.get("criteriaOperator")) == (parameter, "=")
        else None
        for each in group.get("criteria") or []
    ]
    return (_either if group.get("criteriaLogicalRelationship") == "OR" else _both)(asked)


def _either(asked: list[set[str] | None]) -> set[str] | None:
    named = [each for each in asked if each is not None]
    return set().union(*named) if asked and len(named) == len(asked) else None


def _both(asked: list[set[str] | None]) -> set[str] | None:
    named = [each for each in asked if each is not None]
    return set.intersection(*named) if named else None


def replaced(price: Json) -> list[str]:
    """The list prices in whose place a price of a price list may stand."""
    related = price.get("popRelationship") or []
    return [each["id"] for each in related if "id" in each and each.get("relationshipType") == "replaces"]
