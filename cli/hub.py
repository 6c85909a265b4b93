"""`omnihub run`: the whole hub on this machine, with the sample telco in it."""

import signal
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from cli.telco import brands, compile_brand
from functions.catalog import store as catalogs
from functions.shared import settings
from local.gateway import PortTaken
from local.hub import Hub, serve

OUT, STATE, TELCO = Path("cdk.out"), Path(".omnihub"), Path("telco")


def run(
    port: Annotated[int, typer.Option(help="where it listens on 127.0.0.1")] = 8080,
) -> None:
    """Starts the hub, loads the sample telco, and runs until Ctrl-C."""
    if not (OUT / "manifest.json").exists():
        raise typer.BadParameter("There is no cdk.out here; run `make run` in the repository.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        serve(OUT, port, STATE, load, ready=_greet)
    except KeyboardInterrupt:
        typer.echo("\nOmnihub has stopped.")
    except PortTaken as taken:
        typer.echo(f"{taken} Choose another: make run PORT={port + 1}", err=True)
        raise typer.Exit(2) from None


def load(hub: Hub) -> None:
    """Puts the sample telco into a hub: both brands' catalogs."""
    use(hub)
    for brand in brands(TELCO):
        catalogs.publish(compile_brand(TELCO, brand))


def use(hub: Hub) -> None:
    """Lets this process use the hub's stores, with the settings of all functions; no catalog is stale here."""
    functions = hub.blueprint.functions
    for function in list(functions.by_name.values()):
        functions.add(replace(function, environment={**function.environment, "CATALOG_MAX_AGE": "0"}))
    settings.source.set({k: v for f in functions.by_name.values() for k, v in f.environment.items()})


def _greet(hub: Hub) -> None:
    token = hub.token("nova-web", "customer", "jane", customer_id="jane")
    typer.echo(f"TOKEN={token}")
    cart = f"{hub.url}/tmf-api/shoppingCart/v4/shoppingCart"
    offerings = f"{hub.url}/tmf-api/productCatalogManagement/v4/productOffering"
    line = '{"cartItem":[{"productOffering":{"id":"plan-m"}}]}'
    typer.echo(f'curl -s -H "Authorization: Bearer $TOKEN" {offerings}')
    typer.echo(f"""curl -s -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d '{line}' {cart}""")
    typer.echo(f"Omnihub is ready at {hub.url}")
