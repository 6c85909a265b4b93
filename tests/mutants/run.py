"""Runs mutmut on one module with the tests that decide it, in a folder of its own, and reads what became of it."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass
from difflib import ndiff
from pathlib import Path

from mutmut.mutation.data import MutantLineSpans, SourceFileMutationData
from mutmut.mutation.diff_apply import generated_function_names
from mutmut.stats import status_by_exit_code
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

ROOT = Path(__file__).parents[2]
WORK = ROOT / "build" / "mutants"
USED = ("cli", "docs", "functions", "infra", "local", "telco", "tests")
# Without what judges a whole run (rights), what loads other people's plugins, and what collects garbage each time.
PYTEST = ["--disable-plugin-autoload", *(f"-pno:{p}" for p in ("rights", "cacheprovider", "unraisableexception"))]
PYTEST += ["-pno:threadexception", "-ptests.mutants.quick"]
NOTICED = {"killed", "timeout"}
UNNOTICED = {"survived", "no tests"}
SENTENCE, TEXT = re.compile(r'"[A-Z][^"]* [^"]*\."'), re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class Mutant:
    """One small change to a function, and whether a test noticed it."""

    name: str
    function: str
    was: str
    now: str
    killed: bool

    @property
    def words(self) -> bool:
        """Whether it changes the words of a sentence for people, and nothing that decides."""
        if (sentence := SENTENCE.search(self.was)) is None:
            return False
        before, after = self.was[: sentence.start()], self.was[sentence.end() :]
        said = self.now.removeprefix(before).removesuffix(after)
        return self.now == f"{before}{said}{after}" and TEXT.fullmatch(said) is not None


def core() -> Mapping[str, list[str]]:
    """The modules that decide, and the tests that decide each of them."""
    told: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutants"]
    return told


def tried(module: str, tests: list[str], processes: int) -> None:
    """Tries every mutant of a module; raises RuntimeError where the tests are red as it is."""
    folder = _prepared(module, tests)
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", str(processes)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise RuntimeError(done.stdout[-4000:] + done.stderr[-4000:])


def found(module: str) -> list[Mutant]:
    """What became of a module's mutants when they were last tried; raises RuntimeError where one was not."""
    with chdir(_folder(module)):
        return list(_found(module))


def _folder(module: str) -> Path:
    return WORK / module.removesuffix(".py").replace("/", ".")


def _prepared(module: str, tests: list[str]) -> Path:
    """A fresh folder: mutmut keeps what it found before, even of tests that have changed since."""
    folder = _folder(module)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in USED:
        (folder / name).symlink_to(ROOT / name)
    said: dict[str, object] = {
        "source_paths": ["functions"],
        "only_mutate": [module],
        "also_copy": [name for name in USED if name not in ("functions", "tests")],
        "pytest_add_cli_args": PYTEST,
        "pytest_add_cli_args_test_selection": tests,
        "timeout_constant": 4.0,
        "timeout_multiplier": 5.0,
        "use_git_change_detection": False,
        "track_dependencies": False,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in said.items()]
    own = (ROOT / "pyproject.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text("\n".join([own, "[tool.mutmut]", *lines, ""]), "utf-8")
    return folder


def _found(module: str) -> Iterator[Mutant]:
    held, spans = SourceFileMutationData(path=module), MutantLineSpans.load(module)
    held.load()
    for name, code in held.exit_code_by_key.items():
        status = status_by_exit_code[code]
        if spans is None or status not in NOTICED | UNNOTICED:
            raise RuntimeError(f"{name}: {status}")
        sources = spans.read_function_sources(generated_function_names(name))
        was, now = _difference(*(source.partition("(")[2] for source in sources))
        function, class_ = orig_function_and_class_names_from_key(name)
        yield Mutant(name, f"{class_}.{function}" if class_ else function, was, now, status in NOTICED)


def _difference(was: str, now: str) -> tuple[str, str]:
    """The lines that differ, without their indentation."""
    lines = list(ndiff(was.splitlines(), now.splitlines()))
    return tuple("\n".join(line[2:].strip() for line in lines if line.startswith(mark)) for mark in "-+")  # type: ignore[return-value]
