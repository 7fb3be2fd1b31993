"""Find term surfaces in English text: one pass of an Aho-Corasick automaton, whole words, Unicode-safe offsets.

The automaton reports every occurrence of every surface, overlapping ones too: a leftmost-longest search would let a
hit inside a longer word hide a whole-word hit (see docs/decisions). Choosing among overlapping hits is the business of
`engine`, after the guards have spoken.
"""

import re
from bisect import bisect_left
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
_SURROGATE = re.compile("[\ud800-\udfff]")

__all__ = ["Change", "Hit", "Match", "PhraseIndex", "TermIndex", "phrase_surfaces"]


@dataclass(frozen=True, slots=True)
class Match:
    """A surface of a forbidden rendering at ``text[start:end]``; several entries may share it, in glossary order."""

    start: int
    end: int
    surfaces: tuple[SurfaceForm, ...]


Hit = tuple[int, int, int]
"""An occurrence of a phrase: (start, −end, number of the phrase), so that sorting puts the longest first."""


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of a text that has changed: ``old[start:end]`` is now ``new[at:to]``."""

    start: int
    end: int
    at: int
    to: int


class PhraseIndex:
    """An automaton over phrases that reports whole-word occurrences, and over probes that it reports wherever they are.

    The number of a phrase is its place in `phrases`; the probes follow.
    """

    def __init__(self, phrases: Sequence[str], probes: Sequence[str] = ()) -> None:
        wanted = (*phrases, *probes)
        self._automaton = ahocorasick_rs.AhoCorasick(wanted, store_patterns=False) if wanted else None
        self._longest = max(map(len, wanted), default=0)
        self._phrases = len(phrases)
        # Whether a phrase begins and ends with a letter, so that a letter next to it makes it a part of a word.
        self._lettered = [phrase[0] in _LETTERS and phrase[-1] in _LETTERS for phrase in phrases] + [False] * len(
            probes
        )

    def find(self, key: str, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield the hits in `key`, the `surface_key` of `text`, as (phrase number, start, end), in their order."""
        return ((number, start, -end) for start, end, number in self.hits(key, text))

    def hits(self, key: str, text: str) -> list[Hit]:
        """Return the hits in `key`, the `surface_key` of `text`, ordered by start, then longest first."""
        if self._automaton is None:
            return []
        found = []
        around = f" {text} "
        # A long text has tens of thousands of hits, so what the loop asks for is kept at hand.
        letters, edges, phrases, lettered = _LETTERS, _EDGES, self._phrases, self._lettered
        for number, start, end in self._automaton.find_matches_as_indexes(_encodable(key), overlapping=True):
            before, after = around[start], around[end + 1]
            # Most hits lie inside words or between plain edges; only the rest is worth asking `whole_word` about.
            if (before in letters or after in letters) and lettered[number]:
                continue
            if number >= phrases or (before in edges and after in edges) or whole_word(text, start, end):
                found.append((start, -end, number))
        found.sort()
        return found

    def hits_again(self, key: str, text: str, hits: Sequence[Hit], changes: Sequence[Change]) -> list[Hit]:
        """Return what `hits` would, from the hits in the text before it changed: only what changed is looked at.

        Args:
            hits: those of the old text, in order.
            changes: in order, not overlapping.
        """
        fresh = set()
        for change in changes:
            low = max(0, change.at - self._longest - 1)
            high = change.to + self._longest + 1
            for start, end, number in self.hits(key[low:high], text[low:high]):
                # The characters on either side decide whether a hit is a whole word, so they belong to it.
                if low - end >= change.at and low + start <= change.to:
                    fresh.add((low + start, end - low, number))
        return sorted([*self._untouched(hits, changes), *fresh])

    def _untouched(self, hits: Sequence[Hit], changes: Sequence[Change]) -> list[Hit]:
        """Return the hits that no change touches, where they stand now."""
        kept: list[Hit] = []
        done = shift = 0
        for change in changes:
            near = bisect_left(hits, (change.start - self._longest,), done)
            beyond = bisect_left(hits, (change.end + 1,), near)
            kept += _shifted(hits[done:near], shift)
            kept += _shifted([hit for hit in hits[near:beyond] if -hit[1] < change.start], shift)
            done, shift = beyond, change.to - change.end
        return kept + _shifted(hits[done:], shift)


def _shifted(hits: Sequence[Hit], shift: int) -> list[Hit]:
    return [(start + shift, end - shift, number) for start, end, number in hits] if shift else list(hits)


class TermIndex:
    """All surfaces of a glossary, those to repair and those that are right as they stand.

    Attributes:
        phrases: what to look for.
    """

    def __init__(self, entries: Iterable[TermEntry]) -> None:
        surfaces: dict[str, list[SurfaceForm]] = {}
        good: dict[str, None] = {}
        for entry in entries:
            for surface in derive_forms(entry):
                surfaces.setdefault(surface.text, []).append(surface)
            for target in (entry.target, *entry.admitted):
                good.setdefault(surface_key(target.strip()))
        self.phrases = (*surfaces, *(phrase for phrase in good if phrase and phrase not in surfaces))
        self._surfaces = [tuple(group) for group in surfaces.values()]

    def matches(self, text: str, hits: Iterable[Hit]) -> tuple[Match, ...]:
        """Return the matches in `text`, from the hits of `phrases`; those of phrases with higher numbers do not count.

        A surface inside a preferred or admitted target is that target, and is no match; one that begins within such a
        target ("short *video* number") is none, because its first word is taken; and one that is a part of a longer
        hyphenated word ("fast hands-free") is none either.
        """
        matches: list[Match] = []
        terms, wrong = len(self.phrases), len(self._surfaces)
        reach = 0  # where the good targets that begin before this place end
        here, here_end = -1, -1  # the longest good target that begins at this place
        for start, backwards, number in [hit for hit in hits if hit[2] < terms]:
            end = -backwards
            if start != here:
                reach, here, here_end = max(reach, here_end), start, -1
            if number >= wrong:
                here_end = max(here_end, end)
            elif start >= reach and end > here_end and not _joined_by_hyphen(text, start, end):
                matches.append(Match(start, end, self._surfaces[number]))
        return tuple(matches)


def _encodable(key: str) -> str:
    """Return `key` without lone surrogates, position by position: the automaton reads UTF-8."""
    return key if key.isascii() else _SURROGATE.sub("\ufffd", key)


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
