"""Which glossary terms a source sentence holds, and whether a translation renders them.

Chinese writes no word boundaries, so a term is found wherever its characters stand; longer terms win over the shorter
ones inside them. Terms in Latin letters are found as whole words, in any letter case.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from regloss.alignment.script import simplified
from regloss.glossary.entry import TermEntry
from regloss.text import fold, whole_word, words

__all__ = ["SourceTerm", "TermIndex", "renders"]

_WORD_ENDS = re.compile(r"(?:ies|es|s|ed|ing|e|y)$")
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1$")


@dataclass(frozen=True, slots=True)
class SourceTerm:
    """One occurrence of a term: ``source[start:end]`` is the source term of `entry`."""

    start: int
    end: int
    entry: TermEntry


class TermIndex:
    """All source terms of a glossary in one automaton (Aho and Corasick 1975).

    Args:
        entries: the term entries; where two have the same source term, the later one counts.
    """

    def __init__(self, entries: Sequence[TermEntry]) -> None:
        import ahocorasick_rs

        by_term = {_key(entry.source): entry for entry in entries if entry.source}
        self._entries = tuple(by_term.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(by_term))

    def find(self, source: str) -> tuple[SourceTerm, ...]:
        """Return the terms in `source`, left to right, not overlapping: the leftmost, and there the longest, wins."""
        folded = _key(source)
        hits = self._automaton.find_matches_as_indexes(folded, overlapping=True)
        whole = [(start, end, number) for number, start, end in hits if whole_word(source, start, end)]
        found: list[SourceTerm] = []
        for start, end, number in sorted(whole, key=lambda hit: (hit[0], -hit[1])):
            if not found or start >= found[-1].end:
                found.append(SourceTerm(start, end, self._entries[number]))
        return tuple(found)


def _key(text: str) -> str:
    """Both ways to write a character are one term; the length stays."""
    return simplified(fold(text))


def renders(text: str, entry: TermEntry) -> bool:
    """Tell whether `text` holds the target of `entry` or an admitted one, as whole words.

    Letter case, hyphens and regular inflection make no difference: "live-streaming anchors" renders "livestreaming
    anchor" no, but "live streaming anchor" yes.
    """
    haystack = _stems(text)
    return any(_holds(haystack, _stems(target)) for target in (entry.target, *entry.admitted))


def _holds(haystack: Sequence[str], needle: Sequence[str]) -> bool:
    if not needle:
        return False
    return any(haystack[i : i + len(needle)] == needle for i in range(len(haystack) - len(needle) + 1))


def _stems(text: str) -> list[str]:
    folded = fold(text)
    return [_stem(part) for start, end in words(folded) for part in folded[start:end].split("-")]


def _stem(word: str) -> str:
    """Cut the regular endings off: streams, streamed and streaming come to the same; short words stay."""
    word = word.removesuffix("'s").removesuffix("'")
    if len(word) <= 3 or not word.isalpha():
        return word
    return _DOUBLED.sub(r"\1", _WORD_ENDS.sub("", word))
