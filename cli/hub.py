"""What this process does to a hub that it runs: uses its stores, and fills it with the sample telco."""

from dataclasses import replace

from cli import people
from cli.say import TELCO
from cli.telco import brands, compile_brand
from functions.catalog import store as catalogs
from functions.shared.settings import source
from local.hub import Hub

# What a hub on one machine is told beside its template: the catalog is read anew each time, and a subscriber may
# listen on this machine.
HERE = {"CATALOG_MAX_AGE": "0", "CALLBACKS": "loopback"}


def load(hub: Hub) -> None:
    """Puts the sample telco into a hub."""
    use(hub)
    fill()


def fill() -> None:
    """Puts the sample telco into the hub in use: both brands' catalogs, and the people with what they have."""
    for brand in brands(TELCO):
        catalogs.publish(compile_brand(TELCO, brand))
    people.load(TELCO)


def use(hub: Hub) -> None:
    """Lets this process use the hub's stores, with the settings of all functions; no catalog is stale here."""
    functions = hub.blueprint.functions
    for function in list(functions.by_name.values()):
        functions.add(replace(function, environment={**function.environment, **HERE}))
    source.set({k: v for f in functions.by_name.values() for k, v in f.environment.items()})
