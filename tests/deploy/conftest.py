"""The emulator, the deployment in it, and the checks that are excused; `make deploy-check` runs it all."""

import signal
from collections.abc import Iterator

import pytest

from cli.call import sender
from cli.story import Send
from infra import libraries
from local import issuer as tokens
from local.issuer import Issuer
from tests.deploy import deployment, identity
from tests.deploy.deployment import Deployment, must
from tests.deploy.differences import DIFFERENCES
from tests.deploy.emulator import Emulator, emulator

CHECKS = "check_deploy.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """An excused check must fail, and by what it asserts; an excuse for no check is a mistake."""
    checks = {item.name: item for item in items if item.path.name == CHECKS}
    if checks and (idle := DIFFERENCES.keys() - checks.keys()):
        raise pytest.UsageError(f"differences.py excuses what is no check: {', '.join(sorted(idle))}")
    for name, reason in DIFFERENCES.items():
        if name in checks:
            checks[name].add_marker(pytest.mark.xfail(strict=True, raises=AssertionError, reason=reason))


@pytest.fixture(scope="session")
def aws() -> Iterator[Emulator]:
    """The emulator; it is ended also where this process is told to end."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    with emulator() as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(running.certificate))
        yield running
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def issuer(aws: Emulator) -> Iterator[Issuer]:
    """Who signs the tokens; its key lies where `omnihub` looks for it."""
    with identity.provider(aws.folder / tokens.STATE) as running:
        yield running


@pytest.fixture(scope="session")
def deployed(aws: Emulator, issuer: Issuer) -> Deployment:
    """The hub, deployed once for all checks."""
    libraries.build("ministack", libraries.BUILT / "ministack")
    made = Deployment(aws, issuer.issuer, aws.folder)
    deployment.deploy(made)
    tokens.remember(aws.folder / tokens.STATE, url=made.url, issuer=issuer.issuer)
    return made


@pytest.fixture(scope="session")
def hub(deployed: Deployment) -> Deployment:
    """The hub with the sample telco in it."""
    must(deployed.python("-m", "tests.deploy.seed"))
    return deployed


@pytest.fixture(scope="session")
def send(hub: Deployment, issuer: Issuer) -> Send:
    """Sends a call to the deployed HTTP API as somebody."""
    return sender(hub.url, lambda actor: issuer.issue(actor.client_id, actor.role, actor.subject, **actor.claims))
