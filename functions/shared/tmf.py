"""TM Forum's REST conventions (TMF630): where a resource lives, which of its fields are asked for, merge patch."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

Json = dict[str, Any]

BASE = {
    "TMF620": "/tmf-api/productCatalogManagement/v4",
    "TMF622": "/tmf-api/productOrderingManagement/v4",
    "TMF629": "/tmf-api/customerManagement/v4",
    "TMF632": "/tmf-api/party/v4",
    "TMF637": "/tmf-api/productInventory/v4",
    "TMF663": "/tmf-api/shoppingCart/v4",
    "TMF671": "/tmf-api/promotionManagement/v4",
    "TMF679": "/tmf-api/productOfferingQualification/v4",
    "TMF681": "/tmf-api/communicationManagement/v4",
    "TMF683": "/tmf-api/partyInteraction/v4",
    "omnihub": "/omnihub/v1",
}
API = {  # resource type (as a row names it) -> the API it belongs to
    "catalog": "TMF620",
    "category": "TMF620",
    "productOffering": "TMF620",
    "productOfferingPrice": "TMF620",
    "productSpecification": "TMF620",
    "exportJob": "TMF620",
    "importJob": "TMF620",
    "productOrder": "TMF622",
    "cancelProductOrder": "TMF622",
    "customer": "TMF629",
    "individual": "TMF632",
    "organization": "TMF632",
    "product": "TMF637",
    "shoppingCart": "TMF663",
    "promotion": "TMF671",
    "productOfferingQualification": "TMF679",
    "communicationMessage": "TMF681",
    "partyInteraction": "TMF683",
    "billingAccount": "omnihub",
    "catalogPublication": "omnihub",
    "catalogCheck": "omnihub",
    "catalogVersion": "omnihub",
    "cartPromotion": "omnihub",
    "grant": "omnihub",
    "customerPrice": "omnihub",
    "priceRise": "omnihub",
    "accessRecord": "omnihub",
    "eventSubscription": "omnihub",  # of whichever API; it lies under that one's /hub
}
ALWAYS = frozenset({"id", "href", "@type", "@referredType"})  # what stays whatever `fields` names


def href(kind: str, id_: str) -> str:
    """Where a resource of that type lives; an id that somebody else made up may hold anything."""
    return f"{BASE[API[kind]]}/{kind}/{quote(id_, safe='')}"


def api_of(path: str) -> str:
    """The API that a path belongs to."""
    return next(api for api, base in BASE.items() if path.startswith(f"{base}/"))


def type_of(kind: str) -> str:
    """The `@type` of a resource: productOrder is a ProductOrder."""
    return kind[0].upper() + kind[1:]


def resource(kind: str, id_: str, body: Mapping[str, Any]) -> Json:
    """A resource as it leaves: id, href and type first, absent values left out."""
    return {
        "id": id_,
        "href": href(kind, id_),
        "@type": type_of(kind),
        **{k: v for k, v in body.items() if v is not None},
    }


def chosen(body: Json, query: str) -> Json:
    """The body with only what `fields=` names (dotted too; `none`: nothing); id, href and type always stay."""
    named = fields(query)
    return _narrowed(body, [tuple(name.split(".")) for name in named]) if named else body


def fields(query: str) -> list[str]:
    """What `fields=` names in a query."""
    return [
        name for part in query.split("&") if part.startswith("fields=") for name in unquote(part[7:]).split(",") if name
    ]


def _narrowed(body: Any, paths: Sequence[tuple[str, ...]]) -> Any:
    if isinstance(body, list):
        return [_narrowed(each, paths) for each in body]
    if not isinstance(body, Mapping):
        return body
    whole = {path[0] for path in paths if len(path) == 1} | ALWAYS
    within = {name: [path[1:] for path in paths if path[0] == name and path[1:]] for name in body}
    return {
        name: value if name in whole else _narrowed(value, within[name])
        for name, value in body.items()
        if name in whole or within[name]
    }


def merge_patch(target: Any, patch: Any) -> Any:
    """What RFC 7396 makes of the two: null removes, an object merges, anything else takes the place."""
    if not isinstance(patch, dict):
        return patch
    held = target if isinstance(target, dict) else {}
    merged = {name: merge_patch(held.get(name), value) for name, value in patch.items() if value is not None}
    return {**{name: value for name, value in held.items() if name not in patch}, **merged}
