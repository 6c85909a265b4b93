"""Whether a resource can be read at all: what is not of its form is told here, and looked at by nobody else.

Catalogs come from files, from the API and from other systems; whatever they hold, the rest of the checks, and every
reader after them, may rely on the types and sizes that pass here.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from functions.catalog.checks.finding import Fault, error
from functions.catalog.tax import NAMED
from functions.shared.resource import Json

DEEPEST, MOST, LONGEST, LARGEST = 16, 10_000, 10_000, 50_000  # levels, entries of one list, characters, values in all
DIGITS = 18
TOO_LARGE = 10**18
AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)
NO_TEXT = re.compile("[\\x00\\ud800-\\udfff]")  # what neither UTF-8 nor DynamoDB can hold
IDENT = re.compile(r"[^\s\x00-\x1f\x7f\ud800-\udfff]{1,256}")
Shape = Callable[[Any, str], Sequence[str]]  # what is wrong with a value that stands at that place


def hostile(stored: Any) -> tuple[Fault | None, bool]:
    """The first thing that is too deep, too long, too many or no number; and whether anything in it is null.

    Level by level: it takes time in proportion to what it reads, and no stack.
    """
    level, seen, null = [stored], 1, False
    for _ in range(DEEPEST):
        below: list[Any] = []
        for value in level:
            if isinstance(value, (dict, list)):
                seen += len(value)
                if len(value) > MOST or seen > LARGEST:
                    return error("tooMany", MANY), null
                below += _within(value)
            elif value is None:
                null = True
            elif found := _odd(value):
                return found, null
        if not below:
            return None, null
        level = below
    return error("tooDeep", f"it is nested more than {DEEPEST} levels deep; nothing in a catalog is. Flatten it."), null


def _within(value: Json | list[Any]) -> list[Any]:
    """What lies in it; the names of an object's attributes as one text."""
    if isinstance(value, dict):
        return [*value.values(), "".join(map(str, value))] if value else []
    return value


MANY = f"a list in it has more than {MOST} entries, or all together {LARGEST}; divide it."


def _odd(value: Any) -> Fault | None:
    if isinstance(value, str):
        if len(value) > LONGEST:
            return error("tooLong", f"a text in it has more than {LONGEST} characters; shorten it.")
        if not value.isprintable() and NO_TEXT.search(value):
            return error("noText", "a text in it holds NUL or half of a surrogate pair; take that out.")
        return None
    if isinstance(value, (int, float, Decimal)) and not _is_number(value):
        shown = str(value) if isinstance(value, float | Decimal) else "a whole number"
        return error("noNumber", f"{shown[:20]} is no number of at most {DIGITS} digits; write one.")
    return None


def _is_number(value: float | Decimal | int) -> bool:
    if isinstance(value, int):
        return -TOO_LARGE < value < TOO_LARGE
    number = Decimal(str(value))
    if not number.is_finite():
        return False
    return len(number.as_tuple().digits) <= DIGITS and -DIGITS < number.adjusted() < DIGITS


def text(value: Any, at: str) -> Sequence[str]:
    """A text that is not empty."""
    known = isinstance(value, str) and value.strip()
    return () if known else (f"{at} must be a text, and not empty.",)


def ident(value: Any, at: str) -> Sequence[str]:
    """What can be an id: up to 256 characters, none of them a blank."""
    known = isinstance(value, str) and IDENT.fullmatch(value)
    return () if known else (f"{at} must be an id: a text of at most 256 characters without blanks.",)


def words(value: Any, at: str) -> Sequence[str]:
    """A text, or one for each language."""
    several = value.values() if isinstance(value, dict) and value else [value]
    for each in several:
        if not (isinstance(each, str) and each.strip()):
            return (f"{at} must be a text for each language, and none of them empty.",)
    return ()


def flag(value: Any, at: str) -> Sequence[str]:
    """True or false."""
    return () if isinstance(value, bool) else (f"{at} must be true or false.",)


def whole(value: Any, at: str) -> Sequence[str]:
    """A whole number from 0 on."""
    number = isinstance(value, int | Decimal) and not isinstance(value, bool) and value == int(value)
    return () if number and 0 <= value < 10**6 else (f"{at} must be a whole number from 0 to 999999.",)


def amount(value: Any, at: str) -> Sequence[str]:
    """A decimal number, as a text or a number."""
    if not isinstance(value, bool) and AMOUNT.fullmatch(plain(value)):
        return ()
    return (f"{at} must be a number like 29.99 of at most 12 digits before the point, not {str(value)[:20]}.",)


def plain(value: Any) -> str:
    """A number as digits and a point; any other text as it is."""
    return f"{Decimal(str(value)):f}" if isinstance(value, (int, float, Decimal)) else str(value)


def moment(value: Any, at: str) -> Sequence[str]:
    """A date and time with an offset."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        known = found is not None and found.tzinfo is not None and found.astimezone(UTC) == found
    except (ValueError, OverflowError):
        known = False
    return () if known else (f"{at} must be a date and time with an offset, such as 2026-03-01T00:00:00+01:00.",)


def each(shape: Shape) -> Shape:
    """A list of such."""

    def listed(value: Any, at: str) -> Sequence[str]:
        if not isinstance(value, list):
            return (f"{at} must be a list.",)
        of_one = f"an entry of {at}"
        return [reason for entry in value for reason in shape(entry, of_one)]

    return listed


def fields(**shapes: Shape) -> Shape:
    """An object; of its attributes those named here are of that shape, where they are there."""

    def held(value: Any, at: str) -> Sequence[str]:
        if not isinstance(value, dict):
            return (f"{at} must be an object.",)
        found: list[str] = []
        for name, inner in value.items():
            if name in shapes and inner is not None:
                found += shapes[name](inner, f"{name} of {at}" if at else name)
        return found

    return held


def any_of(first: Shape, second: Shape) -> Shape:
    """One of the two."""

    def either(value: Any, at: str) -> Sequence[str]:
        return second(value, at) if first(value, at) else ()

    return either


PERIOD = fields(startDateTime=moment, endDateTime=moment)
MONEY = fields(unit=text, value=amount)
REF = fields(id=ident)
RELATED = fields(id=ident, relationshipType=text)
CRITERIA = each(fields(criteriaParameter=text, criteriaOperator=text, criteriaValue=any_of(text, amount)))
PREDICATE: dict[str, Shape] = {
    "criteriaGroupLogicalRelationship": text,
    "criteriaGroup": each(fields(criteriaLogicalRelationship=text, criteria=CRITERIA)),
}
LIFE: dict[str, Shape] = {"id": ident, "name": words, "description": words, "lifecycleStatus": text, "validFor": PERIOD}
LIMITS = fields(numberRelOfferLowerLimit=whole, numberRelOfferUpperLimit=whole, numberRelOfferDefault=whole)
PART = fields(id=ident, bundledProductOfferingOption=LIMITS)
GROUP = fields(bundledProductOffering=each(PART), bundledGroupProductOfferingOption=LIMITS)
ACTION = fields(
    actionType=text,
    actionUnit=text,
    priceType=text,
    scope=text,
    applicationDuration=whole,
    appliesTo=each(fields(id=ident, **{"@referredType": text})),
    actionEntityRef=fields(id=ident, **{"@referredType": text}),
)
SHAPES: dict[str, Shape] = {
    "catalog": fields(**LIFE, category=each(REF)),
    "category": fields(**LIFE, parentId=ident, subCategory=each(REF)),
    "productSpecification": fields(
        **LIFE, productSpecCharacteristic=each(fields(name=text, description=words, regex=text))
    ),
    "productOffering": fields(
        **LIFE,
        isBundle=flag,
        isSellable=flag,
        category=each(REF),
        channel=each(fields(id=ident, validFor=PERIOD)),
        productSpecification=REF,
        productOfferingPrice=each(REF),
        bundledProductOffering=each(PART),
        bundledGroupProductOffering=each(GROUP),
        productOfferingRelationship=each(RELATED),
        productOfferingTerm=each(fields(name=words, earlyTermination=fields())),
        requirement=each(fields(kind=text)),
        marketSegment=each(REF),
        announcedDateTime=moment,
        preorderDateTime=moment,
        endOfLifeDateTime=moment,
        eligibility=each(fields(id=ident, name=words, **PREDICATE)),
        relatedParty=each(fields(id=ident, role=text)),
    ),
    "productOfferingPrice": fields(
        **LIFE,
        priceType=text,
        recurringChargePeriodType=text,
        recurringChargePeriodLength=whole,
        price=fields(unit=text),
        tax=each(fields(taxCategory=text, taxRate=amount)),
        taxIncluded=flag,
        taxKeeps=text,
        negotiable=flag,
        due=text,
        unitOfMeasure=fields(units=text),
        tier=each(fields(price=MONEY, **{"from": amount})),
        priceList=ident,
        popRelationship=each(RELATED),
    ),
    "promotion": fields(
        **LIFE,
        exclusivityGroup=text,
        stackingLimit=whole,
        pattern=each(fields(id=ident, priority=whole, validFor=PERIOD, action=each(ACTION), **PREDICATE)),
    ),
    "segment": fields(**LIFE, **PREDICATE),
    "priceList": fields(**LIFE, priority=whole, **PREDICATE),
    "taxRate": fields(
        id=ident,
        taxCategory=text,
        taxRate=amount,
        **dict.fromkeys(NAMED, text),
        keeps=text,
        validFor=PERIOD,
    ),
    "partner": fields(**LIFE, parentId=ident, everything=flag, category=each(REF), productOffering=each(REF)),
}
NEEDED = ("name", "lifecycleStatus")  # of every resource but a tax rate


def malformed(kind: str, stored: Json) -> Iterator[Fault]:
    """What is not of the type it must be of, each with what it must be."""
    for name in NEEDED if kind != "taxRate" else ():
        if stored.get(name) is None:
            yield error("malformed", f"it has no {name}; give it one.")
    for reason in SHAPES[kind](stored, ""):
        yield error("malformed", reason)
