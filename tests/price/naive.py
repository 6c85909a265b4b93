"""A second evaluator of promotions and taxes: brute force, slow, and as plainly right as can be.

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
from tests.price.stages import ZERO, Settled, amount_of, off_sums, settled, unit_of
from tests.price.taxes import with_and_without

SHOWN = 24


def priced(content: Json, lines: list[Json], context: Facts) -> Json:
    """What the cart costs: {currency, line: [{id, price: […]}], total: […], saving, now, given}; amounts are Decimal.

    A price: {id, replaces, priceType, period, currency, base, each, together, unit, share, tax, gross, net}. `unit` is
    the price of one after stage one, `share` what stage two takes off the whole line, `gross` and `net` what that comes
    to with its tax and without, all for period 1, 2, … 24 (a one-time price has one period); `tax` is the rule that
    says which, `each` and `together` are the ids of the promotions of both stages in order of action. A total:
    {priceType, period, currency, gross, net} of period 1. `saving` counts over the horizons, `now` in period 1.
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
            {"id": line, "price": [_taxed(c, told.get(c) or _untouched(c), step) for c in everything if c.line == line]}
            for line in sorted(each["id"] for each in lines)
        ],
        "total": [_total(part, told, step) for part in sorted({charge.bucket[:3] for charge in charges})],
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


def _taxed(charge: Charge, told: Json, step: Decimal) -> Json:
    amounts = [charge.quantity * unit - share for unit, share in zip(told["unit"], told["share"], strict=True)]
    pairs = [with_and_without(amount, charge.tax, step, charge.currency) for amount in amounts]
    rule = charge.tax.rule if charge.tax else None
    return told | {"tax": rule, "gross": [gross for gross, _ in pairs], "net": [net for _, net in pairs]}


def _total(part: tuple[str, str, str], told: dict[Charge, Json], step: Decimal) -> Json:
    price_type, period, currency = part
    lines = [_taxed(charge, price, step) for charge, price in told.items() if charge.bucket[:3] == part]
    net = None if any(line["net"][0] is None for line in lines) else sum((line["net"][0] for line in lines), ZERO)
    gross = sum((line["gross"][0] for line in lines), ZERO)
    return {"priceType": price_type, "period": period, "currency": currency, "gross": gross, "net": net}
