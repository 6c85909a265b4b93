"""A second evaluator of promotions: brute force, slow, and as plainly right as can be.

It tries every choice of one or no member of each exclusivity group, and for each of them every subset of promotions on
every charge and on every sum of charges. Written from the text of the semantics alone; shares nothing with `functions`.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from tests.price.acts import Offer, offers
from tests.price.charges import Charge, charges_of, step_of
from tests.price.facts import Facts, Json, currency_of
from tests.price.stages import ZERO, Bucket, Settled, amount_of, off_sums, settled, unit_of

SHOWN = 24


def priced(content: Json, lines: list[Json], context: Facts) -> Json:
    """What the cart costs: {currency, line: [{id, price: […]}], total: […], saving, now, given}; amounts are Decimal.

    A price: {id, replaces, priceType, period, currency, base, each, together, unit, share}. `unit` is the price of one
    after stage one, `share` what stage two takes off the whole line, both for period 1, 2, … 24 (a one-time price has
    one period); `each` and `together` are the ids of the promotions of both stages in order of action. A total:
    {priceType, period, currency, amount} of period 1. `saving` counts over the horizons, `now` in period 1.
    """
    step = step_of(content, currency_of(content, context))
    everything = charges_of(content, lines, context)
    charges = [charge for charge in everything if charge.price_type != "usage"]
    found = offers(content, lines, charges, context)
    best = min(
        (settled(charges, choice, step) for choice in choices(charges, found, step)),
        key=lambda outcome: (-outcome.saving, -outcome.now, outcome.given),
    )
    told = {charge: _told(charge, charges, best, step) for charge in charges}
    return {
        "currency": currency_of(content, context),
        "line": [
            {"id": line, "price": [told.get(c) or _untouched(c) for c in everything if c.line == line]}
            for line in sorted(each["id"] for each in lines)
        ],
        "total": [_total(bucket, told) for bucket in sorted({charge.bucket for charge in charges})],
        "saving": best.saving,
        "now": best.now,
        "given": best.given,
    }


def choices(charges: list[Charge], found: list[Offer], step: Decimal) -> Iterator[list[Offer]]:
    """Rules 2 and 5: everything that is in no group, and one or no member of each group."""
    saves = [offer for offer in found if settled(charges, [offer], step).saving > 0]
    groups: dict[str, list[Offer]] = defaultdict(list)
    for offer in found:
        if offer.group and not any(o.group == offer.group and o.priority < offer.priority for o in saves):
            groups[offer.group].append(offer)
    for members in itertools.product(*([None, *group] for group in groups.values())):
        yield [offer for offer in found if not offer.group] + [member for member in members if member]


def _told(charge: Charge, charges: list[Charge], best: Settled, step: Decimal) -> Json:
    each, together = best.each[charge], best.together[charge.bucket]
    inside = [other for other in charges if other.bucket == charge.bucket]
    periods = range(1, (SHOWN if charge.price_type == "recurring" else 1) + 1)
    amounts = [{other: amount_of(other, best.each[other], period, step) for other in inside} for period in periods]
    return _untouched(charge) | {
        "each": each.order,
        "together": tuple(act.promotion for act, reached in together.acts.items() if charge in reached),
        "unit": [unit_of(charge, each.acts, period, step) for period in periods],
        "share": [
            sum((shares.get(charge, ZERO) for shares in off_sums(before, together.acts, period, step)), ZERO)
            for period, before in enumerate(amounts, 1)
        ],
    }


def _untouched(charge: Charge) -> Json:
    """As a usage price stays: no promotion acts on it."""
    return {
        "id": charge.price,
        "replaces": charge.replaced,
        "priceType": charge.price_type,
        "period": charge.period,
        "currency": charge.currency,
        "base": charge.base,
        "each": (),
        "together": (),
        "unit": [charge.base],
        "share": [ZERO],
    }


def _total(bucket: Bucket, told: dict[Charge, Json]) -> Json:
    price_type, period, currency = bucket
    amounts = [c.quantity * price["unit"][0] - price["share"][0] for c, price in told.items() if c.bucket == bucket]
    return {"priceType": price_type, "period": period, "currency": currency, "amount": sum(amounts, ZERO)}
