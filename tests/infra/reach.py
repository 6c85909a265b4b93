"""Which settings a handler can read: the code it can reach, followed by name from its module on.

Nodes are top-level definitions and assignments of `functions/**`. A node reaches whatever it names: its own module's
names, imported ones, attributes of imported modules; a class is reached with all its methods, for its objects must
have been made somewhere that is reached. What an import runs (a module's statements, and operations registered by
`@api.…`) is reached with the module. So nothing that can run is missed; what only looks reachable may be named too.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

SETTINGS = ("functions.shared.settings", "settings")  # the object whose attributes are the settings
Name = tuple[str, str]  # module, name in it; the name is "" for the module itself
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass
class Module:
    """One module: its definitions, its imports, and what importing it runs."""

    name: str
    tree: ast.Module
    known: frozenset[str]  # every module of the repository's functions
    defined: dict[str, list[ast.stmt]] = field(default_factory=dict)
    at_import: list[ast.AST] = field(default_factory=list)

    def __post_init__(self) -> None:
        for statement in self.tree.body:
            self._take(statement)

    def _take(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test):
            return  # never runs; its names are still resolved, by `imports`
        if isinstance(statement, Definition):
            self.defined.setdefault(statement.name, []).append(statement)
            registered = any("api" in _names_loaded(decorator) for decorator in statement.decorator_list)
            self.at_import += [statement] if registered else list(statement.decorator_list)
            return
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        for target in targets:
            if isinstance(target, ast.Name):
                self.defined.setdefault(target.id, []).append(statement)
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            self.at_import.append(statement)

    @cached_property
    def imports(self) -> dict[str, Name]:
        """Local name -> what it stands for, of every import anywhere in the module."""
        found: dict[str, Name] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {(a.asname or a.name.partition(".")[0]): (a.name, "") for a in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    here: Name = (inner, "") if inner in self.known else (node.module, alias.name)
                    found[alias.asname or alias.name] = here
        return found

    def modules_run(self, nodes: list[ast.AST]) -> Iterator[str]:
        """The modules that these statements import when they run."""
        for node in nodes:
            for each in ast.walk(node):
                if isinstance(each, ast.Import):
                    yield from (alias.name for alias in each.names)
                elif isinstance(each, ast.ImportFrom) and each.module:
                    yield each.module
                    yield from (f"{each.module}.{alias.name}" for alias in each.names)

    @property
    def import_statements(self) -> list[ast.AST]:
        """The imports that importing this module runs."""
        return [each for each in self.tree.body if isinstance(each, (ast.Import, ast.ImportFrom))]


def _names_loaded(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


class Code:
    """All modules of `functions/**`."""

    def __init__(self, root: Path) -> None:
        files = sorted((root / "functions").rglob("*.py"))
        names = {
            ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file for file in files
        }
        known = frozenset(names)
        self.modules: Mapping[str, Module] = {
            name: Module(name, ast.parse(file.read_text("utf-8")), known) for name, file in names.items()
        }
        self._read: dict[str, set[str]] = {}

    def settings_of(self, handler: str) -> set[str]:
        """The names of the settings that the handler `functions.cart.handler.handler` can read; walked once each."""
        if handler not in self._read:
            module, _, name = handler.rpartition(".")
            self._read[handler] = _Walk(self).settings((module, name))
        return self._read[handler]


class _Walk:
    """One walk over what is reached."""

    def __init__(self, code: Code) -> None:
        self.modules = code.modules
        self.seen: set[Name] = set()
        self.found: set[str] = set()
        self.open: list[Name] = []

    def settings(self, start: Name) -> set[str]:
        self.open = [(start[0], ""), start]
        while self.open:
            module, name = self.open.pop()
            if (module, name) in self.seen or module not in self.modules:
                continue
            self.seen.add((module, name))
            if name:
                self._visit(module, self._named(module, name))
                self.open.append((module, ""))
            else:
                self._import(module)
        return self.found

    def _import(self, name: str) -> None:
        module = self.modules[name]
        self.open += [(parent, "") for parent in self.modules if name.startswith(f"{parent}.")]
        self.open += [(each, "") for each in module.modules_run(module.import_statements)]
        self._visit(name, module.at_import)

    def _named(self, module: str, name: str) -> list[ast.AST]:
        held = self.modules[module]
        if name in held.imports and name not in held.defined:
            self.open.append(held.imports[name])  # handed on from elsewhere
        return list(held.defined.get(name, []))

    def _visit(self, module: str, nodes: list[ast.AST]) -> None:
        held = self.modules[module]
        self.open += [(each, "") for each in held.modules_run(nodes)]
        for node in nodes:
            inner = {id(each.value) for each in ast.walk(node) if isinstance(each, ast.Attribute)}
            for each in ast.walk(node):
                if isinstance(each, ast.Attribute):
                    self._attribute(held, each)
                elif isinstance(each, ast.Name):
                    target = held.imports.get(each.id, (module, each.id))
                    if target == SETTINGS and module != SETTINGS[0]:
                        assert id(each) in inner, (
                            f"{module}:{each.lineno} hands the settings on; name the one it reads."
                        )
                    elif target != SETTINGS:
                        self.open.append(target)

    def _attribute(self, module: Module, attribute: ast.Attribute) -> None:
        if not isinstance(attribute.value, ast.Name):
            return
        name, symbol = module.imports.get(attribute.value.id, (module.name, attribute.value.id))
        if (name, symbol) == SETTINGS and module.name != SETTINGS[0]:
            self.found.add(attribute.attr)
        elif not symbol and name in self.modules:
            inner = f"{name}.{attribute.attr}"
            self.open.append((inner, "") if inner in self.modules else (name, attribute.attr))
