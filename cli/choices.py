"""What a buyer chooses, as business people write it: the parts of a bundle, values, and rules between them."""

from collections.abc import Callable, Mapping
from typing import Any

from cli.entries import Entry, Node, near
from cli.facts import Brand, Json, present

RELATIONS = ("requires", "excludes")
Typed = Callable[[Node, str], Any]  # a value of the characteristic of that name


def parts(brand: Brand, ident: str, entry: Entry) -> Json:
    """The parts of a bundle: those it has (`bundles`), may have (`optional`), and groups to choose from (`choices`)."""
    held = [_part(brand, ident, node) for node in entry.each("bundles")]
    held += [_part(brand, ident, node, least=0) for node in entry.each("optional")]
    groups: dict[str, Node] = entry.read("choices", lambda node: node.fields("choices"), {})
    return {
        "bundledProductOffering": sorted(held, key=lambda part: part["id"]),
        "bundledGroupProductOffering": [_group(brand, ident, name, groups[name]) for name in sorted(groups)],
    }


def _part(brand: Brand, bundle: str, node: Node, least: int = 1) -> Json:
    if not isinstance(node.value, dict):
        more, named = Entry("a part", Node(node.spot, {})), node
    else:
        if len(node.value) != 1:
            node.refuse("name one offer, as in 'plan-m: { least: 0, most: 4 }'.")
        ((id_, said),) = node.value.items()
        more, named = Entry(f"the part '{id_}' of '{bundle}'", said), Node(said.spot, id_)
    if (part := brand.ref(named, "offerings")) == bundle:
        named.refuse(f"the bundle '{bundle}' contains itself.")
    alone = least == 1
    least, most, usual = _limits(more, least)
    option = {"numberRelOfferLowerLimit": least, "numberRelOfferUpperLimit": most, "numberRelOfferDefault": usual}
    related = [
        {"id": other, "relationshipType": kind}
        for kind in RELATIONS
        for other in sorted(brand.ref(each, "offerings") for each in more.each(kind))
    ]
    more.finish()
    plain = alone and (least, most, usual) == (1, 1, 1)
    return present(
        {
            "id": part,
            "bundledProductOfferingOption": None if plain else option,
            "productOfferingRelationship": related,
        }
    )


def _limits(entry: Entry, least: int) -> tuple[int, int, int]:
    least = entry.read("least", _count, least)
    usual: int = entry.read("usual", _count, least)
    most: int = entry.read("most", _count, max(least, usual, 1))
    if not least <= most:
        entry.need("most").refuse(f"{entry.title} has more at least ({least}) than at most ({most}).")
    if usual and not least <= usual <= most:
        entry.need("usual").refuse(f"{entry.title} usually has {usual}, which is not from {least} to {most}.")
    return least, most, usual


def _count(node: Node) -> int:
    word = node.text("a number")
    if not word.isascii() or not word.isdigit() or int(word[:9]) > 99:
        node.refuse(f"'{word}' is not a whole number from 0 to 99.")
    return int(word)


def _group(brand: Brand, bundle: str, name: str, node: Node) -> Json:
    entry = Entry(f"the choice '{name}' of '{bundle}'", node)
    words = brand.text(entry.need("name"))
    least, most = entry.read("least", _count, 1), entry.read("most", _count, None)
    most = max(least, 1) if most is None else most
    among = sorted((_part(brand, bundle, each, least=0) for each in entry.need("of").items()), key=lambda p: p["id"])
    usual = {brand.ref(each, "offerings") for each in entry.each("usual")}
    if strange := sorted(usual - {part["id"] for part in among}):
        entry.need("usual").refuse(f"'{strange[0]}' is usual in '{name}', but not one to choose there.")
    if least > most:
        entry.need("most").refuse(f"{entry.title} has more at least ({least}) than at most ({most}).")
    entry.finish()
    for part in among:
        option = part["bundledProductOfferingOption"]
        option["numberRelOfferDefault"] = max(option["numberRelOfferDefault"], int(part["id"] in usual))
    return {
        "id": name,
        "name": words,
        "bundledGroupProductOfferingOption": {"numberRelOfferLowerLimit": least, "numberRelOfferUpperLimit": most},
        "bundledProductOffering": among,
    }


def values(entry: Entry, name: str, typed: Typed, unit: str | None) -> Json:
    """What is chosen, where more is said of it than its values: `choose`, or `from` and `to`, and how many."""
    listed = [{"value": typed(node, name)} for node in entry.each("choose")]
    usual = [typed(node, name) for node in entry.each("usual")]
    if (bounds := _bounds(entry)) and listed:
        entry.node.refuse(f"{entry.title} has either 'choose' or 'from' and 'to'.")
    if not bounds and not listed:
        entry.node.refuse(f"{entry.title} does not say what there is to choose; write 'choose', or 'from' and 'to'.")
    if listed and (strange := [value for value in usual if {"value": value} not in listed]):
        entry.need("usual").refuse(f"'{strange[0]}' is usual, but not one to choose.")
    least = entry.read("least", _count, 1)
    most = max(entry.read("most", _count, max(least, len(usual), 1)), 1)
    if least > most or len(usual) > most:
        entry.node.refuse(f"{entry.title} takes at most {most} values, fewer than are needed or usual.")
    entry.finish()
    listed += [present({**bounds, "rangeInterval": "closed"})] if bounds else []
    listed += [{"value": value} for value in usual if bounds]
    return {
        "configurable": True,
        "minCardinality": least,
        "maxCardinality": most,
        "productSpecCharacteristicValue": [
            present({**each, "unitOfMeasure": unit, "isDefault": each.get("value") in usual}) for each in listed
        ],
    }


def _bounds(entry: Entry) -> Json:
    numbers = {name: entry.read(said, _whole) for name, said in (("valueFrom", "from"), ("valueTo", "to"))}
    found = {name: number for name, number in numbers.items() if number is not None}
    if len(found) == len(numbers) and found["valueFrom"] > found["valueTo"]:
        entry.need("to").refuse(f"{entry.title} ends before it begins.")
    return found


def _whole(node: Node) -> int:
    number = node.number("a bound")
    if number != int(number):
        node.refuse("a bound must be a whole number.")
    return int(number)


def rules(entry: Entry, sections: Mapping[str, Mapping[str, Node]], typed: Typed) -> dict[str, list[Json]]:
    """What characteristics require and exclude (`rules`), by the characteristic that it follows from."""
    found: dict[str, list[Json]] = {}
    for node in entry.each("rules"):
        rule = Entry(f"a rule of {entry.title}", node)
        when = rule.need("when")
        if len(when.fields("when")) != 1:
            when.refuse("a rule follows from one characteristic, as in 'when: { quality: UHD }'.")
        ((name, values_),) = when.fields("when").items()
        if name not in entry.read("characteristics", lambda each: each.fields("characteristics"), {}):
            when.refuse(f"'{name}' is none of the characteristics of {entry.title}.")
        of = rule.read("of", lambda each: _known(each, sections["specifications"], "specifications"))
        on = [{"value": [typed(each, name) for each in values_.items()]}]
        for kind in RELATIONS:
            others: dict[str, Node] = rule.read(kind, lambda each: each.fields("what follows"), {})
            for other, related in sorted(others.items()):
                about = {"name": other, "id": of, "relationshipType": kind}
                wanted = {"relatedValue": [typed(each, other) for each in related.items()]}
                found.setdefault(name, []).append(present({**about, **on[0], **wanted}))
        if not any(rule.get(kind) for kind in RELATIONS):
            node.refuse(f"{rule.title} neither requires nor excludes anything.")
        rule.finish()
    return {name: sorted(relations, key=str) for name, relations in found.items()}


def _known(node: Node, section: Mapping[str, Node], what: str) -> str:
    if (word := node.text(what)) not in section:
        node.refuse(f"there is no '{word}' in {what}{near(word, section)}")
    return word
