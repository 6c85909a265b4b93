"""The sample telco's people, put into a running hub as a migration would: with the ids they bring along."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from functions.cart import view as views
from functions.cart.cart import Line
from functions.cart.view import View
from functions.catalog import store as catalogs
from functions.customer import save
from functions.customer.kinds import ACCOUNT, CUSTOMER, INDIVIDUAL, ORGANIZATION, Kind
from functions.inventory import product
from functions.inventory import store as inventory
from functions.order.item import Buyer, item_of
from functions.shared import clock, rows, tmf
from functions.shared.access import Caller
from functions.shared.resource import Json, ref
from functions.shared.settings import settings
from infra import channels

BATCH = {"type": "migration", "system": "cli", "id": "sample-telco"}  # their origin
NO_CHANNEL = "migration"  # what was sold before there was a hub had no channel, and so no promotion of ours


def written(telco: Path) -> Json:
    """`people.yaml`: its `people`, and the `staff` behind the channels."""
    found: Json = yaml.safe_load((telco / "people.yaml").read_text("utf-8"))
    return found


def load(telco: Path) -> None:
    """Opens every person's party, customer and billing account, and installs what they have already."""
    for person in written(telco)["people"]:
        _open(_operator(person["brand"]), person)


def _operator(brand: str) -> Caller:
    return Caller(
        brand=brand,
        market=channels.BRANDS[brand][0],
        channel="backoffice",
        role="operator",
        subject="cli",
        client_id=f"{brand}-backoffice",
        correlation_id="sample-telco",
    )


def _open(caller: Caller, person: Mapping[str, Any]) -> None:
    kind = INDIVIDUAL if "individual" in person else ORGANIZATION
    party = _party(caller, kind, dict(person[kind.name]))
    engaged = ref(party, tmf.href(kind.name, party), kind.definition)
    customer = _new(caller, CUSTOMER, {**person["customer"], "engagedParty": engaged, "origin": BATCH})
    owner = ref(customer, tmf.href("customer", customer), "Customer")
    account = _new(caller, ACCOUNT, {**person["billingAccount"], "customer": owner, "origin": BATCH})
    for installed in person["installed"]:
        _install(caller, installed, Buyer(customer, account))


def _party(caller: Caller, kind: Kind, sent: Json) -> str:
    if contact := sent.pop("contactPerson", None):
        language = {"languageCode": contact.pop("languageCode"), "isFavouriteLanguage": True}
        id_ = _new(caller, INDIVIDUAL, {**contact, "languageAbility": [language]})
        sent["relatedParty"] = [ref(id_, tmf.href("individual", id_), "Individual", role="contact")]
    return _new(caller, kind, sent)


def _new(caller: Caller, kind: Kind, sent: Json) -> str:
    row, _ = save.open_new(caller, kind, {k: v for k, v in sent.items() if k != "id"}, id_=sent["id"])
    return str(row["id"])


def _install(caller: Caller, installed: Json, buyer: Buyer) -> None:
    """One product, on the terms of the day it was sold."""
    sold, catalog = datetime.fromisoformat(installed["startDate"]).replace(tzinfo=UTC), catalogs.current(caller.brand)
    view = View(catalog, NO_CHANNEL, sold, catalog.languages[0])
    line = Line("1", 1, {}, offering=installed["offering"])
    item = item_of(line, views.look([line], view)["1"], view, buyer)
    start = clock.text(sold)
    terms = product.terms({"catalogVersion": catalog.version}, item)
    for term in terms.get("productTerm", []):
        term["validFor"] = {"startDateTime": start}
    said = installed["characteristics"].items()
    body = {
        **terms,
        "status": "active",
        "startDate": start,
        "productCharacteristic": [{"name": name, "valueType": "string", "value": value} for name, value in said],
        "relatedParty": item["relatedParty"],
        "billingAccount": item["billingAccount"],
        "externalReference": [],
        "origin": BATCH,
    }
    owned = rows.owned_by(caller.brand, "product", buyer.customer)
    row = rows.new(caller, inventory.KIND, installed["id"], body, created=start, **owned)
    rows.save(rows.put(settings.inventory_table, row))
