"""The channels as data: each client of each brand, what it is and which roles its tokens may carry."""

import json

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


def clients() -> dict[str, dict[str, object]]:
    """Client id -> what a token of that client stands for."""
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


def setting() -> str:
    """The same as compact JSON, for a function's environment."""
    return json.dumps(clients(), separators=(",", ":"))
