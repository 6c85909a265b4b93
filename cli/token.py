"""`omnihub token`: a token that the hub running on this machine accepts."""

from typing import Annotated

import typer

from cli.say import refuse
from infra import channels
from local import issuer

SAMPLES = {"nova": "customer-stacy", "pico": "customer-luca"}  # of telco/people.yaml


def token(
    role: Annotated[str, typer.Option(help="customer, agent, partner, operator or guest")],
    channel: Annotated[str, typer.Option(help="web, selfcare, mobile, callcentre, shop, kiosk, …")],
    brand: Annotated[str, typer.Option(help="nova or pico")] = "nova",
    customer: Annotated[str | None, typer.Option(help="whose token it is, for the role customer")] = None,
    subject: Annotated[str | None, typer.Option(help="who it is, for all others: agent-ben, seller-mira, …")] = None,
    outlet: Annotated[str | None, typer.Option(help="the shop or call centre they work in")] = None,
) -> None:
    """Prints an access token for that role in that channel, good for a working day.

    TOKEN=$(omnihub token --role customer --channel selfcare --customer customer-stacy)
    """
    if wrong := _wrong(brand, channel, role, customer):
        refuse(wrong, _nearest(brand, channel, role, customer))
    client, partner = f"{brand}-{channel}", subject or "partner" if role == "partner" else None
    who = subject or customer or (client if role == "guest" else role)
    try:
        typer.echo(issuer.issue(client, role, who, customer_id=customer, partner_id=partner, outlet=outlet))
    except issuer.NoHub:
        refuse("No hub has run in this folder yet, so there is no key to sign a token with.", "make run")


def _wrong(brand: str, channel: str, role: str, customer: str | None) -> str | None:
    """Why there is no such token, as a sentence; None where there is."""
    if brand not in channels.BRANDS:
        return f"There is no brand {brand}; there are {_all(list(channels.BRANDS))}."
    sold_in = channels.BRANDS[brand][1]
    if channel not in sold_in:
        return f"{brand} has no channel {channel}; it has {_all(sold_in)}."
    roles = channels.KINDS[channel][1]
    if role not in roles:
        return f"The {channel} channel carries the role{'s' * (len(roles) > 1)} {_all(roles)}, not {role}."
    if role == "customer" and customer is None:
        return "A customer's token names the customer."
    if role != "customer" and customer is not None:
        return f"Only a customer's token names a customer; as {role}, say whose it is in each request."
    return None


def _nearest(brand: str, channel: str, role: str, customer: str | None) -> str:
    """The command nearest to that one which works."""
    brand = brand if brand in channels.BRANDS else next(iter(channels.BRANDS))
    sold_in = channels.BRANDS[brand][1]
    if channel not in sold_in:
        channel = next((each for each in sold_in if role in channels.KINDS[each][1]), sold_in[0])
    roles = channels.KINDS[channel][1]
    role = role if role in roles else roles[0]
    following = f"omnihub token --role {role} --channel {channel}" + (f" --brand {brand}" if brand != "nova" else "")
    return f"{following} --customer {customer or SAMPLES[brand]}" if role == "customer" else following


def _all(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
