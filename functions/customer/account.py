"""A customer's billing accounts, as the customer names them and as they must be. Pure."""

import re
from collections.abc import Mapping, Sequence

from functions.shared import tmf
from functions.shared.errors import Malformed, RuleBroken
from functions.shared.resource import Json, ref

CURRENCY = re.compile(r"[A-Z]{3}")
CYCLE_DAYS = range(1, 32)  # in a shorter month its last day: see functions/shared/days.py


def reference(id_: str, account: Json) -> Json:
    """How a customer names a billing account that is kept here: by its id where a patch took its name away."""
    return ref(id_, _href(id_), "BillingAccount", name=account.get("name", id_), state=account["state"])


def _href(id_: str) -> str:
    return tmf.href("billingAccount", id_)


def ours(customer: Mapping[str, list[Json]]) -> list[str]:
    """The ids of the accounts that are kept here; the others are numbers of another system."""
    return [each["id"] for each in customer.get("account", []) if each.get("href") == _href(each["id"])]


def put_in(customer: Json, account: Json) -> Json:
    """The customer with that reference to an account: in the place of the one it had, or last."""
    by_id = {each["id"]: each for each in customer.get("account", [])} | {account["id"]: account}
    return {**customer, "account": list(by_id.values())}


def taken_out(customer: Json, id_: str) -> Json:
    """The customer without that account."""
    return {**customer, "account": [each for each in customer.get("account", []) if each["id"] != id_]}


def listed(held: Sequence[Json], sent: Sequence[Json]) -> list[Json]:
    """The accounts in the order sent (the first in use is the default): ours as we hold them, others by number."""
    if any("id" not in each for each in sent):
        raise Malformed("An account is named by its id.")
    others = {each["id"]: {"name": each["id"], **{k: v for k, v in each.items() if k != "href"}} for each in sent}
    return list((others | {each["id"]: each for each in held if each["id"] in others}).values())


def must_stay(held: Json, after: Json) -> None:
    """Raises RuleBroken where an account that is kept here was left out."""
    if dropped := set(ours(held)) - {each["id"] for each in after.get("account", [])}:
        raise RuleBroken(
            "An account leaves its customer when the account is deleted; keep it in this list.",
            code="accountsOpen",
            billingAccount=sorted(dropped),
        )


def must_be_billable(account: Json) -> None:
    """Raises Malformed where an account cannot be billed as it says."""
    if not CURRENCY.fullmatch(account["currency"]):
        raise Malformed("currency is a code of three capital letters, such as EUR.", code="badCurrency")
    if account.get("cycleDay") not in CYCLE_DAYS:
        raise Malformed(f"cycleDay is a day from {CYCLE_DAYS[0]} to {CYCLE_DAYS[-1]}.", code="badCycleDay")


def default(customer: Json) -> str | None:
    """The id of the account that is billed unless somebody says otherwise: the first in use."""
    return next((each["id"] for each in customer.get("account", []) if each.get("state") != "closed"), None)
