"""Every function on moto with the sample telco, people who speak to them, and AWS that can be made to stumble.

Handlers are called one by one in this thread: what follows from a stored row follows when a test says so.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import boto3
from moto import mock_aws
from moto.core.config import DefaultConfig

from cli.telco import compile_brand
from functions.catalog import key
from functions.catalog import store as catalogs
from functions.events import happened
from functions.shared import access, aws, rows, settings, tmf
from functions.shared.http import as_json
from infra import channels
from infra.data_stack import TABLES
from local import mend
from local.authorizer import as_context
from local.http_event import Request, event_for
from local.pretend import pretend
from tests.proof.engine import Engine, Moto, begun
from tests.tmf import strict

Json = dict[str, Any]
ISSUER = "https://issuer.example.com"
CARTS, CATALOG = f"{tmf.BASE['TMF663']}/shoppingCart", tmf.BASE["TMF620"]
ORDERS, CANCELLATIONS = (f"{tmf.BASE['TMF622']}/{kind}" for kind in ("productOrder", "cancelProductOrder"))
PRODUCTS, INTERACTIONS = f"{tmf.BASE['TMF637']}/product", f"{tmf.BASE['TMF683']}/partyInteraction"
PUBLICATIONS = "/omnihub/v1/catalogPublication"
CHECKS, VERSIONS = "/omnihub/v1/catalogCheck", "/omnihub/v1/catalogVersion"
RISES = "/omnihub/v1/priceRise"
MERGE, CUSTOMERS = "/omnihub/v1/cartMerge", f"{tmf.BASE['TMF629']}/customer"
OFFERS, CART_PROMOTIONS = "/omnihub/v1/offer", "/omnihub/v1/cartPromotion"
CUSTOMER_PRICES = "/omnihub/v1/customerPrice"
QUALIFICATIONS = f"{tmf.BASE['TMF679']}/productOfferingQualification"
INDIVIDUALS, ACCOUNTS = f"{tmf.BASE['TMF632']}/individual", "/omnihub/v1/billingAccount"
GRANTS = "/omnihub/v1/grant"
SUBSCRIPTIONS = f"{tmf.BASE['TMF622']}/hub"
# base path -> the function behind it
BEHIND = {
    SUBSCRIPTIONS: "subscription",
    tmf.BASE["TMF663"]: "cart",
    MERGE: "cart",
    CATALOG: "catalog",
    PUBLICATIONS: "catalog",
    CHECKS: "catalog",
    VERSIONS: "catalog",
    tmf.BASE["TMF671"]: "catalog",
    tmf.BASE["TMF679"]: "offer",
    OFFERS: "offer",
    CART_PROMOTIONS: "offer",
    CUSTOMER_PRICES: "offer",
    tmf.BASE["TMF622"]: "order",
    tmf.BASE["TMF637"]: "inventory",
    RISES: "inventory",
    tmf.BASE["TMF683"]: "interaction",
    tmf.BASE["TMF629"]: "customer",
    tmf.BASE["TMF632"]: "customer",
    ACCOUNTS: "customer",
    GRANTS: "customer",
}
SUBSCRIBER_QUEUES = "https://sqs.eu-central-1.amazonaws.com/123456789012/test-hub-"
NAMED = {f"{folder.upper()}_TABLE": f"test-{folder}" for folder in TABLES}
OURS: DefaultConfig = {"core": {"mock_credentials": False}}  # moto leaves those that `pretend` has invented
HUB = access.hub({"brand": "nova", "market": "DE", "correlation_id": "journey-hub"}, "test")


@dataclass
class Stage:
    """What happened since it was set up: AWS calls, and records of the tables' streams."""

    calls: list[str] = field(default_factory=list)  # dynamodb.PutItem
    engine: Engine = field(default_factory=Moto)

    @property
    def records(self) -> list[Json]:
        return self.engine.records()

    def called(self, ask: Callable[[], Any]) -> list[str]:
        """The AWS calls that are made meanwhile."""
        before = len(self.calls)
        ask()
        return self.calls[before:]

    def recorded(self, ask: Callable[[], Any]) -> list[Json]:
        """The stream records that come of it."""
        before = len(self.records)
        ask()
        return self.records[before:]

    def events_of(self, kind: str, id_: str) -> list[Json]:
        """The events that a resource's rows have been so far, as the bus hands them over."""
        found = []
        for record in self.records:
            images = {
                side: rows.unpacked(image) for side, image in record["dynamodb"].items() if side.endswith("Image")
            }
            event = happened.event(images.get("OldImage"), images.get("NewImage"))
            if event and kind in event["event"] and event["event"][kind]["id"] == id_:
                found.append(json.loads(as_json(event)))
        return found

    def row(self, folder: str, kind: str, id_: str, brand: str = "nova") -> rows.Row:
        """A row as it stands."""
        found = rows.load(f"test-{folder}", brand, kind, id_)
        assert found, f"{kind} {id_}"
        return found

    def held(self, folder: str, kind: str | None = None) -> list[rows.Row]:
        """Every row of a table, or of one kind in it."""
        found = map(rows.unpacked, aws.dynamodb().scan(TableName=f"test-{folder}")["Items"])
        return [row for row in found if kind in (None, row["type"])]

    def put(self, folder: str, kind: str, id_: str, body: Json, **attributes: Any) -> None:
        """Puts a row where a story begins."""
        rows.save(rows.put(f"test-{folder}", rows.new(HUB, kind, id_, body, **attributes)))


@contextmanager
def stage(engine: Engine | None = None) -> Iterator[Stage]:
    """Sets everything up, and takes it away again; the tables are moto's where no other engine has them."""
    made = Stage(engine=engine or Moto())
    with ExitStack() as stack:
        stack.enter_context(pretend(made.engine.environment))
        stack.enter_context(mock_aws(config=OURS))
        mend.install()
        stack.callback(mend.uninstall)
        aws.forget()
        stack.callback(aws.forget)
        topic = boto3.client("sns").create_topic(Name="confirmations")["TopicArn"]
        variables = {"CATALOG_BUCKET": "catalog", "BUS_NAME": "bus", "CONFIRM_TOPIC": topic, "CATALOG_MAX_AGE": "3600"}
        variables |= {"CHANNELS": channels.setting(), "ISSUERS": json.dumps([ISSUER]), **NAMED}
        variables |= {"SUBSCRIBER_QUEUES": SUBSCRIBER_QUEUES, "PRICE_SECRET": made_secret()}
        token = settings.source.set(variables)
        stack.callback(settings.source.reset, token)
        boto3.client("events").create_event_bus(Name="bus")
        boto3.client("s3").create_bucket(
            Bucket="catalog", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        for folder, listed in TABLES.items():
            create_table(f"test-{folder}", listed)
        for brand in ("nova", "pico"):
            catalogs.publish(_compiled(brand))
        key.key()  # as a process that has answered before
        for client in (aws.dynamodb(), aws.events(), aws.sns(), aws.s3()):
            _listen(client, made.calls)
        stack.enter_context(begun(made.engine))
        yield made


def made_secret() -> str:
    """The secret of a key for price proofs."""
    return str(boto3.client("secretsmanager").create_secret(Name="price-key", SecretString="a key")["ARN"])


@cache
def _compiled(brand: str) -> Json:
    return compile_brand(Path(__file__).parents[2] / "telco", brand)


def _listen(client: Any, calls: list[str]) -> None:
    service = client.meta.service_model.service_name

    def called(model: Any, **_: Any) -> None:
        calls.append(f"{service}.{model.name}")

    client.meta.events.register(f"before-call.{client.meta.service_model.service_id.hyphenize()}", called)


def create_table(name: str, listed: Sequence[str]) -> None:
    """A table with these indexes, as the template has them."""

    def schema(partition: str, sort: str) -> list[Any]:
        return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]

    boto3.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"}
            for attribute in ("pk", "sk", "created", *(f"{by}_key" for by in listed))
        ],
        KeySchema=schema("pk", "sk"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": f"by_{by}",
                "KeySchema": schema(f"{by}_key", "created"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
            for by in listed
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )


# --- people ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What came back; its body has passed the strict check."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Person:
    """Somebody with a token of a channel."""

    client: str
    role: str
    subject: str = "somebody"
    customer: str | None = None
    partner: str | None = None

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, None, **more)

    def post(self, path: str, body: object, **more: Any) -> Answer:
        return self.ask("POST", path, body, **more)

    def patch(self, path: str, body: object, **more: Any) -> Answer:
        return self.ask("PATCH", path, body, **more)

    def delete(self, path: str, **more: Any) -> Answer:
        return self.ask("DELETE", path, None, **more)

    def ask(
        self, method: str, target: str, body: object, *, expect: int | tuple[int, ...] = (), **headers: str
    ) -> Answer:
        """Sends a request; its answer has a status that is expected, else any below 400."""
        claims = {
            "iss": ISSUER,
            "token_use": "access",
            "client_id": self.client,
            "sub": self.subject,
            "cognito:groups": [] if self.role in ("guest", "partner") else [self.role],
            "scope": f"omnihub/{self.role}" if self.role in ("guest", "partner") else "openid",
            **({"customer_id": self.customer} if self.customer else {}),
            **({"partner_id": self.partner} if self.partner else {}),
        }
        sent = json.dumps(body).encode() if body is not None else b""
        given = {"content-type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        request = Request(method, target, given.items(), sent)
        base = next(base for base in BEHIND if target.startswith(base))
        event = event_for(request, route_key="$default", parameters={}, authorizer=as_context(claims, ()))
        answer = import_module(f"functions.{BEHIND[base]}.handler").handler(event, None)
        found = _checked(target, answer)
        expected = (expect,) if isinstance(expect, int) else expect
        assert found.status in expected if expected else found.status < 400, answer
        return found


def _checked(target: str, answer: Mapping[str, Any]) -> Answer:
    text, status = answer.get("body") or "", answer["statusCode"]
    body: Any = json.loads(text, parse_float=Decimal) if text else None
    api, definition = _definition(target)
    if status >= 400:
        api, definition = "TMF622", "Error"
    for each in body if isinstance(body, list) else [body] if body else []:
        assert strict.faults(each, api, definition, partial="fields=" in target) == [], text
    return Answer(status, body, answer.get("headers") or {})


def _definition(target: str) -> tuple[str, str]:
    path = target.partition("?")[0]
    if path == MERGE:
        return "TMF663", "ShoppingCart"
    if path.startswith(SUBSCRIPTIONS):
        return "TMF622", "EventSubscription"
    if path.endswith("/billPreview"):
        return "omnihub", "BillPreview"
    if path.endswith("/price/replay"):
        return "TMF622", "PriceReplay"
    if path.startswith(RISES) and path.endswith("/bill"):
        return "omnihub", "PriceRiseBill"
    if "/cartItem" in path:
        return "TMF663", "CartItem"
    api = next(api for api, base in tmf.BASE.items() if path.startswith(base))
    return api, tmf.type_of(path.removeprefix(tmf.BASE[api]).split("/")[1])


def customer(name: str, channel: str = "web") -> Person:
    """A customer of Nova's, logged in."""
    return Person(f"nova-{channel}", "customer", f"login-{name}", name)


GUEST = Person("nova-web", "guest", "nova-web")
BEN = Person("nova-callcentre", "agent", "agent-ben")
OLGA = Person("nova-backoffice", "operator", "operator-olga")


def line(offering: str, **more: Any) -> Json:
    return {"productOffering": {"id": offering}, **more}


def cart_of(person: Person, *offerings: str, **more: Any) -> Json:
    """A cart of theirs with one of each."""
    made: Json = person.post(CARTS, {"cartItem": [line(o) for o in offerings], **more}).body
    return made


def order_of(person: Person, *offerings: str, **more: Any) -> Json:
    """An order of one of each."""
    cart = cart_of(person, *offerings)
    made: Json = person.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, **more}).body
    return made


def on_record(phone: str | None = "+4915510000001", **more: Any) -> Person:
    """A customer whom the call centre has put on record, logged in on the web."""
    individual = BEN.post(INDIVIDUALS, {"givenName": "Una", "familyName": "Keller"}).body
    medium = {"mediumType": "mobile", "characteristic": {"phoneNumber": phone}}
    body = {"name": "Una Keller", "engagedParty": {"id": individual["id"], "@referredType": "Individual"}}
    made = BEN.post(CUSTOMERS, {**body, "contactMedium": [medium] if phone else [], **more}).body
    return customer(made["id"])


# --- AWS that stumbles -------------------------------------------------------------------------------------------


class Crashed(BaseException):
    """The process went away in the middle."""


@contextmanager
def stumbling(client: Any, operation: str, *told: Any) -> Iterator[list[Json]]:
    """Makes AWS answer an operation as told, one after the other; yields the requests it was asked.

    None: as it would anyway. A callable runs first, then the answer is as it would be. A mapping is the answer
    (with an `Error` it is a refusal). An exception is raised before anything has reached AWS.
    """
    asked: list[Json] = []
    left = list(told)

    def answer(params: Json, **_: Any) -> Any:
        asked.append(params)
        said = left.pop(0) if left else None
        if isinstance(said, BaseException):
            raise said
        if callable(said):
            said()
            return None
        if said is None:
            return None
        status = 400 if "Error" in said else 200
        return type("Http", (), {"status_code": status}), {"ResponseMetadata": {"HTTPStatusCode": status}, **said}

    name = f"before-call.{client.meta.service_model.service_id.hyphenize()}.{operation}"
    client.meta.events.register_first(name, answer)
    try:
        yield asked
    finally:
        client.meta.events.unregister(name, answer)


# --- what follows ------------------------------------------------------------------------------------------------


def told(module: str, event: Json) -> Any:
    """What a function of `functions.events` answers to an event of the bus."""
    return import_module(f"functions.events.{module}").handler({"detail": event}, None)


def published(records: list[Json]) -> Any:
    """What the publisher answers to records of a stream."""
    return import_module("functions.events.publish").handler({"Records": records}, None)


def step(name: str, order: str, execution: str = "execution-1") -> Any:
    """Runs one step of an order's workflow."""
    task = {"step": name, "brand": "nova", "market": "DE", "id": order, "correlationId": "j", "execution": execution}
    return import_module("functions.events.fulfil").handler(task, None)


def fulfilled(order: Json) -> Json:
    """The order, with its whole workflow behind it."""
    for name in ("claim", "activate", "install", "complete"):
        step(name, order["id"])
    made: Json = OLGA.get(order["href"]).body
    return made
