"""A rule changed in infra changes what happens on this machine, with no edit in local/: only the template differs."""

import json
from pathlib import Path
from typing import Any

from cli.hub import load
from local.hub import Hub
from tests.http.wire import send
from tests.infra.stacks import changed
from tests.tmf.client import Client, Response

CARTS = "/tmf-api/shoppingCart/v4/shoppingCart"
ORDERS = "/tmf-api/productOrderingManagement/v4/productOrder"
PRODUCTS = "/tmf-api/productInventory/v4/product"


def _one(resources: dict[str, Any], kind: str, saying: str) -> dict[str, Any]:
    (found,) = [each for each in resources.values() if each["Type"] == kind and saying in json.dumps(each)]
    properties: dict[str, Any] = found["Properties"]
    return properties


def _quoted(name: str, value: str) -> str:
    """A name and a value as they stand in JSON within JSON."""
    return json.dumps(f'"{name}":"{value}"')[1:-1]


def _ordered(hub: Hub) -> tuple[Client, Response]:
    """Ann's order of a plan, as it stands when all has come to rest."""
    ann = Client(hub.url, hub.token("nova-web", "customer", "ann", customer_id="ann"))
    cart = ann.post(CARTS, {"cartItem": [{"productOffering": {"id": "plan-m"}}]}).body
    order = ann.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    hub.settle()
    return ann, ann.get(order["href"])


def test_as_it_stands_an_order_is_fulfilled(out: Path, tmp_path: Path) -> None:
    with Hub.start(changed(out, tmp_path, lambda resources: None)) as hub:
        load(hub)
        ann, order = _ordered(hub)
        assert order.body["state"] == "completed"
        assert len(ann.get(PRODUCTS).body) == 1


def test_a_rule_that_waits_for_another_event_starts_no_workflow(out: Path, tmp_path: Path) -> None:
    def wait_for_another(resources: dict[str, Any]) -> None:
        rule = _one(resources, "AWS::Events::Rule", "Workflow")
        rule["EventPattern"]["detail-type"] = ["ProductOrderDeleteEvent"]

    with Hub.start(changed(out, tmp_path, wait_for_another)) as hub:
        load(hub)
        ann, order = _ordered(hub)
        assert order.body["state"] == "acknowledged"
        assert ann.get(PRODUCTS).body == []


def test_a_stream_that_is_filtered_tells_the_bus_nothing(out: Path, tmp_path: Path) -> None:
    def only_what_is_removed(resources: dict[str, Any]) -> None:
        mapping = _one(resources, "AWS::Lambda::EventSourceMapping", "OrderTable")
        mapping["FilterCriteria"] = {"Filters": [{"Pattern": json.dumps({"eventName": ["REMOVE"]})}]}

    with Hub.start(changed(out, tmp_path, only_what_is_removed)) as hub:
        load(hub)
        _, order = _ordered(hub)
        assert order.body["state"] == "acknowledged"


def test_a_step_taken_out_of_the_workflow_is_not_taken(out: Path, tmp_path: Path) -> None:
    def without_install(resources: dict[str, Any]) -> None:
        machine = _one(resources, "AWS::StepFunctions::StateMachine", "Install")
        text = json.dumps(machine["DefinitionString"])
        skipping = text.replace(_quoted("Next", "Install"), _quoted("Next", "Complete"))
        machine["DefinitionString"] = json.loads(skipping)
        assert skipping != text

    with Hub.start(changed(out, tmp_path, without_install)) as hub:
        load(hub)
        ann, order = _ordered(hub)
        assert order.body["state"] == "completed"
        assert ann.get(PRODUCTS).body == []


def test_a_route_taken_out_answers_as_aws_would_and_others_go_on(out: Path, tmp_path: Path) -> None:
    def without_carts(resources: dict[str, Any]) -> None:
        (route,) = [
            id_
            for id_, r in resources.items()
            if "RouteKey" in json.dumps(r) and "/shoppingCart/v4/{proxy+}" in json.dumps(r)
        ]
        del resources[route]

    with Hub.start(changed(out, tmp_path, without_carts)) as hub:
        load(hub)
        ann = Client(hub.url, hub.token("nova-web", "customer", "ann", customer_id="ann"))
        answer = send(hub.url, "POST", CARTS, ann.token, b"{}")
        assert (answer.status, answer.raw) == (404, b'{"message":"Not Found"}')
        assert ann.get(PRODUCTS).body == []


def _client(resources: dict[str, Any], name: str) -> str:
    """The logical id of the app client of that name."""
    return next(id_ for id_, r in resources.items() if r.get("Properties", {}).get("ClientName") == name)


def test_a_client_taken_out_of_the_audience_is_nobody(out: Path, tmp_path: Path) -> None:
    def without_the_web(resources: dict[str, Any]) -> None:
        admitted = _one(resources, "AWS::ApiGatewayV2::Authorizer", "JWT")["JwtConfiguration"]["Audience"]
        admitted.remove({"Ref": _client(resources, "nova-web")})

    with Hub.start(changed(out, tmp_path, without_the_web)) as hub:
        load(hub)
        web = Client(hub.url, hub.token("nova-web", "customer", "ann", customer_id="ann"))
        mobile = Client(hub.url, hub.token("nova-mobile", "customer", "ann", customer_id="ann"))
        web.get(CARTS, expect=401)
        assert mobile.get(CARTS).body == []


def test_a_role_taken_from_a_channel_is_refused_there(out: Path, tmp_path: Path) -> None:
    def no_customers_at_the_kiosk(resources: dict[str, Any]) -> None:
        for function in (r["Properties"] for r in resources.values() if r["Type"] == "AWS::Lambda::Function"):
            variables = function.get("Environment", {}).get("Variables", {})
            if "CHANNELS" in variables:
                parts = variables["CHANNELS"]["Fn::Join"][1]
                behind = parts.index({"Ref": _client(resources, "nova-kiosk")}) + 1
                parts[behind] = parts[behind].replace('"roles":["customer","guest"]', '"roles":["guest"]', 1)

    with Hub.start(changed(out, tmp_path, no_customers_at_the_kiosk)) as hub:
        load(hub)
        ann = Client(hub.url, hub.token("nova-kiosk", "customer", "ann", customer_id="ann"))
        assert ann.get(CARTS, expect=403).body["code"] == "noRole"
