"""What customers, their parties and their billing accounts are made of, and how each may change. Pure.

Four things, never one: the party (who), the customer (the relationship), the billing account (who pays, when, in
which currency), and the product (elsewhere).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from functions.customer import account, contact, identifier, market
from functions.customer.kinds import ACCOUNT, CUSTOMER, PARTIES, Kind
from functions.shared import access, clock, shape, tmf
from functions.shared.access import Caller
from functions.shared.days import whole_months
from functions.shared.errors import Forbidden, Malformed, RuleBroken
from functions.shared.resource import Json, ref

LARGEST = 300_000  # bytes of one resource; its row may have 400 KB
# As rules call a part of an address -> as a contact medium does.
ADDRESS = {"postcode": "postCode", "city": "city", "stateOrProvince": "stateOrProvince", "country": "country"}
HUBS = frozenset({"id", "href", "@type", "brand"})  # ours to say; read where the standard lets a client send it

Row = Mapping[str, Any]


class Reach(NamedTuple):
    """How to reach a customer: the language they speak and the number that takes an SMS."""

    language: str
    phone: str | None


@dataclass(frozen=True)
class BuyerFacts:
    """What a customer's record adds to an order, by reference: the account billed, and places as (role, medium id)."""

    billing_account: str | None
    places: tuple[tuple[str, str], ...]
    accounts: tuple[str, ...] = ()  # every account of theirs
    known: Mapping[str, str | int] = field(default_factory=dict)  # what rules of the catalog may ask of them


def may_verify(caller: Caller) -> bool:
    """Whether the caller's word on what is verified counts."""
    return caller.role in access.ALLOWED["customer.verify"]


def new(kind: Kind, sent: Json, caller: Caller) -> Json:
    """The first body of a resource, as far as all kinds are alike."""
    body = {k: v for k, v in sent.items() if k not in HUBS}
    if body.get(kind.state) not in kind.states:
        body[kind.state] = kind.first
    if "contactMedium" in sent:
        body["contactMedium"] = contact.merged([], sent["contactMedium"], clock.now(), trusted=may_verify(caller))
    if "relatedParty" in sent:
        body["relatedParty"] = [_party(each) for each in sent["relatedParty"]]
    if kind in (CUSTOMER, ACCOUNT):
        body.setdefault("origin", {"type": "system", "system": caller.client_id})
        body.setdefault("externalReference", [])
    return body


def new_customer(sent: Json, caller: Caller, party: Row | None) -> Json:
    """The first body of a customer; what its party said already (language, contact media) is not asked again."""
    said: Json = party["body"] if party else {}
    body = new(CUSTOMER, sent, caller)
    body |= {"brand": caller.brand, "engagedParty": _engaged(sent["engagedParty"], party)}
    body["account"] = account.listed([], sent.get("account", []))
    body.setdefault("preferredLanguage", favourite_language(said) or market.of(caller.market).language)
    if "contactMedium" not in sent:
        media = contact.in_force(said.get("contactMedium", []), clock.now())
        body["contactMedium"] = [each for each in media if {"mediumType", "characteristic"} <= each.keys()]
    return checked(CUSTOMER, body)


def _engaged(sent: Json, party: Row | None) -> Json:
    """The reference to the party, without its name: it travels in events."""
    nameless = {k: v for k, v in sent.items() if k != "name"}
    if party is None:
        return _party(nameless)
    kind = party["type"]
    return {**nameless, **ref(party["id"], tmf.href(kind, party["id"]), tmf.type_of(kind))}


def _party(sent: Json) -> Json:
    """A reference to a party; whoever refers to it need not know what it is."""
    return {"@referredType": "Party", **sent}


def favourite_language(party: Json) -> str | None:
    """The code of the language a party likes best, if it says so."""
    languages = party.get("languageAbility", [])
    return next((each.get("languageCode") for each in languages if each.get("isFavouriteLanguage")), None)


def new_account(sent: Json, caller: Caller, id_: str, customer: Row) -> Json:
    """The first body of a billing account; the customer's party owns and pays it unless it says otherwise."""
    body = new(ACCOUNT, sent, caller)
    body["customer"] = ref(customer["id"], tmf.href("customer", customer["id"]), "Customer")
    body.setdefault("name", id_)
    body.setdefault("currency", market.of(caller.market).currency)
    body.setdefault("cycleDay", account.CYCLE_DAYS[0])
    engaged, parties = customer["body"]["engagedParty"], body.get("relatedParty", [])
    missing = [role for role in ("owner", "payer") if role not in [party.get("role") for party in parties]]
    body["relatedParty"] = [*parties, *({**engaged, "role": role} for role in missing)]
    return checked(ACCOUNT, body)


def changed(kind: Kind, row: Row, patch: Json, caller: Caller) -> Json:
    """The body after a merge patch by that caller; raises what stands in its way."""
    for name in ("id", "href", "@type"):
        if name in patch:
            raise Malformed(f"{name} cannot be changed; leave it out of the PATCH.")
    held: Json = row["body"]
    after = tmf.merge_patch(held, {k: v for k, v in patch.items() if k not in ("contactMedium", "account")})
    if "contactMedium" in patch:
        media, now = held.get("contactMedium", []), clock.now()
        after["contactMedium"] = contact.merged(media, patch["contactMedium"] or [], now, trusted=may_verify(caller))
    if "account" in patch:
        after["account"] = account.listed(held.get("account", []), patch["account"] or [])
    if patch.get("relatedParty"):
        after["relatedParty"] = [_party(each) for each in patch["relatedParty"] if not _rendered(kind, row, each)]
    for name in kind.fixed:
        _must_stay(name, held, after)
    _must_be_allowed(kind, held, after, caller)
    account.must_stay(held, after)
    _must_lead_there(kind, held, after)
    return checked(kind, after)


def _rendered(kind: Kind, row: Row, party: Json) -> bool:
    """Whether that is the customer whom `render` puts before a party's own relations."""
    return kind.name in PARTIES and party["id"] == row.get("customer") and party.get("role") == "customer"


def _must_stay(name: str, held: Json, after: Json) -> None:
    """Raises where a fixed attribute names something else; a reference is its id."""
    was, now = held.get(name), after.get(name)
    if was != now and not _same_thing(was, now):
        raise Malformed(f"{name} cannot be changed; leave it out of the PATCH.")
    if was is not None:
        after[name] = was


def _same_thing(one: object, other: object) -> bool:
    return isinstance(one, dict) and isinstance(other, dict) and "id" in one and one["id"] == other.get("id")


def _must_be_allowed(kind: Kind, held: Json, after: Json, caller: Caller) -> None:
    touched = sorted(name for name in kind.staff_only if (held.get(name) or None) != (after.get(name) or None))
    if touched and not caller.staff:
        raise Forbidden(f"Only staff changes {', '.join(touched)}; leave it out.", code="staffOnly")


def _must_lead_there(kind: Kind, held: Json, after: Json) -> None:
    was = str(held.get(kind.state, kind.first))
    to: str = after.setdefault(kind.state, was)
    ways = kind.states.get(was, frozenset())
    if to != was and to not in ways:
        raise RuleBroken(
            f"This {kind.words} is {was}; it can become {', '.join(sorted(ways)) or 'nothing else'}, not {to[:40]}.",
            code="wrongState",
            state=was,
        )


def checked(kind: Kind, body: Json) -> Json:
    """The body itself; raises where it lacks what its kind needs, or is too large to keep."""
    if faults := shape.check(body, kind.api, f"{kind.definition}_Create"):
        raise Malformed(faults[0], faults=faults)
    if len(json.dumps(body, default=str, ensure_ascii=False).encode()) > LARGEST:
        raise Malformed(f"This {kind.words} has more than {LARGEST // 1000} KB.", code="tooLarge")
    if kind is ACCOUNT:
        account.must_be_billable(body)
    return body


def render(kind: Kind, row: Row, caller: Caller, as_of: datetime) -> Json:
    """The resource as this caller sees it: contact media of the past are for staff."""
    body = dict(row["body"])
    if "contactMedium" in body and not caller.staff:
        body["contactMedium"] = [each for each in body["contactMedium"] if not contact.ended(each, as_of)]
    if kind.name in PARTIES and (customer := row.get("customer")):
        of = ref(customer, tmf.href("customer", customer), "Customer", role="customer")
        body["relatedParty"] = [of, *body.get("relatedParty", [])]
    return tmf.resource(kind.name, row["id"], body)


def reach(body: Json, country: str, as_of: datetime) -> Reach:
    """How to reach the customer of that body."""
    language = body.get("preferredLanguage") or market.of(country).language
    numbers = (identifier.msisdn(each, country) for each in contact.phones(body.get("contactMedium", []), as_of))
    return Reach(language[:2].lower(), next((each for each in numbers if each), None))


def places(body: Json, as_of: datetime) -> list[tuple[str, str]]:
    """(role, medium id) of the customer's address for delivery, installation and billing at that moment."""
    return contact.places(body.get("contactMedium", []), as_of)


def known(row: Row, as_of: datetime) -> dict[str, str | int]:
    """What rules may ask of a customer: kind, characteristics, place of installation, and months since they came."""
    body, media = row["body"], {medium["id"]: medium for medium in row["body"].get("contactMedium", [])}
    said = {
        f"customer.{each['name']}": str(each["value"]) for each in body.get("characteristic", []) if "value" in each
    }
    there = dict(places(body, as_of)).get("installation")
    place = located(media[there]["characteristic"] if there else {})
    kind = "business" if row.get("party") == "organization" else "consumer"
    return {
        **said,
        **place,
        "customer.kind": kind,
        "tenure": whole_months(clock.moment(row["created"]).date(), as_of.date()),
    }


def located(address: Json) -> dict[str, str]:
    """What rules may ask of a place, as far as an address (a contact medium's characteristic) tells it."""
    return {f"place.{name}": str(address[key]) for name, key in ADDRESS.items() if address.get(key)}


def billing_account(body: Json) -> str | None:
    """The id of the customer's default billing account."""
    return account.default(body)
