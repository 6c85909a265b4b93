"""In which language somebody is answered. Pure."""

import re
from collections.abc import Sequence

# One entry of Accept-Language: a tag or *, and how much it is wanted (RFC 9110).
WANTED = re.compile(
    r"\s*(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?", re.ASCII | re.IGNORECASE
)
MOST = 50  # entries that are read of one header


def chosen(wanted: str, spoken: Sequence[str]) -> str:
    """Of the languages that are spoken the one that an Accept-Language wants most; the first where it wants none.

    A tag stands for what is more general too: de-CH is answered in de. What has q=0 is answered only where all else is
    refused too, * is any other, and what cannot be read is as if it were not there.
    """
    found = [match for part in wanted.split(",")[:MOST] if (match := WANTED.fullmatch(part))]
    ranked = [(tag.lower(), float(q or 1)) for tag, q in (match.groups() for match in found)]
    refused = {tag for tag, q in ranked if not q}
    known = {language.lower(): language for language in spoken if language.lower() not in refused}
    for tag, _ in sorted((each for each in ranked if each[1]), key=lambda each: -each[1]):
        named = {general for other, _ in ranked for general in chain(other)}
        candidates = [each for each in known if each not in named] if tag == "*" else chain(tag)
        if answer := next((known[each] for each in candidates if each in known), None):
            return answer
    return next(iter(known.values()), spoken[0])


def chain(tag: str) -> list[str]:
    """A tag and everything more general, the tag first."""
    parts = tag.split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
