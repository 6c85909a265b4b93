"""What `make deploy-check` fetches is pinned, and the guide names the same command line."""

import json
import re
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def test_the_command_line_is_pinned_without_the_address_of_a_registry() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text("utf-8"))
    asked = json.loads((HERE / "package.json").read_text("utf-8"))["dependencies"]
    packages = {name.removeprefix("node_modules/"): each for name, each in lock["packages"].items() if name}
    assert {name: each["version"] for name, each in packages.items()} == asked
    for each in packages.values():
        assert each["integrity"].startswith("sha512-")
        assert "resolved" not in each


def test_the_guide_names_the_pinned_command_line() -> None:
    pinned = json.loads((HERE / "package.json").read_text("utf-8"))["dependencies"]["aws-cdk"]
    named = re.findall(r"aws-cdk@([0-9.]+)", (ROOT / "docs" / "deploy.md").read_text("utf-8"))
    assert set(named) == {pinned}


def test_the_emulator_is_pinned_with_hashes_and_without_an_index() -> None:
    lock = (ROOT / "locks" / "ministack.txt").read_text("utf-8")
    assert "ministack==1.5.33 \\\n    --hash=sha256:" in lock
    assert "://" not in lock
    assert all("==" in block and "--hash=sha256:" in block for block in re.split(r"\n(?=\S)", lock.strip()))
