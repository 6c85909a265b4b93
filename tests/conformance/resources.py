"""The resources of the seven APIs as data: what one posts, how two differ, what a patch changes and takes away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from functions.shared import tmf

Json = dict[str, Any]
Bodies = Callable[["Made", int], Json]


@dataclass
class Made:
    """What was posted before, by kind: a body may name it."""

    ids: dict[str, list[str]] = field(default_factory=dict)

    def one(self, kind: str, number: int = 0) -> str:
        """The id of one of them."""
        return self.ids[kind][number % len(self.ids[kind])]


@dataclass(frozen=True)
class Subject:
    """One kind of resource. `patch` sets `changed` and may take `removable` away; None: it cannot be patched."""

    kind: str
    body: Bodies
    required: str | None = None  # an attribute without which a POST is a 400
    patch: Mapping[str, Any] | None = None
    removable: str | None = None
    deletable: bool = True
    regex: tuple[str, str] = ("name", "^[A-Z].*2$")

    def __str__(self) -> str:
        return self.kind

    @property
    def api(self) -> str:
        return tmf.API[self.kind]

    @property
    def definition(self) -> str:
        return tmf.type_of(self.kind)

    @property
    def path(self) -> str:
        return f"{tmf.BASE[self.api]}/{self.kind}"


MORE = count()  # an order of an externalId that its caller has used is that order, and none anew
COUNT = 4  # of each, so that a page can be a part and an order be seen


def _named(_: Made, n: int) -> Json:
    return {"name": f"Thing {n}", "description": f"The thing of number {n}.", "lifecycleStatus": "In study"}


def _export(_: Made, n: int) -> Json:
    return {"url": "s3://wherever", **({} if n == 0 else {"query": f"name=Thing {n}"})}


def _party(kind: str) -> Bodies:
    names: dict[str, Bodies] = {
        "individual": lambda _, n: {"givenName": f"Given{n}", "familyName": f"Family {n}", "gender": "female"},
        "organization": lambda _, n: {"name": f"Org {n}", "tradingName": f"Trade {n}", "organizationType": f"type {n}"},
    }
    return names[kind]


def _customer(made: Made, n: int) -> Json:
    # One party is one customer at most.
    engaged = {"id": made.ids["individual"][n if n < COUNT else -1], "@referredType": "Individual"}
    return {"name": f"Customer {n}", "statusReason": f"reason {n}", "engagedParty": engaged}


def _owner(made: Made, n: int) -> Json:
    return {"id": made.one("customer", n), "role": "customer", "@referredType": "Customer"}


def _product(made: Made, n: int) -> Json:
    characteristic = [{"name": "colour", "valueType": "string", "value": ("red", "blue", "green")[n % 3]}]
    return {
        "name": f"Product {n}",
        "description": f"of number {n}",
        "status": ("active", "suspended", "created")[n % 3],
        "startDate": f"2026-0{n + 1}-01T00:00:00Z",
        "isBundle": n % 2 == 0,
        "productSerialNumber": f"SN-{n}",
        "productCharacteristic": characteristic,
        "productOffering": {"id": "plan-m"},
        "relatedParty": [_owner(made, n)],
    }


def _cart(made: Made, n: int) -> Json:
    lines = [{"quantity": n + 1, "action": "add", "productOffering": {"id": "plan-m" if n % 2 else "plan-s"}}]
    return {"cartItem": lines, "relatedParty": [_owner(made, n)]}


def _qualification(made: Made, n: int) -> Json:
    items = [{"id": "1", "productOffering": {"id": "plan-m" if n % 2 else "plan-s"}}]
    return {"provideAlternative": n > 1, "productOfferingQualificationItem": items, "relatedParty": [_owner(made, n)]}


def _order(made: Made, n: int) -> Json:
    item = {"id": "100", "action": "add", "quantity": n + 1, "productOffering": {"id": "plan-m" if n % 2 else "plan-s"}}
    return {
        "externalId": f"EXT-{n}" if n < COUNT else f"EXT-{n}-{next(MORE)}-more",
        "category": ("B2C", "B2B")[n % 2],
        "priority": str(n),
        "description": f"order {n}",
        "requestedStartDate": f"2027-0{n + 1}-01T00:00:00Z",
        "productOrderItem": [item],
        "relatedParty": [_owner(made, n)],
    }


def _cancellation(made: Made, n: int) -> Json:
    return {"productOrder": {"id": made.one("productOrder", n)}, "cancellationReason": f"changed my mind {n}"}


def _interaction(made: Made, n: int) -> Json:
    return {
        "description": f"call {n}",
        "reason": ("question", "complaint")[n % 2],
        "status": "opened",
        "direction": ("inbound", "outbound")[n % 2],
        "interactionDate": {"startDateTime": f"2026-0{n + 1}-01T12:00:00Z"},
        "channel": [{"id": "callcentre", "name": "Call centre"}],
        "relatedParty": [_owner(made, n)],
    }


# In the order in which they can be posted.
SUBJECTS = [
    Subject("catalog", _named, "name", {"name": "Thing 9"}, "description"),
    Subject("category", _named, "name", {"name": "Thing 9"}, "description"),
    Subject("productSpecification", _named, "name", {"name": "Thing 9"}, "description"),
    Subject("productOfferingPrice", _named, "name", {"name": "Thing 9"}, "description"),
    Subject("productOffering", _named, "name", {"name": "Thing 9"}, "description"),
    Subject("promotion", _named, "name", {"name": "Thing 9"}, "description"),
    Subject("exportJob", _export, "url", regex=("query", "2$")),
    Subject("importJob", lambda _, n: {"url": f"s3://not-ours/{n}"}, "url", regex=("url", "2$")),
    Subject(
        "individual", _party("individual"), "givenName", {"givenName": "Mira"}, "gender", regex=("familyName", "^F.*2$")
    ),
    Subject("organization", _party("organization"), None, {"tradingName": "Mira"}, "organizationType"),
    Subject("customer", _customer, "engagedParty", {"statusReason": "called"}, "statusReason"),
    Subject("product", _product, "status", {"name": "Product 9"}, "description"),
    Subject(
        "shoppingCart",
        _cart,
        None,
        {"cartItem": [{"productOffering": {"id": "plan-l"}}]},
        None,
        regex=("state", "^act"),
    ),
    Subject(
        "productOfferingQualification",
        _qualification,
        None,
        None,
        None,
        deletable=False,
        regex=("productOfferingQualificationItem.productOffering.name", "^Nova M"),
    ),
    Subject(
        "productOrder",
        _order,
        "productOrderItem",
        {"priority": "9"},
        "description",
        deletable=False,
        regex=("externalId", "^E.*2$"),
    ),
    Subject(
        "cancelProductOrder",
        _cancellation,
        "productOrder",
        None,
        None,
        deletable=False,
        regex=("productOrder.href", "productOrder/[0-9a-f]+$"),
    ),
    Subject(
        "partyInteraction",
        _interaction,
        "channel",
        {"status": "inProgress"},
        "description",
        regex=("description", "^c.*2$"),
    ),
]
