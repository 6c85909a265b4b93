"""What the hub adds to a token when somebody signs in: as which customer, for which partner, in which outlet.

Cognito calls this before it issues a token (pre-token generation, version 3), for people and for machines. What it
adds follows from grants; a login belongs to one brand, and the token says to which.
"""

import json
from collections.abc import Mapping
from typing import Any

from functions.shared import grants
from functions.shared.settings import settings

# what a grant names, and as what -> the claim
CLAIMS = {("customer", "owner"): "customer_id", ("partner", "seller"): "partner_id", ("outlet", "seller"): "outlet"}


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers Cognito with the claims to add; a login without grants gets none, and owns nothing."""
    person = event["request"].get("userAttributes") or {}
    added = claims(person.get("sub") or event["callerContext"]["clientId"])
    details = {"accessTokenGeneration": {"claimsToAddOrOverride": added}}
    return {**event, "response": {"claimsAndScopeOverrideDetails": details}}


def claims(subject: str) -> dict[str, str]:
    """The claims of that subject's grants in force, in the first brand that has any; of several alike the oldest."""
    for brand in json.loads(settings.brands):
        newest_first = [row for row in grants.of(brand, subject) if grants.in_force(row)]
        told = {(row["thing"], row["body"]["role"]): row["thing_id"] for row in newest_first}
        if found := {claim: told[key] for key, claim in CLAIMS.items() if key in told}:
            return {"brand": brand, **found}
    return {}
