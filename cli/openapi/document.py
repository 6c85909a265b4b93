"""One OpenAPI document for every API, written from what the handlers declare.

Nothing here knows a noun: a new operation is in the document when its handler serves it.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from cli.openapi.answers import answers, components
from cli.openapi.parameters import SHARED, parameters, template
from cli.openapi.schemas import Json, Schemas
from functions.shared import access, incoming, names, tmf
from functions.shared.incoming import Operation

ROOT = Path(__file__).parents[2]
DOCUMENT, EXAMPLES = ROOT / "docs" / "openapi.json", ROOT / "docs" / "examples.json"
ABOUT = """Omnihub keeps one cart, one price and one order through all of a telco's channels.

Paths, names and types are TM Forum's Open APIs, version 4; an attribute that TM Forum does not have is listed in
docs/extensions.md. Every request carries an access token; it says the brand, the market, the channel and the role.
`x-omnihub-roles` of each operation says which role may do it to whose resources: any, its own, or one whose id it
knows (open). A refusal is a sentence in `reason` and a `code` of docs/errors.md.

**To try it** on the hub of `make run`, print a token, press *Authorize*, paste it, and press *Execute* anywhere:

- as the call centre: `.venv/bin/omnihub token --role agent --channel callcentre --subject agent-ben`
- as a customer: `.venv/bin/omnihub token --role customer --channel web --customer customer-stacy`

`{customer}` in an example stands for the id of any customer there is, `{shoppingCart}` for that of a cart."""
VERBS = {"POST": "create", "PATCH": "patch", "DELETE": "delete"}  # as TM Forum names operations


def as_text(found: Json) -> str:
    """The bytes of the file, the same wherever it is written."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def served() -> Iterator[tuple[str, Operation]]:
    """Every operation of every handler, with the folder of the function that answers it."""
    for folder in sorted(file.parent.name for file in (ROOT / "functions").glob("*/handler.py")):
        for operation in import_module(f"functions.{folder}.handler").api.operations:
            yield folder, operation


def document() -> Json:
    """The whole document, in the order of APIs, paths and methods."""
    operations = sorted((each for _, each in served()), key=lambda each: (template(each.path), each.method))
    told, schemas, ids = examples(), Schemas(), _ids(operations)
    paths: dict[str, Json] = {}
    for each in operations:
        path = paths.setdefault(template(each.path), {})
        path[each.method.lower()] = _operation(each, ids[each], told, schemas)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        "openapi": "3.0.3",
        "info": {"title": "Omnihub", "version": project["version"], "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": tag} for tag in sorted({_tag(each) for each in operations})],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "parameters": {name: {"name": name, **said} for name, said in SHARED.items()},
            **components(schemas),
            "schemas": dict(sorted(schemas.found.items())),
        },
    }


def examples() -> dict[str, Json]:
    """The bodies of one story in its order, by `METHOD noun`; `{customer}` stands for the id of the one before."""
    found: dict[str, Json] = json.loads(EXAMPLES.read_text("utf-8"))
    return found


def told_by(operation: Operation) -> str:
    """The key of an operation's example: `POST shoppingCart`."""
    return f"{operation.method} {_noun(operation)}"


def _noun(operation: Operation) -> str:
    return [part for part in operation.path.split("/") if not part.startswith("<")][-1]


def _tag(operation: Operation) -> str:
    """`TMF663 shopping cart`; our own is `omnihub`."""
    if operation.api == names.OURS:
        return operation.api
    words = re.sub("([A-Z])", r" \1", tmf.BASE[operation.api].split("/")[2]).lower()
    return f"{operation.api} {words}"


def _ids(operations: list[Operation]) -> dict[Operation, str]:
    """An operationId for each: what it does to which noun, with the API where several have that noun."""
    plain = {each: _verb(each) + tmf.type_of(_noun(each)) for each in operations}
    times = Counter(plain.values())
    return {each: name if times[name] == 1 else f"{name}{tmf.type_of(each.api)}" for each, name in plain.items()}


def _verb(operation: Operation) -> str:
    return VERBS.get(operation.method, "list" if operation.many else "retrieve")


def _operation(operation: Operation, id_: str, told: dict[str, Json], schemas: Schemas) -> Json:
    may = access.ALLOWED[operation.may]
    found: Json = {
        "operationId": id_,
        "tags": [_tag(operation)],
        "summary": operation.summary,
        "x-omnihub-may": operation.may,
        "x-omnihub-roles": {role: scope for role in access.ROLES if (scope := may.get(role))},
        "parameters": parameters(operation),
    }
    if operation.takes:
        content: Json = {"schema": schemas.taken(operation.api, operation.takes)}
        if example := told.get(told_by(operation)):
            content["example"] = example
        kinds = incoming.JSON_TYPES if operation.method == "PATCH" else incoming.JSON_TYPES[:1]
        found["requestBody"] = {"required": True, "content": dict.fromkeys(kinds, content)}
    return found | {"responses": answers(operation, schemas)}
