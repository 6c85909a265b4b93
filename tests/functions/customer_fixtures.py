"""A customer table on moto, and callers who speak to the customer handler through it."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from moto import mock_aws

from functions.customer.handler import handler
from functions.shared import aws, settings
from infra import channels
from infra.data_stack import TABLES
from local import mend
from tests.functions.stage import create_table
from tests.tmf import strict

TABLE, ISSUER = "customers", "https://issuer.example.com"
CUSTOMERS = "/tmf-api/customerManagement/v4/customer"
INDIVIDUALS = "/tmf-api/party/v4/individual"
ORGANIZATIONS = "/tmf-api/party/v4/organization"
ACCOUNTS = "/omnihub/v1/billingAccount"
KINDS = {
    CUSTOMERS: ("TMF629", "Customer"),
    INDIVIDUALS: ("TMF632", "Individual"),
    ORGANIZATIONS: ("TMF632", "Organization"),
    ACCOUNTS: ("omnihub", "BillingAccount"),
}
Json = dict[str, Any]


@contextmanager
def customer_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The table, empty; yields the DynamoDB calls that are made from then on."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    aws._client.cache_clear()
    calls: list[str] = []
    with mock_aws():
        mend.install()
        create_table(TABLE, TABLES["customer"])
        aws.dynamodb().meta.events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
        variables = {"CUSTOMER_TABLE": TABLE, "CHANNELS": channels.setting(), "ISSUERS": json.dumps([ISSUER])}
        token = settings.source.set(variables)
        try:
            yield calls
        finally:
            settings.source.reset(token)
            mend.uninstall()
            aws._client.cache_clear()


def stored() -> dict[str, Json]:
    """Everything in the table, by partition key, but the records of what staff touched."""
    items = aws.dynamodb().scan(TableName=TABLE)["Items"]
    return {item["pk"]["S"]: item for item in items if item["sk"]["S"] != "accessRecord"}


def identifiers() -> set[str]:
    """The identifiers that are taken."""
    return {pk.split("#", 2)[2] for pk, item in stored().items() if item["sk"]["S"] == "identifier"}


@dataclass(frozen=True)
class Answer:
    """What came back; its body has passed the strict check."""

    status: int
    body: Any
    headers: Mapping[str, str]
    text: str

    @property
    def version(self) -> str:
        return self.headers["ETag"]


@dataclass(frozen=True)
class Person:
    """Somebody with a token of a channel."""

    client: str
    role: str
    customer: str | None = None
    subject: str = "somebody"
    extra: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, **filters: str) -> Answer:
        query = "&".join(f"{name.replace('__', '.')}={quote(value, safe='+@')}" for name, value in filters.items())
        return self.send("GET", path, query=query)

    def post(self, path: str, body: object, **headers: str) -> Answer:
        return self.send("POST", path, body, headers)

    def patch(self, path: str, body: object, **headers: str) -> Answer:
        return self.send("PATCH", path, body, headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.send("DELETE", path, None, headers)

    def send(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None, *, query: str = ""
    ) -> Answer:
        claims = {
            "iss": ISSUER,
            "token_use": "access",
            "client_id": self.client,
            "sub": self.subject,
            "cognito:groups": f"[{self.role}]",
            "scope": "omnihub/guest" if self.role == "guest" else "",
            **({"customer_id": self.customer} if self.customer else {}),
            **self.extra,
        }
        http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"}
        sent = body if isinstance(body, str) else json.dumps(body)
        answer = handler(
            {
                "version": "2.0",
                "routeKey": "ANY",
                "rawPath": path,
                "rawQueryString": query,
                "headers": {name.replace("_", "-").lower(): value for name, value in (headers or {}).items()},
                "requestContext": {
                    "http": http,
                    "stage": "$default",
                    "requestId": "request-1",
                    "authorizer": {"jwt": {"claims": claims}},
                },
                "body": base64.b64encode(sent.encode()).decode() if body is not None else None,
                "isBase64Encoded": body is not None,
            },
            None,
        )
        return checked(path, query, answer)


def checked(path: str, query: str, answer: Mapping[str, Any]) -> Answer:
    """The answer, held against the standard."""
    text = answer.get("body") or ""
    body: Any = json.loads(text, parse_float=Decimal) if text else None
    status = answer["statusCode"]
    assert status < 500, text
    base = next((base for base in KINDS if path.startswith(base)), CUSTOMERS)
    api, definition = KINDS[base]
    if status >= 400:
        api, definition = "TMF629", "Error"
        assert body["reason"][-1] in ".?", text
    for each in body if isinstance(body, list) else [body] if body else []:
        assert strict.faults(each, api, definition, partial="fields" in query) == [], text
    return Answer(status, body, answer.get("headers") or {}, text)


BEN = Person("nova-callcentre", "agent", subject="agent-ben")
OLGA = Person("nova-backoffice", "operator", subject="operator-olga")
SAM = Person("pico-callcentre", "agent", subject="agent-sam")
GUEST = Person("nova-web", "guest", subject="nova-web")
PARTNER = Person("nova-partner", "partner", subject="partner-1")


def themselves(customer: Json) -> Person:
    """The customer, logged in on the web."""
    return Person("nova-web", "customer", customer["id"], subject=f"login-{customer['id'][:6]}")


def email(address: str, **more: Any) -> Json:
    return {"mediumType": "email", "characteristic": {"emailAddress": address}, **more}


def mobile(number: str, **more: Any) -> Json:
    return {"mediumType": "mobile", "characteristic": {"phoneNumber": number}, **more}


def home(street: str, **more: Any) -> Json:
    said = {"contactType": "home", "street1": street, "postCode": "01235", "city": "Beispielhafen", "country": "DE"}
    return {"mediumType": "postalAddress", "characteristic": said, **more}


def new_customer(*media: Json, by: Person = BEN, **more: Any) -> Json:
    """A customer of an individual of their own, with these contact media."""
    individual = by.post(INDIVIDUALS, {"givenName": "Jane", "familyName": "Keller"}).body
    engaged = {"id": individual["id"], "@referredType": "Individual"}
    answer = by.post(CUSTOMERS, {"name": "Jane Keller", "engagedParty": engaged, "contactMedium": list(media), **more})
    assert answer.status == 201, answer.text
    body: Json = answer.body
    return body


def new_account(customer: Json, **more: Any) -> Json:
    """A billing account of that customer."""
    answer = BEN.post(ACCOUNTS, {"customer": {"id": customer["id"]}, **more})
    assert answer.status == 201, answer.text
    body: Json = answer.body
    return body
