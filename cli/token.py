"""`omnihub token`: a token that the hub running on this machine accepts."""

from typing import Annotated, Any

import typer

from infra import channels
from local import issuer


def token(
    role: Annotated[str, typer.Option(help="customer, agent, partner, operator or guest")],
    channel: Annotated[str, typer.Option(help="web, selfcare, mobile, callcentre, shop, kiosk, …")],
    brand: Annotated[str, typer.Option(help="nova or pico")] = "nova",
    customer: Annotated[str | None, typer.Option(help="the customer's id, for the role customer")] = None,
    subject: Annotated[
        str | None, typer.Option(help="who it is; the customer's id or the role where not given")
    ] = None,
) -> None:
    """Prints an access token for that role in that channel."""
    client = f"{brand}-{channel}"
    known: dict[str, Any] = channels.clients()
    if client not in known:
        raise typer.BadParameter(
            f"{brand} has no channel {channel}; it has {_channels(brand)}.", param_hint="--channel"
        )
    if role not in known[client]["roles"]:
        permitted = ", ".join(known[client]["roles"])
        raise typer.BadParameter(f"The {channel} channel carries the roles {permitted}.", param_hint="--role")
    try:
        typer.echo(issuer.issue(client, role, subject or customer or role, customer_id=customer))
    except issuer.NoHub:
        typer.echo("No hub has run here yet; start one: make run", err=True)
        raise typer.Exit(2) from None


def _channels(brand: str) -> str:
    return ", ".join(c.removeprefix(f"{brand}-") for c in channels.clients() if c.startswith(f"{brand}-")) or "none"
