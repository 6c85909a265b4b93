"""TMF637 over HTTP: the installed base, read by every channel and written by fulfilment alone."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.inventory import product, store
from functions.shared import tmf
from functions.shared.access import Caller
from functions.shared.http import Api, answer, list_of_customer
from functions.shared.resource import Json

PRODUCTS = f"{tmf.BASE['TMF637']}/product"
api = Api()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the product inventory API."""
    return api.resolve(event, context)


@api.get(f"{PRODUCTS}/<id_>")
def read_product(id_: str) -> Response[str]:
    """One installed product."""
    incoming = api.incoming("product.read")
    row = store.load(incoming.caller, id_)
    return answer(200, tmf.chosen(product.render(row), incoming.query), version=row["version"])


@api.get(PRODUCTS)
def list_products() -> Response[str]:
    """A customer's installed base, newest first."""
    incoming = api.incoming("product.read")

    def found(caller: Caller, customer: str) -> list[Json]:
        return [product.render(row) for row in store.of_customer(caller, customer)]

    return list_of_customer(incoming, "product.read", ["status", "productOffering.id"], found)
