"""What a text is about, and which guard words stand in a sentence.

Three questions are answered here, each in one automaton pass over as little text as possible: which guard words does
this sentence hold, which words that place a text in a domain does it hold, and how dense are those in the document
around it. The last is a running estimate, so that the first "quick hands" of an article profits from its tenth
"live broadcast", while a far-off chapter on music does not.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from regloss.glossary import inflection
from regloss.glossary.entry import Guard
from regloss.glossary.forms import surface_key
from regloss.glossary.store import Glossary
from regloss.repair.matcher import Hit, PhraseIndex, phrase_surfaces

__all__ = ["ContextIndex", "DocumentContext", "SentenceContext"]

WINDOW = 6000
"""Reach of the running domain estimate, in code points to either side: a long news page."""

GENERAL = "general"


@dataclass(frozen=True, slots=True)
class _Mark:
    domain: str
    strong: bool
    word: str


_Trait = tuple[str, bool]
"""A domain, and whether its strong or its weak words are meant."""
_Track = tuple[list[int], list[str]]
"""Where words begin, in order, and the words."""


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
    """The guard words and domain words of a whole glossary, ready to be looked up.

    Guard words are many and common, but matter in a suspicious sentence alone; the words of a domain are looked for in
    the whole text, in the same pass as the terms.

    Attributes:
        phrases: what to look for in a text: those given, and after them the words that place it in a domain.
    """

    def __init__(self, glossary: Glossary, phrases: Iterable[str] = ()) -> None:
        owners: dict[str, dict[str, None]] = {}
        for guard in _guards(glossary):
            for word in (*guard.unless, *guard.when):
                for surface in phrase_surfaces(word):
                    owners.setdefault(surface, {}).setdefault(surface_key(word))
        marks: dict[str, dict[_Mark, None]] = {}
        for mark in _marks(glossary):
            for surface in phrase_surfaces(mark.word):
                marks.setdefault(surface, {}).setdefault(mark)
        owners.pop("", None)
        marks.pop("", None)
        self._owners = [tuple(words) for words in owners.values()]
        self._owned = PhraseIndex(tuple(owners))
        self._marked = PhraseIndex(tuple(marks))
        self._marks = [tuple(found) for found in marks.values()]
        self.phrases = tuple(dict.fromkeys((*phrases, *marks)))
        self._marks_of = [tuple(marks.get(phrase, ())) for phrase in self.phrases]

    def guard_words(self, text: str, key: str) -> Iterator[tuple[str, int, int]]:
        """Yield (guard word, start, end) of every hit, by position."""
        return ((word, start, -end) for start, end, n in self._owned.hits(key, text) for word in self._owners[n])

    def marks(self, text: str, key: str) -> Iterator[_Mark]:
        """Yield every word that places the text in a domain, by position."""
        return (mark for _, _, n in self._marked.hits(key, text) for mark in self._marks[n])

    def tracks(self, hits: Iterable[Hit]) -> Mapping[_Trait, _Track]:
        """Return what the hits of `phrases` say about domains."""
        tracks: dict[_Trait, _Track] = {}
        for start, _, number in hits:
            for mark in self._marks_of[number]:
                starts, words = tracks.setdefault((mark.domain, mark.strong), ([], []))
                starts.append(start)
                words.append(mark.word)
        return tracks


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
    """What one document says about its domain.

    Attributes:
        asked: the answers of `density` so far, as (position, domain, answer), in order.
    """

    def __init__(self, index: ContextIndex, text: str, key: str, hits: Iterable[Hit]) -> None:
        """Make the context of `text`, whose `surface_key` is `key`; `hits` are those of the index's phrases in it."""
        self._index = index
        self._text = text
        self._key = key
        self._hits = hits
        self._sentences: dict[tuple[int, int], tuple[tuple[tuple[str, int, int], ...], tuple[_Mark, ...]]] = {}
        self.asked: list[tuple[int, str, tuple[int, int]]] = []

    def sentence(self, start: int, end: int, domain: str) -> SentenceContext:
        """Return what the sentence at [start, end) says, as seen from an entry of `domain`."""
        positions, marks = self._sentence(start, end)
        mine = [mark for mark in marks if mark.domain in (domain, GENERAL)]
        return SentenceContext(
            positions=positions,
            strong=frozenset(mark.word for mark in mine if mark.strong),
            weak=frozenset(mark.word for mark in mine if not mark.strong),
        )

    def _sentence(self, start: int, end: int) -> tuple[tuple[tuple[str, int, int], ...], tuple[_Mark, ...]]:
        if (start, end) not in self._sentences:
            text, key = self._text[start:end], self._key[start:end]
            positions = tuple((word, start + s, start + e) for word, s, e in self._index.guard_words(text, key))
            self._sentences[start, end] = positions, tuple(self._index.marks(text, key))
        return self._sentences[start, end]

    def density(self, position: int, domain: str) -> tuple[int, int]:
        """Return how many different strong and weak words of `domain` stand within reach of `position`."""
        first, last = position - WINDOW, position + WINDOW
        strong, weak = (
            set().union(*(_within(self._tracks.get((each, strength)), first, last) for each in (domain, GENERAL)))
            for strength in (True, False)
        )
        answer = len(strong), len(weak - strong)
        self.asked.append((position, domain, answer))
        return answer

    @cached_property
    def _tracks(self) -> Mapping[_Trait, _Track]:
        return self._index.tracks(self._hits)


def _within(track: _Track | None, first: int, last: int) -> Sequence[str]:
    """Return the words of a track that begin in [first, last]."""
    if track is None:
        return ()
    starts, words = track
    return words[bisect_left(starts, first) : bisect_right(starts, last)]
