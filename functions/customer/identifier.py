"""What a customer is found by: verified e-mail addresses and phone numbers, account numbers, external references.

Each belongs to one customer of a brand at most. What nobody verified claims nothing: else a stranger could lock
somebody out, or be taken for them, by writing down their number. Pure.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.customer import contact, market
from functions.shared.errors import Malformed, RuleBroken
from functions.shared.resource import Json

MOST = 90  # claims of one customer: each is a write in the one transaction of at most 100
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
LONG = 11  # digits from which on a number without a leading zero can begin with its country
SYSTEM = re.compile(r"[A-Za-z0-9._-]{1,64}")
WORDS = {
    "email": "e-mail address",
    "msisdn": "phone number",
    "account": "account number",
    "reference": "external reference",
}
BY_EMAIL = "contactMedium.characteristic.emailAddress"
BY_PHONE = "contactMedium.characteristic.phoneNumber"
BY_REFERENCE, OF_SYSTEM = "externalReference.id", "externalReference.system"
BY_ACCOUNT = "account.id"


def email(written: str) -> str | None:
    """The address as it is compared: trimmed, lower case; None where it is no address."""
    address = written.strip().lower()
    return address if EMAIL.fullmatch(address) else None


def msisdn(written: str, country: str) -> str | None:
    """The number in E.164 (`+491713920011`), a national one taken as the country's; None where it is none."""
    digits = re.sub(r"\(0\)|[^0-9+]", "", written)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif not digits.startswith("+"):
        digits = _with_code(digits, market.of(country).calling_code)
    return digits if NUMBER.fullmatch(digits) else None


def _with_code(digits: str, code: str) -> str:
    if not digits.startswith("0") and digits.startswith(code) and len(digits) >= LONG:
        code = ""  # E.164 without its plus, as networks write it
    elif not code:
        return ""
    return f"+{code}{digits.removeprefix('0')}"


def of(kind: str, body: Mapping[str, Any], country: str, as_of: datetime) -> frozenset[str]:
    """What a customer or billing account of that body claims; a party claims through its customer.

    Raises Malformed where something verified cannot be an identifier, RuleBroken where they are too many.
    """
    if kind not in ("customer", "billingAccount"):
        return frozenset()
    found = {_reference(kind, each) for each in body.get("externalReference", [])}
    if kind == "customer":
        found |= {f"account:{each['id']}" for each in body.get("account", [])}
        verified = [m for m in body.get("contactMedium", []) if m.get("verified") and not contact.ended(m, as_of)]
        found |= {each for medium in verified for each in _of_medium(medium, country)}
    if len(found) > MOST:
        raise RuleBroken(f"One customer has at most {MOST} identifiers.", code="tooManyIdentifiers")
    return frozenset(found)


def _of_medium(medium: Json, country: str) -> list[str]:
    said = medium.get("characteristic", {})
    found = []
    if "emailAddress" in said:
        found.append(f"email:{_real(email(said['emailAddress']), 'e-mail address')}")
    if "phoneNumber" in said:
        found.append(f"msisdn:{_real(msisdn(said['phoneNumber'], country), 'phone number')}")
    return found


def _real(normal: str | None, word: str) -> str:
    if normal is None:
        raise Malformed(f"A verified {word} must be one that can be reached; correct it first.", code="badIdentifier")
    return normal


def _reference(kind: str, sent: Json) -> str:
    if not SYSTEM.fullmatch(sent.get("system", "")) or "id" not in sent:
        raise Malformed(
            "An externalReference needs an id and the short name of its system, such as crm.", code="badIdentifier"
        )
    return f"reference:{kind}:{sent['system']}:{sent['id']}"


def asked(kind: str, filters: Mapping[str, str], country: str) -> list[str]:
    """The identifiers that a query names; raises Malformed where half of one is missing.

    What can be no address or number becomes an identifier that nobody holds.
    """
    found = []
    if BY_EMAIL in filters:
        found.append(f"email:{email(filters[BY_EMAIL]) or ''}")
    if BY_PHONE in filters:
        found.append(f"msisdn:{msisdn(filters[BY_PHONE], country) or ''}")
    if BY_ACCOUNT in filters:
        found.append(f"account:{filters[BY_ACCOUNT]}")
    if (BY_REFERENCE in filters) != (OF_SYSTEM in filters):
        raise Malformed(f"Say both {BY_REFERENCE} and {OF_SYSTEM}: an id means something in its system only.")
    if BY_REFERENCE in filters:
        found.append(f"reference:{kind}:{filters[OF_SYSTEM]}:{filters[BY_REFERENCE]}")
    return found


def word(identifier: str) -> str:
    """What sort of identifier it is, as a person says it."""
    return WORDS[identifier.partition(":")[0]]
