"""Which rows and objects each function may touch, action by action: what it is not given here it cannot do.

An action is IAM's name without its service; `Query:by_customer` is a query of that index and not of the table. The
whole test suite records what the functions really call and refuses a row that says less or more.
"""

from collections.abc import Mapping

# function -> table -> actions; the function is told the table's name as well
ROWS: Mapping[str, Mapping[str, str]] = {
    "customer.handler": {"customer": "BatchGetItem GetItem Query PutItem UpdateItem DeleteItem ConditionCheckItem"},
    "interaction.handler": {"interaction": "BatchGetItem GetItem Query:by_customer PutItem UpdateItem"},
    "inventory.handler": {"inventory": "BatchGetItem GetItem Query:by_customer"},
    "cart.handler": {
        "cart": "BatchGetItem GetItem PutItem UpdateItem DeleteItem ConditionCheckItem Query:by_customer",
        "customer": "BatchGetItem GetItem PutItem UpdateItem",
        "inventory": "BatchGetItem GetItem Query:by_customer",
    },
    "order.handler": {
        "order": "BatchGetItem GetItem PutItem UpdateItem DeleteItem ConditionCheckItem Query:by_customer",
        "cart": "BatchGetItem GetItem PutItem UpdateItem DeleteItem ConditionCheckItem Query:by_customer",
        "inventory": "BatchGetItem GetItem PutItem UpdateItem DeleteItem ConditionCheckItem Query:by_customer",
        "customer": "BatchGetItem GetItem PutItem UpdateItem DeleteItem ConditionCheckItem",
    },
    "events.confirm": {
        "customer": "BatchGetItem GetItem Query",
        "events": "BatchGetItem GetItem PutItem UpdateItem",
    },
    "events.remember": {"interaction": "BatchGetItem GetItem PutItem UpdateItem Query:by_customer"},
    "events.fulfil": {
        "order": "BatchGetItem GetItem PutItem UpdateItem ConditionCheckItem",
        "inventory": "BatchGetItem GetItem PutItem UpdateItem ConditionCheckItem",
        "events": "BatchGetItem GetItem PutItem UpdateItem",
    },
}

# function -> actions on the objects of the catalog bucket, whose name it is told
OBJECTS: Mapping[str, str] = {
    "catalog.handler": "GetObject",
    "cart.handler": "GetObject",
    "order.handler": "GetObject",
}
