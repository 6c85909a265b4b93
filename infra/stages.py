"""The stages as typed settings: what differs between a developer's hub and the one that customers use."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Front:
    """CloudFront with a web ACL before the API, whose own address is then closed (docs/deploy.md says how)."""

    domain: str  # what channels call: hub.example.com
    certificate: str  # ARN in us-east-1, for the domain
    origin: str  # what CloudFront calls: origin.hub.example.com
    origin_certificate: str  # ARN in the hub's region, for the origin
    client_certificate: str  # ARN in us-east-1: what CloudFront shows the origin
    truststore: str  # s3://…, the authority of that client certificate
    requests_per_address: int = 3000  # of one IP address in five minutes


@dataclass(frozen=True)
class Stage:
    """One stage; both stacks' names end in its name."""

    name: str
    keeps_data: bool  # tables and buckets refuse to be deleted, and survive their stack
    logs: Literal["ONE_WEEK", "ONE_MONTH", "THREE_MONTHS", "ONE_YEAR"]  # how long they are kept
    requests_per_second: int  # of all channels together; what is above gets 429
    burst: int
    snap_start: bool  # snapshots cost by the hour, whether anybody calls or not
    reserved: int | None  # concurrent runs set apart for each function behind the streams and the bus
    deliveries: int | None  # the same for what calls subscribers, two for each: half as many may be slow at once
    alarms_to: str | None = None  # an e-mail address, which has to confirm its subscription
    front: Front | None = None
    signed_in: str = "https://{channel}.{brand}.example/signed-in"  # where who has signed in is sent back to


DEV = Stage(
    name="dev",
    keeps_data=False,
    logs="ONE_WEEK",
    requests_per_second=50,
    burst=100,
    snap_start=False,
    reserved=None,  # a new account has ten concurrent runs in all, and lets none be reserved
    deliveries=None,
)
PROD = Stage(
    name="prod",
    keeps_data=True,
    logs="THREE_MONTHS",
    requests_per_second=1000,
    burst=2000,
    snap_start=True,
    reserved=50,
    deliveries=200,
)
STAGES = {stage.name: stage for stage in (DEV, PROD)}


class UnknownStage(SystemExit):
    """A stage that nobody has defined; it ends the synth with a sentence instead of a traceback."""


def named(name: str) -> Stage:
    """The stage of that name."""
    if name not in STAGES:
        raise UnknownStage(f"There is no stage {name}; infra/stages.py defines {' and '.join(STAGES)}.")
    return STAGES[name]
