"""What must hold after every run, whoever did what in which order and whatever died: one function, one sentence each.

To add one: write a function that yields a text for each violation it sees, and put `@invariant` on it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from functions.shared.resource import Json
from functions.shared.rows import Row
from tests.functions.stage import CARTS, ORDERS
from tests.proof.clients import Heard
from tests.proof.traffic import UNKNOWN
from tests.proof.world import Seen, sent

Invariant = Callable[[Seen], Iterable[str]]
INVARIANTS: dict[str, Invariant] = {}


def invariant(holds: Invariant) -> Invariant:
    """Looked at after every run from now on; its docstring is its sentence."""
    INVARIANTS[holds.__name__] = holds
    return holds


def violated(seen: Seen) -> dict[str, str]:
    """The invariants that do not hold, each with the first thing that was seen of it."""
    return {name: found for name, holds in INVARIANTS.items() if (found := next(iter(holds(seen)), ""))}


# --- orders ------------------------------------------------------------------------------------------------------


@invariant
def nothing_breaks(seen: Seen) -> Iterator[str]:
    """Whatever happens, everybody is answered in the end, and no handler is surprised."""
    yield from (f"{type(problem).__name__}: {problem}" for problem in seen.problems)
    yield from (f"{each.method} {each.path} was answered 500" for each in seen.heard if _broke(each))
    last = {(each.screen, each.method, each.path): each for each in seen.heard}
    yield from (f"{each.method} {each.path} was never answered" for each in last.values() if each.lost)


def _broke(each: Heard) -> bool:
    return each.answer is not None and each.answer.status == 500


@invariant
def one_order_per_cart(seen: Seen) -> Iterator[str]:
    """A cart becomes at most one order."""
    counted = Counter(cart for order in seen.of("productOrder") if (cart := _cart_of(order["body"])))
    yield from (f"cart {cart[:6]} became {count} orders" for cart, count in counted.items() if count > 1)


@invariant
def every_answer_names_the_one_order(seen: Seen) -> Iterator[str]:
    """Whoever is told that a cart is ordered is told of the same order."""
    told = _told(seen)
    yield from (f"cart {cart[:6]}: told of {len(ids)} orders" for cart, ids in told.items() if len(ids) > 1)
    there = {order["id"] for order in seen.of("productOrder")}
    yield from (f"told of {id_[:6]}, which is not there" for ids in told.values() for id_ in ids - there)


@invariant
def a_cart_is_ordered_exactly_when_its_order_exists(seen: Seen) -> Iterator[str]:
    """A cart says that it was ordered, and by which order, exactly when there is that order."""
    made = {cart: order["id"] for order in seen.of("productOrder") if (cart := _cart_of(order["body"]))}
    for row in seen.of("shoppingCart"):
        ordered, order = row["body"]["state"] == "ordered", made.pop(row["id"], None)
        if ordered != bool(order) or row.get("order") != order:
            yield f"cart {row['id'][:6]} is {row['body']['state']} and its order is {order}"
    yield from (f"order {order[:6]} has no cart" for order in made.values())


@invariant
def whoever_ordered_to_the_end_has_an_order(seen: Seen) -> Iterator[str]:
    """After the last retry there is an order, or the sentence why there cannot be one."""
    for cart, asked in _orderers(seen).items():
        said = asked[-1].answer
        if said is not None and said.status >= 400 and said.body["code"] not in REASONS:
            yield f"cart {cart[:6]} was not ordered: {said.body['code']}"


# Why a cart cannot be ordered, whoever asks again.
REASONS = {"cartEmpty", "cartMerged", "notFound", "changePending", "productEnded"}


@invariant
def the_total_is_the_same_everywhere(seen: Seen) -> Iterator[str]:
    """An order's total is the sum of its items, what its cart shows, and what every answer and event says, in cents."""
    told = {each.answer.body["id"]: each.answer.body for each in seen.heard if _ordered(each) and each.answer}
    for order in seen.of("productOrder"):
        total, items = _cents(order["body"]["orderTotalPrice"]), order["body"]["productOrderItem"]
        if total != _cents(price for item in items for price in item.get("itemTotalPrice", [])):
            yield f"order {order['id'][:6]}: the total is not the sum of its items"
        if order["id"] in told and _cents(told[order["id"]]["orderTotalPrice"]) != total:
            yield f"order {order['id'][:6]}: somebody was told another total"
        if (shown := _shown(seen, _cart_of(order["body"]))) and shown != total:
            yield f"order {order['id'][:6]}: its cart shows another total"
        if any(event_total != total for event_total in _published(seen, order["id"])):
            yield f"order {order['id'][:6]}: an event tells another total"


@invariant
def a_product_has_one_open_order(seen: Seen) -> Iterator[str]:
    """A product names the one open order that changes it, and no other."""
    open_ = [order for order in seen.of("productOrder") if order["body"]["state"] not in ENDS]
    changing = Counter(id_ for order in open_ for id_ in _changed(order))
    yield from (f"product {id_[:6]} has {count} open orders" for id_, count in changing.items() if count > 1)
    # Once activated its order installs what it changed, and lets go of it in the same write.
    waiting = {id_ for order in open_ if "activation" not in order for id_ in _changed(order)}
    for product in seen.of("product"):
        pending, id_ = bool(product.get("pending")), product["id"]
        if pending > bool(changing[id_]) or (id_ in waiting) > pending:
            yield f"product {id_[:6]} waits for {product.get('pending')}"


def _changed(order: Row) -> list[str]:
    items = order["body"]["productOrderItem"]
    return [it["product"]["id"] for it in items if it["action"] in ("modify", "delete") and it["state"] not in ENDS]


def _told(seen: Seen) -> dict[str, set[str]]:
    told: dict[str, set[str]] = {}
    for each in seen.heard:
        if _ordered(each) and each.answer and (cart := _cart_of(each.body)):
            told.setdefault(cart, set()).add(each.answer.body["id"])
    return told


def _ordered(each: Heard) -> bool:
    return each.path == ORDERS and each.method == "POST" and each.done


def _orderers(seen: Seen) -> dict[str, list[Heard]]:
    asked: dict[str, list[Heard]] = {}
    for each in seen.heard:
        if each.path == ORDERS and each.method == "POST" and (cart := _cart_of(each.body)):
            asked.setdefault(cart, []).append(each)
    return asked


def _cart_of(body: Any) -> str | None:
    return (body.get("shoppingCart") or {}).get("id") if body else None


def _shown(seen: Seen, cart: str | None) -> Any:
    reads = (each for each in seen.heard if each.method == "GET" and each.path == f"{CARTS}/{cart}" and each.done)
    last = [each.answer.body for each in reads if each.answer]
    return _cents(last[-1]["cartTotalPrice"]) if last and last[-1]["state"] == "ordered" else None


def _published(seen: Seen, order: str) -> Iterator[Any]:
    """The totals of an order that its events tell."""
    for event in seen.day.published if seen.day else []:
        told = event["event"].get("productOrder", {})
        if told.get("id") == order:
            yield _cents(told.get("orderTotalPrice", []))


def _cents(prices: Iterable[Json]) -> Counter[tuple[str, str, str]]:
    """What it costs by kind, period and currency, in cents."""
    found: Counter[tuple[str, str, str]] = Counter()
    for price in prices:
        amount = price["price"]["taxIncludedAmount"]
        part = (price["priceType"], price.get("recurringChargePeriod", ""), amount["unit"])
        found[part] += int((Decimal(str(amount["value"])) * 100).to_integral_value())
    return found


# --- edits -------------------------------------------------------------------------------------------------------


@invariant
def the_order_is_what_the_cart_was(seen: Seen) -> Iterator[str]:
    """An order has exactly the lines that its cart had when it was closed."""
    carts = rows_of(seen, "shoppingCart")
    for order in seen.of("productOrder"):
        if (cart := _cart_of(order["body"])) in carts:
            lines = {id_: ln for id_, ln in carts[cart]["body"]["cartItem"].items() if not ln.get("saved")}
            items = {item["id"]: item for item in order["body"]["productOrderItem"]}
            if {id_: ln["quantity"] for id_, ln in lines.items()} != {i: it["quantity"] for i, it in items.items()}:
                yield f"order {order['id'][:6]} has other items than its cart has lines"


@invariant
def no_acknowledged_edit_is_lost(seen: Seen) -> Iterator[str]:
    """What somebody was told is in the cart is in it, as it was last set, until somebody takes it out or changes it."""
    for line, edits in _edits(seen).items():
        held, removals = _lines(seen).get(line), [edit for edit in edits if edit.value is None]
        if held is None:
            if not removals and not _emptied(seen, line) and any(edit.heard.done for edit in edits):
                yield f"line {line} is gone, and nobody took it out"
            continue
        if any(edit.heard.done for edit in removals):
            yield f"line {line} is there, and somebody was told that it is gone"
        for name in ("quantity", "saved"):
            allowed = _allowed([edit for edit in edits if edit.value and name in edit.value], name)
            if allowed and held[name] not in allowed:
                yield f"line {line}: {name} is {held[name]}, and was last set to {allowed}"


@invariant
def merged_carts_lose_nothing(seen: Seen) -> Iterator[str]:
    """Whatever is merged in which order and how often: every line of a merged cart is in the other one, once."""
    history = seen.history("shoppingCart")
    for id_, changes in history.items():
        for old, new in changes:
            if old and new and new["body"]["state"] == "merged" != old["body"]["state"]:
                into = [row["body"]["cartItem"] for _, row in history.get(new["merged_into"], []) if row]
                gone = [line for line in new["body"]["cartItem"] if not any(line in lines for lines in into)]
                yield from (f"cart {id_[:6]}: its line {line} was merged nowhere" for line in gone)


@invariant
def a_cart_is_opened_once_per_key(seen: Seen) -> Iterator[str]:
    """Who opens a cart again with the same key has the same cart."""
    told: dict[tuple[str, str], set[str]] = {}
    for each in seen.heard:
        if each.method == "POST" and each.path == CARTS and each.done and each.answer and each.headers:
            told.setdefault((each.who.subject, each.headers["idempotency_key"]), set()).add(each.answer.body["id"])
    yield from (f"key {key} opened {len(ids)} carts" for (_, key), ids in told.items() if len(ids) > 1)


@invariant
def a_line_is_added_once_per_key(seen: Seen) -> Iterator[str]:
    """Who adds a line again with the same key has added it once; without one, as often as they asked."""
    asked = [each for each in seen.heard if each.method == "POST" and each.path.endswith("/cartItem")]
    keys = {(each.who.subject, each.headers["idempotency_key"]) for each in asked if each.headers}
    most = len(keys) + sum(1 for each in asked if not each.headers)
    joined = sum(1 for each in seen.heard if each.method == "PATCH" and "cartItem" in (each.body or {}))
    began = {line for row in seen.before.values() if row["type"] == "shoppingCart" for line in row["body"]["cartItem"]}
    opened = sum(1 for each in seen.heard if each.method == "POST" and each.path == CARTS)
    fresh = _lines(seen).keys() - began
    if len(fresh) > most + joined + opened:
        yield f"{len(fresh)} lines were added by {most} requests"


@dataclass(frozen=True)
class _Edit:
    """What somebody asked of a line (None: to take it out), and at which version it was done, if they were told."""

    heard: Heard
    value: Json | None
    version: int


def _edits(seen: Seen) -> dict[str, list[_Edit]]:
    """Every edit of a line that was asked for, by line."""
    found: dict[str, list[_Edit]] = {}
    for each in seen.heard:
        for line, value in _asked(each):
            version = each.version if each.done and each.method != "DELETE" and each.answer else 0
            found.setdefault(line, []).append(_Edit(each, value, version))
    return found


def _asked(each: Heard) -> Iterator[tuple[str, Json | None]]:
    _, _, line = each.path.removeprefix(f"{CARTS}/").partition("/cartItem")
    if not each.path.startswith(CARTS) or (each.answer and 400 <= each.answer.status < 500):
        return
    if each.method == "PATCH" and not line:
        yield from ((item["id"], _set(item)) for item in each.body.get("cartItem", []) if "id" in item)
    elif each.method == "POST" and each.path.endswith("/cartItem") and each.answer and each.done:
        yield each.answer.body["id"], _set(each.body) if not each.replayed else {}
    elif each.method == "PATCH":
        yield line.strip("/"), _set(each.body)
    elif each.method == "DELETE" and line:
        yield line.strip("/"), None


def _emptied(seen: Seen, line: str) -> bool:
    """Whether somebody deleted its cart, or replaced its whole list having seen it."""
    carts = {
        new["id"]
        for _, new in seen.changes
        if new and new["type"] == "shoppingCart" and line in new["body"]["cartItem"]
    }
    return any(
        each.path.removeprefix(f"{CARTS}/") in carts
        and (each.method == "DELETE" or (each.method == "PATCH" and "if_match" in each.headers))
        for each in seen.heard
    )


def _set(body: Json) -> Json:
    sets: Json = {"quantity": body["quantity"]} if "quantity" in body else {}
    return {**sets, "saved": body["status"] == "saveForLater"} if "status" in body else sets


def _allowed(edits: list[_Edit], name: str) -> list[Any]:
    """What a line may say now: what was last acknowledged, or what somebody asked and never heard of."""
    told = [edit for edit in edits if edit.heard.done]
    last = max(told, key=lambda edit: edit.version, default=None)
    unheard = [edit.value[name] for edit in edits if edit.heard.lost and edit.value]
    return [last.value[name], *unheard] if last and last.value else []


def _lines(seen: Seen) -> dict[str, Json]:
    """The lines of all carts that were not merged into others."""
    return {
        id_: {"quantity": line["quantity"], "saved": line.get("saved", False)}
        for cart in seen.of("shoppingCart")
        if cart["body"]["state"] != "merged"
        for id_, line in cart["body"]["cartItem"].items()
    }


# --- history -----------------------------------------------------------------------------------------------------

ENDS = {"completed", "failed", "cancelled", "rejected", "partial"}
# How far a state is from the beginning; nothing comes after an end, and nothing goes back.
FAR = {"acknowledged": 0, "pending": 1, "held": 1, "inProgress": 2, "assessingCancellation": 2}
FAR |= {"pendingCancellation": 3, **dict.fromkeys(ENDS, 4)}
CART_FAR = {"active": 0, "ordered": 1, "merged": 1}


@invariant
def versions_have_no_gap(seen: Seen) -> Iterator[str]:
    """The versions of every row are 1, 2, 3 and so on, whatever was lost: they are the sequence of its events."""
    for old, new in seen.changes:
        if new is not None and new["version"] != (old["version"] if old else 0) + 1:
            yield f"{new['type']} {new['id'][:6]} went from {old['version'] if old else 0} to {new['version']}"


@invariant
def states_only_move_forward(seen: Seen) -> Iterator[str]:
    """No order, item or cart goes back, and nothing follows an end."""
    for old, new in seen.changes:
        if old is None or new is None or new["type"] not in ("productOrder", "shoppingCart"):
            continue
        far = FAR if new["type"] == "productOrder" else CART_FAR
        pairs = [(old["body"]["state"], new["body"]["state"])]
        if new["type"] == "productOrder":
            was = {item["id"]: item["state"] for item in old["body"]["productOrderItem"]}
            pairs += [(was[item["id"]], item["state"]) for item in new["body"]["productOrderItem"]]
        yield from (f"{new['type']} {new['id'][:6]} went from {a} to {b}" for a, b in pairs if _back(far, a, b))


def _back(far: dict[str, int], was: str, becomes: str) -> bool:
    return was != becomes and far[becomes] <= far[was] and far[was] > 1


@invariant
def a_key_names_what_it_made(seen: Seen) -> Iterator[str]:
    """What an Idempotency-Key remembers is there: both were written, or neither."""
    made = {row["id"] for row in seen.rows.values()}
    made |= {line for cart in seen.of("shoppingCart") for line in cart["body"]["cartItem"]}
    made |= {
        line for _, new in seen.changes if new and new["type"] == "shoppingCart" for line in new["body"]["cartItem"]
    }
    yield from (f"a key names {row['made'][:6]}" for row in seen.of("key") if row["made"] not in made)


# --- what follows ------------------------------------------------------------------------------------------------

SILENT = {"accessRecord", "catalogCheck", "exportJob", "grant", "importJob"}  # of these nobody is told
TOLD = {
    "shoppingCart": "ShoppingCart",
    "productOrder": "ProductOrder",
    "product": "Product",
    "partyInteraction": "PartyInteraction",
    "communicationMessage": "CommunicationMessage",
    "cancelProductOrder": "CancelProductOrder",
}
STAGES = {"completed": "activated", "partial": "activated", "failed": "failed", "rejected": "failed"}
STAGES |= {"acknowledged": "received", "cancelled": "cancelled"}
IN_TIMELINE = (
    "ShoppingCartCreate",
    "ShoppingCartAttributeValueChange",
    "ProductOrderCreate",
    "ProductOrderStateChange",
)


@invariant
def every_version_is_published_as_one_event(seen: Seen) -> Iterator[str]:
    """Every version of a row is an event, each resource's sequence goes from 1 to n, and a repeat says the same."""
    if seen.day is None:
        return
    by_id: dict[str, Json] = {}
    for event in seen.day.published:
        if by_id.setdefault(event["eventId"], event) != event:
            yield f"{event['eventId']} says two things"
    for _, new in seen.changes:
        if new is not None and new["type"] in TOLD and not _parked(seen, "stream", new["id"]):
            event = by_id.get(f"{new['type']}-{new['id']}-{new['version']}", {})
            if event.get("sequence") != new["version"]:
                yield f"{new['type']} {new['id'][:6]}: version {new['version']} was never told"


@invariant
def every_event_is_in_the_timeline_once(seen: Seen) -> Iterator[str]:
    """What a customer did or what became of it stands in their timeline, once, however often its event came."""
    if seen.day is None:
        return
    known = [event for event in seen.day.published if UNKNOWN not in event["eventId"]]
    told = [event for event in known if event["eventType"].removesuffix("Event") in IN_TIMELINE]
    due = {event["eventId"]: event for event in told if not _parked(seen, "remember", event["eventId"])}
    entries = [row for row in seen.of("partyInteraction") if row["by"] == "remember"]
    kept = [row for row in entries if row["body"]["reason"] not in ("messageSent", "offerViewed")]
    if not len(due) <= len(kept) <= len({event["eventId"] for event in told}):
        yield f"{len(due)} events are due in timelines and {len(kept)} entries stand there"


@invariant
def a_stage_is_told_at_most_once(seen: Seen) -> Iterator[str]:
    """A customer gets at most one message per order and stage: an SMS cannot be recalled."""
    yield from (f"{text!r} was sent {n} times" for (_, text), n in Counter(sent(seen.calls)).items() if n > 1)


@invariant
def a_message_without_an_answer_is_parked(seen: Seen) -> Iterator[str]:
    """Every stage is told, or what stands in the way is parked where somebody sees it."""
    if seen.day is None:
        return
    messages = {
        (row["order"], row["body"]["template"]): row["body"]["state"] for row in seen.of("communicationMessage")
    }
    for _, new in seen.changes:
        stage = STAGES.get(new["body"]["state"]) if new and new["type"] == "productOrder" else None
        if (
            new
            and stage
            and messages.get((new["id"], stage)) != "completed"
            and not _parked(seen, "confirm", new["id"])
        ):
            yield f"order {new['id'][:6]}: {stage} is {messages.get((new['id'], stage))}, and nobody sees it"


@invariant
def an_order_comes_to_an_end_or_is_parked(seen: Seen) -> Iterator[str]:
    """Every order is fulfilled, taken back or rejected; one that stopped in between is parked."""
    if seen.day is None:
        return
    for order in seen.of("productOrder"):
        if order["body"]["state"] not in ENDS and not _parked(seen, "workflow", order["id"]):
            yield f"order {order['id'][:6]} is {order['body']['state']}"


@invariant
def the_ledger_of_the_network_adds_up(seen: Seen) -> Iterator[str]:
    """What is active below is what was sold: an item of a fulfilled order once, nothing of one that was taken back."""
    if seen.day is None:
        return
    active = Counter(
        row["body"]["given"]["serial"] for row in seen.of("activation") if row["body"]["state"] == "active"
    )
    products = Counter(row["body"].get("origin", {}).get("productOrder") for row in seen.of("product"))
    for order in (order for order in seen.of("productOrder") if order["body"]["state"] in ENDS):
        done = [item for item in order["body"]["productOrderItem"] if item["state"] == "completed"]
        given = {each["serial"] for each in (order.get("activation") or {}).values()}
        if done and (len(given) != len(done) or any(active[serial] != 1 for serial in given)):
            yield f"order {order['id'][:6]}: {len(done)} items are completed, {len(given)} active"
        new = sum(item["quantity"] for item in done if item["kind"] in ("sale", "addOn"))
        if products[order["id"]] != new:
            yield f"order {order['id'][:6]} is {products[order['id']]} products and should be {new}"
    known = {s["serial"] for order in seen.of("productOrder") for s in (order.get("activation") or {}).values()}
    stopped = bool([each for each in seen.day.parked if each["place"] == "workflow"])
    yield from (f"{serial} is active for nobody" for serial in active if serial not in known and not stopped)


@invariant
def the_archive_played_again_changes_nothing(seen: Seen) -> Iterator[str]:
    """Every event once more, as a replay of the archive: no row changes and nothing is sent."""
    if seen.replayed:
        yield f"{seen.replayed} writes and messages followed from a replay"


@invariant
def what_nobody_can_take_is_parked_and_stops_nobody(seen: Seen) -> Iterator[str]:
    """A record that cannot be read and an event for an order that nobody knows are parked, and no row comes of them."""
    if seen.day is None:
        return
    parked = sum(1 for each in seen.day.parked if UNKNOWN in str(each["what"]) or "poison" in str(each["what"]))
    if parked < seen.day.poisoned:
        yield f"{seen.day.poisoned} could not be taken, and {parked} are parked"
    yield from (f"there is a row {address}" for address in seen.rows if UNKNOWN in address)
    yield from (f"a message was sent: {text}" for _, text in sent(seen.calls) if UNKNOWN[:8] in text)


@invariant
def every_subscriber_hears_everything(seen: Seen) -> Iterator[str]:
    """Every event of an API reaches the queue of who subscribed to it, at least once."""
    for subscription, heard in seen.queued.items():
        due = {
            event["eventId"]
            for event in (seen.day.published if seen.day else [])
            if event["domain"] == "productOrdering"
        }
        missing = {id_ for id_ in due - heard if not _parked(seen, "notify", id_)}
        yield from (f"subscriber {subscription[:6]} never heard of {id_[:20]}" for id_ in missing)


def _parked(seen: Seen, place: str, about: str) -> bool:
    """Whether something about that resource or event waits there for somebody to look at it."""
    parked = seen.day.parked if seen.day else []
    return any(each["place"].startswith(place) and about in json.dumps(each["what"], default=str) for each in parked)


def rows_of(seen: Seen, kind: str) -> dict[str, Row]:
    """The rows of a kind by id."""
    return {row["id"]: row for row in seen.of(kind)}
