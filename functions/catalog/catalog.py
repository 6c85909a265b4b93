"""One immutable version of a brand's catalog, and what it says: what is sold, where, when, in which words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from functions.shared import tmf
from functions.shared.errors import RuleBroken
from functions.shared.resource import Json, moment_of, valid

KINDS = ("catalog", "category", "productOffering", "productOfferingPrice", "productSpecification")
ON_SALE = ("Active", "Launched")  # of the life of an offering, a price or a promotion
# Stored as maps of language to text, read in one language.
TEXTS = frozenset({"name", "description"})
REFERRED = {
    "category": "Category",
    "productOffering": "ProductOffering",
    "productOfferingPrice": "ProductOfferingPrice",
    "productSpecification": "ProductSpecification",
}


class Catalog:
    """A catalog version by its id; `content` is what the version file holds."""

    def __init__(self, version: str, content: Mapping[str, Any]) -> None:
        self.version = version
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
        """The offering of that id as it is stored, sold or not."""
        return self.held["productOffering"].get(id_)

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
        listed = next((c for c in offering["channel"] if c["id"] == channel), None)
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

    def text(self, words: Any, language: str | None = None) -> str:
        """The text in that language, else in the market's own."""
        if isinstance(words, str):
            return words
        return str(
            words.get(language or self.languages[0]) or words.get(self.languages[0]) or next(iter(words.values()))
        )

    def rendered(self, kind: str, stored: Json, language: str) -> Json:
        """A catalog resource as TM Forum shapes it, in one language, its references with their addresses."""
        body = {k: self._worded(k, v, language) for k, v in stored.items() if k != "id"}
        if isinstance(body.get("price"), dict):
            body["price"] = _money(body["price"])
        return tmf.resource(kind, stored["id"], body)

    def _worded(self, name: str, value: Any, language: str) -> Any:
        if name in TEXTS and isinstance(value, dict):
            return self.text(value, language)
        if isinstance(value, list):
            return [self._worded(name, each, language) for each in value]
        if isinstance(value, dict):
            inner = {k: self._worded(k, v, language) for k, v in value.items()}
            return self._addressed(name, inner, language)
        return value

    def _addressed(self, name: str, reference: Json, language: str) -> Json:
        kind = {"bundledProductOffering": "productOffering", "productOfferingRelationship": "productOffering"}.get(
            name, name
        )
        if kind not in REFERRED or "id" not in reference:
            return reference
        named = self.held[kind].get(reference["id"])
        extra = {"name": self.text(named["name"], language)} if named else {}
        referred = {} if name != kind else {"@referredType": REFERRED[kind]}
        return {**reference, "href": tmf.href(kind, reference["id"]), **extra, **referred}


def _money(stored: Json) -> Json:
    return {"unit": stored["unit"], "value": Decimal(stored["value"])}
