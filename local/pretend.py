"""The one place that points every AWS client of this process at moto: account, region and credentials are invented."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

ACCOUNT = "123456789012"  # moto's own default
REGION = "eu-central-1"

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    # Account-based endpoints (<account>.ddb.<region>…) are addresses that moto does not know.
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    # Whatever the developer has set up for real AWS must not leak in: profiles, endpoints, roles.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def arn(service: str, resource: str, region: str = REGION) -> str:
    """An ARN of the invented account."""
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


@contextmanager
def pretend(more: Mapping[str, str] | None = None) -> Iterator[None]:
    """Replace every `AWS_…` variable by ours and `more`; on leaving, put back what was there.

    boto3 reads its region and credentials from the environment of the process and nowhere else.
    """
    environment = os.environ  # noqa: TID251 - boto3 is configured here, no setting of ours is read
    before = {name: value for name, value in environment.items() if name.startswith("AWS_")}
    _replace(environment, {**ENVIRONMENT, **(more or {})})
    try:
        yield
    finally:
        _replace(environment, before)


def _replace(environment: "os._Environ[str]", wanted: dict[str, str]) -> None:
    for name in [name for name in environment if name.startswith("AWS_")]:
        del environment[name]
    environment.update(wanted)
