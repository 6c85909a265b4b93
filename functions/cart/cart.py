"""What a shopping cart is: lines that were decided, by whom and where; all else is computed when it is read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from functions.catalog.assembly import UNDER
from functions.customer import private
from functions.inventory import product as products
from functions.shared import clock
from functions.shared.access import Caller
from functions.shared.errors import ConditionMissing, Malformed, NotFound, RuleBroken
from functions.shared.resource import Json, nameless

LINES = 100  # a cart is one row of at most 400 KB, and an order is one transaction
QUANTITY = 99

# How long a cart waits since its last change; then it is abandoned, still seen for GRACE, and cleaned away.
WAITS = {"guest": timedelta(days=7), "owned": timedelta(days=90), "saved": timedelta(days=180)}
GRACE = timedelta(days=30)
RECORD = timedelta(days=400)  # how long an ordered or merged cart tells what became of it

# kind -> the TM Forum action it belongs to. A new kind is a row here and a plan in fulfilment.
KINDS = {
    "sale": "add",
    "addOn": "modify",
    "planChange": "modify",
    "move": "modify",
    "numberChange": "modify",
    "simSwap": "modify",
    "ownershipChange": "modify",
    "prepaidToPostpaid": "modify",
    "portIn": "add",
    "portOut": "delete",
    "suspend": "modify",
    "resume": "modify",
    "renew": "modify",
    "upgrade": "modify",
    "replace": "modify",
    "disconnect": "delete",
}
USUAL = {"add": "sale", "modify": "addOn", "delete": "disconnect", "noChange": "sale"}
# What the server says of a line; a client may send it (the standard lets it), and it is ours all the same.
OURS = frozenset(
    {
        "id",
        "href",
        "itemPrice",
        "ItemTotalPrice",
        "touch",
        "barred",
        "losing",
        "configuration",
        "priceProof",
        "@type",
        "@baseType",
        "@schemaLocation",
    }
)


@dataclass(frozen=True)
class Line:
    """One decision: this much of that offering, and who touched it last. `more` holds what we only carry."""

    id: str
    quantity: int
    touch: Json
    offering: str | None = None
    action: str = "add"
    kind: str = "sale"
    saved: bool = False
    product: str | None = None  # the installed product that is modified or ended
    own: bool = False  # whether it is of the offering which that product was sold as
    taken: bool = False  # whether its parts are what lay in that product, not what somebody chose for it
    catalog_version: str | None = None  # where it was priced, if not in the version its cart is pinned to
    written: str | None = None  # where the customer's side keeps what a person wrote on it
    more: Json = field(default_factory=dict)

    @property
    def active(self) -> bool:
        return not self.saved

    @property
    def effect(self) -> str:
        """What it does to the installed base."""
        return products.EFFECT[self.kind]

    @property
    def keeps(self) -> bool:
        """Whether it changes its product as it is, on the terms that has: it sells nothing."""
        return self.own and self.effect in products.KEEPS

    @property
    def renews(self) -> bool:
        """Whether it goes on with the offering that its product has."""
        return self.own and self.kind == "renew"

    @property
    def as_it_is(self) -> bool:
        """Whether it goes on with all that its product has, with what lies in it, too."""
        return self.renews and (self.taken or not any(self.more.get(name) is not None for name in UNDER))

    @property
    def alone(self) -> bool:
        """Whether it changes or ends one product, and so is one."""
        return self.product is not None and self.action in ("modify", "delete") and self.effect != "extend"

    @property
    def gives_up(self) -> bool:
        """Whether it ends its product or the terms that has."""
        return self.alone and self.effect in products.GIVES_UP


@dataclass(frozen=True)
class ShoppingCart:
    """A cart as its row holds it. `customer` is None while it is a guest's or a partner's."""

    id: str
    brand: str
    catalog_version: str
    created: str
    at: str
    expires: datetime
    version: int = 1
    state: str = "active"
    customer: str | None = None
    sellers: tuple[str, ...] = ()  # the partner whose sale it is, and those above it as it began; most have none
    lines: Mapping[str, Line] = field(default_factory=dict)
    touches: Mapping[str, Json] = field(default_factory=dict)  # channel -> {by, at, outlet?, origin?}
    opened: Json = field(default_factory=dict)  # {by, channel, outlet?} of who opened it: most lines are theirs
    order: str | None = None
    held: tuple[str, ...] = ()  # once it is ordered: which criteria on the customer were true of its prices
    own: tuple[Json, ...] = ()  # and which prices of the customer's own these were
    merged_into: str | None = None
    written: str | None = None  # where the customer's side keeps what a person wrote on it
    more: Json = field(default_factory=dict)

    @property
    def partner(self) -> str | None:
        """Whose sale it is, if a partner's."""
        return next(iter(self.sellers), None)

    @property
    def currency(self) -> str | None:
        """In which currency it is priced; the brand's own where it does not say."""
        return self.more.get("currency")

    def must_be_sold_in(self, currencies: Collection[str]) -> None:
        """Raises RuleBroken where the brand has no prices in the currency of the cart: nothing is ever converted."""
        if self.currency is not None and self.currency not in currencies:
            raise RuleBroken(
                f"Nothing is sold in {self.currency[:10]} here, but in {' and '.join(currencies)}.",
                code="otherCurrency",
            )

    @property
    def campaigns(self) -> list[str]:
        """The campaigns that brought the customer here."""
        return list(self.more.get("campaign") or [])

    def state_at(self, moment: datetime) -> str:
        """active, ordered, merged or abandoned: expiry is a matter of the time, not of a clean-up."""
        return "abandoned" if self.state == "active" and moment >= self.expires else self.state

    def must_be_active(self, moment: datetime) -> None:
        """Raises RuleBroken, with what became of it, where the cart takes no more changes."""
        state = self.state_at(moment)
        if state == "abandoned":
            until = self.expires.date().isoformat()
            raise RuleBroken(f"This cart was kept until {until}; start a new one.", code="cartAbandoned")
        if state == "ordered":
            raise RuleBroken("This cart was ordered; start a new one.", code="cartOrdered", productOrder=self.order)
        if state == "merged":
            raise RuleBroken(
                "This cart was merged into another one; go on with that.",
                code="cartMerged",
                shoppingCart=self.merged_into,
            )

    @property
    def completed(self) -> tuple[str, datetime] | None:
        """In which channel and when it was ordered; that channel's price of that moment is what it cost."""
        done = [(channel, touch) for channel, touch in self.touches.items() if touch.get("completed")]
        return (done[0][0], clock.moment(done[0][1]["at"])) if done else None

    def line(self, id_: str) -> Line:
        """The line of that id; raises NotFound."""
        if id_ not in self.lines:
            raise NotFound("cart line")
        return self.lines[id_]

    def must_take(self, more: int) -> None:
        """Raises RuleBroken where so many lines more are too many."""
        if len(self.lines) + more > LINES:
            raise RuleBroken(f"A cart holds at most {LINES} lines; order these first.", code="cartFull")


def parted(cart: ShoppingCart) -> tuple[ShoppingCart, dict[str, Json | None]]:
    """The cart without what a person wrote on it, and that by part: "" the cart itself, else the line's id."""
    more, on_cart = private.parted(cart.more)
    parts: dict[str, Json | None] = {"": on_cart}
    lines: dict[str, Line] = {}
    for id_, line in cart.lines.items():
        bare, parts[id_] = private.parted(line.more)
        lines[id_] = replace(line, more=bare)
    return replace(cart, more=more, lines=lines), parts


def kept_under(cart: ShoppingCart, id_: str | None, parts: Mapping[str, Json | None]) -> ShoppingCart:
    """The cart whose parts written now lie under that id; others lie where they lay, and emptied ones nowhere."""

    def where(part: str, lay: str | None) -> str | None:
        content = parts.get(part)
        return lay if content is None else id_ if content else None

    lines = {line.id: replace(line, written=where(line.id, line.written)) for line in cart.lines.values()}
    return replace(cart, lines=lines, written=where("", cart.written))


def merged(into: ShoppingCart, guest: ShoppingCart, caller: Caller) -> ShoppingCart:
    """The customer's cart with the guest's lines in it: a union by line id, so that a second time changes nothing.

    A guest's line keeps the catalog version it was priced from. Raises RuleBroken where both do not fit into one.
    """
    brought = {id_: _pinned(line, guest, into) for id_, line in guest.lines.items() if id_ not in into.lines}
    into.must_take(len(brought))
    lines = {**into.lines, **brought}
    moment = clock.now()
    return replace(
        into,
        lines=lines,
        touches=touched(replace(into, touches={**_passed(guest.touches), **into.touches}), caller),
        expires=expiry(into.customer, lines.values(), moment),
        written=into.written or guest.written,
        more={**{k: v for k, v in guest.more.items() if k != "currency"}, **into.more},  # its prices stay what they are
    )


def _passed(touches: Mapping[str, Json]) -> Mapping[str, Json]:
    # The customer's cart began where it began; the guest's channels were passed on the way.
    return {channel: {k: v for k, v in touch.items() if k != "origin"} for channel, touch in touches.items()}


def _pinned(line: Line, to: ShoppingCart, within: ShoppingCart) -> Line:
    version = line.catalog_version or to.catalog_version
    return replace(line, catalog_version=None if version == within.catalog_version else version)


def left_over(cart: ShoppingCart, caller: Caller) -> ShoppingCart | None:
    """The cart that takes over what was saved for later when its cart is ordered; None where nothing was."""
    saved = {id_: line for id_, line in cart.lines.items() if line.saved}
    if not saved:
        return None
    now = clock.now()
    fresh = replace(
        cart,
        id=clock.derived_id(cart.brand, "left over", cart.id),
        created=clock.text(now),
        at=clock.text(now),
        expires=expiry(cart.customer, saved.values(), now),
        version=1,
        lines=saved,
        touches={},
        sellers=(),  # what a customer has not bought yet is the customer's alone
    )
    return opened_by(fresh, caller)


def opened_by(cart: ShoppingCart, caller: Caller) -> ShoppingCart:
    """A fresh cart with the first touch on it."""
    touch = touch_of(caller)
    first = {**{k: v for k, v in touch.items() if k != "channel"}, "origin": True}
    return replace(cart, touches={caller.channel: first}, opened={k: v for k, v in touch.items() if k != "at"})


def touch_of(caller: Caller) -> Json:
    """Who is at it, in which channel and outlet, and when."""
    found = {"by": caller.subject, "channel": caller.channel, "at": clock.text(clock.now()), "outlet": caller.outlet}
    return {k: v for k, v in found.items() if v}


def touched(cart: ShoppingCart, caller: Caller) -> Mapping[str, Json]:
    """The cart's touches with this one added; a channel's later touch keeps what the channel first was."""
    was = cart.touches.get(caller.channel, {})
    now = {k: v for k, v in touch_of(caller).items() if k != "channel"}
    return {**cart.touches, caller.channel: {**now, **({"origin": True} if was.get("origin") else {})}}


def expiry(customer: str | None, lines: Iterable[Line], moment: datetime) -> datetime:
    """Until when a cart in that state waits."""
    lines, moment = list(lines), moment.replace(microsecond=0)  # a row holds whole seconds
    if customer is None:
        return moment + WAITS["guest"]
    return moment + WAITS["saved" if lines and all(line.saved for line in lines) else "owned"]


def new_line(body: Json, caller: Caller, position: int = 0) -> Line:
    """The line that a checked CartItem asks for; raises Malformed or RuleBroken with what it lacks."""
    action, kind = body.get("action", "add"), kind_of(body)
    product = (body.get("product") or {}).get("id")
    if action in ("modify", "delete") and not product:
        raise Malformed(f"A line that would {action} something names it: product.id.", code="productMissing")
    line = Line(
        id=clock.sortable_id(position),
        quantity=_quantity(body.get("quantity", 1)),
        touch=touch_of(caller),
        offering=(body.get("productOffering") or {}).get("id"),
        action=action,
        kind=kind,
        saved=body.get("status") == "saveForLater",
        product=product,
        more=_carried(body),
    )
    return _countable(line)


def on_product(line: Line, installed: Json) -> Line:
    """The line about that product: one that leaves its terms alone and names no other offering keeps them.

    One that renews it is of the same offering, unless it names another. One that gives the same bundle new terms is of
    what lies in the product, unless it says itself what shall.
    """
    offering = line.offering or products.renewed(line.kind, installed)
    line = replace(line, offering=offering, own=offering is not None and offering == products.sold_as(installed))
    if not line.own or line.effect != "terms" or any(line.more.get(name) is not None for name in UNDER):
        return line
    chosen = products.chosen(installed, line.more)
    return replace(line, more={**line.more, **chosen}, taken=True) if "cartItem" in chosen else line


def overtaken(line: Line, installed: Json) -> bool:
    """Whether that product is of another offering by now than is renewed, or holds other parts than were taken."""
    if line.renews and products.sold_as(installed) != line.offering:
        return True
    return line.taken and products.chosen(installed, {}).get("cartItem") != line.more.get("cartItem")


def rivals(lines: Iterable[Line]) -> dict[str, str]:
    """Of lines that give one product new terms or end it, each with another that does: it can only have one of them."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.product and line.gives_up:
            found.setdefault(line.product, []).append(line.id)
    return {id_: next(other for other in of if other != id_) for of in found.values() if len(of) > 1 for id_ in of}


def kind_of(body: Json) -> str:
    """What a line or item is for, as it says or as is usual for its action; raises Malformed for a mismatch."""
    action = body.get("action", "add")
    kind = str(body.get("kind") or USUAL[action])
    if kind not in KINDS or (KINDS[kind] != action and action != "noChange"):
        raise Malformed(f"The kind {kind} does not go with the action {action}.", code="kindMismatch")
    return kind


def changed_line(line: Line, patch: Json, caller: Caller) -> Line:
    """The line after a merge patch of it; what it is about (offering, action, product) stays as it was."""
    for name, held in (("action", line.action), ("kind", line.kind)):
        if patch.get(name, held) != held:
            raise RuleBroken(f"The {name} of a line stays; remove the line and add another.", code="lineFixed")
    offering = (patch.get("productOffering") or {}).get("id", line.offering)
    if offering != line.offering:
        raise RuleBroken("The offering of a line stays; remove the line and add another.", code="lineFixed")
    carried, parts = _carried(patch), line.more.get("cartItem")
    if line.taken and carried.get("cartItem", ...) is None:
        del carried["cartItem"]  # to say nothing of its parts is to have those of the product
    changed = replace(
        line,
        quantity=_quantity(patch.get("quantity", line.quantity)),
        saved=patch["status"] == "saveForLater" if patch.get("status") else line.saved,
        touch=touch_of(caller),
        taken=line.taken and carried.get("cartItem", parts) == parts,
        more=private.merged(line.more, carried),
    )
    return _countable(changed)


def _quantity(value: int) -> int:
    if value is None or not 1 <= value <= QUANTITY:
        raise Malformed(f"A quantity is a whole number from 1 to {QUANTITY}.", code="badQuantity")
    return value


def _countable(line: Line) -> Line:
    """The line; raises Malformed where it would change or end one product several times."""
    if line.alone and line.quantity != 1:
        raise Malformed("A line that changes or ends one product has the quantity 1.", code="badQuantity")
    return line


def _carried(body: Json) -> Json:
    known = {"quantity", "productOffering", "action", "kind", "status"}
    carried = {k: v for k, v in body.items() if k not in known | OURS}
    if isinstance(product := carried.get("product"), dict):
        carried["product"] = {k: v for k, v in product.items() if k not in ("href", "relatedParty")}
    if isinstance(parties := carried.get("relatedParty"), list):
        carried["relatedParty"] = nameless(parties)
    if isinstance(parts := carried.get("cartItem"), list):
        carried["cartItem"] = [_part(part) for part in parts]
    return carried


def _part(body: Json) -> Json:
    """A part of a bundle as it is carried: what was chosen, and nothing that is usual."""
    part = {k: v for k, v in _carried(body).items() if k not in ("cartItemRelationship", "relatedParty")}
    if offering := (body.get("productOffering") or {}).get("id"):
        part["productOffering"] = {"id": offering}
    return part if body.get("quantity", 1) == 1 else {**part, "quantity": body["quantity"]}


def patched_lines(cart: ShoppingCart, items: list[Json], caller: Caller, *, whole: bool) -> dict[str, Line]:
    """The lines after a PATCH that names cartItem: with If-Match (`whole`) they are the list, else they join it.

    Raises ConditionMissing, naming the lines, where a list without If-Match leaves some out.
    """
    named = {item["id"]: item for item in items if item.get("id") in cart.lines}
    if len(named) < sum(item.get("id") in cart.lines for item in items):
        raise Malformed("The list names a line twice.", code="sameItem")
    left_out = [id_ for id_ in cart.lines if id_ not in named]
    if left_out and not whole and (named or not items):
        raise ConditionMissing(
            "This list leaves out lines of the cart; send If-Match to drop them, or DELETE each.", cartItem=left_out
        )
    fresh = [new_line(item, caller, i) for i, item in enumerate(items) if item.get("id") not in cart.lines]
    kept = {id_: line for id_, line in cart.lines.items() if not whole or id_ in named}
    changed = {id_: changed_line(cart.lines[id_], item, caller) for id_, item in named.items()}
    return {**kept, **changed, **{line.id: line for line in fresh}}
