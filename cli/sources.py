"""Where a catalog comes from that a command is given: a brand's folder, or a file that holds a whole version."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from cli.say import NOT_AS_TOLD, refuse
from cli.telco import Source, TelcoError, compile_folder


def read(path: Path) -> Source:
    """The catalog written there; where there is none, or it cannot be compiled, a sentence ends the command."""
    if path.is_file() and path.suffix == ".json":
        return Source(_version(path), {})
    if not path.is_dir():
        refuse(f"There is no folder {path}.", "omnihub catalog check telco/nova")
    if not (path / "brand.yaml").is_file() and (below := sorted(path.glob("*/brand.yaml"))):
        refuse(f"{path} holds several brands; name one of them.", f"omnihub catalog check {below[0].parent}")
    try:
        return compile_folder(path.resolve())
    except TelcoError as wrong:
        refuse(str(wrong), "mend that line, then the same command again", NOT_AS_TOLD)


def _version(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes(), parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as wrong:
        refuse(f"{path} is not JSON ({wrong}).", "omnihub catalog --help")
    if not isinstance(content, dict) or "brand" not in content:
        refuse(f"{path} holds no version of a catalog.", "omnihub catalog --help")
    return content
