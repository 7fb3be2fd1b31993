"""Find term surfaces in English text: one pass of an Aho-Corasick automaton, whole words, Unicode-safe offsets.

The automaton reports every occurrence of every surface, overlapping ones too: a leftmost-longest search would let a
hit inside a longer word hide a whole-word hit (see docs/decisions). Choosing among overlapping hits is the business of
`engine`, after the guards have spoken.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from string import ascii_letters

import ahocorasick_rs

from regloss.glossary import inflection
from regloss.glossary.entry import TermEntry
from regloss.glossary.forms import SurfaceForm, derive_forms, surface_key
from regloss.text import is_word_char, whole_word

_EDGES = frozenset(' ,.;:!?()\n"')
_LETTERS = frozenset(ascii_letters)

__all__ = ["Match", "PhraseIndex", "TermIndex", "phrase_surfaces"]


@dataclass(frozen=True, slots=True)
class Match:
    """A surface of a forbidden rendering at ``text[start:end]``; several entries may share it, in glossary order."""

    start: int
    end: int
    surfaces: tuple[SurfaceForm, ...]


class PhraseIndex:
    """An automaton over phrases that reports whole-word occurrences as (phrase number, start, end)."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self._automaton = ahocorasick_rs.AhoCorasick(phrases, store_patterns=False) if phrases else None

    def find(self, key: str, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield hits in `key`, the `surface_key` of `text`, ordered by start, then longest first."""
        if self._automaton is None:
            return
        hits = self._automaton.find_matches_as_indexes(key, overlapping=True)
        size = len(text)
        for start, backwards, number in sorted([(start, -end, number) for number, start, end in hits]):
            end = -backwards
            before = text[start - 1] if start else " "
            after = text[end] if end < size else " "
            # Most hits lie inside words or between plain edges; only the rest is worth asking `whole_word` about.
            if (before in _LETTERS and text[start] in _LETTERS) or (after in _LETTERS and text[end - 1] in _LETTERS):
                continue
            if (before in _EDGES and after in _EDGES) or whole_word(text, start, end):
                yield number, start, end


class TermIndex:
    """All surfaces of a glossary, those to repair and those that are right as they stand."""

    def __init__(self, entries: Iterable[TermEntry]) -> None:
        surfaces: dict[str, list[SurfaceForm]] = {}
        good: dict[str, None] = {}
        for entry in entries:
            for surface in derive_forms(entry):
                surfaces.setdefault(surface.text, []).append(surface)
            for target in (entry.target, *entry.admitted):
                good.setdefault(surface_key(target.strip()))
        phrases = [*surfaces, *(phrase for phrase in good if phrase and phrase not in surfaces)]
        self._surfaces = [tuple(group) for group in surfaces.values()]
        self._index = PhraseIndex(phrases)

    def find(self, text: str, key: str) -> tuple[Match, ...]:
        """Return the matches in `text`, whose `surface_key` is `key`.

        A surface inside a preferred or admitted target is that target, and is no match; one that begins within such a
        target ("short *video* number") is none, because its first word is taken; and one that is a part of a longer
        hyphenated word ("fast hands-free") is none either.
        """
        matches: list[Match] = []
        reach = 0  # where the good targets that begin before this place end
        here, here_end = -1, -1  # the longest good target that begins at this place
        for number, start, end in self._index.find(key, text):
            if start != here:
                reach, here, here_end = max(reach, here_end), start, -1
            if number >= len(self._surfaces):
                here_end = max(here_end, end)
            elif start >= reach and end > here_end and not _joined_by_hyphen(text, start, end):
                matches.append(Match(start, end, self._surfaces[number]))
        return tuple(matches)


def _joined_by_hyphen(text: str, start: int, end: int) -> bool:
    return (end + 1 < len(text) and text[end] in "-\u2010\u2011" and is_word_char(text[end + 1])) or (
        start > 1 and text[start - 1] in "-\u2010\u2011" and is_word_char(text[start - 2])
    )


def phrase_surfaces(phrase: str) -> Iterator[str]:
    """Yield `phrase` and its regular inflections as surface keys, for guard and context words.

    The last word is taken as a noun and the first as a verb, wherever the dictionary allows.
    """
    yield surface_key(phrase)
    words = phrase.split(" ")
    if words[-1].islower() and (inflection.noun_lemma(words[-1]) or not inflection.is_ordinary(words[-1])):
        yield surface_key(inflection.plural(phrase))
    if words[0].islower() and inflection.verb_tag(words[0]) == "VB":
        for tag in ("VBZ", "VBG", "VBD", "VBN"):
            yield surface_key(inflection.inflect_head(phrase, tag))
