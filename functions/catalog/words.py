"""The words of a catalog resource: stored in every language that somebody wrote, read in one. Pure."""

from collections.abc import Callable, Sequence
from typing import Any

from functions.shared.resource import Json

# Which attributes are words for people, of a resource and of the entries of its lists. All else is the same for all.
TEXTS = frozenset({"name", "description"})
WITHIN = {
    "productOfferingTerm": frozenset({"name", "description"}),
    "productSpecCharacteristic": frozenset({"description"}),
    "eligibility": frozenset({"name", "description"}),
    "pattern": frozenset({"name", "description"}),
    "bundledGroupProductOffering": frozenset({"name"}),
}


def text(words: Any, *languages: str) -> str:
    """The text in the first of these languages that has it, else in any; a plain text stands for all of them."""
    if isinstance(words, str):
        return words
    for language in languages:
        if said := words.get(language):
            return str(said)
    return str(next(iter(words.values())))


def spoken(stored: Json, *languages: str) -> Json:
    """A stored resource with its words in one language."""
    return _each_text(stored, lambda _, words: text(words, *languages))


def written(sent: Json, held: Json, language: str) -> Json:
    """What was sent in a language, as it is stored beside the words that are held in others.

    What reads as it did before keeps all its languages. A new text of the resource joins those in other languages;
    one in a list stands alone, since entries come and go and another's words would be worse than none.
    """

    def kept(path: Sequence[str], words: Any) -> Any:
        if words is None:
            return None
        before = [held[path[0]]] if len(path) == 1 and path[0] in held else _in_list(held, path)
        same = next((each for each in before if text(each, language) == words), None)
        return same if same is not None else {language: words}

    return _each_text(sent, kept)


def _in_list(held: Json, path: Sequence[str]) -> list[Any]:
    return [entry[path[1]] for entry in held.get(path[0]) or [] if path[1] in entry] if len(path) > 1 else []


def _each_text(body: Json, change: Callable[[Sequence[str], Any], Any]) -> Json:
    """The body with every text of it changed, each told by its path."""
    changed: Json = {}
    for name, value in body.items():
        if name in TEXTS:
            changed[name] = change((name,), value)
        elif name in WITHIN and value:
            changed[name] = [
                {k: change((name, k), v) if k in WITHIN[name] else v for k, v in entry.items()} for entry in value
            ]
        else:
            changed[name] = value
    return changed
