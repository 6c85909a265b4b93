"""docs/deploy.md says what the stages, the template and the bench say, and its sums are right."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infra import stages
from tests.infra.stacks import Stacks

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "deploy.md").read_text("utf-8")
# What one order of ten lines writes: the bench's name -> how often. Messages and timeline: received and completed.
WRITTEN = {
    "cart: open": 1,
    "cart: add the tenth line": 10,
    "order: place ten lines": 1,
    "events.confirm: order received": 2,
    "events.remember: order placed": 3,
    "events.fulfil: claim ten lines": 1,
    "events.fulfil: activate ten lines": 1,
    "events.fulfil: install ten lines": 1,
    "events.fulfil: complete ten lines": 1,
}


def _rows(text: str, heading: str) -> Iterator[list[str]]:
    """The rows of the table whose first heading is that."""
    table = text.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    for line in table.splitlines()[2:]:
        yield [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def _table(heading: str) -> Mapping[str, list[str]]:
    found = {row[0]: row[1:] for row in _rows(PAGE, heading)}
    assert found, heading
    return found


def _estimates(said: int | str, measured: Decimal) -> bool:
    """An estimate is upwards, and not by more than half."""
    return measured <= Decimal(said) <= measured * Decimal("1.5")


def test_the_settings_of_the_stages() -> None:
    said = {name: tuple(cells[:2]) for name, cells in _table("Setting").items()}
    names = [each.name for each in fields(stages.Stage) if each.name != "name"]
    assert said == {name: (str(getattr(stages.DEV, name)), str(getattr(stages.PROD, name))) for name in names}


@pytest.mark.parametrize("heading", ["Of an order", "Of a month in prod"])
def test_the_sums(heading: str) -> None:
    total = Decimal(0)
    for name, (many, price, cost) in _table(heading).items():
        if name == "all":
            assert Decimal(cost) == total
            continue
        share = Decimal(1) / 1000 if heading == "Of an order" else Decimal(1)
        assert (Decimal(many) * Decimal(price) * share).quantize(Decimal(cost)) == Decimal(cost), name
        total += Decimal(cost)


def test_the_figures_of_a_month_are_the_templates_estimated_upwards(prod: Stacks) -> None:
    said = {name.partition(" (")[0]: int(cells[0]) for name, cells in _table("Of a month in prod").items() if cells[0]}
    there = {
        "alarms": len(prod.of("AWS::CloudWatch::Alarm")),
        "metrics of the streams": 6 * len(prod.of("AWS::DynamoDB::GlobalTable")),
        "snapshots": len([f for f in prod.functions if "SnapStart" in f.properties]),
        "dashboard": len(prod.of("AWS::CloudWatch::Dashboard")),
    }
    for name, many in there.items():
        assert _estimates(said[name], Decimal(many)), f"{name}: the page says {said[name]}, there are {many}"


def test_a_web_acl_with_its_rules_is_four_things_to_pay(every_stage: Path) -> None:
    (acl,) = Stacks(every_stage / "fronted").of("AWS::WAFv2::WebACL").values()
    assert 1 + len(acl["Properties"]["Rules"]) == int(
        _table("Of a month in prod")["with a front: a web ACL and its rules"][0]
    )


def test_the_transitions_of_an_order_are_the_workflows(prod: Stacks) -> None:
    """One to begin with, and one into each state on the straight way."""
    (machine,) = prod.of("AWS::StepFunctions::StateMachine").values()
    join = machine["Properties"]["DefinitionString"]["Fn::Join"][1]
    definition: dict[str, Any] = json.loads("".join(part if isinstance(part, str) else "x" for part in join))
    name, transitions = definition["StartAt"], 2
    while "Next" in definition["States"][name]:
        name, transitions = definition["States"][name]["Next"], transitions + 1
    assert int(_table("Of an order")["transitions of the workflow"][0]) == transitions


def test_the_write_units_of_an_order_are_at_least_those_of_the_bench() -> None:
    bench = (DOCS / "bench.md").read_text("utf-8").partition("## Requests")[2].partition("\n## ")[0]
    units = {row[0]: Decimal(row[3]) for row in _rows(bench.replace("|  |", "| What |", 1), "What")}
    measured = sum((units[name] * times for name, times in WRITTEN.items()), Decimal(0))
    assert _estimates(_table("Of an order")["write units"][0], measured)


def test_what_is_retained(prod: Stacks) -> None:
    told = PAGE.partition("## What is retained")[2].partition("Each table")[0]
    kept = [id_ for id_, each in prod.resources.items() if each.get("DeletionPolicy") == "Retain"]
    assert set(re.findall(r"`(\w+)`", told)) == {re.sub(r"[0-9A-F]{8}$", "", id_) for id_ in kept}


def test_in_dev_nothing_is_retained(every_stage: Path) -> None:
    policies = {each.get("DeletionPolicy") for each in Stacks(every_stage / "dev").resources.values()}
    assert "Retain" not in policies


def test_how_long_things_are_kept(prod: Stacks) -> None:
    days = {
        re.sub(r"[0-9A-F]{8}$", "", id_): bucket["Properties"]["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"]
        for id_, bucket in prod.of("AWS::S3::Bucket").items()
        if "LifecycleConfiguration" in bucket["Properties"]
    }
    assert days == {"Parked": 400, "Access": 90}
    assert "`Parked`\n(stream records that could not be published, 400 days)" in PAGE
    assert "`Access` (who asked the other two for what, 90 days)" in PAGE
    (archive,) = prod.of("AWS::Events::Archive").values()
    assert f"bus with its archive ({archive['Properties']['RetentionDays']} days)" in PAGE
