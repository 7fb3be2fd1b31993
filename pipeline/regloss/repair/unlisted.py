"""Wrong renderings that no glossary lists: find the words that translate a term, and replace them as one unit.

Where the aligned source holds a term and the target shows neither its preferred nor an admitted rendering, a word
aligner says which words stand for it. What speaks for a find, beside the aligner: the words resemble the right
rendering (*banking industry* for *banking sector*), one is the abbreviation of the other, or the document renders the
term so in other sentences too. What speaks against it: other words of the source explain the words, or the entry lists
wrong renderings and this is none of them, or it came with regloss and nobody asked for this one rendering alone.

There are never more replacements than the source has occurrences of the term that the target does not show.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from regloss.alignment.lexicon import Word
from regloss.alignment.words import AlignerOptions, TermLinker, TermLinks, best_spans
from regloss.document import Edit, Segment, Span
from regloss.glossary.entry import Kind, TermEntry
from regloss.repair.evidence import Evidence, tier_of
from regloss.repair.grammar import Tokens, is_attributive
from regloss.repair.likeness import content_stems, word_stem
from regloss.repair.renderings import Pair, TermBook, claimed, pairs
from regloss.repair.stretch import Stretch, completed, literal, spelled_out, trimmed, whole_name
from regloss.repair.unit import best_target, unit_for
from regloss.repair.unlisted_evidence import Place, evidence_for

__all__ = ["RULE", "TermAligner", "UnlistedFinder"]

RULE = "unlisted"

_SHORT = 3
"""Most characters of a source term that may be a piece of two other words."""
_BOOST = 0.5
"""How much of the doubt about a word it takes away that the right rendering holds the same word."""
_HABIT = 0.6
"""Least confidence of a find that counts as how the document renders a term."""

_Habits = Counter[tuple[str, ...]]


class TermAligner(TermLinker, Protocol):
    """Knows the words of a Chinese sentence, and which English words a term of it is linked to."""

    def source_words(self, source: str) -> Sequence[Word]:
        """Return the words of a Chinese text, in order, punctuation left out."""

    def literal_parts(self, name: str, right: str) -> Sequence[frozenset[str]]:
        """Return the stems of what each part of a name means by itself; empty where the name is a word as well."""

    def is_word(self, name: str, right: str) -> bool:
        """Tell whether a name is an ordinary word too."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """A term that the target of a pair does not show as often as its source holds it.

    Attributes:
        pair: the sentence pair.
        words: of its target, offsets into the document.
        number: of the term.
        places: where the source holds it.
        missing: how many renderings are missing.
        links: of the term; words that render a term already are out of reach.
        taken: places of those words.
        parts: stems of what each part of a name means by itself.
        ordinary: the term is a name, and an ordinary word too.
    """

    pair: Pair
    words: tuple[Word, ...]
    number: int
    places: tuple[Span, ...]
    missing: int
    links: TermLinks
    taken: frozenset[int]
    parts: tuple[frozenset[str], ...]
    ordinary: bool

    def free(self, place: int) -> bool:
        return place not in self.taken


@dataclass(frozen=True, slots=True)
class _Find:
    """Words that may stand for a term, and what is to replace them."""

    gap: _Gap
    span: Span
    target: str
    evidence: tuple[Evidence, ...]

    @property
    def confidence(self) -> float:
        """The sum of the evidence, held within [0, 1]."""
        return round(min(1.0, max(0.0, self.weight)), 4)

    @property
    def weight(self) -> float:
        """The sum of the evidence, which still tells two sure finds apart."""
        return sum(weight for _, weight in self.evidence)


class UnlistedFinder:
    """A glossary ready to find wrong renderings that nobody listed."""

    def __init__(self, entries: Iterable[TermEntry]) -> None:
        self._book = TermBook(entry for entry in entries if _eligible(entry))
        self._options = AlignerOptions()

    def edits(
        self, text: str, segments: Sequence[Segment], protected: Sequence[Span], aligner: TermAligner
    ) -> list[Edit]:
        """Return the edits of a document, all tiers, in order of position.

        Args:
            text: the document.
            segments: its sentences with their aligned source; those without are passed over.
            protected: what no edit may touch.
            aligner: tells which words translate a term.
        """
        gaps = [gap for pair in pairs(segments) for gap in self._gaps(text, pair, aligner)]
        habits = self._habits(text, gaps)
        finds = (find for gap in gaps for find in self._finds(text, gap, habits.get(gap.number, Counter())))
        edits = (self._edit(text, find, segments) for find in _settled(finds))
        return [edit for edit in edits if edit is not None and not any(edit.span.overlaps(p) for p in protected)]

    def _gaps(self, text: str, pair: Pair, aligner: TermAligner) -> Iterator[_Gap]:
        terms = self._book.find(pair.source)
        if not terms:
            return
        words = pair.words(text)
        owned = claimed(terms, self._book.renderings(words, terms))
        shown = [rendering for mine in owned.values() for rendering in mine]
        taken = frozenset(place for r in shown for place in range(r.first, r.last + 1))
        cuts = _cuts(aligner.source_words(pair.source)) if any(len(owned[n]) < len(terms[n]) for n in terms) else ()
        for number, found in terms.items():
            places = tuple(place for place in found if not _crossed(place, cuts))
            missing = len(places) - len(owned[number])
            if missing > 0:
                links = aligner.links(pair.source, places, text[pair.start : pair.end])
                literally = _literally(self._book.entries[number], aligner)
                yield _Gap(pair, words, number, places, missing, _without(links, taken), taken, *literally)

    def _habits(self, text: str, gaps: Iterable[_Gap]) -> dict[int, _Habits]:
        """Return how the document renders each term where the words alone leave little doubt, and how often."""
        found: dict[int, _Habits] = {}
        for gap in gaps:
            for find in self._finds(text, gap, Counter()):
                if find.confidence >= _HABIT:
                    stems = content_stems(text[find.span.start : find.span.end])
                    found.setdefault(gap.number, Counter())[stems] += 1
        return found

    def _finds(self, text: str, gap: _Gap, habits: _Habits) -> Iterator[_Find]:
        entry, words = self._book.entries[gap.number], gap.words
        targets = (entry.target, *entry.admitted)
        known = {stem for target in targets for stem in content_stems(target)}
        known |= {stem for habit, times in habits.items() if times > 1 for stem in habit}
        like = np.array([gap.free(k) and word_stem(word.form) in known for k, word in enumerate(words)], dtype=bool)
        links = _leaning(gap.links, like)
        found: dict[Stretch, None] = {}
        for answer in best_spans(text[gap.pair.start : gap.pair.end], links, gap.places, self._options):
            stretch = trimmed(text, words, links, like.tolist(), _stretch(gap, answer.span))
            if stretch is not None:
                found.setdefault(stretch)
        found.update(dict.fromkeys(spelled_out(text, words, targets, gap.free)))
        found.update(dict.fromkeys(literal(text, words, gap.parts, gap.free)))
        for stretch in found:
            yield self._weighed(text, gap, links, stretch, habits)

    def _weighed(self, text: str, gap: _Gap, links: TermLinks, stretch: Stretch, habits: _Habits) -> _Find:
        entry, words = self._book.entries[gap.number], gap.words
        stretch = whole_name(text, words, gap.links, stretch, gap.free)
        target = best_target(entry, _text(text, words, stretch))
        stretch = completed(text, words, stretch, target, gap.free)
        found = _text(text, words, stretch)
        tokens = Tokens(text, gap.pair.start, gap.pair.end)
        place = Place(
            found,
            links,
            stretch,
            named=found[:1].isupper() and stretch[0] > 0,
            modifier=is_attributive(tokens, words[stretch[1]].span.end, plural=False),
            habit=habits[content_stems(found)],
            literal=stretch in set(literal(text, words, gap.parts, gap.free)),
            ordinary=gap.ordinary,
        )
        span = Span(words[stretch[0]].span.start, words[stretch[1]].span.end)
        return _Find(gap, span, target, evidence_for(entry, place))

    def _edit(self, text: str, find: _Find, segments: Sequence[Segment]) -> Edit | None:
        entry, span = self._book.entries[find.gap.number], find.span
        segment = next(s for s in segments if s.start <= span.start < s.end)
        if span.end > segment.end or not _balanced(text[span.start : span.end]):
            return None
        unit = unit_for(Tokens(text, segment.start, segment.end), span, entry, find.target)
        before = text[unit.start : unit.end]
        if before == unit.after:
            return None
        telling = "; ".join(reason for reason, weight in find.evidence[:2] if weight > 0)
        reason = f"{text[span.start : span.end]} → {find.target} ({entry.source}): {telling}"
        tier = tier_of(find.confidence)
        return Edit(
            start=unit.start,
            end=unit.end,
            before=before,
            after=unit.after,
            term=entry.source,
            tier=tier,
            rule=RULE,
            reason=reason,
            confidence=find.confidence,
            segment=segment.id,
            evidence=find.evidence,
        )


def _literally(entry: TermEntry, aligner: TermAligner) -> tuple[tuple[frozenset[str], ...], bool]:
    """Return what the parts of a name mean, and whether the whole is an ordinary word."""
    if entry.kind is not Kind.NAME:
        return (), False
    right = " ".join((entry.target, *entry.admitted))
    return tuple(aligner.literal_parts(entry.source, right)), aligner.is_word(entry.source, right)


def _cuts(words: Iterable[Word]) -> tuple[Span, ...]:
    return tuple(word.span for word in words if word.span.end - word.span.start > 1)


def _crossed(place: Span, words: Iterable[Span]) -> bool:
    """Tell whether a word reaches across an edge of a short term, which is then no term: 毒品控制 has no 品控."""
    return place.end - place.start <= _SHORT and any(
        word.overlaps(place)
        and (word.start < place.start or word.end > place.end)
        and not (word.start <= place.start and place.end <= word.end)
        for word in words
    )


def _eligible(entry: TermEntry) -> bool:
    """Tell whether a missing rendering says anything: an entry with a guard has other right renderings elsewhere."""
    guarded = bool(entry.guard) or any(forbidden.guard for forbidden in entry.forbidden)
    return not guarded or entry.kind is Kind.NAME


def _without(links: TermLinks, taken: Iterable[int]) -> TermLinks:
    term, rest = links.term.copy(), links.rest.copy()
    for place in taken:
        term[place], rest[place] = 0.0, 1.0
    return TermLinks(links.words, term, rest)


def _leaning(links: TermLinks, like: NDArray[np.bool_]) -> TermLinks:
    """Return the links with less doubt about the words that the right rendering holds too."""
    return TermLinks(links.words, np.where(like, 1.0 - (1.0 - links.term) * _BOOST, links.term), links.rest)


def _stretch(gap: _Gap, span: Span) -> Stretch:
    inside = [k for k, word in enumerate(gap.links.words) if word.span.overlaps(span)]
    return inside[0], inside[-1]


def _text(text: str, words: Sequence[Word], stretch: Stretch) -> str:
    return text[words[stretch[0]].span.start : words[stretch[1]].span.end]


def _balanced(text: str) -> bool:
    return (
        all(text.count(left) == text.count(right) for left, right in ("()", "“”", "「」", "《》"))
        and text.count('"') % 2 == 0
    )


def _settled(finds: Iterable[_Find]) -> list[_Find]:
    """Return the finds that stand, in order of position: the surest first, no more of a term than are missing."""
    standing: list[_Find] = []
    counts: Counter[tuple[int, int]] = Counter()
    for find in sorted(finds, key=lambda f: (-f.weight, f.span, f.gap.number)):
        key = (find.gap.pair.start, find.gap.number)
        if counts[key] < find.gap.missing and not any(find.span.overlaps(other.span) for other in standing):
            counts[key] += 1
            standing.append(find)
    return sorted(standing, key=lambda find: find.span)
