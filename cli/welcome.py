"""What a freshly started hub says: three lines to paste, in this order, and where else to look."""

from cli import stacy
from functions.shared import tmf
from local.hub import Hub
from local.pretend import REGION

CLIENT = "nova-web"


def lines(hub: Hub) -> list[str]:
    """A token in a variable, a look at what is on sale, and a cart with a line; each is one line for a shell."""
    token = hub.token(CLIENT, "customer", stacy.CUSTOMER, customer_id=stacy.CUSTOMER)
    offerings, carts = f"{tmf.BASE['TMF620']}/productOffering", f"{tmf.BASE['TMF663']}/shoppingCart"
    authorised = 'curl -s -H "Authorization: Bearer $TOKEN"'
    cart = '{"cartItem": [{"productOffering": {"id": "handset-fjord-2"}}]}'
    return [
        f"TOKEN={token}",
        f"{authorised} '{hub.url}{offerings}?fields=name,category'; echo",
        f"{authorised} -H 'Content-Type: application/json' -d '{cart}' {hub.url}{carts}; echo",
    ]


def places(hub: Hub) -> list[str]:
    """Where a browser finds the API, and where AWS's own tools find what the hub holds."""
    return [
        f"Read and try the API in a browser: {hub.url}/docs",
        f"Its tables and queues for any AWS tool: AWS_ENDPOINT_URL={hub.url}, region {REGION}, any credentials",
    ]
