"""`make openapi` writes docs/openapi.json; with `--check` it only says whether that file is up to date."""

import sys

from cli.openapi.document import DOCUMENT, as_text, document

if __name__ == "__main__":
    written = as_text(document())
    if "--check" not in sys.argv:
        DOCUMENT.write_text(written, "utf-8")
    elif not DOCUMENT.is_file() or DOCUMENT.read_text("utf-8") != written:
        sys.exit("docs/openapi.json is not what the handlers declare.\nNext: make openapi")
