"""How many state transitions an order of ten lines costs, told by the history of its execution on the local hub."""

from typing import Any

from local.hub import Hub
from tests.bench.person import CARTS, ORDERS, TEN, line
from tests.tmf.client import Client


def transitions(hub: Hub) -> int:
    """The start and every state that was entered, of the one execution of one order."""
    known = set(_executions(hub))
    ann = Client(hub.url, hub.token("nova-web", "customer", "ann", customer_id="ann"))
    cart = ann.post(CARTS, {"cartItem": [line(offering) for offering in TEN]}).body
    order = ann.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    hub.settle(60)
    state = ann.get(order["href"]).body["state"]
    assert state == "completed", f"the order is {state}"
    (execution,) = set(_executions(hub)) - known
    pages = hub.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=execution)
    return 1 + sum(str(event["type"]).endswith("StateEntered") for page in pages for event in page["events"])


def _executions(hub: Hub) -> list[str]:
    client: Any = hub.client("stepfunctions")
    return [
        execution["executionArn"]
        for machine in client.list_state_machines()["stateMachines"]
        for execution in client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    ]
