"""Every wrong hub that the instrument is held against."""

from tests.proof.broken import Broken, Plant

ORDER_STORE, ORDER, PLACE = "order/store.py", "order/order.py", "order/place.py"
CART, CART_STORE = "cart/cart.py", "cart/store.py"
ROWS, KEYS, AWS = "shared/rows.py", "shared/keys.py", "shared/aws.py"
PUBLISH, CONFIRM, REMEMBER, FULFIL = "events/publish.py", "events/confirm.py", "events/remember.py", "events/fulfil.py"
INVENTORY = "inventory/store.py"

RANDOM_ID = Plant(ORDER, 'return clock.derived_id(cart.brand, "productOrder", cart.id)', "return clock.new_id()")
FIND_BY_CART = Plant(ORDER_STORE, "load(caller, orders.id_of(cart))", "load(caller, str(cart.order))")
NO_CONDITION = Plant(
    CART_STORE,
    """        when="version = :seen AND #body.#state = :active AND expires > :now",
        values={":seen": cart.version, ":active": "active", ":now": seconds(now)},""",
    '        when="attribute_exists(pk)",',
)
IN_A_TRANSACTION = "        keys.save(settings.order_table, caller, asked, order.id, *writes)\n    except keys.MadeBefore as before:\n        return load(caller, before.id), True\n    except rows.Refused as refused:"
ONE_BY_ONE = IN_A_TRANSACTION.replace(
    "keys.save(settings.order_table, caller, asked, order.id, *writes)",
    """for each in writes:
            rows.save(each)
        if asked:
            rows.save(keys.remember(settings.order_table, caller, asked, order.id))""",
)
NO_KEY = ONE_BY_ONE.replace("if asked:", "if False and asked:")

# The two ways in which such a thing is usually built; `make prove` shows their figures beside the hub's own.
NAIVE = Broken(
    "check-then-write",
    "looks whether the cart is open, then writes order and cart one after the other",
    (
        RANDOM_ID,
        FIND_BY_CART,
        NO_CONDITION,
        Plant(ORDER_STORE, IN_A_TRANSACTION, NO_KEY),
    ),
    ("two-channels", "double-click"),
)
CACHE = Broken(
    "idempotency-cache-alone",
    "the same, behind a cache of answers by Idempotency-Key",
    (
        *NAIVE.plants[:3],
        Plant(ORDER_STORE, IN_A_TRANSACTION, ONE_BY_ONE),
        Plant(
            "order/handler.py",
            '    cart = cart_store.load(caller, cart_id, "order.place")\n    if cart.state',
            "    if made := store.remembered(caller, asked):\n        return made, True\n"
            '    cart = cart_store.load(caller, cart_id, "order.place")\n    if cart.state',
        ),
    ),
    ("two-channels", "double-click"),
)
REFERENCES = (NAIVE, CACHE)

VARIANTS = (
    *REFERENCES,
    Broken(
        "random-id-without-conditions",
        "one transaction, but a random order id and no condition on the cart",
        (RANDOM_ID, FIND_BY_CART, NO_CONDITION),
        ("two-channels",),
    ),
    Broken(
        "cart-outside-the-transaction",
        "the cart is closed after the order is written",
        (Plant(ORDER_STORE, IN_A_TRANSACTION, ONE_BY_ONE),),
        ("two-channels", "order-and-add"),
    ),
    Broken(
        "cart-version-unchecked",
        "the cart may have changed since it was priced",
        (
            Plant(
                CART_STORE,
                'when="version = :seen AND #body.#state = :active AND expires',
                'when="#body.#state = :active AND expires',
            ),
            Plant(
                CART_STORE,
                'values={":seen": cart.version, ":active": "active", ":now"',
                'values={":active": "active", ":now"',
            ),
        ),
        ("order-and-add", "order-and-change"),
    ),
    Broken(
        "key-before-the-order",
        "the key is remembered before what it made is written",
        (
            Plant(
                ORDER_STORE,
                IN_A_TRANSACTION,
                IN_A_TRANSACTION.replace(
                    "keys.save(settings",
                    """if asked:
            with suppress(rows.Refused):
                rows.save(keys.remember(settings.order_table, caller, asked, order.id))
        keys.save(settings""",
                ).replace("caller, asked, order.id, *writes", "caller, None, order.id, *writes"),
            ),
        ),
        ("order-and-delete", "order-and-remove"),
    ),
    Broken(
        "key-of-anybody",
        "a key is not bound to who sent it",
        (
            Plant(
                KEYS, "clock.derived_id(caller.brand, caller.principal, sent)", "clock.derived_id(caller.brand, sent)"
            ),
        ),
        ("two-people",),
    ),
    Broken(
        "price-from-the-body",
        "the total is what the client says",
        (
            Plant(
                PLACE,
                "    written = {line.id: line.written for line in lines if line.written} or None\n    return replace(order,",
                '    order = replace(order, body={**order.body, "orderTotalPrice": body.get("orderTotalPrice") or order.body["orderTotalPrice"]})\n'
                "    written = {line.id: line.written for line in lines if line.written} or None\n    return replace(order,",
            ),
        ),
        ("told-a-price",),
    ),
    Broken(
        "price-of-the-reader",
        "an ordered cart costs what the channel that opens it would ask now",
        (
            Plant(
                "cart/context.py",
                "View(catalog, channel, then, language, caller.staff, facts=held, currency=cart.currency)",
                "View(catalog, caller.channel, clock.now(), language, facts=held, currency=cart.currency)",
            ),
        ),
        ("two-channels",),
    ),
    Broken(
        "two-orders-of-one-product",
        "a product takes a second order while one is open",
        (
            Plant(
                INVENTORY,
                'when="customer = :customer AND attribute_not_exists(pending) AND NOT',
                'when="customer = :customer AND NOT',
            ),
        ),
        ("one-product",),
    ),
    Broken(
        "ttl-of-an-open-cart",
        "an ordered cart is cleaned away with the open ones",
        (
            Plant(
                CART_STORE,
                '            "ttl": seconds(now + carts.RECORD),\n        },\n        when="version = :seen',
                '        },\n        when="version = :seen',
            ),
        ),
        ("months-later",),
    ),
    Broken(
        "conflict-as-success",
        "a write that met another transaction counts as done",
        (
            Plant(
                ROWS,
                "        except _Contended:\n            _wait(attempt)",
                "        except _Contended:\n            return None",
            ),
        ),
        ("two-channels",),
    ),
    Broken(
        "own-write-unknown",
        "a write that the SDK repeated is taken for somebody else's",
        (Plant(ROWS, '    return mark is not None and item.get("mark") == mark', "    return False"),),
        ("join-and-add", "open-twice"),
    ),
    Broken(
        "cancelled-over-anything",
        "a cancellation is written over whatever the order has become",
        (
            Plant(
                ORDER_STORE,
                "writes.append(rows.put(settings.order_table, to_row(caller, after), seen=order.version))",
                'writes.append({"Put": {"TableName": settings.order_table, "Item": rows.packed(to_row(caller, after))}})',
            ),
        ),
        ("changed-her-mind", "cancelled-twice"),
    ),
    Broken(
        "line-written-over",
        "a line is written whole over another channel's change to it",
        (
            Plant(
                CART_STORE, 'f"#body.#cartItem.#{line.id} = :held"', 'f"attribute_exists(#body.#cartItem.#{line.id})"'
            ),
        ),
        ("quantity-and-later",),
    ),
    Broken(
        "version-not-counted",
        "an edit of a line leaves the version as it was",
        (Plant(ROWS, 'for name, v in {":one": 1, **given', 'for name, v in {":one": 0, **given'),),
        ("two-adds-without-keys",),
    ),
    Broken(
        "merge-adds-twice",
        "merged lines get new ids, and the guest's cart stays open",
        (
            Plant(
                CART,
                "    brought = {id_: _pinned(line, guest, into)",
                "    brought = {(new := clock.sortable_id()): replace(_pinned(line, guest, into), id=new)",
            ),
            Plant(CART_STORE, '            "body.state": "merged",', '            "body.state": "active",'),
        ),
        ("merge-twice",),
    ),
    Broken(
        "merge-of-an-old-cart",
        "the guest's cart may have changed since it was read",
        (
            Plant(
                CART_STORE, 'when="version = :guest AND #body.#state = :active AND', 'when="#body.#state = :active AND'
            ),
            Plant(CART_STORE, 'values={":guest": guest.version, ":active": "active"}', 'values={":active": "active"}'),
        ),
        ("guest-adds-and-merge",),
    ),
    Broken(
        "adoption-over-anything",
        "at login the guest's cart is written whole, whatever it has become",
        (
            Plant(
                CART_STORE,
                "asked, cart.id, put, *beside)",
                'asked, cart.id, {"Put": {"TableName": settings.cart_table, "Item": put["Put"]["Item"]}}, *beside)',
            ),
        ),
        ("adopt-and-add",),
    ),
    Broken(
        "refused-entries-ignored",
        "what the bus refused is not sent again",
        (Plant(PUBLISH, 'if answer["FailedEntryCount"]:', "if False:"),),
        ("fulfilled", "shopping"),
    ),
    Broken(
        "event-beside-the-write",
        "the order's event is put on the bus after the order is stored, not by the stream",
        (
            Plant(
                PUBLISH,
                "    if event is None:\n        return None",
                '    if event is None or event["eventType"] == "ProductOrderCreateEvent":\n        return None',
            ),
            Plant(
                ORDER_STORE,
                "        raise inventory_store.why_not(refused.row, order.customer) from None\n    return order, False",
                "        raise inventory_store.why_not(refused.row, order.customer) from None\n"
                "    import json\n    from functions.events import happened\n    from functions.shared import aws\n"
                "    from functions.shared.http import as_json\n"
                "    told = happened.event(None, to_row(caller, order))\n"
                '    aws.events().put_events(Entries=[{"Source": "omnihub.order", "DetailType": told["eventType"], '
                '"Detail": as_json(told), "EventBusName": settings.bus_name}])\n'
                "    return order, False",
            ),
        ),
        ("fulfilled",),
    ),
    Broken(
        "entry-per-delivery",
        "each delivery of an event makes an entry in the timeline",
        (
            Plant(
                REMEMBER,
                'return clock.derived_id(happened["brand"], "remembered", happened["eventId"])',
                "return clock.new_id()",
            ),
        ),
        ("fulfilled", "shopping"),
    ),
    Broken(
        "sdk-repeats-messages",
        "the SDK sends a text message again where it was not answered",
        (Plant(AWS, 'ONCE if service == "sns" else RETRIES', "RETRIES"),),
        ("shopping", "two-orders"),
    ),
    Broken(
        "late-event-goes-back",
        "an order that is on its way or over is claimed again",
        (
            Plant(
                FULFIL, '    if order.state not in ("acknowledged", "pending", "held"):\n        raise NotOurs\n', ""
            ),
            Plant(
                FULFIL,
                'order.opened().moved("inProgress").with_items(unknown | working)',
                'replace(order, body={**order.body, "state": "inProgress"})',
            ),
        ),
        ("fulfilled", "changed-her-mind"),
    ),
    Broken(
        "unknown-order-made-up",
        "an event for an order that nobody knows makes one",
        (
            Plant(
                FULFIL,
                '    order = order_store.load(caller, task["id"])\n',
                "    from functions.shared.errors import NotFound\n"
                '    body = {"state": "completed", "productOrderItem": [], "orderTotalPrice": [], "orderDate": clock.text(clock.now())}\n'
                "    try:\n"
                '        order = order_store.load(caller, task["id"])\n'
                "    except NotFound:\n"
                '        order = ProductOrder(task["id"], caller.brand, body)\n'
                "        rows.save(rows.put(order_store.settings.order_table, order_store.to_row(caller, order)))\n",
            ),
        ),
        ("fulfilled",),
    ),
    Broken(
        "products-by-chance",
        "an installed product has a random id",
        (Plant("inventory/product.py", "return clock.derived_id(", "return clock.new_id() or clock.derived_id("),),
        ("fulfilled", "two-orders"),
    ),
    Broken(
        "compensation-forgets-the-network",
        "an order is taken back, and what was activated for it stays active",
        (Plant(FULFIL, "        port.deactivate(request_of(order, item))\n", "        pass\n"),),
        ("network-refuses",),
    ),
    Broken(
        "claimed-by-everybody",
        "every execution works on the order, whoever claimed it",
        (
            Plant(
                FULFIL,
                'if order.workflow == execution and order.state == "inProgress"',
                'if order.state == "inProgress"',
            ),
            Plant(FULFIL, "    if order.workflow != execution:\n        raise NotOurs\n", ""),
            Plant(FULFIL, "order.state in orders.ENDED or order.workflow != execution", "order.state in orders.ENDED"),
        ),
        ("network-refuses", "network-is-slow", "network-answers-twice", "two-orders"),
    ),
    Broken(
        "stream-error-swallowed",
        "records that could not be read or sent count as published",
        (
            Plant(
                PUBLISH,
                "    for batch in _batches(entries):\n        answer = aws.events().put_events(",
                '    for batch in _batches(entries):\n        import contextlib\n        answer = {"FailedEntryCount": 0}\n        with contextlib.suppress(Exception):\n          answer = aws.events().put_events(',
            ),
        ),
        ("fulfilled", "shopping"),
    ),
    Broken(
        "wrong-error-is-final",
        "a step whose answer was lost ends without compensation or alarm",
        (
            Plant(
                FULFIL,
                '    STEPS[task["step"]](caller, order, task["execution"])\n',
                '    import contextlib\n    with contextlib.suppress(Exception):\n        STEPS[task["step"]](caller, order, task["execution"])\n',
            ),
        ),
        ("network-refuses", "network-is-slow"),
    ),
)

# The case in which each was convicted last, to begin with; where it no longer shows the fault, its stories are explored.
SHOWN = {
    "check-then-write": "two-channels/fine/AAABAABBBBBB",
    "idempotency-cache-alone": "two-channels/A1crash/AAAAABBBBBBBBBAAAA",
    "random-id-without-conditions": "two-channels/fine/AABAABBBBB",
    "cart-outside-the-transaction": "two-channels/A3crash/AAAABAAAAAAABBBBBBBB",
    "cart-version-unchecked": "order-and-add/fine/AABBBAABB",
    "key-before-the-order": "order-and-delete/fine/AAABBA",
    "key-of-anybody": "two-people/fine/AAAABBB",
    "price-from-the-body": "told-a-price/fine/AAABBBBBBB",
    "price-of-the-reader": "two-channels/fine/AAAABBBBBBB",
    "two-orders-of-one-product": "one-product/fine/AAAAABBBBB",
    "ttl-of-an-open-cart": "months-later/fine/AAAAB",
    "conflict-as-success": "two-channels/B3conflict+B0crash/AABBBBBBBBAA",
    "own-write-unknown": "join-and-add/A1again/AAAAACCCBBBBB",
    "cancelled-over-anything": "cancelled-twice/fine/ABABB",
    "line-written-over": "quantity-and-later/fine/ABAABBB",
    "version-not-counted": "two-adds-without-keys/fine/AAABBBB",
    "merge-adds-twice": "merge-twice/fine/AAAAABBBBB",
    "merge-of-an-old-cart": "guest-adds-and-merge/fine/AABBBAA",
    "adoption-over-anything": "adopt-and-add/A0throttled/CAAABBBCAA",
    "refused-entries-ignored": "fulfilled/dflprx/0",
    "event-beside-the-write": "fulfilled/dflprx/8",
    "entry-per-delivery": "fulfilled/dflprx/0",
    "sdk-repeats-messages": "shopping/dflprx/41",
    "late-event-goes-back": "fulfilled/dflprx/3",
    "unknown-order-made-up": "fulfilled/dflprx/2",
    "products-by-chance": "fulfilled/dflprx/3",
    "compensation-forgets-the-network": "network-refuses/dflprx/0",
    "claimed-by-everybody": "network-refuses/dflprx/43",
    "stream-error-swallowed": "fulfilled/dflprx/10",
    "wrong-error-is-final": "network-refuses/dflprx/0",
}
