"""`omnihub break`: hurts the hub of this folder before your eyes, and shows the rows that prove nothing was lost."""

import json
import uuid
from collections import Counter
from typing import Any

import typer

from cli.account import Account
from cli.breakage import Scene
from cli.jane import MIRA
from cli.redrive import show
from cli.scenery import BEN, CARTS, ORDERS
from cli.stacy import WEB as STACY
from cli.story import Actor, Answer, Call
from functions.shared import rows

CLICKS = 8
CREATED, CONFLICT, FAULT = 201, 409, 500
ADDED = "plan-s"  # the line that comes while the cart is ordered
HEADER, CRASH = "Omnihub-Break", "crash-after-commit"  # what local/faults.py hears; importing it would start moto

app = typer.Typer(no_args_is_help=True, help=__doc__)


def order_of(cart: str, **headers: str) -> Call:
    """The request that orders a cart."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Call("POST", ORDERS, {"shoppingCart": {"id": cart}}, named)


def _the_one(scene: Scene, cart: str, answers: list[Answer]) -> str:
    """The id of the one order; each answer that gives one names it."""
    told = Counter(str(answer.status) for answer in answers)
    counted = ", ".join(f"{n} x {status}" for status, n in sorted(told.items()))
    scene.say(f"{len(answers)} answer{'s' * (len(answers) > 1)}: {counted}.")
    (order,) = found if len(found := scene.rows.orders_of(cart)) == 1 else [None]
    scene.must("There is one order row of this cart.", order)
    named = {str(answer.body["id"]) for answer in answers if answer.status == CREATED}
    scene.must("Every answer that names an order names that one.", order and named == {order["id"]})
    return str(named.pop())


@app.command()
def double_click() -> None:
    """Stacy's finger is nervous: her order is sent many times at once, with one key and with many."""
    scene, key = Scene(), str(uuid.uuid4())
    cart = scene.cart()
    same = [order_of(cart, Idempotency_Key=key)] * CLICKS
    many = [order_of(cart, Idempotency_Key=str(uuid.uuid4())) for _ in range(CLICKS)]
    scene.say(f"Stacy's order is sent {2 * CLICKS} times at once: {CLICKS} with one key, {CLICKS} with one each.")
    answers = scene.at_once((STACY, call) for call in (*same, *many))
    id_ = _the_one(scene, cart, answers)
    scene.must(f"All {2 * CLICKS} were answered with it.", all(a.status == CREATED for a in answers))
    scene.end(id_)


@app.command()
def two_shops() -> None:
    """Mira in the shop and Ben at the call centre order one cart at once, while Stacy adds a line to it."""
    scene = Scene()
    cart = scene.cart()
    added = Call("POST", f"{CARTS}/{cart}/cartItem", {"productOffering": {"id": ADDED}})
    scene.say("Mira (shop) and Ben (call centre) order Stacy's cart at once, and Stacy (web) adds a line to it.")
    *ordered, line = scene.at_once([(MIRA, order_of(cart)), (BEN, order_of(cart)), (STACY, added)])
    ordered = [_insisted(scene, who, cart, answer) for who, answer in zip((MIRA, BEN), ordered, strict=True)]
    id_ = _the_one(scene, cart, ordered)
    (order,) = scene.rows.orders_of(cart)
    items = [item["productOffering"]["id"] for item in order["body"]["productOrderItem"]]
    if line.status == CREATED:
        scene.must("Stacy's line was taken, and it is in the order.", ADDED in items)
    else:
        scene.say(f"Stacy is told: {line.body['reason']}")
        scene.must("Stacy's line was refused, and it is not in the order.", ADDED not in items)
    scene.end(id_)


def _insisted(scene: Scene, who: Actor, cart: str, answer: Answer) -> Answer:
    """Who is told that the cart changed under their hands orders it again, as they are told to."""
    if answer.status != CONFLICT:
        return answer
    scene.say(f"{who.name} is told: {answer.body['reason']} So {who.name} does.")
    return scene.send(who, order_of(cart))


@app.command()
def crash_after_commit() -> None:
    """The function dies right after its transaction; nobody is told, and the channel sends its order again."""
    scene, key = Scene(), str(uuid.uuid4())
    cart = scene.cart()
    died = scene.send(STACY, order_of(cart, Idempotency_Key=key, **{HEADER: CRASH}))
    scene.must(f"The function dies after its transaction; the channel is answered {FAULT}.", died.status == FAULT)
    again = scene.send(STACY, order_of(cart, Idempotency_Key=key))
    scene.say("It sends the same request again.")
    scene.end(_the_one(scene, cart, [again]))


@app.command()
def late_event() -> None:
    """An old event comes again, twice, long after its order was fulfilled; and one of an order that nobody knows."""
    scene = Scene()
    cart = scene.cart()
    id_ = str(scene.send(STACY, order_of(cart)).body["id"])
    before = scene.rows.fulfilled(id_)
    old = scene.rows.events("order", id_)[0]
    unknown = _of_nobody(old)
    ended = _ended(scene)
    _put(scene.account, [old, old, unknown])
    scene.say(f"The first event of order {id_[:8].upper()} is put on the bus twice more, and one of an unknown order.")
    runs = scene.rows.until("the workflows have looked at them", lambda: _more(_ended(scene), ended, 3))
    scene.say(f"The workflow was started for each of the three: {', '.join(sorted(runs.elements()))}.")
    scene.must("Not one row of the order is another than before.", scene.rows.of_order(id_) == before)
    stranger = unknown["event"]["productOrder"]["id"]
    scene.must("There is no row of the unknown order.", not any(scene.rows.of_order(stranger).values()))
    scene.end(id_)


def _of_nobody(event: dict[str, Any]) -> dict[str, Any]:
    order = {**event["event"]["productOrder"], "id": uuid.uuid4().hex, "relatedParty": []}
    return {**event, "eventId": f"productOrder-{order['id']}-1", "event": {"productOrder": order}}


def _put(account: Account, told: list[dict[str, Any]]) -> None:
    bus = account.client("events")
    (name,) = [each["Name"] for each in bus.list_event_buses()["EventBuses"] if each["Name"].endswith("-bus")]
    entries = [
        {
            "Source": f"omnihub.{event['domain']}",
            "DetailType": event["eventType"],
            "Detail": json.dumps(event, default=float),
            "EventBusName": name,
        }
        for event in told
    ]
    bus.put_events(Entries=entries)


def _ended(scene: Scene) -> Counter[str]:
    """How many runs of the workflow have ended, by how they did."""
    states = scene.account.client("stepfunctions")
    (machine,) = states.list_state_machines()["stateMachines"]
    runs = states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    return Counter(run["status"].lower() for run in runs if run["status"] != "RUNNING")


def _more(now: Counter[str], before: Counter[str], wanted: int) -> Counter[str] | None:
    return now - before if (now - before).total() >= wanted else None


@app.command()
def poison() -> None:
    """A row that no code can read is written; it ends where it can be seen, and everything after it flows."""
    from cli import places

    scene = Scene()
    id_ = f"poison-{uuid.uuid4().hex[:8]}"
    item = {"pk": rows.pk("nova", "productOrder", id_), "sk": "productOrder", "type": "productOrder", "id": id_}
    scene.account.client("dynamodb").put_item(TableName=scene.rows.table("order"), Item=rows.packed(item))
    scene.say(f"A row {id_} without version or body is written into the table of orders.")
    order = str(scene.send(STACY, order_of(scene.cart())).body["id"])
    scene.say("Stacy orders after it.")
    scene.end(order)
    parked = next(iter(places.of(scene.account)))
    scene.rows.until("the record is parked", lambda: _parked(parked, id_))
    scene.say("The record is parked, and omnihub redrive --dry-run shows it:")
    show([parked], scene.account)


def _parked(place: Any, id_: str) -> bool:
    return any(letter.resource.endswith(id_) for held in place.look(1) for letter in held.letters)
