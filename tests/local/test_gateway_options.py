"""What an API may ask for beside routes and tokens: scopes, and CORS."""

from tests.local.assemblies import api, function
from tests.local.conftest import StartHub
from tests.local.web import ask

CORS = {"AllowOrigins": ["https://shop.test"], "AllowMethods": ["GET", "POST"], "AllowHeaders": ["x-a"], "MaxAge": 60}


def test_a_route_may_want_a_scope(start_hub: StartHub) -> None:
    resources = {"Web": function("web"), **api("Web", "GET /guarded/x")}
    resources["Route0"]["Properties"]["AuthorizationScopes"] = ["omnihub/guest"]
    hub = start_hub(resources)
    assert ask(hub, "GET", "/guarded/x", authorization=hub.token("shop-web", "guest")).status == 200
    answer = ask(hub, "GET", "/guarded/x", authorization=hub.token("shop-web", "agent", "joe"))
    assert (answer.status, answer.text) == (403, b'{"message":"Forbidden"}')


def test_cors_is_answered_by_the_gateway(start_hub: StartHub) -> None:
    hub = start_hub({"Web": function("web"), **api("Web", "ANY /guarded/{proxy+}", CorsConfiguration=CORS)})
    asked = {"origin": "https://shop.test", "access_control_request_method": "POST"}
    answer = ask(hub, "OPTIONS", "/guarded/x", **asked)
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.test"
    assert answer.headers["access-control-allow-methods"] == "GET,POST"
    assert answer.headers["access-control-allow-headers"] == "x-a"
    assert answer.headers["access-control-max-age"] == "60"
    stranger = ask(hub, "OPTIONS", "/guarded/x", **{**asked, "origin": "https://evil.test"})
    assert stranger.headers["access-control-allow-origin"] is None
    refused = ask(hub, "GET", "/guarded/x", origin="https://shop.test")
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (401, "https://shop.test")


def test_without_cors_options_is_a_request_like_any_other(start_hub: StartHub) -> None:
    hub = start_hub({"Web": function("web"), **api("Web", "ANY /guarded/{proxy+}")})
    answer = ask(hub, "OPTIONS", "/guarded/x", origin="https://shop.test", access_control_request_method="POST")
    assert answer.status == 401
    assert answer.headers["access-control-allow-origin"] is None
