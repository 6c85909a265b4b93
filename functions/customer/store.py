"""Where customers, parties and accounts are kept, with every identifier in a row of its own."""

from dataclasses import dataclass

from functions.shared import rows
from functions.shared.access import Caller
from functions.shared.settings import settings


@dataclass(frozen=True)
class Reach:
    """How to reach a customer: the language they speak and the number that takes an SMS."""

    language: str
    phone: str | None


def reach(caller: Caller, customer: str) -> Reach | None:
    """How to reach that customer; None where there is no such customer."""
    row = rows.load(settings.customer_table, caller.brand, "customer", customer)
    if row is None:
        return None
    media = row["body"].get("contactMedium", [])
    phones = [
        m["characteristic"].get("phoneNumber") for m in media if m.get("mediumType") in ("mobile", "phone", "sms")
    ]
    return Reach(row["body"].get("preferredLanguage", "en"), next((p for p in phones if p), None))
