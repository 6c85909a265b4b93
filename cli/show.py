"""TM Forum answers for a person to read: each by its type, the interesting part of it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from cli import look
from cli.jane import COMPARED

Json = Mapping[str, Any]
CHANNELS = {
    "web": ("web", "cyan"),
    "selfcare": ("self-care", "green"),
    "mobile": ("mobile", "green"),
    "callcentre": ("call centre", "magenta"),
    "shop": ("shop", "yellow"),
    "hub": ("hub", "blue"),
}
STAFFED = ("callcentre", "shop", "backoffice")
KINDS = {
    "productOrder": "order",
    "shoppingCart": "cart",
    "productOffering": "offer",
    "communicationMessage": "message",
}
EVERY = {"recurring": "a month", "oneTime": "once"}


def answer(body: Any, names: Mapping[str, str]) -> RenderableType | None:
    """What is worth showing of an answer, people by their `names`; None where nothing is."""
    if isinstance(body, list):
        kind = body[0].get("@type") if body else None
        return timeline(body, names) if kind == "PartyInteraction" else LISTS.get(kind, _names)(body)
    return ONES.get(body.get("@type"), _nothing)(body) if isinstance(body, Mapping) else None


def channel(id_: str) -> Text:
    """A channel in its own colour."""
    name, colour = CHANNELS.get(id_, (id_, "white"))
    return Text(name, style=colour)


def timeline(entries: Iterable[Json], names: Mapping[str, str]) -> Table:
    """What happened, newest first: when, in which channel, what, by whom, and what it was about."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("time", "channel", "what happened", "by", "about"):
        table.add_column(heading, no_wrap=heading != "what happened")
    for entry in entries:
        when, about = Text(_here(look.happened(entry)), style="dim"), Text(_reference(look.about(entry)), style="dim")
        table.add_row(when, channel(look.where(entry)), entry["description"], _by(entry, names), about)
    return table


def _here(moment: str) -> str:
    """The time of day where the reader is."""
    return f"{datetime.fromisoformat(moment).astimezone():%H:%M:%S}"


def _reference(about: Json) -> str:
    """What an entry is about, as short as people say it; an offer has a name for an id, all others a number."""
    if not about:
        return ""
    kind = about["href"].split("/")[-2]
    return f"{KINDS.get(kind, kind)} {about['id'] if kind == 'productOffering' else look.number(about)}"


def _by(entry: Json, names: Mapping[str, str]) -> str:
    parties = {party.get("role"): party["id"] for party in entry["relatedParty"]}
    if "agent" in parties or look.where(entry) == "hub":
        return names.get(parties["agent"], parties["agent"]) if "agent" in parties else "Omnihub"
    return "an agent" if look.where(entry) in STAFFED else names.get(parties["customer"], parties["customer"])


def prices(found: Iterable[Json]) -> Text:
    """Prices in a row: what, how often, and the rule that altered each."""
    text = Text()
    for each in found:
        money = each["price"]["taxIncludedAmount"]
        text.append(", " if text else "")
        text.append(f"{money['value']:.2f} {money['unit']}", style="bold")
        text.append(f" {EVERY.get(each['priceType'], '')}")
        for alteration in each.get("priceAlteration", []):
            off = alteration["price"].get("taxIncludedAmount") or alteration["price"]["dutyFreeAmount"]
            months = f" for {alteration['applicationDuration']} months" if "applicationDuration" in alteration else ""
            text.append(f" ({alteration['name']}: {off['value']:.2f} {off['unit']}{months})", style="green")
    return text or Text("nothing to pay")


def _offering(body: Json) -> RenderableType:
    tree = Tree(Text(body["name"], style="bold"))
    for each in body.get("promotion", []):
        where = ", ".join(CHANNELS.get(c, (c,))[0] for c in look.channels(each))
        tree.add(f"{each['name']}: {'applied here' if each['applied'] else f'not here, only in {where}'}")
    return tree


def _cart(body: Json) -> RenderableType:
    tree = Tree(Text.assemble("cart ", body["id"][:8], ": ", prices(body["cartTotalPrice"])))
    for each in body["cartItem"]:
        tree.add(_line(each))
    for each in body.get("promotion", []):
        if not each["applied"]:
            where = ", ".join(CHANNELS.get(c, (c,))[0] for c in look.channels(each))
            tree.add(Text(f"not applied: {each['name']}, which only {where} may give", style="dim"))
    return tree


def _line(body: Json) -> Text:
    saved = " saved for later," if body["status"] == "saveForLater" else ""
    name = body.get("productOffering", {}).get("name", body["id"])
    text = Text.assemble((name, "bold"), f":{saved} ", prices(body.get("itemPrice", [])))
    return text.append(f" ({body['barred'][0]['reason']})", style="red") if "barred" in body else text


def order(body: Json) -> RenderableType:
    """An order: its number and state, its items with their prices, and where it was dealt with."""
    where = ", ".join(f"{CHANNELS.get(c['id'], (c['id'],))[0]} ({c['role']})" for c in body["channel"])
    tree = Tree(
        Text.assemble("order ", (look.number(body), "bold"), f", {body['state']}: ", prices(body["orderTotalPrice"]))
    )
    for item in body["productOrderItem"]:
        name = item.get("productOffering", {}).get("name", item["id"])
        tree.add(Text.assemble((name, "bold"), f", {item['action']}: ", prices(item.get("itemPrice", []))))
    tree.add(Text(where, style="dim"))
    return tree


def _products(bodies: list[Json]) -> RenderableType:
    tree, names = Tree("installed"), {each["id"]: each.get("name", each["id"]) for each in bodies}
    for each in bodies:
        on = [names.get(id_, id_) for id_ in look.related(each, "reliesOn")]
        tree.add(Text.assemble((names[each["id"]], "bold"), f", {each['status']}{f', on {on[0]}' if on else ''}"))
    return tree


def _compared(bodies: list[Json]) -> RenderableType:
    """The handsets side by side; a list of all specifications holds other things too."""
    said = {
        each["name"]: {c["name"]: _values(c) for c in each["productSpecCharacteristic"]}
        for each in bodies
        if {c["name"] for c in each.get("productSpecCharacteristic", [])} >= COMPARED
    }
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("", *said):
        table.add_column(heading)
    for name in sorted(COMPARED):
        table.add_row(Text(name, style="dim"), *(values[name] for values in said.values()))
    return table


def _values(characteristic: Json) -> str:
    values = characteristic["productSpecCharacteristicValue"]
    words = {"True": "yes", "False": "no"}
    said = ", ".join(words.get(str(each["value"]), str(each["value"])) for each in values)
    return f"{said} {values[0].get('unitOfMeasure', '')}".strip()


def _customer(body: Json) -> RenderableType:
    tree, homes = Tree(Text(body["name"], style="bold")), look.homes(body)
    for each in body.get("contactMedium", []):
        if each["mediumType"] == look.HOME:
            tree.add(f"{look.address(each)}{'' if each in homes else ' (until the move)'}")
    return tree


def _names(bodies: list[Json]) -> RenderableType:
    return Text(", ".join(str(each.get("name", each.get("id"))) for each in bodies) or "nothing")


def _all(one: Callable[[Json], RenderableType]) -> Callable[[list[Json]], RenderableType]:
    def shown(bodies: list[Json]) -> RenderableType:
        table = Table.grid()
        for each in bodies:
            table.add_row(one(each))
        return table

    return shown


def _nothing(_: Json) -> None:
    return None


ONES: dict[Any, Callable[[Json], RenderableType | None]] = {
    "ProductOffering": _offering,
    "ShoppingCart": _cart,
    "CartItem": _line,
    "ProductOrder": order,
    "Customer": _customer,
}
LISTS: dict[Any, Callable[[list[Json]], RenderableType]] = {
    "ShoppingCart": _all(_cart),
    "Customer": _all(_customer),
    "Product": _products,
    "ProductSpecification": _compared,
}
