"""What a text is about, and which guard words stand in a sentence.

Three questions are answered here, each in one automaton pass over as little text as possible: which guard words does
this sentence hold, which words that place a text in a domain does it hold, and how dense are those in the document
around it. The last is a running estimate, so that the first "quick hands" of an article profits from its tenth
"live broadcast", while a far-off chapter on music does not.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from regloss.glossary import inflection
from regloss.glossary.entry import Guard
from regloss.glossary.forms import surface_key
from regloss.glossary.store import Glossary
from regloss.repair.matcher import PhraseIndex, phrase_surfaces

__all__ = ["ContextIndex", "DocumentContext", "SentenceContext"]

WINDOW = 6000
"""Reach of the running domain estimate, in code points to either side: a long news page."""


_CHUNK = 4096
_LONGEST = 80
GENERAL = "general"


@dataclass(frozen=True, slots=True)
class _Mark:
    domain: str
    strong: bool
    word: str


@dataclass(frozen=True, slots=True)
class SentenceContext:
    """Guard words and domain words of one sentence, by surface key of the word as the glossary lists it."""

    positions: tuple[tuple[str, int, int], ...]
    strong: frozenset[str]
    weak: frozenset[str]

    def holds(self, words: tuple[str, ...], start: int, end: int) -> str | None:
        """Return the first of `words` that stands in the sentence, not within [start, end), else None."""
        wanted = _keys(words)
        for key, at, to in self.positions:
            if key in wanted and not (start <= at and to <= end):
                return wanted[key]
        return None


@cache
def _keys(words: tuple[str, ...]) -> dict[str, str]:
    return {surface_key(word): word for word in words}


class ContextIndex:
    """The guard words and domain words of a whole glossary, ready to be looked up."""

    def __init__(self, glossary: Glossary) -> None:
        owners: dict[str, dict[str, None]] = {}
        for guard in _guards(glossary):
            for word in (*guard.unless, *guard.when):
                for surface in phrase_surfaces(word):
                    owners.setdefault(surface, {}).setdefault(surface_key(word))
        marks: dict[str, dict[_Mark, None]] = {}
        for mark in _marks(glossary):
            for surface in phrase_surfaces(mark.word):
                marks.setdefault(surface, {}).setdefault(mark)
        phrases = [surface for surface in {**owners, **marks} if surface]
        self._owners = [tuple(owners.get(surface, ())) for surface in phrases]
        self._marks = [tuple(marks.get(surface, ())) for surface in phrases]
        self._index = PhraseIndex(phrases)

    def hits(self, text: str, key: str) -> list[tuple[int, int, tuple[str, ...], tuple[_Mark, ...]]]:
        """Return (start, end, guard words, domain marks) of every hit, by position."""
        return [(s, e, self._owners[n], self._marks[n]) for n, s, e in self._index.find(key, text)]


def _guards(glossary: Glossary) -> Iterable[Guard]:
    for entry in glossary.entries:
        yield entry.guard
        yield from (forbidden.guard for forbidden in entry.forbidden)


def _marks(glossary: Glossary) -> Iterable[_Mark]:
    for domain, context in glossary.contexts.items():
        yield from (_Mark(domain, True, word) for word in context.strong)
        yield from (_Mark(domain, False, word) for word in context.weak)
    for entry in glossary.entries:
        if entry.kind == "name":
            yield from (_Mark(entry.domain, True, name) for name in (entry.target, *entry.admitted) if _distinct(name))


def _distinct(name: str) -> bool:
    # "JD.com" or "Kuaishou" place a text; "Moments" or "Channels" would place any text.
    return name[:1].isupper() and not any(word.islower() for word in name.split(" ")) and not _plain(name)


def _plain(name: str) -> bool:
    return all(inflection.is_ordinary(word.lower()) for word in name.split(" "))


class DocumentContext:
    """What one document says about its domain; each stretch of it is looked through once, when it is asked about."""

    def __init__(self, index: ContextIndex, text: str, key: str) -> None:
        self._index = index
        self._text = text
        self._key = key
        self._chunks: dict[int, tuple[list[int], list[_Mark]]] = {}

    def sentence(self, start: int, end: int, domain: str) -> SentenceContext:
        """Return what the sentence at [start, end) says, as seen from an entry of `domain`."""
        hits = self._index.hits(self._text[start:end], self._key[start:end])
        positions = tuple((word, start + s, start + e) for s, e, words, _ in hits for word in words)
        marks = [mark for _, _, _, found in hits for mark in found if mark.domain in (domain, GENERAL)]
        return SentenceContext(
            positions=positions,
            strong=frozenset(mark.word for mark in marks if mark.strong),
            weak=frozenset(mark.word for mark in marks if not mark.strong),
        )

    def density(self, position: int, domain: str) -> tuple[int, int]:
        """Return how many different strong and weak words of `domain` stand within reach of `position`."""
        first, last = max(0, position - WINDOW), position + WINDOW
        mine = {mark for mark in self._marks(first, last) if mark.domain in (domain, GENERAL)}
        strong = {mark.word for mark in mine if mark.strong}
        return len(strong), len({mark.word for mark in mine if not mark.strong} - strong)

    def _marks(self, first: int, last: int) -> Iterator[_Mark]:
        for number in range(first // _CHUNK, min(last, len(self._text)) // _CHUNK + 1):
            starts, marks = self._chunk(number)
            yield from marks[bisect_left(starts, first) : bisect_right(starts, last)]

    def _chunk(self, number: int) -> tuple[list[int], list[_Mark]]:
        if number not in self._chunks:
            begin, end = number * _CHUNK, (number + 1) * _CHUNK
            # A little is looked at on either side, so that words across the edge are found and seen as whole.
            low, high = max(0, begin - 1), end + _LONGEST
            found = [
                (low + start, mark)
                for start, _, _, marks in self._index.hits(self._text[low:high], self._key[low:high])
                if begin <= low + start < end
                for mark in marks
            ]
            self._chunks[number] = [start for start, _ in found], [mark for _, mark in found]
        return self._chunks[number]
