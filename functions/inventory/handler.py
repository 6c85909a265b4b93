"""TMF637 over HTTP: the installed base, read by every channel; written by fulfilment, and by operators who bring it."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.inventory import product, store
from functions.shared import audit, grants, lists, tmf
from functions.shared.http import Api, answer, nothing
from functions.shared.incoming import Incoming
from functions.shared.resource import Json
from functions.shared.rows import Row, same_version
from functions.shared.settings import settings

PRODUCTS = f"{tmf.BASE['TMF637']}/product"
api = Api(grants.held, audit.keep)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the product inventory API."""
    return api.resolve(event, context)


@api.serves("POST", PRODUCTS, "product.write")
def bring_product(incoming: Incoming) -> Response[str]:
    """Takes up a product that was sold elsewhere, as a migration brings it."""
    row, replayed = store.bring(incoming.caller, product.brought(incoming.body, incoming.caller), incoming.key)
    return _answer(201, row, incoming, location=tmf.href(store.KIND, row["id"]), replayed=replayed)


@api.serves("GET", f"{PRODUCTS}/<id_>", "product.read")
def read_product(incoming: Incoming, id_: str) -> Response[str]:
    """One installed product."""
    return _answer(200, store.load(incoming.caller, id_), incoming)


@api.serves("GET", PRODUCTS, "product.list")
def list_products(incoming: Incoming) -> Response[str]:
    """The installed base, newest first: a customer's own, for staff anybody's."""

    def rendered(found: list[Row]) -> list[Json]:
        return store.rendered(incoming.caller, found)

    return lists.of_rows(incoming, settings.inventory_table, store.LISTED, rendered)


@api.serves("PATCH", f"{PRODUCTS}/<id_>", "product.write")
def correct_product(incoming: Incoming, id_: str) -> Response[str]:
    """Corrects a product on which no order is open."""
    row = store.load(incoming.caller, id_, "product.write")
    same_version(row, incoming.if_match())
    after = store.correct(incoming.caller, row, product.corrected(row["body"], incoming.body))
    return _answer(200, after, incoming)


@api.serves("DELETE", f"{PRODUCTS}/<id_>", "product.write")
def delete_product(incoming: Incoming, id_: str) -> Response[str]:
    """Takes a product off the installed base that should never have been there."""
    row = store.load(incoming.caller, id_, "product.write")
    same_version(row, incoming.if_match())
    store.delete(row)
    return nothing()


def _answer(status: int, row: Row, incoming: Incoming, **headers: Any) -> Response[str]:
    (body,) = store.rendered(incoming.caller, [row])
    return answer(status, tmf.chosen(body, incoming.query), version=row["version"], **headers)
