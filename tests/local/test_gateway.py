"""The gateway: what functions are told, what clients get, and that no bad token opens anything."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from local.hub import Hub
from tests.local import toys
from tests.local.assemblies import api, function, write
from tests.local.web import ask, raw, told


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One function behind guarded and open routes."""
    resources = {
        "Web": function("web", Timeout=9, MemorySize=256, Environment={"Variables": {"BUS_NAME": "the bus"}}),
        **api(
            "Web",
            "ANY /guarded/{proxy+}",
            "GET /guarded/exact",
            "POST /thing/{id}/part/{part}",
            open_keys=("ANY /open/{proxy+}", "GET /open/exact"),
        ),
    }
    out = write(tmp_path_factory.mktemp("gateway") / "cdk.out", {"Toy": {"Resources": resources}})
    with Hub.start(out) as hub:
        yield hub


@pytest.fixture
def hub(running: Hub) -> Hub:
    """The running hub, with nothing remembered."""
    running.function_errors.clear()
    return running


def test_the_event_is_payload_format_2(hub: Hub) -> None:
    connection = HTTPConnection(hub.url.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/open/a%2Fb/%C3%A4?sort=-a,+b&x=1;x=2&x=%20&x=3&empty=")
    for name, value in (("X-A", "1"), ("x-a", "2"), ("Cookie", "p=1; q=2"), ("User-Agent", "test")):
        connection.putheader(name, value)
    connection.putheader("content-length", "3")
    connection.endheaders(b"\xc3\xa4!")
    with connection.getresponse() as answer:
        event = json.loads(answer.read())["event"]
    connection.close()
    assert event["version"] == "2.0"
    assert event["routeKey"] == event["requestContext"]["routeKey"] == "ANY /open/{proxy+}"
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == "/open/a/b/ä"
    assert event["rawQueryString"] == "sort=-a,+b&x=1;x=2&x=%20&x=3&empty="
    assert event["queryStringParameters"] == {"sort": "-a, b", "x": "1;x=2, ,3", "empty": ""}
    assert event["pathParameters"] == {"proxy": "a/b/ä"}
    assert event["headers"]["x-a"] == "1,2"
    assert event["cookies"] == ["p=1", "q=2"]
    assert "cookie" not in event["headers"]
    assert event["body"] == "ä!"
    assert event["isBase64Encoded"] is False
    assert event["requestContext"]["http"]["method"] == "POST"
    assert event["requestContext"]["http"]["userAgent"] == "test"
    assert "authorizer" not in event["requestContext"]


def test_what_is_not_text_comes_in_base64_and_what_is_absent_not_at_all(hub: Hub) -> None:
    event = told(ask(hub, "POST", "/open/x", b"\xff\xfe"))["event"]
    assert (base64.b64decode(event["body"]), event["isBase64Encoded"]) == (b"\xff\xfe", True)
    event = told(ask(hub, "GET", "/open/x"))["event"]
    assert not {"body", "cookies", "queryStringParameters"} & set(event)


def test_the_function_has_its_own_context_and_settings(hub: Hub) -> None:
    answer = told(ask(hub, "GET", "/open/x"))
    assert answer["context"]["function_name"] == "Web"
    assert answer["context"]["memory"] == 256
    assert 8000 < answer["context"]["left"] <= 9000
    assert answer["settings"]["BUS_NAME"] == "the bus"
    assert answer["settings"]["AWS_LAMBDA_FUNCTION_NAME"] == "Web"


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/open/exact", "GET /open/exact"),
        ("POST", "/open/exact", "ANY /open/{proxy+}"),
        ("GET", "/open/exact/more", "ANY /open/{proxy+}"),
        ("DELETE", "/open/exact/", "ANY /open/{proxy+}"),
        ("PATCH", "/open/x", "ANY /open/{proxy+}"),
    ],
)
def test_the_most_specific_route_wins(hub: Hub, method: str, path: str, key: str) -> None:
    assert told(ask(hub, method, path))["event"]["routeKey"] == key


@pytest.mark.parametrize("path", ["/", "/open", "/open/", "/nowhere", "/thing/1/part/2", "*"])
def test_an_unknown_path_is_the_gateways_own_404(hub: Hub, path: str) -> None:
    answer = ask(hub, "GET", path)
    assert (answer.status, answer.text) == (404, b'{"message":"Not Found"}')


def test_path_parameters(hub: Hub) -> None:
    answer = ask(hub, "POST", "/thing/a%20b/part/2", authorization=f"Bearer {hub.token('shop-web', 'guest')}")
    assert told(answer)["event"]["pathParameters"] == {"id": "a b", "part": "2"}


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        ({"statusCode": 204}, 204, b""),
        ({"statusCode": "418", "body": "tea"}, 418, b"tea"),
        ({"statusCode": 200, "body": base64.b64encode(b"\xff").decode(), "isBase64Encoded": True}, 200, b"\xff"),
        ({"free": "form"}, 200, b'{"free":"form"}'),
        ({"statusCode": "many"}, 500, b'{"message":"Internal Server Error"}'),
        ({"statusCode": 200, "headers": {"a": "b\r\nc: d"}}, 500, b'{"message":"Internal Server Error"}'),
        ({"statusCode": 200, "headers": "none"}, 500, b'{"message":"Internal Server Error"}'),
        ({"statusCode": 200, "body": {1, 2}}, 500, b'{"message":"Internal Server Error"}'),
    ],
)
def test_answers(hub: Hub, answer: Any, status: int, body: bytes) -> None:
    toys.script["web"] = lambda _: answer
    got = ask(hub, "GET", "/open/x")
    assert (got.status, got.text) == (status, body)


def test_headers_and_cookies_of_an_answer(hub: Hub) -> None:
    headers = {"X-Count": 3, "content-length": "99", "X-Name": "Zürich"}
    toys.script["web"] = lambda _: {"statusCode": 200, "headers": headers, "cookies": ["a=1", "b=2"], "body": "hi"}
    answer = ask(hub, "GET", "/open/x")
    assert answer.headers["x-count"] == "3"
    assert answer.headers["x-name"].encode("latin-1").decode() == "Zürich"
    assert answer.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["content-length"] == "2"


def test_a_function_that_raises_is_a_500_and_is_told(hub: Hub) -> None:
    def fail(_: Any) -> None:
        raise toys.Refusal("no")

    toys.script["web"] = fail
    answer = ask(hub, "GET", "/open/x")
    assert (answer.status, answer.text) == (500, b'{"message":"Internal Server Error"}')
    (error,) = hub.function_errors
    assert (error.function, error.type, error.message) == ("Web", "Refusal", "no")
    assert error.event["rawPath"] == "/open/x"
    assert "toys.py" in str(error)


def test_a_head_request_has_no_body(hub: Hub) -> None:
    answer = ask(hub, "HEAD", "/open/x")
    assert (answer.status, answer.text) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


def test_a_connection_is_kept(hub: Hub) -> None:
    connection = HTTPConnection(hub.url.removeprefix("http://"), timeout=10)
    for _ in range(3):
        connection.request("GET", "/open/x")
        assert connection.getresponse().read()
    connection.close()


def test_a_body_over_the_limit_is_413(hub: Hub) -> None:
    answer = ask(hub, "POST", "/open/x", b"x" * (10 * 1024 * 1024 + 1))
    assert (answer.status, answer.text) == (413, b'{"message":"Request Entity Too Large"}')
    assert not toys.seen


def test_chunks_are_put_together(hub: Hub) -> None:
    connection = HTTPConnection(hub.url.removeprefix("http://"), timeout=10)
    connection.request(
        "POST", "/open/x", iter([b"ab", b"c"]), encode_chunked=True, headers={"transfer-encoding": "chunked"}
    )
    assert json.loads(connection.getresponse().read())["event"]["body"] == "abc"
    connection.close()


@pytest.mark.parametrize(
    "text",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /open/x HTTP/9.9\r\n\r\n",
        b"GET /open/x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET /open/x HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"GET /open/x HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST /open/x HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc",
        b"POST /open/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /open/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabcde\r\n",
        b"POST /open/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /open/x HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n",
        b"BREW /open/x HTTP/1.1\r\n\r\n",
        b"",
    ],
)
def test_what_is_no_http_harms_nobody(hub: Hub, text: bytes) -> None:
    answer = raw(hub, text)
    assert (
        answer == b"" or b" 4" in answer.split(b"\r\n")[0] or b" 505 " in answer.split(b"\r\n")[0] or b"Error" in answer
    )
    assert not toys.seen
    assert ask(hub, "GET", "/open/x").status == 200


# --- tokens ----------------------------------------------------------------------------------------------------------

Forge = Callable[[Hub], str | None]
_stranger = RSAKey.generate_key(2048, private=True)


def _text(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _claims(hub: Hub, **more: Any) -> dict[str, Any]:
    body = hub.token("shop-web", "customer", "ann").split(".")[1]
    return {**json.loads(base64.urlsafe_b64decode(body + "==")), **more}


def _kid(hub: Hub) -> str:
    kid = hub.issuer.public_key.kid
    assert kid is not None
    return kid


def _unsigned(hub: Hub, algorithm: str) -> str:
    return f"{_text({'alg': algorithm, 'kid': _kid(hub)})}.{_text(_claims(hub))}."


def _with_public_key_as_secret(hub: Hub) -> str:
    signed = f"{_text({'alg': 'HS256', 'kid': _kid(hub)})}.{_text(_claims(hub))}"
    secret = hub.issuer.public_key.as_pem(private=False)
    signature = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _without(hub: Hub, name: str) -> str:
    claims = {key: value for key, value in _claims(hub).items() if key != name}
    return jwt.encode({"alg": "RS256", "kid": _kid(hub)}, claims, hub.issuer._key)


def _swapped(hub: Hub) -> str:
    header, _, signature = hub.token("shop-web", "customer", "ann").split(".")
    return f"{header}.{_text(_claims(hub, sub='bob'))}.{signature}"


def _token(hub: Hub, **more: Any) -> str:
    return hub.token("shop-web", "customer", "ann", **more)


BAD: dict[str, Forge] = {
    "none": lambda hub: None,
    "empty": lambda hub: "",
    "garbage": lambda hub: "x",
    "two dots": lambda hub: "..",
    "not text": lambda hub: "ä.ö.ü",
    "expired": lambda hub: _token(hub, lifetime_seconds=-1),
    "no exp": lambda hub: _token(hub, exp=None),
    "exp is text": lambda hub: _token(hub, exp="9999999999"),
    "exp is true": lambda hub: _token(hub, exp=True),
    "not yet valid": lambda hub: _token(hub, nbf=int(time.time()) + 60),
    "issued tomorrow": lambda hub: _token(hub, iat=int(time.time()) + 86400),
    "wrong key": lambda hub: jwt.encode({"alg": "RS256", "kid": _kid(hub)}, _claims(hub), _stranger),
    "unknown kid": lambda hub: jwt.encode({"alg": "RS256", "kid": "other"}, _claims(hub), hub.issuer._key),
    "no kid": lambda hub: jwt.encode({"alg": "RS256"}, _claims(hub), hub.issuer._key),
    "wrong audience": lambda hub: hub.token("mall-web", "customer", "ann"),
    "wrong aud beside a good client": lambda hub: _token(hub, aud="mall-web"),
    "no audience": lambda hub: _without(hub, "client_id"),
    "wrong issuer": lambda hub: _token(hub, iss="https://issuer.evil"),
    "no issuer": lambda hub: _token(hub, iss=None),
    "alg none": lambda hub: _unsigned(hub, "none"),
    "alg None": lambda hub: _unsigned(hub, "None"),
    "alg of another case": lambda hub: _unsigned(hub, "rs256"),
    "no signature": lambda hub: ".".join([*_token(hub).split(".")[:2], ""]),
    "public key as a secret": _with_public_key_as_secret,
    "another RSA algorithm": lambda hub: jwt.encode(
        {"alg": "PS256", "kid": _kid(hub)}, _claims(hub), hub.issuer._key, algorithms=["PS256"]
    ),
    "swapped payload": _swapped,
    "deep payload": lambda hub: f"{_token(hub).split('.')[0]}.{base64.urlsafe_b64encode(b'[' * 9000).decode()}.x",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_401_in_aws_bytes(hub: Hub, name: str) -> None:
    token = BAD[name](hub)
    headers = {} if token is None else {"authorization": f"Bearer {token}".encode().decode("latin-1")}
    answer = ask(hub, "GET", "/guarded/x", **headers)
    assert (answer.status, answer.text) == (401, b'{"message":"Unauthorized"}')
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert not toys.seen


def test_a_good_token_opens_and_its_claims_come_as_texts(hub: Hub) -> None:
    token = hub.token("shop-desk", "agent", "joe", partner_id="p", **{"cognito:groups": ["agent", "operator"]})
    for header in (f"Bearer {token}", f"bearer {token}", token):
        answer = ask(hub, "GET", "/guarded/exact", authorization=header)
        context = told(answer)["event"]["requestContext"]
        assert context["routeKey"] == "GET /guarded/exact"
        claims = context["authorizer"]["jwt"]["claims"]
        assert claims["cognito:groups"] == "[agent operator]"
        assert claims["exp"].isdecimal()
        assert (claims["client_id"], claims["sub"], claims["partner_id"]) == ("shop-desk", "joe", "p")
        assert context["authorizer"]["jwt"]["scopes"] is None
        assert "customer_id" not in claims


def test_aud_is_compared_before_the_client(hub: Hub) -> None:
    token = hub.token("mall-web", "customer", "ann", aud=["other", "shop-web"])
    assert ask(hub, "GET", "/guarded/x", authorization=f"Bearer {token}").status == 200
