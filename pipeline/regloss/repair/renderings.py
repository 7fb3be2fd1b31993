"""Which terms a sentence pair holds, and where its target renders them already.

Unlike `source_guard`, which counts for one term, this looks at all terms of the glossary at once: the longest source
term takes its characters and the longest rendering its words, so that a term inside a longer one is not asked for by
itself. Traditional characters are read as Simplified ones.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import ahocorasick_rs

from regloss.alignment.lexicon import Word, target_words
from regloss.alignment.script import simplified
from regloss.document import Segment, Span
from regloss.glossary.entry import TermEntry
from regloss.text import fold, whole_word

__all__ = ["Pair", "Rendering", "TermBook", "claimed", "pairs", "phrase_words", "singular"]


@dataclass(frozen=True, slots=True)
class Rendering:
    """A right rendering in the target: the words from `first` to `last` of the pair, and the terms it may stand for."""

    first: int
    last: int
    terms: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Neighbouring segments of the target that render the same stretch of the source.

    Attributes:
        source: the source, folded and in Simplified characters.
        start, end: where the target stands in the document.
    """

    source: str
    start: int
    end: int

    def words(self, text: str) -> tuple[Word, ...]:
        """Return the words of the target, offsets into the document `text`."""
        found = target_words(text[self.start : self.end])
        return tuple(Word(Span(w.span.start + self.start, w.span.end + self.start), w.form) for w in found)


def pairs(segments: Sequence[Segment]) -> Iterator[Pair]:
    """Yield the pairs of a document; segments without source belong to none."""
    position = 0
    while position < len(segments):
        first = last = position
        source = segments[first].source
        while last + 1 < len(segments) and source is not None and segments[last + 1].source == source:
            last += 1
        position = last + 1
        if source is not None:
            yield Pair(simplified(fold(source)), segments[first].start, segments[last].end)


class TermBook:
    """The terms of a glossary, ready to be looked for in a sentence pair; a term is known by its number."""

    def __init__(self, entries: Iterable[TermEntry]) -> None:
        self.entries = tuple(entries)
        self._phrases = tuple(_phrases(entry) for entry in self.entries)
        patterns: dict[str, int] = {}
        for number, entry in enumerate(self.entries):
            patterns.setdefault(_form(entry.source), number)
        patterns.pop("", None)
        self._numbers = list(patterns.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(patterns), store_patterns=False) if patterns else None

    def find(self, source: str) -> dict[int, tuple[Span, ...]]:
        """Return where each term stands in `source` (folded, Simplified), longest terms first, none inside another."""
        if self._automaton is None:
            return {}
        hits = self._automaton.find_matches_as_indexes(source, overlapping=True)
        taken = [False] * len(source)
        places: dict[int, list[Span]] = {}
        for _, start, end, pattern in sorted((start - end, start, end, pattern) for pattern, start, end in hits):
            if not any(taken[start:end]) and whole_word(source, start, end):
                taken[start:end] = [True] * (end - start)
                places.setdefault(self._numbers[pattern], []).append(Span(start, end))
        return {number: tuple(sorted(spans)) for number, spans in places.items()}

    def renderings(self, words: Sequence[Word], terms: Iterable[int]) -> tuple[Rendering, ...]:
        """Return the preferred and admitted renderings of these terms, longest first, not overlapping.

        Number and hyphens make no difference.
        """
        phrases: dict[tuple[str, ...], list[int]] = {}
        for number in terms:
            for phrase in self._phrases[number]:
                phrases.setdefault(phrase, []).append(number)
        numbers = [singular(word.form) for word in words]
        taken = [False] * len(words)
        found: list[Rendering] = []
        for phrase in sorted(phrases, key=lambda p: (-len(p), p)):
            for first in _places(phrase, numbers):
                last = first + len(phrase) - 1
                if not any(taken[first : last + 1]):
                    taken[first : last + 1] = [True] * len(phrase)
                    found.append(Rendering(first, last, tuple(phrases[phrase])))
        return tuple(found)


def _places(phrase: Sequence[str], numbers: Sequence[str]) -> Iterator[int]:
    """Yield where the phrase begins among the words."""
    for first in range(len(numbers) - len(phrase) + 1):
        if numbers[first] == phrase[0] and list(numbers[first : first + len(phrase)]) == list(phrase):
            yield first


def _phrases(entry: TermEntry) -> tuple[tuple[str, ...], ...]:
    phrases = (phrase_words(target) for target in (entry.target, *entry.admitted))
    return tuple(dict.fromkeys(phrase for phrase in phrases if phrase))


def _form(source: str) -> str:
    """Return a source term as it may stand in a text.

    Empty for a single character, which may be a part of any word, and for a term that holds in one sense alone,
    which a note in brackets names: 温度 (人情) is not every 温度.
    """
    key = simplified(fold(source)).strip("…. \u3000")
    return key if len(key) > 1 else ""


def phrase_words(target: str) -> tuple[str, ...]:
    """Return the words of a rendering, in the singular."""
    return tuple(singular(word.form) for word in target_words(target))


def singular(word: str) -> str:
    """Return a folded word without a regular plural ending; crude, only ever compared with another singular."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1]


def claimed(terms: Mapping[int, Sequence[Span]], found: Sequence[Rendering]) -> dict[int, tuple[Rendering, ...]]:
    """Return which renderings belong to each term, the longest source term choosing first; the rest are free."""
    free = list(found)
    owned: dict[int, tuple[Rendering, ...]] = {}
    for number, places in terms.items():
        mine = [rendering for rendering in free if number in rendering.terms][: len(places)]
        free = [rendering for rendering in free if rendering not in mine]
        owned[number] = tuple(mine)
    return owned
