"""TMF637 over HTTP: the installed base, read by every channel and written by fulfilment alone."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.inventory import product, store
from functions.shared import lists, tmf
from functions.shared.http import Api, answer
from functions.shared.incoming import Incoming
from functions.shared.resource import Json
from functions.shared.rows import Row
from functions.shared.settings import settings

PRODUCTS = f"{tmf.BASE['TMF637']}/product"
api = Api()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the product inventory API."""
    return api.resolve(event, context)


@api.serves("GET", f"{PRODUCTS}/<id_>", "product.read")
def read_product(incoming: Incoming, id_: str) -> Response[str]:
    """One installed product."""
    row = store.load(incoming.caller, id_)
    return answer(200, tmf.chosen(product.render(row), incoming.query), version=row["version"])


@api.serves("GET", PRODUCTS, "product.read")
def list_products(incoming: Incoming) -> Response[str]:
    """The installed base, newest first: a customer's own, for staff anybody's."""

    def rendered(found: list[Row]) -> list[Json]:
        return [product.render(row) for row in found]

    return lists.of_rows(incoming, settings.inventory_table, store.LISTED, rendered)
