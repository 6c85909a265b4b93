"""Regular expressions that others wrote: of RE2, which takes time in proportion to the text, whatever the pattern."""

from functools import lru_cache
from typing import Any

LONGEST = 200  # characters
MEMORY = 1 << 20  # bytes that its automaton may take


@lru_cache(maxsize=32)
def compiled(written: str) -> Any:
    """The pattern, ready to `search` or `fullmatch`; None where it is too long, or none of RE2."""
    import re2  # here: only those who match pay for it

    options = re2.Options()
    options.max_mem, options.log_errors = MEMORY, False
    try:
        return re2.compile(written, options) if len(written) <= LONGEST else None
    except re2.error:
        return None
