"""What both stories share: the addresses, the agent who takes the calls, and the note he writes of each."""

from datetime import UTC, datetime

from cli.story import Actor, Call
from functions.shared import tmf

OFFERINGS = f"{tmf.BASE['TMF620']}/productOffering"
SPECIFICATIONS = f"{tmf.BASE['TMF620']}/productSpecification"
ORDERS = f"{tmf.BASE['TMF622']}/productOrder"
CUSTOMERS = f"{tmf.BASE['TMF629']}/customer"
PRODUCTS = f"{tmf.BASE['TMF637']}/product"
CARTS = f"{tmf.BASE['TMF663']}/shoppingCart"
TIMELINE = f"{tmf.BASE['TMF683']}/partyInteraction"

BEN = Actor("Ben", "callcentre", "agent", "agent-ben")


def as_customer(id_: str) -> dict[str, str]:
    """How a request names its customer."""
    return {"id": id_, "href": tmf.href("customer", id_), "@referredType": "Customer", "role": "customer"}


def note(customer: str, said: str) -> Call:
    """What an agent puts on record of a call."""
    body = {
        "reason": "advice",
        "description": said,
        "direction": "inbound",
        "status": "completed",
        "interactionDate": {"startDateTime": datetime.now(UTC).isoformat(timespec="milliseconds")},
        "channel": [{"id": BEN.channel, "href": f"/omnihub/v1/channel/{BEN.channel}"}],
        "relatedParty": [as_customer(customer)],
    }
    return Call("POST", TIMELINE, body)
