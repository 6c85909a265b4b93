"""What the code says of itself: settings, error codes, operations, events. The tables of docs/ are held against it."""

import ast
import inspect
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

from functions.events import happened
from functions.shared import errors, names, tmf
from functions.shared.access import ALLOWED, GRANTED, ROLES, Scope
from functions.shared.http import STATUS
from functions.shared.settings import Setting, Settings
from tests.http.routes import routes
from tests.infra.stacks import Stacks

Facts = Mapping[str, tuple[str, ...]]  # first cell of a row -> the other cells that follow from the code
FUNCTIONS = Path(__file__).parents[2] / "functions"
NOBODY = "nobody"


def settings(stacks: Stacks) -> Facts:
    """Variable -> (default, functions it is set for)."""
    found = {}
    for name, setting in vars(Settings).items():
        if isinstance(setting, Setting):
            given = sorted(function.name for function in stacks.functions if name.upper() in function.variables)
            default = "must be set" if setting.default is None else str(setting.default)
            found[name.upper()] = (default, ", ".join(given) or NOBODY)
    return found


@cache
def _trees() -> list[ast.Module]:
    return [ast.parse(file.read_text("utf-8")) for file in sorted(FUNCTIONS.rglob("*.py"))]


def error_codes() -> Facts:
    """Code -> (the statuses it comes with,)."""
    found: dict[str, set[int]] = defaultdict(set)
    for name, each in inspect.getmembers(errors, inspect.isclass):
        if each in STATUS:
            assert "code" in vars(each), f"{name} has no code of its own"
            found[each.code].add(STATUS[each])
    for tree in _trees():
        for node in ast.walk(tree):
            for code, status in _raised(node):
                found[code].add(status)
    return {code: (", ".join(map(str, sorted(statuses))),) for code, statuses in found.items()}


def _raised(node: ast.AST) -> Iterator[tuple[str, int]]:
    """The codes that a piece of code gives: to an error's class, or beside a sentence that somebody raises later."""
    if isinstance(node, ast.Call):
        yield from _given(node)
    elif isinstance(node, ast.Dict):
        yield from _tabled(node)
    elif isinstance(node, ast.Return | ast.Yield) and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
        code, sentence = node.value.elts
        if isinstance(code, ast.Constant) and "." in ast.unparse(sentence) and str(code.value).isidentifier():
            yield str(code.value), STATUS[errors.RuleBroken]


def _given(call: ast.Call) -> Iterator[tuple[str, int]]:
    """`RuleBroken("…", code="…")`."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    status = STATUS.get(getattr(errors, called, errors.HubError))
    for value in (keyword.value for keyword in call.keywords if status and keyword.arg == "code"):
        if isinstance(value, ast.Constant) and status:
            yield str(value.value), status
        else:
            assert isinstance(value, ast.Subscript), f"line {call.lineno}: a code is a word, not computed"


def _tabled(written: ast.Dict) -> Iterator[tuple[str, int]]:
    """`{"code": "…", "reason": "…"}`, now and then with a status."""
    pairs = zip(written.keys, written.values, strict=True)
    held = {key.value: value for key, value in pairs if isinstance(key, ast.Constant)}
    code, status = held.get("code"), held.get("status")
    if "reason" in held and isinstance(code, ast.Constant):
        said = status.value if isinstance(status, ast.Constant) else STATUS[errors.RuleBroken]
        yield str(code.value), int(str(said))


def operations() -> Facts:
    """`METHOD path` -> (operation, who may)."""
    return {f"{route.method} {route.path}": (route.operation, who_may(route.operation)) for route in routes()}


def who_may(operation: str) -> str:
    """The roles of an operation, by whose resources they may touch."""
    scopes = {scope: [role for role in ROLES if ALLOWED[operation].get(role) == scope] for scope in get_args(Scope)}
    return "; ".join(f"{scope}: {', '.join(roles)}" for scope, roles in scopes.items() if roles)


def rights() -> Facts:
    """Operation -> whose resources each role may touch, and which grants let their holders do it."""
    found = {}
    for operation, roles in ALLOWED.items():
        granted = [role for role, operations in GRANTED.items() if operation in operations]
        found[operation] = (*(roles.get(role, "no") for role in ROLES), ", ".join(granted) or "no")
    return found


def events(stacks: Stacks) -> Facts:
    """Event -> (who listens,)."""
    listening: dict[str, set[str]] = defaultdict(set)
    for rule in stacks.of("AWS::Events::Rule").values():
        for target in rule["Properties"]["Targets"]:
            function = stacks.function(target["Arn"])
            for kind in filter(_is_name, rule["Properties"]["EventPattern"].get("detail-type", ["*"])):
                listening[kind].add(function.name if function else "the fulfilment workflow")
    known = {*_of_rows(), *_of_our_own()}
    assert not (unknown := listening.keys() - known), f"A rule waits for {sorted(unknown)}, which nobody sends."
    return {kind: (", ".join(sorted(listening[kind])) or NOBODY,) for kind in known}


def _is_name(wanted: Any) -> bool:
    """Whether a rule names an event; one that wants all but some is told of above the table."""
    return isinstance(wanted, str)


def _of_rows() -> Iterator[str]:
    """Every event that a row can be and that the standard or an extension of ours defines."""
    states: tuple[Any, ...] = ({"body": {"state": "one"}}, {"body": {"state": "another"}})
    for kind in (kind for kind, api in tmf.API.items() if api in happened.DOMAIN):
        for old, new in ((None, states[0]), (states[0], states[0]), states, (states[0], None)):
            name = f"{tmf.type_of(kind)}{happened._change(kind, old, new)}Event"
            if _is_defined(tmf.API[kind], name):
                yield name


def _is_defined(api: str, name: str) -> bool:
    try:
        names.definition(api, name)
    except LookupError:
        return False
    return True


def _of_our_own() -> Iterator[str]:
    """Events that no row holds: those whose type stands as a word in the code that sends them."""
    for tree in _trees():
        for node in (node for node in ast.walk(tree) if isinstance(node, ast.Dict)):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "eventType" and isinstance(value, ast.Constant):
                    yield str(value.value)


def may_asked(tree: ast.Module) -> Iterator[str]:
    """The operations that code asks for beside its route: `caller.may("…")`, `caller.opens("…")`, `ALLOWED["…"]`."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("may", "opens", "whose", "acts_for")
        ):
            asked: ast.AST | None = node.args[0] if node.args else None
        else:
            asked = node.slice if isinstance(node, ast.Subscript) else None
        if isinstance(asked, ast.Constant) and asked.value in ALLOWED:
            yield str(asked.value)
