"""The channels as data: each client of each brand, what it is and which roles its tokens may carry."""

import json
from collections.abc import Mapping
from typing import TypedDict

# id -> (kind, how a contract is concluded there, roles its client may carry)
KINDS: dict[str, tuple[str, list[str]]] = {
    "web": ("distance", ["customer", "guest"]),
    "selfcare": ("distance", ["customer"]),
    "mobile": ("distance", ["customer", "guest"]),
    "iptv": ("distance", ["customer"]),
    "callcentre": ("distance", ["agent"]),
    "shop": ("onPremises", ["agent"]),
    "kiosk": ("onPremises", ["customer", "guest"]),
    "partner": ("offPremises", ["partner"]),
    "backoffice": ("distance", ["operator", "agent"]),
}
# brand -> (market, its channels)
BRANDS: dict[str, tuple[str, list[str]]] = {
    "nova": ("DE", ["web", "selfcare", "mobile", "iptv", "callcentre", "shop", "kiosk", "partner", "backoffice"]),
    "pico": ("CH", ["web", "selfcare", "mobile", "kiosk", "shop", "callcentre", "backoffice"]),
}
MACHINES = frozenset({"guest", "partner", "operator"})  # roles that are not a person's alone


class Facts(TypedDict):
    """What a token of a client stands for."""

    id: str
    brand: str
    market: str
    setting: str
    roles: list[str]


def people() -> dict[str, Facts]:
    """The clients in which people sign in; whoever issues tokens may issue a machine's for them too."""
    return {
        f"{brand}-{channel}": {
            "id": channel,
            "brand": brand,
            "market": market,
            "setting": KINDS[channel][0],
            "roles": KINDS[channel][1],
        }
        for brand, (market, channels) in BRANDS.items()
        for channel in channels
    }


def machines() -> dict[str, Facts]:
    """The clients that sign in with a secret of their own, and no person."""
    found = {f"{name}-machine": (facts, sorted(MACHINES & {*facts["roles"]})) for name, facts in people().items()}
    return {name: {**facts, "roles": roles} for name, (facts, roles) in found.items() if roles}


def clients() -> dict[str, Facts]:
    """Every client by its name."""
    return {**people(), **machines()}


def setting(ids: Mapping[str, str] | None = None) -> str:
    """Client id -> what a token of that client stands for, as compact JSON; `ids` by name where these are not it."""
    known = {(ids or {}).get(name, name): facts for name, facts in clients().items()}
    return json.dumps(known, separators=(",", ":"))
