"""What makes a run of mutants red; and what is written of the last one fits the code there is now."""

import pytest

from tests.mutants import report, run
from tests.mutants.report import Listed, Result
from tests.mutants.run import Mutant


def mutant(now: str, *, killed: bool, was: str = "if a < b:") -> Mutant:
    return Mutant("m", "f", was, now, killed)


NOTICED, SURVIVED = mutant("if a > b:", killed=True), mutant("if a <= b:", killed=False)
LISTED = Listed("m.py", "f", SURVIVED.was, SURVIVED.now, "They are never equal.")


@pytest.mark.parametrize(
    ("found", "listed", "red"),
    [
        ([NOTICED], [], ""),
        ([NOTICED] * 9 + [SURVIVED], [], ""),
        ([NOTICED] * 8 + [SURVIVED], [], "88.9 %"),
        ([NOTICED, SURVIVED], [LISTED], ""),
        ([NOTICED], [LISTED], "gone or was noticed"),
        ([NOTICED, mutant(LISTED.now, killed=True)], [LISTED], "gone or was noticed"),
    ],
)
def test_a_run_is_red_below_the_score_and_where_a_listed_mutant_did_not_survive(
    found: list[Mutant], listed: list[Listed], red: str
) -> None:
    faults = "".join(report.faults([Result("m.py", found, listed)], whole=False))
    assert red in faults
    assert bool(faults) is bool(red)


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ('raise X("There is no cart.", code="a")', 'raise X("XXThere is no cart.XX", code="a")', True),
        ('raise X("There is no cart.", code="a")', 'raise X("There is no cart.", code="A")', False),
        ('raise X("There is no cart.", code="a")', 'raise X(None, code="a")', False),
        ('x = " AND a = b"', 'x = " and a = b"', False),
    ],
)
def test_only_the_words_of_a_sentence_are_not_counted(*, was: str, now: str, words: bool) -> None:
    assert mutant(now, was=was, killed=False).words is words


@pytest.mark.parametrize("module", run.core())
def test_the_page_and_the_list_are_of_the_code_there_is_now(module: str) -> None:
    lines = {line.strip() for line in (run.ROOT / module).read_text("utf-8").splitlines()}
    for each in report.listed(module):
        assert set(each.was.splitlines()) <= lines, f"{each.was}: not in {module} any more"
    assert f"| `{module}` |" in report.PAGE.read_text("utf-8")
    for test in run.core()[module]:
        assert (run.ROOT / test).is_file()
