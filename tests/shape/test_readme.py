"""What a reader is told to paste works: the marked blocks of the pages are run, and the README says what there is."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from cli.hub import load
from local.hub import Hub

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
BLOCK = re.compile(r"^```bash runnable\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXPECTED = "#=> "  # what follows is a regular expression; the output of its block has them all, in this order
WRITTEN = "http://127.0.0.1:8080"  # the address that the pages name
END = "--- end of block ---"


@dataclass(frozen=True)
class Block:
    """One block to paste, and where it begins."""

    page: Path
    line: int
    text: str

    @property
    def expected(self) -> list[str]:
        lines = (line.strip() for line in self.text.splitlines())
        return [line.removeprefix(EXPECTED) for line in lines if line.startswith(EXPECTED)]

    def must_hold(self, output: str) -> None:
        """Fails with the first expectation that the output does not meet."""
        place = 0
        for wanted in self.expected:
            found = re.compile(wanted).search(output, place)
            if found is None:
                pytest.fail(f"{self.page.name}, line {self.line}: no {wanted!r} in\n{output}", pytrace=False)
            place = found.end()


def _blocks(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    return [Block(page, text.count("\n", 0, m.start()) + 1, m[1]) for m in BLOCK.finditer(text)]


@pytest.fixture
def here(out: Path, tmp_path: Path) -> Iterator[tuple[Hub, Path]]:
    """A hub as `make run` starts it, and the folder it was started in: tokens are issued there by the command line."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    shutil.copytree(ROOT / "telco", tmp_path / "telco")  # readers edit what is sold
    with Hub.start(out, state=tmp_path / ".omnihub") as hub:
        load(hub)
        yield hub, tmp_path


@pytest.mark.parametrize("page", [page for page in PAGES if _blocks(page)], ids=lambda page: str(page.name))
def test_what_can_be_pasted_works(page: Path, here: tuple[Hub, Path]) -> None:
    hub, folder = here
    with subprocess.Popen(
        ["/bin/bash", "-e"],
        cwd=folder,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as shell:
        assert shell.stdin is not None
        assert shell.stdout is not None
        try:
            for block in _blocks(page):
                shell.stdin.write(f"{block.text.replace(WRITTEN, hub.url)}\necho; echo '{END}'\n")
                shell.stdin.flush()
                block.must_hold(_until_end(shell.stdout, block))
                hub.settle()  # the reader's "a moment later"
            shell.stdin.close()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGTERM)  # what a page has started in the background, too
    assert hub.function_errors == []


def _until_end(output: IO[str], block: Block) -> str:
    lines: list[str] = []
    for line in output:
        if line.strip() == END:
            return "".join(lines)
        lines.append(line)
    pytest.fail(f"{block.page.name}, line {block.line}: the shell gave up.\n{''.join(lines)}", pytrace=False)


def test_the_guide_to_the_api_has_blocks_to_run() -> None:
    assert len(_blocks(ROOT / "docs" / "call-the-api.md")) > 10
    assert all(block.expected for page in PAGES for block in _blocks(page)[1:])


def test_every_link_leads_somewhere() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in PAGES
        for link in re.findall(r"(?:\]\(|src=\"|href=\")([^)\"#\s]+)", page.read_text("utf-8"))
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert not dead, "\n".join(dead)


def test_the_readme_has_every_make_target_and_no_other() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)) - {"help"}
    assert set(re.findall(r"^\| `make ([a-z-]+)", README.read_text("utf-8"), re.MULTILINE)) == targets


def test_the_readme_shows_every_folder() -> None:
    tracked = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith(".") and any(path.rglob("*.*")) and path.name not in _BUILT
    }
    shown = set(re.findall(r"^\| `([a-z]+)/` ", README.read_text("utf-8"), re.MULTILINE))
    assert shown == tracked


_BUILT = {"cdk.out", "build", "dist", "omnihub.egg-info"}


def test_every_decision_is_numbered_and_says_the_four_things() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{n + 1:04}" for n in range(len(pages))]
    for page in pages:
        headings = re.findall(r"^## (.*)$", page.read_text("utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Alternatives", "Consequences"], page.name
