"""Finding by a name that somebody half remembers: what shares most trigrams with it, the closest spelling first.

Pure.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

IN = "gram."  # what a facet of a trigram is called, before the order of names it is from
LONGEST = 60  # characters of what is asked for that are looked at
CANDIDATES = 200  # names whose spelling is compared: what a search may cost
FOUND = 100  # the most that it answers with


def folded(text: str) -> str:
    """A text as it is compared: lower case, without accents, its words parted by one blank."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", plain))


def trigrams(text: str) -> set[str]:
    """Every three letters in a row of a folded text's words; a word begins with two blanks and ends with one."""
    return set().union(*map(_of_word, text.split()))


@lru_cache(maxsize=4096)
def _of_word(word: str) -> frozenset[str]:
    word = f"  {word[:LONGEST]} "
    return frozenset(word[at : at + 3] for at in range(len(word) - 2))


def candidates(asked: str, among: int, having: Callable[[str], int]) -> int:
    """The places of `among` that share most trigrams with what is asked, until there are enough to compare.

    `having` tells which places have a trigram. The sets are added up as binary numbers, one bit of all places at once:
    `counted[k]` are the places whose count has bit k.
    """
    counted: list[int] = []
    for gram in sorted(trigrams(asked)):
        carry = having(gram) & among
        for bit, places_with in enumerate(counted):
            counted[bit], carry = places_with ^ carry, places_with & carry
        counted.append(carry)
    most = len(trigrams(asked))
    found = 0
    for least in range(most, max(most // 3, 1) - 1, -1):
        found |= _exactly(counted, least)
        if found.bit_count() >= CANDIDATES:
            break
    return found


def _exactly(counted: list[int], wanted: int) -> int:
    """The places whose count is that number, which is not zero."""
    found = -1
    for bit, places_with in enumerate(counted):
        found &= places_with if wanted >> bit & 1 else ~places_with
    return found


def alike(asked: str, name: str) -> bool:
    """Whether a name shares as much with what is asked as a candidate has to."""
    grams = trigrams(asked)
    return len(grams & trigrams(folded(name))) >= max(len(grams) // 3, 1)


def best(asked: str, names: Iterable[tuple[int, str]]) -> list[int]:
    """The places with the closest names, the closest first; of those that are as close, the first."""
    ranked = sorted((_distance_of_words(asked, folded(name)), place) for place, name in names)
    return [place for _, place in ranked[:FOUND]]


def _distance_of_words(asked: str, name: str) -> tuple[int, int]:
    """How many letters are to be changed for every word asked for to stand in the name; then how much longer it is."""
    told = name.split()
    return sum(min((distance(word, each) for each in told), default=len(word)) for word in asked.split()), len(name)


@lru_cache(maxsize=4096)
def distance(asked: str, word: str) -> int:
    """How many letters are put in, left out, changed or swapped; a word that only begins so is half as far away."""
    before: list[int] = []
    row = list(range(len(word) + 1))
    for i, letter in enumerate(asked, 1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(word, 1):
            step = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and asked[i - 2] == other:
                step = min(step, earlier[j - 2] + 1)
            row.append(step)
    return min(row[-1], min(row) + 1)
