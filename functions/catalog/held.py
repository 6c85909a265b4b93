"""Resources of one kind by their ids, in the order of these: read when they are asked for, never all at once."""

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from heapq import merge

from functions.catalog.book import Book
from functions.shared.resource import Json


class Held(Mapping[str, Json]):
    """What a book holds of a kind."""

    def __init__(self, book: Book, kind: str) -> None:
        self._book, self._kind = book, kind

    def __getitem__(self, id_: str) -> Json:
        found = self._book.get(self._kind, id_)
        if found is None:
            raise KeyError(id_)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._book.ids(self._kind))

    def __len__(self) -> int:
        return self._book.count(self._kind)

    def stream(self) -> Iterator[tuple[str, Json]]:
        """All of them, few at a time."""
        return self._book.stream(self._kind)

    def values(self) -> ValuesView[Json]:
        """All of them, few at a time."""
        return _Values(self)

    def items(self) -> ItemsView[str, Json]:
        """All of them with their ids, few at a time."""
        return _Items(self)


class Overlaid(Held):
    """The same with some of them new or changed, and those gone that are None."""

    def __init__(self, published: Mapping[str, Json], said: Mapping[str, Json | None]) -> None:
        self._published, self._said = published, said

    def __getitem__(self, id_: str) -> Json:
        found = self._said[id_] if id_ in self._said else self._published[id_]
        if found is None:
            raise KeyError(id_)
        return found

    def __iter__(self) -> Iterator[str]:
        return (id_ for id_, _ in self.stream())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def stream(self) -> Iterator[tuple[str, Json]]:
        """All of them, few at a time."""
        kept = ((id_, each) for id_, each in self._published.items() if id_ not in self._said)
        said = sorted((id_, each) for id_, each in self._said.items() if each is not None)
        return merge(kept, said, key=lambda pair: pair[0])


class _Values(ValuesView[Json]):
    def __init__(self, held: Held) -> None:
        super().__init__(held)
        self._held = held

    def __iter__(self) -> Iterator[Json]:
        return (stored for _, stored in self._held.stream())


class _Items(ItemsView[str, Json]):
    def __init__(self, held: Held) -> None:
        super().__init__(held)
        self._held = held

    def __iter__(self) -> Iterator[tuple[str, Json]]:
        return self._held.stream()
