"""The API's document to read and try in a browser, at /docs: Swagger UI from its package, nothing from elsewhere.

The hub in the cloud has none of this; the document is a file that whoever starts the hub may give it.
"""

from pathlib import Path

from swagger_ui_bundle import swagger_ui_path

from local.http_event import Response

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Omnihub: the API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
<body style="margin: 0">
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
"""
START = """SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  filter: true,
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""
# Only this hub is asked for anything, whatever the page or the document says.
ONLY_HERE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"
)
FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}


def page(path: str, document: Path) -> Response | None:
    """What lies at a path under /docs; None where nothing does."""
    if path.rstrip("/") == "/docs":
        return _answer("text/html", PAGE.encode())
    if path == "/docs/start.js":
        return _answer("text/javascript", START.encode())
    if path == "/docs/openapi.json":
        return _answer("application/json", document.read_bytes())
    name = path.removeprefix("/docs/")
    return (
        _answer(FILES[name], (swagger_ui_path / name).read_bytes())
        if path == f"/docs/{name}" and name in FILES
        else None
    )


def _answer(kind: str, body: bytes) -> Response:
    return Response(200, body, [("content-type", f"{kind}; charset=utf-8"), ("content-security-policy", ONLY_HERE)])
