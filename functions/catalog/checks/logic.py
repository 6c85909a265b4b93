"""Whether criteria can all hold at once, and if not, which of them cannot.

Each parameter is looked at in the few points that its criteria tell apart, so nothing here grows with what a fact might
be. A contradiction that is told is one; one that hides in several alternatives at once may go unseen.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from functions.catalog.rule import Criterion, Fact, Facts, Predicate

Alternative = tuple[Criterion, ...]  # all of them hold
Clause = list[Alternative]  # one of them holds
LEAST, MOST = {"quantity": 1}, {"quantity": 99}  # what a number can be; else from 0 on
CENTS, CENT = ("cart.oneTime", "cart.recurring"), Decimal("0.000001")  # numbers that are not whole


def clauses(predicate: Predicate) -> list[Clause]:
    """What must hold for a predicate to hold."""
    groups: list[list[Clause]] = [
        [[(each,)] for each in criteria] if every else [[(each,) for each in criteria]]
        for every, criteria in predicate.groups
        if criteria
    ]
    if predicate.every:
        return [clause for group in groups for clause in group]
    alternatives: Clause = []
    for group in groups:
        alternatives += group[0] if len(group) == 1 else [tuple(each for clause in group for each in clause[0])]
    return [alternatives] if alternatives else []


def contradiction(found: Iterable[Clause]) -> str | None:
    """The criteria that can never all hold, in words; None where some facts make every clause hold."""
    left = list(found)
    domain = _Domain(each for clause in left for alternative in clause for each in alternative)
    going = True
    while going:
        going, waiting = False, left
        left = []
        for clause in waiting:
            possible = [alternative for alternative in clause if domain.allows(alternative)]
            if not possible:
                return domain.why(clause)
            if len(possible) > 1:
                left.append(possible)
                going |= domain.narrow(possible)
            else:
                domain.take(possible[0])
                going = True
    return None


class _Domain:
    """For each parameter, the points at which it may still be, as bits."""

    def __init__(self, criteria: Iterable[Criterion]) -> None:
        of: dict[object, set[Criterion]] = defaultdict(set)
        for each in criteria:
            of[_variable(each)].add(each)
        self._holds: dict[Criterion, int] = {}
        self._may: dict[object, int] = {}
        self._taken: list[Criterion] = []
        for variable, found in of.items():
            points = list(_points(found))
            self._may[variable] = (1 << len(points)) - 1
            for each in found:
                facts = [Facts({} if point is None else {each.parameter: point}) for point in points]
                self._holds[each] = sum(1 << place for place, fact in enumerate(facts) if each.holds(fact))

    def allows(self, alternative: Alternative) -> bool:
        may: dict[object, int] = {}
        for each in alternative:
            variable = _variable(each)
            may[variable] = may.get(variable, self._may[variable]) & self._holds[each]
        return all(may.values())

    def take(self, alternative: Alternative) -> None:
        for each in alternative:
            self._may[_variable(each)] &= self._holds[each]
            self._taken.append(each)

    def narrow(self, clause: Clause) -> bool:
        """Where all alternatives are of one parameter it can only be where one of them holds; whether that is new."""
        variables = {_variable(each) for alternative in clause for each in alternative}
        if len(variables) > 1 or any(len(alternative) > 1 for alternative in clause):
            return False
        (variable,) = variables
        before, either = self._may[variable], 0
        for (each,) in clause:
            either |= self._holds[each]
        self._may[variable] = before & either
        return self._may[variable] != before

    def why(self, clause: Clause) -> str:
        """Which criteria of a clause clash with which of those before it."""
        wanted = {each: _variable(each) for alternative in clause for each in alternative}
        others = [
            each.text
            for each in dict.fromkeys([*self._taken, *wanted])
            if _variable(each) in wanted.values() and (each not in wanted or len(clause) == 1)
        ]
        said = " or ".join(" and ".join(each.text for each in alternative) for alternative in clause[:4])
        rest = [text for text in dict.fromkeys(others) if text != said]
        return f"{said} can never hold" + (f" together with {' and '.join(rest[:4])}" if rest else "")


def _variable(criterion: Criterion) -> object:
    """What varies by itself: a parameter, or whether one thing is in a set."""
    return (criterion.parameter, criterion.value) if criterion.kind == "set" else criterion.parameter


def _points(criteria: set[Criterion]) -> Iterator[Fact | None]:
    """Facts that these criteria of one parameter tell apart; None is one that is not known."""
    first = next(iter(criteria))
    values = sorted({each.value for each in criteria}, key=str)
    if first.kind == "set":
        yield from (frozenset(), frozenset({str(first.value)}))
        return
    yield None
    for value in values:
        if isinstance(value, Decimal):
            yield from _beside(first.parameter, value)
            continue
        yield value
        if first.kind == "ordered":
            yield from _before_and_after(first.parameter, str(value))
    if first.kind == "text":
        yield "\0"  # what none of them names


def _beside(parameter: str, value: Decimal) -> Iterator[Decimal]:
    """The number and those next to it, as far as the parameter can be that."""
    step = CENT if parameter in CENTS else Decimal(1)
    near = (value // step * step + step * by for by in (-1, 0, 1, 2))
    yield from (each for each in near if LEAST.get(parameter, 0) <= each <= MOST.get(parameter, each))


def _before_and_after(parameter: str, value: str) -> Iterator[str]:
    if parameter != "date":
        yield from ("", f"{value}\0")
        return
    try:
        day = date.fromisoformat(value)
        yield from ((day - timedelta(1)).isoformat(), (day + timedelta(1)).isoformat())
    except (ValueError, OverflowError):
        return
