"""What a function reads is what its template sets, both ways."""

from pathlib import Path

import pytest

from functions.shared.settings import Setting, Settings
from tests.infra.reach import Code
from tests.infra.stacks import Stacks

ROOT = Path(__file__).parents[2]
# Set for the function but read by a library, not by us -> by which, and what for.
READ_BY_OTHERS = {"POWERTOOLS_SERVICE_NAME": "the `service` of every log line and metric that Powertools writes"}


@pytest.fixture(scope="module")
def code() -> Code:
    return Code(ROOT)


def _setting(name: str) -> Setting[object]:
    found = vars(Settings)[name]
    assert isinstance(found, Setting)
    return found


def test_a_variable_that_a_function_reads_is_set_by_its_template(stacks: Stacks, code: Code) -> None:
    missing = [
        f"{function.name} can read {name.upper()}, which its template does not set: Missing at runtime."
        for function in stacks.functions
        for name in sorted(code.settings_of(function.handler))
        if name.upper() not in function.variables and _setting(name).default is None
    ]
    assert not missing, "\n".join(missing)


def test_a_variable_that_the_template_sets_is_read_by_the_function(stacks: Stacks, code: Code) -> None:
    idle = [
        f"{function.name} is given {variable}, which nothing it can reach reads."
        for function in stacks.functions
        for variable in sorted(function.variables.keys() - READ_BY_OTHERS.keys())
        if variable.lower() not in code.settings_of(function.handler)
    ]
    assert not idle, "\n".join(idle)


def test_what_others_read_is_set_somewhere(stacks: Stacks) -> None:
    given = {variable for function in stacks.functions for variable in function.variables}
    assert READ_BY_OTHERS.keys() <= given


def test_every_setting_is_read_by_some_function(stacks: Stacks, code: Code) -> None:
    read = {name for function in stacks.functions for name in code.settings_of(function.handler)}
    named = {name for name, each in vars(Settings).items() if isinstance(each, Setting)}
    assert not (idle := named - read), f"nothing reads {sorted(idle)}"


def test_the_walk_sees_imports_in_functions_classes_tables_and_registered_operations(tmp_path: Path) -> None:
    sources = {
        "functions/__init__.py": "",
        "functions/shared/__init__.py": "",
        "functions/shared/settings.py": "settings = object()",
        "functions/a/__init__.py": "",
        "functions/a/handler.py": """
from functions.a import store
from functions.a.table import STEPS
from functions.shared.settings import settings
api = object()
def handler(event, context):
    from functions.a.late import late
    return late() or store.load() or STEPS[event]()
@api.get("/x")
def operation():
    return settings.by_an_operation
def nobody_calls_this():
    return settings.unreached
""",
        "functions/a/store.py": """
from functions.shared.settings import settings
def load():
    return Made().read
def save():
    return settings.unreached
class Made:
    @property
    def read(self):
        return settings.by_a_method
""",
        "functions/a/late.py": """
from functions.shared.settings import settings as given
AT_IMPORT = given.at_import
def late():
    return given.by_an_import_in_a_function
""",
        "functions/a/table.py": """
from functions.shared.settings import settings
def step():
    return settings.by_a_table
STEPS = {"step": step}
""",
    }
    for name, text in sources.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    assert Code(tmp_path).settings_of("functions.a.handler.handler") == {
        "at_import",
        "by_a_method",
        "by_a_table",
        "by_an_import_in_a_function",
        "by_an_operation",
    }
