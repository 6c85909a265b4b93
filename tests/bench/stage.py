"""The synthesized resources on moto with the sample telco in them, and nothing that runs by itself.

Functions are called one by one, in this thread, with the settings that their template gives them.
"""

import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from moto import mock_aws
from moto.events.models import Rule

from cli.telco import brands, compile_brand
from functions.catalog import store as catalogs
from functions.shared import access, aws, rows, settings
from local import mend, template
from local.authorizer import as_context
from local.blueprint import Blueprint
from local.functions import Context, Function, environment_of
from local.http_event import Request, event_for
from local.pretend import pretend

TELCO = Path(__file__).parents[2] / "telco"
BRAND, MARKET = "nova", "DE"
# A trace id is in the environment of every invocation on Lambda, and in every log line.
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

Event = dict[str, Any]


@dataclass
class Stage:
    """Where handlers are called: `request` makes an event of the HTTP API, `ask` has a function answer it."""

    blueprint: Blueprint
    changes: list[tuple[str, Event]] = field(default_factory=list)  # (table, stream record)

    def function(self, module: str) -> Function | None:
        """The function of the template whose handler lies in `functions.<module>`."""
        wanted = f"functions.{module}.handler"
        return next((f for f in self.blueprint.functions.by_name.values() if f.handler == wanted), None)

    def ask(self, module: str, event: Event) -> Any:
        """The answer of that function; AssertionError where it refuses or fails."""
        answer = self.asking(module, event)()
        assert not isinstance(answer, dict) or answer.get("statusCode", 200) < 400, answer
        return json.loads(answer["body"]) if isinstance(answer, dict) and answer.get("body") else answer

    def asking(self, module: str, event: Event) -> Callable[[], Any]:
        """A call of that function which can be repeated; its settings are in place from now on."""
        function = self.function(module)
        assert function, f"no template defines functions.{module}"
        # The schedule of the catalog is read again every ten seconds, not by every request.
        settings.source.set({**environment_of(function), "CATALOG_MAX_AGE": "3600"})
        handler, context = function.load(), Context(function.name, function.memory, "arn:aws:lambda:bench", "1", 0)
        return lambda: handler(event, context)

    def everywhere(self) -> None:
        """Puts the settings of all functions in place: what is called then is no one's in particular."""
        every = self.blueprint.functions.by_name.values()
        settings.source.set({name: value for function in every for name, value in function.environment.items()})

    def request(self, method: str, path: str, body: Any = None, *, claims: Mapping[str, Any], query: str = "") -> Event:
        """The event of one HTTP request with a verified token of these claims."""
        sent = json.dumps(body, separators=(",", ":")).encode() if body is not None else b""
        headers = {
            "accept": "application/json",
            "accept-language": "de-DE,de;q=0.9,en;q=0.8",
            "content-length": str(len(sent)),
            "host": "abcdefghij.execute-api.eu-central-1.amazonaws.com",
            "user-agent": BROWSER,
            **({"content-type": "application/json"} if sent else {}),
        }
        target = f"{path}?{query}" if query else path
        asked = Request(method, target, headers.items(), sent)
        key, proxy = f"ANY {path.split('/v4')[0]}/v4/{{proxy+}}", {"proxy": path.partition("/v4/")[2]}
        return event_for(asked, route_key=key, parameters=proxy, authorizer=as_context(dict(claims), ()))

    def claims(self, client: str, role: str, subject: str, **more: str) -> dict[str, Any]:
        """What a token of that person says."""
        return {
            "iss": self.blueprint.issuers[0],
            "client_id": client,
            "token_use": "access",
            "sub": subject,
            "username": subject,
            "scope": "openid",
            "cognito:groups": [role],
            "iat": 1_760_000_000,
            "exp": 1_760_003_600,
            "jti": "0f8fad5b-d9cb-469f-a165-70867728950e",
            **more,
        }

    def row(self, table: str, kind: str, id_: str) -> rows.Row:
        """A row as it stands."""
        found = rows.load(self.table(table), BRAND, kind, id_)
        assert found, f"{kind} {id_}"
        return found

    def table(self, folder: str) -> str:
        """The name of a folder's table."""
        return next(
            name for id_, name in self.blueprint.tables.items() if id_.startswith(f"{folder.capitalize()}Table")
        )


@contextmanager
def stage(out: Path) -> Iterator[Stage]:
    """Sets it up from `cdk.out`, and takes it away again."""
    with ExitStack() as stack:
        stack.enter_context(pretend())
        stack.callback(aws._client.cache_clear)
        aws._client.cache_clear()
        mend.install()
        stack.callback(mend.uninstall)
        stack.enter_context(mock_aws())
        stack.enter_context(patch.object(Rule, "send_to_targets", lambda *_: None))  # events end here
        made = Stage(template.deploy(out, "https://bench.invalid"))
        stack.enter_context(patch.dict("os.environ", {"_X_AMZN_TRACE_ID": TRACE}))
        listen = _listener(made)
        mend.listeners.append(listen)
        stack.callback(mend.listeners.remove, listen)
        stack.callback(settings.source.reset, settings.source.set(None))
        made.everywhere()
        for brand in brands(TELCO):
            catalogs.publish(compile_brand(TELCO, brand))
        yield made


def _listener(made: Stage) -> Callable[[Any, Event], None]:
    def listen(table: Any, record: Event) -> None:
        made.changes.append((table.name, record))

    return listen


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """What is printed and logged inside the block."""
    heard = io.StringIO()
    handlers = [
        handler
        for logger in logging.Logger.manager.loggerDict.values()
        if isinstance(logger, logging.Logger)
        for handler in logger.handlers
        if type(handler) is logging.StreamHandler
    ]
    before = [handler.setStream(heard) for handler in handlers]
    try:
        with redirect_stdout(heard):
            yield heard
    finally:
        for handler, stream in zip(handlers, before, strict=True):
            if stream is not None:
                handler.setStream(stream)


def hub_caller() -> access.Caller:
    """The hub itself, to put rows where a scene begins."""
    return access.hub({"brand": BRAND, "market": MARKET, "correlation_id": "bench"}, "bench")
