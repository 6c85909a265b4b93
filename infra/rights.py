"""Which rows, objects and secrets each function may touch, action by action: what it is not given here it cannot do.

An action is IAM's name without its service; `Query:by_customer` is a query of that index and not of the table. The
whole test suite records what the functions really call and refuses a row that says less or more.
"""

from collections.abc import Mapping

# function -> table -> actions; the function is told the table's name as well
ROWS: Mapping[str, Mapping[str, str]] = {
    "catalog.handler": {"catalog": "GetItem BatchGetItem Query Query:by_kind PutItem UpdateItem DeleteItem"},
    "customer.handler": {
        "customer": "GetItem BatchGetItem Query:by_kind Query:by_customer Query:by_holder "
        "PutItem UpdateItem DeleteItem",
    },
    "customer.claims": {"customer": "BatchGetItem Query:by_holder"},
    "interaction.handler": {
        "interaction": "GetItem BatchGetItem Query:by_customer Query:by_kind PutItem DeleteItem",
        "customer": "BatchGetItem PutItem",
    },
    "inventory.handler": {
        "inventory": "GetItem BatchGetItem Query:by_customer Query:by_kind Query:by_seller PutItem DeleteItem",
        "customer": "GetItem BatchGetItem Query:by_holder PutItem",
    },
    "cart.handler": {
        "cart": "GetItem BatchGetItem Query:by_customer Query:by_kind Query:by_seller PutItem UpdateItem DeleteItem",
        "customer": "GetItem BatchGetItem PutItem",
        "inventory": "GetItem BatchGetItem Query:by_customer",
    },
    "offer.handler": {
        "cart": "GetItem BatchGetItem Query:by_customer Query:by_kind Query:by_seller PutItem",
        "inventory": "GetItem BatchGetItem Query:by_customer",
        "customer": "GetItem BatchGetItem Query:by_customer Query:by_kind PutItem ConditionCheckItem",
    },
    "order.handler": {
        "order": "GetItem BatchGetItem Query:by_customer Query:by_kind Query:by_seller Query:by_state "
        "PutItem DeleteItem",
        "cart": "GetItem PutItem UpdateItem",
        "inventory": "UpdateItem BatchGetItem Query:by_customer",
        "customer": "GetItem BatchGetItem PutItem",
    },
    "subscription.handler": {"events": "GetItem BatchGetItem Query:by_kind PutItem DeleteItem"},
    "events.subscribe": {"events": "GetItem"},
    "events.notify": {"events": "GetItem BatchGetItem Query:by_kind"},
    "events.confirm": {
        "customer": "GetItem",
        "order": "GetItem",
        "events": "PutItem UpdateItem",
    },
    "events.remember": {"interaction": "GetItem PutItem"},
    "events.rise": {
        "inventory": "GetItem BatchGetItem Query:by_customer Query:by_kind PutItem UpdateItem ConditionCheckItem",
        "customer": "GetItem",
    },
    "events.fulfil": {
        "order": "GetItem PutItem UpdateItem",
        "inventory": "GetItem PutItem UpdateItem",
        "events": "GetItem BatchGetItem PutItem UpdateItem",
    },
}

# function -> actions on the objects of the catalog bucket, whose name it is told
OBJECTS: Mapping[str, str] = {
    "catalog.handler": "GetObject PutObject",
    "inventory.handler": "GetObject",
    "cart.handler": "GetObject",
    "offer.handler": "GetObject",
    "order.handler": "GetObject",
    "events.rise": "GetObject",
}

# functions that sign prices or previews, or read who signed one: they are told of the key's secret
SIGNING = ("cart.handler", "order.handler", "catalog.handler", "offer.handler")
