"""One immutable version of a brand's catalog, and what it says: what is sold, where, when, in which words."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from functions.catalog import words
from functions.shared import tmf
from functions.shared.errors import RuleBroken
from functions.shared.resource import Json, moment_of, valid

KINDS = ("catalog", "category", "productOffering", "productOfferingPrice", "productSpecification")
ON_SALE = ("Active", "Launched")  # of the life of an offering, a price or a promotion
RELEASED = (*ON_SALE, "Retired", "Obsolete")  # what channels may know of; before that it is the operator's alone
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
# What a resource always says, whoever wrote it.
STANDING: dict[str, Json] = {
    "productOffering": {"isBundle": False, "isSellable": True},
    "productOfferingPrice": {"isBundle": False},
    "productSpecification": {"isBundle": False},
}


def released(stored: Json) -> bool:
    """Whether channels may know of a resource."""
    return stored["lifecycleStatus"] in RELEASED


def references(stored: Json) -> Iterator[tuple[str, Json]]:
    """Every reference of a resource to another of the catalog: the kind of that one, and what is said of it."""
    for name, (kind, _) in REFERENCES.items():
        named = stored.get(name) or []
        yield from ((kind, each) for each in (named if isinstance(named, list) else [named]))


class Catalog:
    """A catalog version by its id; `content` is what the version file holds, `since` when that was written."""

    def __init__(self, version: str, content: Mapping[str, Any], since: str | None = None) -> None:
        self.version, self.content, self.since = version, content, since
        self.brand: str = content["brand"]
        self.currency: str = content["currency"]
        self.time_zone: str = content["timeZone"]
        self.languages: list[str] = content["languages"]
        self.held: dict[str, dict[str, Json]] = {kind: {r["id"]: r for r in content.get(kind, [])} for kind in KINDS}
        self.promotions: dict[str, list[Json]] = {}  # offering -> those on it, the strongest first
        for promotion in sorted(content.get("promotion", []), key=lambda p: (-p["priority"], p["id"])):
            for offering in promotion["appliesTo"]:
                self.promotions.setdefault(offering, []).append(promotion)

    def offering(self, id_: str) -> Json | None:
        """The offering of that id as it is stored, sold or not; none that was never meant to be seen."""
        found = self.held["productOffering"].get(id_)
        return found if found and released(found) else None

    def sequence(self, kind: str, id_: str) -> int:
        """Which version of a resource this is; what came with a whole catalog is the first."""
        return int(self.content.get("sequence", {}).get(kind, {}).get(id_, 1))

    def barred(self, offering: Json, channel: str, as_of: datetime, language: str | None = None) -> Json | None:
        """Why that channel does not sell the offering at that moment, as a code and a sentence; None where it does."""
        why = self._why_barred(offering, channel, as_of)
        if why is None:
            return None
        code, sentence = why
        return {"code": code, "reason": sentence.format(self.text(offering["name"], language))}

    def _why_barred(self, offering: Json, channel: str, as_of: datetime) -> tuple[str, str] | None:
        if offering["lifecycleStatus"] not in ON_SALE or not valid(offering.get("validFor"), as_of):
            return "notOnSale", f"{{}} is not on sale{self._when(offering, as_of)}."
        if not offering.get("isSellable", True):
            return "notSoldAlone", "{} is sold only as a part of a bundle."
        listed = next((c for c in offering.get("channel", []) if c["id"] == channel), None)
        if listed is None:
            return "notSoldHere", f"{{}} is not for sale in the {channel} channel."
        if not valid(listed.get("validFor"), as_of):
            return "notSoldHere", f"{{}} is not for sale in the {channel} channel{self._when(listed, as_of)}."
        return None

    def shown(self, offering: Json, channel: str, as_of: datetime) -> bool:
        """Whether that channel shows the offering: it sells it, alone or as a part of a bundle."""
        why = self.barred(offering, channel, as_of)
        return why is None or bool(why["code"] == "notSoldAlone")

    def _when(self, dated: Json, as_of: datetime) -> str:
        period = dated.get("validFor") or {}
        start, end = period.get("startDateTime"), period.get("endDateTime")
        if start and moment_of(start) > as_of:
            return f" before {start[:10]}"
        return f" since {end[:10]}" if end and moment_of(end) <= as_of else " any more"

    def find_offering(self, id_: str, channel: str, as_of: datetime, language: str | None = None) -> Json:
        """The offering, for sale in that channel; raises RuleBroken with the reason where it is not."""
        offering = self.offering(id_)
        if offering is None:
            raise RuleBroken(f"There is no offering {id_} in the catalog.", code="unknownOffering")
        if why := self.barred(offering, channel, as_of, language):
            raise RuleBroken(why["reason"], code=why["code"])
        return offering

    def prices(self, offering: Json, as_of: datetime) -> list[Json]:
        """The prices of an offering that are valid then, in the order it lists them."""
        named = (self.held["productOfferingPrice"][p["id"]] for p in offering.get("productOfferingPrice", []))
        return [p for p in named if p["lifecycleStatus"] in ON_SALE and valid(p.get("validFor"), as_of)]

    def unchanged_around(self, offering: Json, moment: datetime) -> tuple[datetime, datetime]:
        """From when until when, around that moment, no price of the offering and no promotion on it begins or ends."""
        named = [self.held["productOfferingPrice"][p["id"]] for p in offering.get("productOfferingPrice", [])]
        rules = [*named, *self.promotions.get(offering["id"], [])]
        turns = [moment_of(turn) for rule in rules for turn in (rule.get("validFor") or {}).values()]
        since = max((turn for turn in turns if turn <= moment), default=datetime.min.replace(tzinfo=UTC))
        return since, min((turn for turn in turns if turn > moment), default=datetime.max.replace(tzinfo=UTC))

    def promotions_for(self, offering_id: str, as_of: datetime) -> list[Json]:
        """The promotions on that offering that are valid then, in every channel, strongest first."""
        on_it = self.promotions.get(offering_id, [])
        return [p for p in on_it if p["lifecycleStatus"] in ON_SALE and valid(p.get("validFor"), as_of)]

    def promotions_seen(
        self, offering_id: str, channel: str, as_of: datetime, language: str, *, staff: bool
    ) -> list[Json]:
        """The promotions on an offering that a channel may show: those it gives; staff sees all, and where."""
        found = [(p, any(c["id"] == channel for c in p["channel"])) for p in self.promotions_for(offering_id, as_of)]
        return [self.rendered_promotion(p, language, applied=given) for p, given in found if given or staff]

    def rendered_promotion(self, promotion: Json, language: str, *, applied: bool) -> Json:
        """A promotion's words, whether it applies here, and the channels that may give it."""
        return {
            "id": promotion["id"],
            "name": self.text(promotion["name"], language),
            "description": self.text(promotion["description"], language),
            "applied": applied,
            "channel": [{"id": c["id"]} for c in promotion["channel"]],
        }

    def text(self, said: Any, language: str | None = None) -> str:
        """The text in that language, else in the market's own."""
        return words.text(said, language or self.languages[0], self.languages[0])

    def rendered(self, kind: str, stored: Json, language: str) -> Json:
        """A catalog resource as TM Forum shapes it, in one language, its references with their addresses."""
        body = {"lastUpdate": self.since, **STANDING.get(kind, {}), **stored}
        body = words.spoken(body, language, self.languages[0])
        for name in body.keys() & REFERENCES.keys():
            named = body[name]
            body[name] = (
                [self._addressed(name, each, language) for each in named]
                if isinstance(named, list)
                else self._addressed(name, named, language)
            )
        if "value" in (body.get("price") or {}):
            body["price"] = {**body["price"], "value": Decimal(body["price"]["value"])}
        return tmf.resource(kind, body.pop("id"), body)

    def _addressed(self, name: str, reference: Json, language: str) -> Json:
        """A reference with what we know of the one it names; one to what we do not hold stays as it was written."""
        if "id" not in reference:
            return reference
        kind, referred = REFERENCES[name]
        named = self.held[kind].get(reference["id"])
        known = {"href": tmf.href(kind, reference["id"]), "name": self.text(named["name"], language)} if named else {}
        return {
            "href": tmf.href(kind, reference["id"]),
            **reference,
            **known,
            **({"@referredType": referred} if referred else {}),
        }
