"""Criteria of TMF671: whether they can be evaluated, and whether they can ever hold."""

from collections.abc import Iterable, Iterator
from datetime import date

from functions.catalog import rule
from functions.catalog.checks import logic, spans
from functions.catalog.checks.finding import Fault, error
from functions.catalog.checks.logic import Clause
from functions.catalog.checks.references import named_in
from functions.catalog.checks.subject import Subject
from functions.shared.resource import Json


def faults(subject: Subject, kind: str, stored: Json, context: Iterable[Clause] = ()) -> Iterator[Fault]:
    """What is wrong with the criteria of one predicate, by itself; `context` is what must hold beside it anyway."""
    found = list(_unreadable(subject, kind, stored))
    yield from found
    if any(fault.severity == "error" for fault in found):
        return
    own = logic.clauses(rule.read(stored))
    if why := logic.contradiction(own):
        yield error("contradiction", f"{why}, so this holds for nobody; take one of them out.")
    elif why := logic.contradiction([*own, *context]):
        yield error("neverHolds", f"{why}, so this never holds where it could count; change one of them.")


def readable(subject: Subject, kind: str, stored: Json) -> list[Clause] | None:
    """What must hold for the predicate to hold; None where it cannot be evaluated."""
    if any(fault.severity == "error" for fault in _unreadable(subject, kind, stored)):
        return None
    return logic.clauses(rule.read(stored))


def one_of(parameter: str, values: Iterable[str]) -> list[Clause]:
    """That a parameter is one of these; nothing where there are none."""
    alternatives: Clause = [(_criterion(parameter, "=", value),) for value in sorted({*values})]
    return [alternatives] if alternatives else []


def within(period: spans.Span) -> list[Clause]:
    """That the day is within a period."""
    found: list[Clause] = []
    if period[0] != spans.EVER:
        found.append([(_criterion("date", ">=", period[0].date().isoformat()),)])
    if period[1] != spans.NEVER:
        found.append([(_criterion("date", "<=", period[1].date().isoformat()),)])
    return found


def _criterion(parameter: str, operator: str, value: str) -> rule.Criterion:
    kind = rule.kind_of(parameter)
    return rule.Criterion(parameter, operator, value, kind or "text")


def _unreadable(subject: Subject, kind: str, stored: Json) -> Iterator[Fault]:
    groups = stored.get("criteriaGroup") or []
    if sum(len(group.get("criteria") or []) for group in groups) > rule.MOST:
        yield error(
            "tooManyCriteria", f"it has more than {rule.MOST} criteria; put what belongs together into segments."
        )
        return
    yield from _joined(stored.get("criteriaGroupLogicalRelationship", "AND"))
    for group in groups:
        yield from _joined(group.get("criteriaLogicalRelationship", "AND"))
        if not group.get("criteria"):
            yield error("emptyGroup", "a criteriaGroup in it has no criteria; fill it, or take it out.")
        for criterion in group.get("criteria") or []:
            yield from _criterion_faults(subject, kind, criterion)


def _joined(said: str) -> Iterator[Fault]:
    if said not in ("AND", "OR"):
        yield error("unknownRelationship", f"criteria are joined by AND or OR, not by {said[:20]}.")


def _criterion_faults(subject: Subject, kind: str, criterion: Json) -> Iterator[Fault]:
    parameter, operator = criterion.get("criteriaParameter") or "", criterion.get("criteriaOperator") or ""
    asked = rule.kind_of(parameter)
    if asked is None:
        known = ", ".join(rule.PARAMETERS).replace("customer.", "customer.<name>")
        yield error("unknownParameter", f"there is no parameter {parameter[:60]!r}; there are {known}.")
    elif operator not in rule.OPERATORS[asked]:
        by = " ".join(rule.OPERATORS[asked])
        yield error("unknownOperator", f"{parameter} is compared by {by}, not by {operator[:10]!r}.")
    elif kind == "segment" and parameter == "segment":
        yield error("segmentInSegment", "a segment may not ask for a segment; write what that one asks for.")
    else:
        yield from _value_faults(subject, parameter, asked, criterion.get("criteriaValue"))


def _value_faults(subject: Subject, parameter: str, kind: rule.Kind, value: object) -> Iterator[Fault]:
    text = "" if value is None else str(value)
    try:
        if kind == "number":
            rule.number(text)
        elif parameter == "date":
            date.fromisoformat(text)
    except (ValueError, ArithmeticError):
        wanted = "a day like 2026-03-01" if parameter == "date" else "a number"
        yield error("wrongValue", f"{parameter} is compared with {text[:40]!r}, which is not {wanted}.")
        return
    if not text or not isinstance(value, str):
        yield error("wrongValue", f"{parameter} is compared with {text[:40]!r}; a criteriaValue is a text, not empty.")
        return
    yield from named_in(subject, parameter, value)
