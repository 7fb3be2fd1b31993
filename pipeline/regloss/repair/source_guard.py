"""What the source says about a term: whether the aligned segment holds it, and how often it is still unrendered."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from regloss.alignment.script import simplified
from regloss.document import Segment, Span
from regloss.glossary.entry import TermEntry
from regloss.glossary.forms import surface_key
from regloss.repair.evidence import SourceSays
from regloss.text import whole_word

__all__ = ["SourceGuard", "count_renderings", "source_holds"]

_GAP = 10
"""Most characters that may stand between the two parts of a separable term (刷了价值五万元的礼物)."""


@cache
def _plain_source(term: str) -> str:
    """Return the term without what glossaries add to it: a note in brackets, dots for an open slot."""
    return re.sub(r"\s*[(（][^)）]*[)）]\s*$", "", term).strip("…. 　")


@cache
def _separable(term: str) -> re.Pattern[str] | None:
    if len(term) < 3:
        return None
    splits = (f"{re.escape(term[:i])}[^,，。;；!！?？]{{1,{_GAP}}}{re.escape(term[i:])}" for i in range(1, len(term)))
    return re.compile("|".join(splits))


@lru_cache(maxsize=4096)
def _comparable_form(text: str) -> str:
    """Return `text` in simplified characters and small letters, so that a glossary serves either script."""
    return simplified(text).casefold()


def source_holds(term: str, source: str) -> int:
    """Return how often `source` holds the source term `term`."""
    plain = _plain_source(term)
    return _comparable_form(source).count(_comparable_form(plain)) if plain else 0


def count_renderings(entry: TermEntry, target: str, without: Sequence[Span] = ()) -> int:
    """Return how often `target` shows the preferred or an admitted rendering of the entry, as whole words.

    Args:
        without: stretches that do not count, such as wrong forms that hold a right one ("window period").
    """
    key = surface_key(target)
    taken = [False] * len(key)
    for span in without:
        taken[span.start : span.end] = [True] * (span.end - span.start)
    count = 0
    for rendering in sorted({surface_key(r) for r in (entry.target, *entry.admitted)}, key=lambda r: (-len(r), r)):
        position = key.find(rendering)
        while position >= 0:
            end = position + len(rendering)
            # An inflected rendering counts too; a longer one has been counted before its part.
            if not any(taken[position:end]) and (
                whole_word(target, position, end) or _inflected(target, position, end)
            ):
                taken[position:end] = [True] * len(rendering)
                count += 1
            position = key.find(rendering, position + 1)
    return count


def _inflected(target: str, start: int, end: int) -> bool:
    return whole_word(target, start, min(end + 1, len(target))) and target[end : end + 1] == "s"


class SourceGuard:
    """The source side of one document."""

    def __init__(self, comparable: str | None) -> None:
        self._comparable = comparable

    def says(self, entry: TermEntry, segment: Segment, matches: Sequence[Span]) -> SourceSays:
        """Return what the source says about `entry` in this segment, before its occurrences are allotted.

        Args:
            matches: where the segment's target shows a wrong form of the entry, offsets into that target.
        """
        if segment.source is None:
            nearby = self._comparable is not None and source_holds(entry.source, self._comparable)
            return SourceSays.NEARBY if nearby else SourceSays.NOTHING
        if source_holds(entry.source, segment.source):
            return SourceSays.HOLDS if self.unrendered(entry, segment, matches) > 0 else SourceSays.RENDERED
        pattern = _separable(_plain_source(entry.source))
        return (
            SourceSays.HINTS if pattern is not None and pattern.search(simplified(segment.source)) else SourceSays.LACKS
        )

    @staticmethod
    def unrendered(entry: TermEntry, segment: Segment, matches: Sequence[Span]) -> int:
        """Return how many occurrences of the term in the aligned source the target does not show yet."""
        held = source_holds(entry.source, segment.source or "")
        return held - count_renderings(entry, segment.target, matches)
