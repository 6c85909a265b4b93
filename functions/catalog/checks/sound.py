"""The resources of one kind that are of their form, read when asked for: a catalog may be larger than memory."""

from collections.abc import Iterator, Mapping, ValuesView
from typing import Any

from functions.catalog.checks import form
from functions.catalog.checks.finding import Fault, error
from functions.catalog.whole import pruned
from functions.shared.resource import Json

Told = tuple[Any, Fault]  # what is not of its form, and why


class Sound(Mapping[str, Json]):
    """Those of a kind in a catalog's content: a list, or a mapping by id. `faults` must have been read to its end."""

    def __init__(self, kind: str, listed: Any) -> None:
        self.kind, self._listed = kind, listed
        self._by_id: Mapping[str, Json] = listed if isinstance(listed, Mapping) else {}
        self._bad, self._pruned = set[str](), set[str]()

    def faults(self) -> Iterator[Told]:
        """What is not of its form; it is looked at by nobody else."""
        if self._by_id is self._listed:
            for stored in self._by_id.values():
                yield from self._looked_at(stored)
            return
        by_id: dict[str, Json] = {}
        for stored in self._listed:
            if not isinstance(stored, dict) or form.ident(stored.get("id"), "id"):
                yield stored, error("noId", "it has no id of at most 256 characters without blanks; give it one.")
            elif stored["id"] in by_id:
                yield stored, error("idTwice", f"there are two of kind {self.kind} with this id; give one another.")
            else:
                by_id[stored["id"]] = stored
                yield from self._looked_at(stored)
        self._by_id = by_id

    def _looked_at(self, stored: Json) -> Iterator[Told]:
        found, has_null = form.hostile(stored)
        faults = [found] if found else list(form.malformed(self.kind, stored))
        yield from ((stored, fault) for fault in faults)
        if faults:
            self._bad.add(stored["id"])
        elif has_null:
            self._pruned.add(stored["id"])

    def _read(self, id_: str, stored: Json) -> Json:
        if id_ in self._pruned:
            stored = pruned(stored)
        return stored if "lifecycleStatus" in stored else {"lifecycleStatus": "Active", **stored}

    def __getitem__(self, id_: str) -> Json:
        if id_ in self._bad:
            raise KeyError(id_)
        return self._read(id_, self._by_id[id_])

    def __iter__(self) -> Iterator[str]:
        return (id_ for id_ in self._by_id if id_ not in self._bad)

    def __len__(self) -> int:
        return len(self._by_id) - len(self._bad)

    def values(self) -> ValuesView[Json]:
        """All of them, few at a time."""
        return _Values(self)

    def stream(self) -> Iterator[Json]:
        """The same."""
        return (self._read(id_, stored) for id_, stored in self._by_id.items() if id_ not in self._bad)


class _Values(ValuesView[Json]):
    def __init__(self, sound: Sound) -> None:
        super().__init__(sound)
        self._sound = sound

    def __iter__(self) -> Iterator[Json]:
        return self._sound.stream()
