"""TM Forum's REST conventions (TMF630): where a resource lives, which of its fields are asked for, pages of a list."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from functions.shared.errors import Malformed

Json = dict[str, Any]

BASE = {
    "TMF620": "/tmf-api/productCatalogManagement/v4",
    "TMF622": "/tmf-api/productOrderingManagement/v4",
    "TMF629": "/tmf-api/customerManagement/v4",
    "TMF632": "/tmf-api/party/v4",
    "TMF637": "/tmf-api/productInventory/v4",
    "TMF663": "/tmf-api/shoppingCart/v4",
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
    "productOrder": "TMF622",
    "cancelProductOrder": "TMF622",
    "customer": "TMF629",
    "individual": "TMF632",
    "organization": "TMF632",
    "product": "TMF637",
    "shoppingCart": "TMF663",
    "communicationMessage": "TMF681",
    "partyInteraction": "TMF683",
    "billingAccount": "omnihub",
}
PAGE = 100  # entries of a list where `limit` does not say otherwise, and the most it may say


def href(kind: str, id_: str) -> str:
    """Where a resource of that type lives."""
    return f"{BASE[API[kind]]}/{kind}/{id_}"


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


def asked(query: str) -> list[tuple[str, str]]:
    """The names and values of a raw query, in order."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [(unquote(name), unquote(value)) for name, _, value in pairs]


def chosen(body: Json, query: str) -> Json:
    """The body with only the fields that `fields=` names; id, href and type always stay."""
    named = [f for name, value in asked(query) if name == "fields" for f in value.split(",") if f]
    if not named:
        return body
    kept = {"id", "href", "@type", *(name.partition(".")[0] for name in named)}
    return {k: v for k, v in body.items() if k in kept}


def page(found: Sequence[Json], query: str) -> tuple[int, list[Json], dict[str, str]]:
    """Status, entries and headers of the asked-for page of a complete list."""
    offset, limit = _number(query, "offset", 0, 1000), _number(query, "limit", PAGE, PAGE)
    part = list(found[offset : offset + limit])
    headers = {"X-Total-Count": str(len(found)), "X-Result-Count": str(len(part))}
    return (200 if len(part) == len(found) else 206), [chosen(each, query) for each in part], headers


def _number(query: str, name: str, default: int, most: int) -> int:
    sent = dict(asked(query)).get(name)
    if sent is None:
        return default
    if not (sent.isascii() and sent.isdigit() and len(sent) < 6) or int(sent) > most:
        raise Malformed(f"{name} must be a whole number from 0 to {most}.")
    return int(sent)


def merge_patch(target: Any, patch: Any) -> Any:
    """What RFC 7396 makes of the two: null removes, an object merges, anything else takes the place."""
    if not isinstance(patch, dict):
        return patch
    held = target if isinstance(target, dict) else {}
    merged = {name: merge_patch(held.get(name), value) for name, value in patch.items() if value is not None}
    return {**{name: value for name, value in held.items() if name not in patch}, **merged}


PAGING = frozenset({"fields", "offset", "limit"})


def filters(query: str, known: Iterable[str]) -> dict[str, str]:
    """The equality filters of a query; raises Malformed for a name that is not `known`."""
    wanted = {name: value for name, value in asked(query) if name not in PAGING}
    if "sort" in wanted:
        raise Malformed("Lists cannot be sorted yet; what belongs to a customer comes newest first.")
    if unknown := sorted(set(wanted) - set(known)):
        raise Malformed(f"{unknown[0]} cannot be filtered on here; these can: {', '.join(sorted(known))}.")
    return wanted


def meets(body: Json, wanted: Mapping[str, str]) -> bool:
    """Whether a body passes every filter; of several values of one, divided by commas, any."""
    return all(any(matches(body, path, each) for each in value.split(",")) for path, value in wanted.items())


def matches(body: Any, path: str, value: str) -> bool:
    """Whether the attribute at a dotted path (through lists, any entry) equals the value written so."""
    if isinstance(body, list):
        return any(matches(each, path, value) for each in body)
    if not path:
        return _written(body) == value
    name, _, rest = path.partition(".")
    return isinstance(body, dict) and name in body and matches(body[name], rest, value)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
