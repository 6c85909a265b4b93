"""Every operation of the OpenAPI document, by every role, on what is theirs, granted, another's, and not there.

The cells follow from the document and from whose each thing is; what a cell must answer is said here once more, apart
from the code. A hole is planted behind every route with an id, and the cells of that route must find it.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from functions.catalog import store as catalogs
from functions.catalog.kinds import WRITTEN
from functions.shared.access import STAFF, Caller, Role
from local.hub import Hub
from tests.http.estate import CLIENTS, GUESTS, NOWHERE, PARTNERS, SECRET, Estate, at
from tests.http.routes import Route
from tests.http.wire import Answer, send
from tests.tmf.document import document

Json = dict[str, Any]
# a brand's own, and what is below it; every role has the same
PUBLISHED = (*WRITTEN, "catalogCheck", "catalogPublication", "catalogVersion", "exportJob", "importJob", "priceRise")
EVERYBODYS = (*WRITTEN, "offer")  # what is listed is the same for whoever asks, or asked of the catalog
ROLES = list(CLIENTS)
RELATIONS = ("own", "granted", "other's", "another brand's", "missing")
COMPUTED = ("billPreview",)  # of what the path names before, and open to whom that is
CHECKED_LATER = {"notYours", "staffOnly"}  # refused for what they would change of a row that is open to them
STALE = {"If-Match": '"999999"'}  # no version of anything: whoever is let in changes nothing


@dataclass(frozen=True)
class Operation:
    """One operation as the document has it."""

    route: Route
    roles: Mapping[Role, str]

    def __str__(self) -> str:
        return str(self.route)

    @property
    def noun(self) -> str:
        return next(noun for noun in reversed(self.route.nouns) if noun not in COMPUTED)

    @property
    def published(self) -> bool:
        """Whether it is about what a brand has."""
        return self.route.nouns[0] in PUBLISHED


@cache
def operations() -> list[Operation]:
    found = []
    for path, methods in document()["paths"].items():
        for method, said in methods.items():
            found.append(Operation(Route(path, method.upper(), said["x-omnihub-may"], ""), said["x-omnihub-roles"]))
    return sorted(found, key=lambda each: each.route)


BY_ID = [each for each in operations() if "{id}" in each.route.path]
LISTS = [each for each in operations() if each.route.method == "GET" and "{" not in each.route.path]
OWNED = [each for each in LISTS if each.roles.get("customer") == "own" and each.noun not in EVERYBODYS]


@pytest.fixture(scope="module")
def estate(hub: Hub) -> Estate:
    return Estate(hub)


# --- who asks for what -----------------------------------------------------------------------------------------------


def _ids(estate: Estate, operation: Operation, role: Role, relation: str) -> Mapping[str, str]:
    """The ids for the operation's path."""
    noun = operation.noun
    if noun == "hub":
        return {noun: _hub(estate, operation, role, relation)}
    if operation.published:
        noun = operation.route.nouns[0]
        brand = "pico" if relation in ("other's", "another brand's") else "nova"
        return {noun: estate.published[brand][noun] if relation != "missing" else NOWHERE}
    if relation == "missing":
        return dict.fromkeys(operation.route.nouns, NOWHERE)
    if relation == "another brand's":
        return estate.pia.ids
    if role == "partner" and noun in PARTNERS and relation != "granted":
        return estate.acme if relation == "own" else estate.rival
    if role == "guest" and noun in GUESTS and relation == "own":
        return estate.guests
    return estate.bob.ids if relation == "other's" else estate.ann.ids


def _hub(estate: Estate, operation: Operation, role: Role, relation: str) -> str:
    """The subscription of acme, its rival, or an operator's of this or the other brand."""
    who = {"own": "acme" if role == "partner" else "nova", "granted": "nova", "other's": "rival"}
    held = estate.hubs[operation.route.path.partition("/hub")[0]]
    return NOWHERE if relation == "missing" else held[who.get(relation, "pico")]


def _token(estate: Estate, role: Role, relation: str, noun: str) -> str:
    if relation == "granted":
        return estate.token(role, f"{role}-holder", partner_id="holder" if role == "partner" else None)
    whose = {"customer": {"customer_id": estate.ann.customer(noun)}, "partner": {"partner_id": "acme"}}
    return estate.token(role, f"somebody who is {role}", **whose.get(role, {}))


def _ask(estate: Estate, operation: Operation, token: str, ids: Mapping[str, str]) -> Answer:
    route = operation.route
    path = route.path
    for noun, hole in zip(route.nouns, ("{id}", "{lineId}"), strict=False):
        path = path.replace(hole, ids[noun]) if hole in path else path
    body = json.dumps(_change(operation.noun)).encode() if route.method in ("POST", "PATCH") else None
    return send(estate.hub.url, route.method, path, token, body, STALE if route.method != "GET" else {})


def _change(noun: str) -> Json:
    bodies: dict[str, Json] = {
        "cartItem": {"productOffering": {"id": "plan-m"}},
        "grant": {"role": "payer"},
        "partyInteraction": {"status": "inProgress"},
    }
    return bodies.get(noun, {})


# --- what must come of it --------------------------------------------------------------------------------------------


def _opens(operation: Operation, role: Role, relation: str) -> bool:
    """Whether that is open to that role: said here once more, by what the document says of the roles."""
    scope = operation.roles[role]
    if relation in ("another brand's", "missing"):
        return False
    if scope == "any":
        return relation != "other's" or not operation.published
    if relation == "granted":
        return "own" in scope and not operation.route.operation.startswith("grant.")
    return relation == "own"


def _violations(estate: Estate, operation: Operation, role: Role, relation: str) -> Iterator[str]:
    token = _token(estate, role, relation, operation.noun)
    answer = _ask(estate, operation, token, _ids(estate, operation, role, relation))
    missing = _ask(estate, operation, token, _ids(estate, operation, role, "missing"))
    cell, code = f"{operation} as {role}, {relation}", (answer.body or {}).get("code") if answer.status >= 400 else None
    if answer.status >= 500:
        yield f"{cell}: {answer.status}"
    if role not in operation.roles:
        if (answer.status, code) != (403, "forbidden") or answer.raw != missing.raw:
            yield f"{cell}: {answer.status} {code}, though the role may not"
    elif _opens(operation, role, relation):
        if answer.status in (401, 404) or (answer.status == 403 and code not in CHECKED_LATER):
            yield f"{cell}: {answer.status} {code}, though it is theirs"
    elif answer.status != 404 or answer.raw != missing.raw:
        yield f"{cell}: {answer.status} {code}, which is not what is missing"
    if role not in ("agent", "operator") and SECRET.encode() in answer.raw:
        yield f"{cell}: something of another's is in the answer"


def _all(estate: Estate, operation: Operation) -> list[str]:
    return [each for role in ROLES for relation in RELATIONS for each in _violations(estate, operation, role, relation)]


@pytest.mark.parametrize("operation", BY_ID, ids=str)
def test_what_is_open_to_whom(estate: Estate, operation: Operation) -> None:
    found = _all(estate, operation)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("operation", BY_ID, ids=str)
def test_a_hole_planted_behind_a_route_is_found(
    estate: Estate, operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks this operation is let in: to what is another's, past the role, or into another brand's catalog."""
    _plant(operation, monkeypatch)
    assert _all(estate, operation), f"{operation}: the hole was not found"


def _plant(operation: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    may, opens, current = Caller.may, Caller.opens, catalogs.current
    if operation.route.operation == "catalog.read":
        monkeypatch.setattr(catalogs, "current", lambda brand: current("pico" if brand == "nova" else "nova"))
    elif set(operation.roles.values()) == {"any"}:
        holed = operation.route.operation
        monkeypatch.setattr(Caller, "may", lambda self, asked: "any" if asked == holed else may(self, asked))
    else:
        holed = operation.route.operation
        monkeypatch.setattr(Caller, "opens", lambda self, asked, row: asked == holed or opens(self, asked, row))


def test_every_operation_of_the_document_is_tried() -> None:
    bodies = {case.operation for case in BODIES.values()}
    bodies |= {str(each) for each in operations() if str(each).startswith("POST") and each.noun == "hub"}  # no ids
    tried = {str(each) for each in (*BY_ID, *LISTS)} | bodies
    staff_only = {str(each) for each in operations() if each not in BY_ID and set(each.roles) <= STAFF}
    assert {str(each) for each in operations()} == tried | staff_only
    assert len(BY_ID) * len(ROLES) * len(RELATIONS) >= 1500


# --- lists -----------------------------------------------------------------------------------------------------------


def _filter(operation: Operation) -> str:
    """The filter that names a list's customer."""
    return "customer.id" if operation.noun in ("billingAccount", "grant", "accessRecord") else "relatedParty.id"


def _get(estate: Estate, operation: Operation, token: str, query: str) -> Answer:
    return send(estate.hub.url, "GET", f"{operation.route.path}?{query}", token)


def _listed(answer: Answer) -> set[str]:
    return {each["id"] for each in answer.body} if answer.status in (200, 206) else set()


def _theirs(estate: Estate, operation: Operation, role: Role) -> list[str]:
    """What of these is another's, in whatever way."""
    if operation.noun == "hub":
        return [_hub(estate, operation, role, relation) for relation in ("other's", "another brand's", "granted")]
    owners = (estate.bob.ids, estate.pia.ids, estate.rival, estate.guests)
    return [ids[operation.noun] for ids in owners if operation.noun in ids]


def _list_violations(estate: Estate, operation: Operation, role: Role) -> Iterator[str]:
    noun, cell = operation.noun, f"{operation} as {role}"
    token = _token(estate, role, "own", noun)
    plain = _get(estate, operation, token, "limit=100")
    if role not in operation.roles:
        if plain.status != 403:
            yield f"{cell}: {plain.status}, though the role may not"
        return
    if operation.roles[role] == "any" or noun in EVERYBODYS:
        return
    own = _ids(estate, operation, role, "own")[noun]
    theirs = _theirs(estate, operation, role)
    if own not in _listed(plain):
        yield f"{cell}: {plain.status} without what is theirs"
    operators = estate.token("operator", "olga")
    cursors = [_cursor(_get(estate, operation, operators, f"limit={limit}")) for limit in (1, 2, 3)]
    asked = ["limit=100", *(f"id={id_}" for id_ in theirs), "sort=-id", *(f"cursor={c}" for c in cursors if c)]
    asked += [f"{_filter(operation)}={estate.bob.customer(noun)}", f"{_filter(operation)}={NOWHERE}"]
    for query in asked:
        answer = _get(estate, operation, token, query)
        if answer.status >= 500 or _listed(answer) & set(theirs) or SECRET.encode() in answer.raw:
            yield f"{cell}, {query}: {answer.status} shows another's"
    named, unknown = (_get(estate, operation, token, query) for query in asked[-2:])
    if role == "customer" and noun != "customer" and (named.status, named.raw) != (unknown.status, unknown.raw):
        yield f"{cell}: another's name is answered otherwise than nobody's"


def _cursor(answer: Answer) -> str | None:
    link = answer.headers["Link"]
    return link.partition("cursor=")[2].partition(">")[0].partition("&")[0] if link and "cursor=" in link else None


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_a_list_shows_nobody_what_is_anothers(estate: Estate, operation: Operation) -> None:
    found = [each for role in ROLES for each in _list_violations(estate, operation, role)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("operation", OWNED, ids=str)
def test_who_was_granted_it_lists_it_by_naming_the_customer(estate: Estate, operation: Operation) -> None:
    noun = operation.noun
    token = _token(estate, "customer", "granted", noun)
    query = f"{_filter(operation)}={estate.ann.customer(noun)}" if noun != "customer" else f"id={estate.ann.ids[noun]}"
    listed = _listed(_get(estate, operation, token, query))
    if noun == "grant":  # an administrator gives none
        assert estate.ann.ids[noun] not in listed
    else:
        assert estate.ann.ids[noun] in listed
    assert not listed & {estate.bob.ids[noun]}


@pytest.mark.parametrize("operation", OWNED, ids=str)
def test_a_hole_in_what_is_listed_is_found(
    estate: Estate, operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Caller, "whose", lambda self, asked, named: named)
    monkeypatch.setattr(Caller, "opens", lambda self, asked, row: True)
    assert [each for role in ROLES for each in _list_violations(estate, operation, role)]


# --- ids in bodies ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Body:
    """A body that names something: `{0}` stands for its id, `{own}` for a cart of the caller's own."""

    operation: str
    noun: str
    text: str
    free: tuple[Role, ...] = ()  # who may name anybody: partners sell, and write down what happened at their counter


_CUSTOMER = '"relatedParty": [{"id": "{0}", "role": "customer", "@referredType": "Customer"}]'
_ITEM = '{"id": "1", "action": "add", "productOffering": {"id": "plan-m"}}'
_SAID = (
    '"direction": "inbound", "status": "opened", "reason": "question", "channel": [{"id": "web"}], '
    '"interactionDate": {"startDateTime": "2026-03-01T12:00:00Z"}'
)
_MODIFY = '"action": "modify", "productOffering": {"id": "extra-data-10"}, "product": {"id": "{0}"}'
POST_CART, POST_ORDER = f"POST {at('shoppingCart')}", f"POST {at('productOrder')}"
BODIES = {
    "a cart to merge": Body(f"POST {at('cartMerge')}", "shoppingCart", '{"shoppingCart": {"id": "{0}"}}'),
    "whose a cart becomes": Body(
        f"POST {at('cartMerge')}", "customer", '{"shoppingCart": {"id": "{guests}"}, ' + _CUSTOMER + "}"
    ),
    "whose a cart is": Body(POST_CART, "customer", "{" + _CUSTOMER + "}"),
    "whose a cart becomes by a patch": Body(f"PATCH {at('shoppingCart')}/{{id}}", "customer", "{" + _CUSTOMER + "}"),
    "a product that a line changes": Body(POST_CART, "product", '{"cartItem": [{' + _MODIFY + "}]}"),
    "a product that a line of one's cart changes": Body(
        f"POST {at('shoppingCart')}/{{id}}/cartItem", "product", "{" + _MODIFY + "}"
    ),
    "for whom one asks": Body(f"POST {at('productOfferingQualification')}", "customer", "{" + _CUSTOMER + "}"),
    "a cart beside which one asks": Body(
        f"POST {at('productOfferingQualification')}", "shoppingCart", '{"shoppingCart": {"id": "{0}"}}'
    ),
    "a cart to order": Body(POST_ORDER, "shoppingCart", '{"shoppingCart": {"id": "{0}"}}'),
    "for whom an order is": Body(
        POST_ORDER, "customer", '{"productOrderItem": [' + _ITEM + "], " + _CUSTOMER + "}", free=("partner",)
    ),
    "the account an order is billed to": Body(
        POST_ORDER, "billingAccount", '{"billingAccount": {"id": "{0}"}, "productOrderItem": [' + _ITEM + "]}"
    ),
    "the account an item is billed to": Body(
        POST_ORDER, "billingAccount", '{"productOrderItem": [' + _ITEM[:-1] + ', "billingAccount": {"id": "{0}"}}]}'
    ),
    "a product that an order changes": Body(
        POST_ORDER, "product", '{"productOrderItem": [{"id": "1", ' + _MODIFY + "}]}"
    ),
    "an order to cancel": Body(f"POST {at('cancelProductOrder')}", "productOrder", '{"productOrder": {"id": "{0}"}}'),
    "with whom one spoke": Body(
        f"POST {at('partyInteraction')}", "customer", "{" + _SAID + ", " + _CUSTOMER + "}", free=("partner",)
    ),
    "whose grant it is": Body(
        f"POST {at('grant')}", "customer", '{"party": {"id": "x"}, "role": "user", "customer": {"id": "{0}"}}'
    ),
}


def _named(estate: Estate, case: Body, role: Role, id_: str) -> Answer:
    """What comes of a body that names that id, sent by Ann, acme or a guest on a cart of their own."""
    method, path = case.operation.split(" ")
    carts = {"partner": estate.acme, "guest": estate.guests}.get(role, estate.ann.ids)
    token = _token(estate, role, "own", "shoppingCart")
    body = case.text.replace("{0}", id_).replace("{guests}", estate.guests["shoppingCart"])
    return send(estate.hub.url, method, path.replace("{id}", carts["shoppingCart"]), token, body.encode())


def _body_violations(estate: Estate, case: Body) -> Iterator[str]:
    for role in ("customer", "guest", "partner"):
        if role in case.free:
            continue
        theirs = estate.rival if role == "partner" and case.noun in PARTNERS else estate.bob.ids
        named, missing = (_named(estate, case, role, id_) for id_ in (theirs[case.noun], NOWHERE))
        if named.status not in (403, 404, 409):
            yield f"{case.operation} as {role}: {named.status} for another's {case.noun}"
        if (named.status, named.raw) != (missing.status, missing.raw):
            yield f"{case.operation} as {role}: {named.status} for another's, {missing.status} for nobody's"


@pytest.mark.parametrize("what", BODIES)
def test_no_id_in_a_body_reaches_what_is_anothers_or_tells_that_it_is_there(estate: Estate, what: str) -> None:
    found = list(_body_violations(estate, BODIES[what]))
    assert not found, "\n".join(found)


def test_an_address_named_by_its_id_is_not_told(estate: Estate) -> None:
    place = f'"product": {{"place": [{{"id": "{estate.bob.medium}", "role": "delivery"}}]}}'
    case = Body(POST_ORDER, "product", '{"productOrderItem": [' + _ITEM[:-1] + ", " + place + "}]}")
    answer = _named(estate, case, "customer", "")
    assert answer.status == 201
    assert SECRET.encode() not in answer.raw
    token = _token(estate, "customer", "own", "productOrder")
    read = send(estate.hub.url, "GET", answer.body["href"], token)
    assert SECRET.encode() not in read.raw


KEYED = {
    POST_CART: "{}",
    POST_ORDER: '{"productOrderItem": [' + _ITEM + "]}",
    f"POST {at('partyInteraction')}": "{" + _SAID + "}",
    f"POST {at('grant')}": '{"party": {"id": "keyed"}, "role": "user"}',
}


@pytest.mark.parametrize("operation", KEYED)
def test_anothers_idempotency_key_makes_something_of_ones_own(estate: Estate, operation: str) -> None:
    method, path = operation.split(" ")
    made: Counter[str] = Counter()
    for customer in (estate.bob, estate.ann, estate.bob):
        token = estate.token("customer", f"keyed {customer.name}", customer_id=customer.ids["customer"])
        key = {"Idempotency-Key": f"the same key of {operation.rpartition('/')[2]}"}
        key = {name: value.replace(" ", "-") for name, value in key.items()}
        answer = send(estate.hub.url, method, path, token, KEYED[operation].encode(), key)
        assert answer.status == 201, answer.raw
        made[answer.body["id"]] += 1
    assert sorted(made.values()) == [1, 2]


def test_a_key_does_not_outlive_the_grant_it_was_used_under(estate: Estate) -> None:
    agent = estate.token("agent", "maker")
    url, ann = estate.hub.url, estate.ann.ids["customer"]
    grant = {"party": {"id": "for a while"}, "role": "administrator", "customer": {"id": ann}}
    given = send(url, "POST", at("grant"), agent, json.dumps(grant).encode()).body
    token, key = estate.token("customer", "for a while"), {"Idempotency-Key": "k-1"}
    body = json.dumps({"relatedParty": [{"id": ann, "role": "customer"}]}).encode()
    assert send(url, "POST", at("shoppingCart"), token, body, key).status == 201
    assert send(url, "POST", at("shoppingCart"), token, body, key).headers["Idempotent-Replayed"] == "true"
    assert send(url, "DELETE", given["href"], agent).status == 204
    assert send(url, "POST", at("shoppingCart"), token, body, key).status == 403


def test_a_guests_key_cannot_be_guessed(estate: Estate) -> None:
    guest = estate.token("guest", "nova-web")
    short, long = ({"Idempotency-Key": key} for key in ("1", "0f8fad5bd9cb469fa16570867728950e"))
    assert send(estate.hub.url, "POST", at("shoppingCart"), guest, b"{}", short).body["code"] == "badKey"
    assert send(estate.hub.url, "POST", at("shoppingCart"), guest, b"{}", long).status == 201
