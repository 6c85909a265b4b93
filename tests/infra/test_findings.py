"""What a cloud team's checks say of each stage: nothing that is not acknowledged, and nothing acknowledged in vain."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.infra.synth import TRIED

# cfn-lint's checks that do not apply -> why. A test refuses the one that nothing breaks any more.
NOT_MEANT = {"W3005": "CDK writes that a function depends on its role beside its policies, which it really waits for"}


def _reports(out: Path) -> list[dict[str, Any]]:
    """What each pack of rules found; a pack that found nothing at all, not even something accepted, did not run."""
    reports: list[dict[str, Any]] = json.loads((out / "validation-report.json").read_text("utf-8"))["pluginReports"]
    assert {report["pluginName"] for report in reports} >= {"AwsSolutions", "Serverless"}
    return reports


def _acknowledged(out: Path) -> Iterator[tuple[str, str, str]]:
    """(construct, rule, reason) of every acknowledgement in an assembly."""
    for file in out.glob("*.metadata.json"):
        for path, entries in json.loads(file.read_text("utf-8")).items():
            for entry in entries:
                if entry["type"] == "aws:cdk:acknowledged-rules":
                    yield from ((path.lstrip("/"), rule, because) for rule, because in entry["data"].items())


@pytest.mark.parametrize("stage", TRIED)
def test_cdk_nag_finds_nothing_that_is_not_acknowledged(every_stage: Path, stage: str) -> None:
    found = [
        f"{resource['constructPath']}: {violation['ruleName']}: {violation['description']}"
        for report in _reports(every_stage / stage)
        for violation in report["violations"]
        for resource in violation["violatingConstructs"]
    ]
    assert not found, "Mend it, or accept() it at the resource with the reason:\n" + "\n".join(found)


@pytest.mark.parametrize("stage", TRIED)
def test_every_acknowledgement_is_needed_and_gives_its_reason(every_stage: Path, stage: str) -> None:
    needed = {
        (violation["acknowledgedAt"], violation["acknowledgedId"])
        for report in _reports(every_stage / stage)
        for violation in report.get("suppressedViolations", ())
    }
    given = list(_acknowledged(every_stage / stage))
    idle = [
        f"{path} accepts {rule}, which nothing there breaks." for path, rule, _ in given if (path, rule) not in needed
    ]
    assert given
    assert not idle, "\n".join(idle)
    assert all(because.endswith(".") and len(because.split()) >= 5 for _, _, because in given)


def _lint(*more: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("cfn-lint")), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.mark.parametrize("stage", TRIED)
def test_cfn_lint_finds_nothing(every_stage: Path, stage: str) -> None:
    templates = [str(file) for file in (every_stage / stage).glob("*.template.json")]
    assert len(templates) >= 2
    ran = _lint("--ignore-checks", *NOT_MEANT, "--", *templates)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("check", NOT_MEANT)
def test_every_check_that_is_not_meant_is_still_broken(every_stage: Path, check: str) -> None:
    templates = [str(file) for file in (every_stage / "prod").glob("*.template.json")]
    assert check in _lint("--", *templates).stdout
