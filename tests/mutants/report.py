"""What the run found, as one table, and whether it is good enough: 90 % noticed, every listed mutant still there."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.run import Mutant

LISTED = Path(__file__).with_name("equivalent.toml")
PAGE = Path(__file__).parents[2] / "docs" / "mutants.md"
WANTED = 90.0  # percent
HEADINGS = ("Module", "Mutants", "Noticed", "Survived", "Equivalent", "Score")

TEXT = """# What the tests notice

Which tests decide whether an order is placed once, at the price that was seen, and told once it is stored? `make
mutants` changes each line of that core in every small way that [mutmut](https://mutmut.readthedocs.io) knows, one at a
time, and runs the tests that decide it (`tool.mutants` in `pyproject.toml`). A mutant is noticed where one turns red.
The run is red below {wanted} %, where a mutant that is listed below as equivalent is gone or was noticed, and where
this page says something else: it is written by `.venv/bin/python -m tests.mutants --last --write`.

{table}

The score is of the mutants that are not equivalent. Not counted are mutants of the words of a sentence for people: its
code and its details decide, not its wording. What mutmut does not change, no mutant tells of: tables and constants of a
module (`STATES` has tests of its own), properties and other decorated functions.

## Equivalent

These change nothing that anybody could see, or only how long something takes. They are kept in
`tests/mutants/equivalent.toml`, each with its reason.

{reasons}
## Survived

{survivors}"""


@dataclass(frozen=True)
class Listed:
    """A mutant that changes nothing anybody could see; `was` and `now` are the lines in which it differs."""

    module: str
    function: str
    was: str
    now: str
    reason: str

    def is_of(self, mutant: Mutant) -> bool:
        return (self.function, self.was, self.now) == (mutant.function, mutant.was, mutant.now)


@dataclass(frozen=True)
class Result:
    """What became of one module's mutants; a sentence for people is no decision, so its words are left out."""

    module: str
    found: list[Mutant]
    listed: list[Listed]

    @property
    def counted(self) -> list[Mutant]:
        return [mutant for mutant in self.found if not mutant.words]

    @property
    def noticed(self) -> int:
        return sum(mutant.killed for mutant in self.counted)

    @property
    def survivors(self) -> list[Mutant]:
        return [m for m in self.counted if not m.killed and not any(listed.is_of(m) for listed in self.listed)]

    @property
    def equivalent(self) -> int:
        return len(self.counted) - self.noticed - len(self.survivors)

    @property
    def stale(self) -> list[Listed]:
        """What is listed and is not among the mutants that survived."""
        alive = [mutant for mutant in self.counted if not mutant.killed]
        return [listed for listed in self.listed if not any(listed.is_of(mutant) for mutant in alive)]


def listed(module: str) -> list[Listed]:
    """The mutants of a module that are listed as equivalent."""
    found: dict[str, list[dict[str, str]]] = tomllib.loads(LISTED.read_text("utf-8"))
    return [Listed(**each) for each in found.get("equivalent", []) if each["module"] == module]


def score(results: Iterable[Result]) -> float:
    """The percentage that was noticed of all mutants that could be."""
    found = list(results)
    noticed, survived = sum(r.noticed for r in found), sum(len(r.survivors) for r in found)
    return 100 * noticed / (noticed + survived)


def table(results: list[Result]) -> str:
    """The table of docs/mutants.md."""
    rows = [HEADINGS, ("---", *["---:"] * (len(HEADINGS) - 1))]
    rows += [_row(f"`{result.module}`", [result]) for result in results]
    rows.append(_row("All", results))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(name: str, results: list[Result]) -> tuple[str, ...]:
    counts = [(len(r.counted), r.noticed, len(r.survivors), r.equivalent) for r in results]
    return (name, *(str(sum(each)) for each in zip(*counts, strict=True)), f"{score(results):.1f} %")


def faults(results: list[Result], *, whole: bool) -> Iterator[str]:
    """Why the run is red, if it is; `whole`: it was of all the core, so the page must say the same."""
    for result in results:
        for gone in result.stale:
            yield f"{LISTED.name} lists a mutant that is gone or was noticed: {result.module}\n{_told(gone)}"
    if (reached := score(results)) < WANTED:
        yield f"The tests noticed {reached:.1f} % of the mutants; {WANTED:.0f} % is wanted."
    if whole and PAGE.read_text("utf-8") != page(results):
        yield f"docs/{PAGE.name} says something else: python -m tests.mutants --last --write"


def page(results: list[Result]) -> str:
    """docs/mutants.md."""
    reasons = "\n".join(f"### {each.module}\n\n{_reasons(each)}\n" for each in results if each.listed)
    return TEXT.format(wanted=f"{WANTED:.0f}", table=table(results), reasons=reasons, survivors=survivors(results))


def survivors(results: list[Result]) -> str:
    """The mutants that no test noticed, as lines of code."""
    return "\n".join(
        f"### {each.module}\n\n" + "\n".join(map(_told, each.survivors)) + "\n" for each in results if each.survivors
    )


def _reasons(result: Result) -> str:
    reasons = dict.fromkeys(each.reason for each in result.listed)
    told = ((reason, [each for each in result.listed if each.reason == reason]) for reason in reasons)
    return "\n\n".join("\n".join([reason, "", *map(_told, same)]) for reason, same in told)


def _told(of: Mutant | Listed) -> str:
    lines = [f"{mark} {line}" for mark, text in (("-", of.was), ("+", of.now)) for line in text.splitlines()]
    return "\n".join([f"`{of.function}`", "```diff", *lines, "```"])
