"""A day at two brands over HTTP: whatever makes a row or an event happens, with personal data wherever it can be given.

Everything personal is told with a word of its own (`PERSONAL`), so that wherever one turns up, it is known which.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.events.models import events_backends

from functions.cart.handler import api
from functions.catalog.catalog import KINDS
from functions.shared import access, rows, tmf
from functions.shared.rows import unpacked
from functions.shared.settings import settings
from local import mend, pretend
from local.hub import Hub
from tests.journeys.listener import listening
from tests.tmf.client import Client

CARTS, ORDERS = f"{tmf.BASE['TMF663']}/shoppingCart", f"{tmf.BASE['TMF622']}/productOrder"
CANCELLATIONS, PRODUCTS = f"{tmf.BASE['TMF622']}/cancelProductOrder", f"{tmf.BASE['TMF637']}/product"
INTERACTIONS, OFFERINGS = f"{tmf.BASE['TMF683']}/partyInteraction", f"{tmf.BASE['TMF620']}/productOffering"
INDIVIDUALS, ORGANIZATIONS = f"{tmf.BASE['TMF632']}/individual", f"{tmf.BASE['TMF632']}/organization"
CUSTOMERS, ACCOUNTS = f"{tmf.BASE['TMF629']}/customer", f"{tmf.BASE['omnihub']}/billingAccount"

SUPPLIED = "plan-s"
BRANDS = {"nova": "DE", "pico": "CH"}  # and its market
MEANT = {"StillWorking", "ActivationRefused", "NotOurs"}  # what a step tells its workflow by raising it
# What is said of a person -> where it is said.
PERSONAL = {
    "Kunigunde": "the individual's given name",
    "Morgenthal": "the individual's family name",
    "kuni@example.com": "the individual's e-mail address",
    "1713920077": "the individual's phone number",
    "Holunderweg": "the individual's street",
    "Frau Morgenroth": "the customer's name",
    "Haushaltskonto": "the billing account's name",
    "Morgenbau": "the organization's name",
    "korb@example.com": "a contact medium given on a cart",
    "Herr Korbmann": "the name of a party on a cart",
    "zweimal klingeln": "a note on a cart's line",
    "Fliederstieg": "the place of a cart's line",
    "beim Nachbarn": "a note on an order",
    "Ginsterpfad": "the place of an order's item",
    "Frau Auftrag": "the name of a party on an order",
    "eilige Tante": "the description of an order",
    "gast@example.com": "a contact medium on a guest's cart",
    "keine Lust mehr": "the reason of a cancellation",
    "fragte nach Oma": "the description of an interaction",
    "ruft Opa an": "a note on an interaction",
}


@dataclass
class Day:
    """What is left of it: rows by table, events, log lines, messages; and who it was about."""

    customer: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)  # ids of resources that were and are not
    logged: list[str] = field(default_factory=list)
    supplied: tuple[str, ...] = (SUPPLIED,)  # what came with the whole catalog: its first version has no row

    def of(self, *types: str) -> list[dict[str, Any]]:
        """The rows of these types."""
        return [row for row in self.rows if row["type"] in types]


def _medium(email: str) -> dict[str, Any]:
    return {"mediumType": "email", "characteristic": {"emailAddress": email}}


def _note(text: str) -> dict[str, Any]:
    return {"id": "n1", "author": "agent-1", "text": text, "date": "2026-03-01T12:00:00Z"}


def _place(street: str) -> dict[str, Any]:
    return {"role": "delivery", "streetName": street, "streetNr": "7", "city": "Musterstadt", "country": "DE"}


def _line(offering: str, **more: Any) -> dict[str, Any]:
    return {"productOffering": {"id": offering}, **more}


class _Cast:
    """Who takes part, each with a token of their own."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.deleted: list[str] = []
        self.agent = self._client("nova-callcentre", "agent", "agent-1")
        self.shop = self._client("nova-shop", "agent", "agent-2", outlet="shop-7")
        self.partner = self._client("nova-partner", "partner", "reseller", partner_id="partner-1")
        self.guest = self._client("nova-web", "guest", "nova-web")
        self.operator = self._client("nova-backoffice", "operator", "operator-olga")

    def _client(self, client: str, role: str, subject: str, **more: Any) -> Client:
        return Client(self.hub.url, self.hub.token(client, role, subject, **more))

    def customer(self, id_: str, channel: str = "web", brand: str = "nova") -> Client:
        return self._client(f"{brand}-{channel}", "customer", f"login-{id_[:6]}", customer_id=id_)


def _known(cast: _Cast) -> str:
    """A person becomes a customer with an account; what is known of them changes; an organization comes and goes."""
    media = [
        _medium("kuni@example.com"),
        {"mediumType": "mobile", "characteristic": {"phoneNumber": "+491713920077"}},
        {"mediumType": "postalAddress", "characteristic": {"street1": "Holunderweg 3", "city": "Musterstadt"}},
    ]
    person = {"givenName": "Kunigunde", "familyName": "Morgenthal", "contactMedium": media}
    individual = cast.agent.post(INDIVIDUALS, person).body
    engaged = {"id": individual["id"], "@referredType": "Individual"}
    customer = cast.agent.post(CUSTOMERS, {"name": "Frau Morgenroth", "engagedParty": engaged}).body
    account = {"customer": {"id": customer["id"]}, "name": "Haushaltskonto"}
    cast.agent.post(ACCOUNTS, account)
    cast.agent.patch(individual["href"], {"title": "Dr."})
    cast.agent.patch(customer["href"], {"statusReason": "called in"})
    cast.agent.post(ORGANIZATIONS, {"tradingName": "Morgenbau"})
    grant = {"party": {"id": "login-child"}, "role": "user", "customer": {"id": customer["id"]}}
    cast.agent.post(f"{tmf.BASE['omnihub']}/grant", grant)
    promise: dict[str, Any] = {"productOfferingPrice": {"id": "fleet-service-monthly"}, "reason": "TENDER-1"}
    promise |= {"price": {"unit": "EUR", "value": 3}, "relatedParty": [{"id": customer["id"], "role": "customer"}]}
    promised = cast.operator.post(f"{tmf.BASE['omnihub']}/customerPrice", promise).body
    cast.operator.delete(promised["href"])
    _gone(cast, promise)
    return str(customer["id"])


def _gone(cast: _Cast, promise: dict[str, Any]) -> None:
    """Somebody else is put on record, promised a price, and deleted with it."""
    individual = cast.agent.post(INDIVIDUALS, {"givenName": "Gundel", "familyName": "Abendroth"}).body
    engaged = {"id": individual["id"], "@referredType": "Individual"}
    customer = cast.agent.post(CUSTOMERS, {"name": "Frau Abendroth", "engagedParty": engaged}).body
    party = {"relatedParty": [{"id": customer["id"], "role": "customer"}]}
    promised = cast.operator.post(f"{tmf.BASE['omnihub']}/customerPrice", {**promise, **party}).body
    cast.agent.delete(customer["href"])
    cast.deleted += [customer["id"], promised["id"]]


def _shopped(cast: _Cast, id_: str) -> dict[str, Any]:
    """A cart grows on the web, is gone on with by an agent, merged with a guest's, and ordered in the shop."""
    web = cast.customer(id_)
    web.get(f"{OFFERINGS}/plan-m")
    cart = web.post(
        CARTS,
        {
            "contactMedium": [_medium("korb@example.com")],
            "relatedParty": [
                {"id": "friend-1", "role": "user", "name": "Herr Korbmann", "@referredType": "Individual"}
            ],
            "cartItem": [
                _line("handset-pebble-3", status="saveForLater"),
                _line("plan-m", place=[_place("Fliederstieg")]),
            ],
        },
        headers={"Idempotency-Key": "first-cart", "X-Correlation-Id": "day-1"},
    ).body
    line = web.post(f"{cart['href']}/cartItem", _line("earbuds-air", note=[_note("zweimal klingeln")])).body
    cast.agent.patch(f"{cart['href']}/cartItem/{line['id']}", {"quantity": 2})
    extra = cast.agent.post(f"{cart['href']}/cartItem", _line("security-pack")).body
    asked = {"id": "1", "productOffering": {"id": "tv-plus"}}
    wanted = {"productOfferingQualificationItem": [asked], "instantSyncQualification": True}
    web.post(f"{tmf.BASE['TMF679']}/productOfferingQualification", wanted, expect=(200, 201))
    cast.agent.delete(f"{cart['href']}/cartItem/{extra['id']}")
    guest = cast.guest.post(
        CARTS, {"contactMedium": [_medium("gast@example.com")], "cartItem": [_line("tv-plus")]}
    ).body
    web.post(f"{tmf.BASE['omnihub']}/cartMerge", {"shoppingCart": {"id": guest["id"]}}, expect=(200, 201))
    ordered = {
        "shoppingCart": {"id": cart["id"]},
        "note": [_note("beim Nachbarn")],
        "description": "eilige Tante",
        "relatedParty": [{"id": "aunt-1", "role": "recipient", "name": "Frau Auftrag", "@referredType": "Individual"}],
    }
    order = cast.shop.post(ORDERS, ordered, headers={"Idempotency-Key": "first-order"}).body
    cast.hub.settle()
    return dict(order)


def _went_on(cast: _Cast, id_: str) -> None:
    """The installed base grows and shrinks by lines that modify and end it."""
    web = cast.customer(id_, "selfcare")
    products = web.get(PRODUCTS).body
    plan = next(p for p in products if p["productOffering"]["id"] == "plan-m")["id"]
    body = {"cartItem": [_line("extra-data-10", action="modify", product={"id": plan})]}
    cart = web.post(CARTS, body).body
    web.post(ORDERS, {"shoppingCart": {"id": cart["id"]}})
    cast.hub.settle()
    cart = web.post(CARTS, {"cartItem": [{"action": "delete", "product": {"id": plan}}]}).body
    web.post(ORDERS, {"shoppingCart": {"id": cart["id"]}})
    cast.hub.settle()


def _otherwise(cast: _Cast, id_: str) -> None:
    """Orders that come directly, fail, are rejected or cancelled; a brand of another market; notes of agents."""
    item = {"id": "1", "action": "add", "product": {"place": [_place("Ginsterpfad")]}, **_line("fibre-500")}
    party = [{"id": id_, "role": "customer"}]
    cast.agent.post(ORDERS, {"productOrderItem": [item], "relatedParty": party})
    cast.hub.settle()  # the line that a telephone and television need
    unknown = {"id": "1", "action": "add", "productOffering": {"id": "of-another-catalog"}}
    cast.partner.post(ORDERS, {"externalId": "P-1", "productOrderItem": [unknown]})
    caller = access.hub({"brand": "nova", "market": "DE", "correlation_id": "day-1"}, "test")
    for offering, behaviour, times in (("home-phone", "fail", 9), ("tv-basic", "slow", 1)):
        row = rows.new(caller, "southbound", offering, {"behaviour": behaviour, "times": times})
        rows.save(rows.put(settings.events_table, row))
        one = {"id": "1", "action": "add", **_line(offering)}
        cast.agent.post(ORDERS, {"productOrderItem": [one], "relatedParty": party})
        cast.hub.settle()
    _cancelled(cast, party)
    said = {"direction": "inbound", "status": "opened", "reason": "question", "channel": [{"id": "callcentre"}]}
    when = {"startDateTime": "2026-03-01T12:00:00Z"}
    interaction = {**said, "interactionDate": when, "relatedParty": party, "description": "fragte nach Oma"}
    made = cast.agent.post(INTERACTIONS, {**interaction, "note": [_note("ruft Opa an")]}).body
    cast.agent.patch(made["href"], {"status": "completed"})
    pia = cast.customer("pia", brand="pico")
    cart = pia.post(CARTS, {"cartItem": [_line("prepaid-basic")]}).body
    pia.post(ORDERS, {"shoppingCart": {"id": cart["id"]}})


def _cancelled(cast: _Cast, party: list[dict[str, Any]]) -> None:
    """An order that waits (no workflow takes it up) is cancelled."""
    events = cast.hub.client("events")
    waiting = [
        {"Name": rule["Name"], "EventBusName": bus["Name"]}
        for bus in events.list_event_buses()["EventBuses"]
        for rule in events.list_rules(EventBusName=bus["Name"])["Rules"]
        if "ProductOrderCreateEvent" in rule.get("EventPattern", "")
    ]
    for rule in waiting:
        events.disable_rule(**rule)
    one = {"id": "1", "action": "add", **_line("plan-s")}
    order = cast.agent.post(ORDERS, {"productOrderItem": [one], "relatedParty": party}).body
    cast.agent.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}, "cancellationReason": "keine Lust mehr"})
    cast.hub.settle()
    for rule in waiting:
        events.enable_rule(**rule)


def _catalogued(cast: _Cast) -> list[str]:
    """An operator writes one of every kind, takes one out (whose id is told), publishes, and goes on writing."""
    made = [cast.operator.post(f"{tmf.BASE['TMF620']}/{kind}", {"name": "Neues"}).body for kind in KINDS]
    lost = cast.operator.post(f"{tmf.BASE['TMF620']}/category", {"name": "Irrtum"}).body
    cast.operator.patch(made[0]["href"], {"lifecycleStatus": "Active"})
    cast.operator.delete(lost["href"])
    cast.operator.post(f"{tmf.BASE['omnihub']}/catalogPublication", {}, headers={"Idempotency-Key": "first-catalog"})
    cast.operator.post(f"{tmf.BASE['omnihub']}/catalogCheck", {})
    exported = cast.operator.post(f"{tmf.BASE['TMF620']}/exportJob", {"url": "s3://wherever"}).body
    forgotten = cast.operator.post(f"{tmf.BASE['TMF620']}/importJob", {"url": exported["url"]}).body
    cast.operator.post(f"{tmf.BASE['TMF620']}/importJob", {"url": exported["url"]})
    cast.operator.post(f"{tmf.BASE['TMF671']}/promotion", {"name": "Neues"})
    cast.operator.delete(forgotten["href"])
    for each in made:
        cast.operator.patch(each["href"], {"description": "Jetzt mit Worten."}, headers={"Content-Language": "en"})
    cast.operator.patch(f"{OFFERINGS}/{SUPPLIED}", {"description": "Klein und gut."})
    return [str(lost["id"])]


def _raised(cast: _Cast) -> None:
    """An operator raises the price of what is sold already, with long notice."""
    cast.hub.settle()
    dates = {"noticeDate": "2090-01-01T00:00:00Z", "effectiveDate": "2090-03-01T00:00:00Z"}
    rise = {"productOffering": {"id": "plan-m"}, "percentage": 5, "withinTerm": "included", "reason": "energy", **dates}
    made = cast.operator.post(f"{tmf.BASE['omnihub']}/priceRise", rise).body
    cast.hub.settle()
    cast.operator.patch(made["href"], {"state": "decided"})


def _subscribed(cast: _Cast, url: str) -> str:
    """An operator's system is told of all orders; a partner subscribes and thinks again."""
    cast.operator.post(f"{tmf.BASE['TMF622']}/hub", {"callback": url})
    cast.operator.get(f"{tmf.BASE['TMF622']}/hub")
    ended = cast.partner.post(f"{tmf.BASE['TMF637']}/hub", {"callback": url})
    cast.partner.delete(ended.location)
    cast.hub.settle()
    return str(ended.body["id"])


def _busy_at_first() -> Callable[[Any], int]:
    """A listener's answers: it cannot take the first."""
    answers = chain([503], repeat(204))
    return lambda _: next(answers)


def play(hub: Hub) -> Day:
    """Plays the day and lets the hub come to rest."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    kept, logger = Kept(), logging.getLogger("omnihub")
    kept.setFormatter(api.logger.registered_formatter)
    logger.addHandler(kept)
    try:
        cast = _Cast(hub)
        with listening() as listener:
            listener.answers = _busy_at_first()
            ended = _subscribed(cast, listener.url)
            id_ = _known(cast)
            _shopped(cast, id_)
            _went_on(cast, id_)
            _otherwise(cast, id_)
            gone = _catalogued(cast)
            _raised(cast)
            cart = cast.customer(id_).post(CARTS, {}).body
            cast.customer(id_).delete(cart["href"])
            hub.settle()
        assert {error.type for error in hub.function_errors} <= MEANT, hub.function_errors
        assert hub.dead_letters() == []
        return Day(id_, _rows(), _events(), [cart["id"], ended, *gone, *cast.deleted], lines)
    finally:
        logger.removeHandler(kept)


def _rows() -> list[dict[str, Any]]:
    with mend.LOCK:
        tables = dynamodb_backends[pretend.ACCOUNT][pretend.REGION].tables
        items = [(name, item.to_json()) for name in tables for item in tables[name].all_items()]
    return [{**unpacked(item.get("Attributes", item)), "table": name} for name, item in items]


def _events() -> list[dict[str, Any]]:
    """Every event that was ever on the bus: the template archives them all."""
    archives = events_backends[pretend.ACCOUNT][pretend.REGION].archives.values()
    return [json.loads(json.dumps(event["detail"])) for archive in archives for event in archive.events]
