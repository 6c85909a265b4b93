"""The catalog of a coming day, shown to whoever holds a token: what an operator gives to those who try a channel.

A token names brand and moment and ends by itself. It opens nothing that its bearer's own login does not: what is seen
is what their channel will show, in their role, and nothing can be bought by it.
"""

from datetime import datetime, timedelta

from functions.catalog import key as keys
from functions.catalog import seal
from functions.shared import clock
from functions.shared.access import Caller
from functions.shared.errors import Malformed
from functions.shared.resource import Json

FORM = b"omnihub preview 1 "
USUAL, LONGEST = timedelta(days=1), timedelta(days=30)  # for how long a token is good


def given(caller: Caller, as_of: datetime, until: datetime | None) -> Json:
    """A token for that moment, in the brand of who asks; raises Malformed where it would end too late or is over."""
    now = clock.now()
    ends = until or now + USUAL
    if not now < ends <= now + LONGEST:
        raise Malformed(f"A preview ends within {LONGEST.days} days: validFor.endDateTime.", code="badPreview")
    said = {"brand": caller.brand, "asOf": clock.text(as_of), "until": clock.text(ends)}
    return {
        "asOf": said["asOf"],
        "validFor": {"startDateTime": clock.text(now), "endDateTime": said["until"]},
        "token": seal.sealed(FORM, said, keys.key()),
        "@type": "CatalogPreview",
    }


def shown(caller: Caller, token: str) -> datetime:
    """The moment whose catalog a token shows to that caller; raises Malformed where it shows none."""
    said = seal.opened(FORM, token, keys.key())
    if said is None:
        raise Malformed("This preview token is none that the hub gave; ask an operator for one.", code="badPreview")
    if said["brand"] != caller.brand:
        raise Malformed("This preview token is of another brand; ask an operator of yours.", code="otherPreview")
    if clock.moment(said["until"]) <= clock.now():
        raise Malformed(
            f"This preview token ended at {said['until']}; ask an operator for another.", code="previewEnded"
        )
    return clock.moment(said["asOf"])
