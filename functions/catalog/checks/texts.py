"""Words for people, in every language that the brand speaks."""

from collections.abc import Iterator

from functions.catalog.checks.finding import Fault, warning
from functions.catalog.checks.subject import Subject
from functions.catalog.words import TEXTS, WITHIN
from functions.shared.resource import Json


def faults(subject: Subject, stored: Json) -> Iterator[Fault]:
    """The languages in which somebody would read another one's text."""
    missing = {language: at for at, said in _texts(stored) for language in _missing(subject, said)}
    for language, at in sorted(missing.items()):
        yield warning("noTranslation", f"its {at} has no text in {language}; write it, or all will read another one.")


def _missing(subject: Subject, said: object) -> list[str]:
    return [language for language in subject.languages if language not in said] if isinstance(said, dict) else []


def _texts(stored: Json) -> Iterator[tuple[str, object]]:
    yield from ((name, stored[name]) for name in sorted(TEXTS & stored.keys()))
    for name, within in WITHIN.items():
        for entry in stored.get(name) or ():
            yield from ((f"{name} ({text})", entry[text]) for text in sorted(within & entry.keys()))
