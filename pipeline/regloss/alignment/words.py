"""Which words of an English sentence translate a Chinese term: the protocol, and the aligner that needs no model.

`LexiconAligner` builds two tables over the words of both sentences, who may have written each target word and where
each source word may have gone, from the bilingual lexicon and from what a word looks like (the same Latin letters, a
pinyin spelling). Every source word competes for every target word, so a name that no lexicon knows still gets the
word that nothing else explains. Words that the term wins, side by side, become one span.

An aligner that looks into the translation model (`regloss.translation`) answers to the same protocol.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from regloss.alignment.lexicon import Lexicon, Word, stem, target_words
from regloss.document import Span
from regloss.text import fold, is_han

__all__ = [
    "AlignedSpan",
    "AlignerOptions",
    "LexiconAligner",
    "TermLinker",
    "TermLinks",
    "WordAligner",
    "best_spans",
    "term_spans",
]

# English words that mostly serve grammar: they may stand inside a span, never at its edge on their own account.
FUNCTION_WORDS = frozenset(
    "a an the of to in on at by for from with as and or but nor that which who whom whose this these those it its "
    "is are was were be been being am do does did have has had having will would shall should can could may might must "
    "not no than then there their they them he she his her him we our us you your i my me if so such into over under "
    "up out off about after before between during through when while where what how all any each both more most".split()
)

# They complete the verb before them (sold out, pull out).
PARTICLES = frozenset({"up", "out", "off"})

# A pair less probable than this explains neither of its words.
EXPLAINED = 0.02
# No span reaches across one of these.
STOPS = frozenset(",;:.!?()[]\u2014\n\uff0c\u3002")

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AlignedSpan:
    """A stretch of the target sentence (code points) and the probability in [0, 1] that it translates the term."""

    span: Span
    probability: float


class WordAligner(Protocol):
    """Finds the translation of a term in a sentence pair."""

    def align_term(self, source: str, term: Span | str, target: str) -> tuple[AlignedSpan, ...]:
        """Return where `target` translates the term of `source`, most probable first; empty if nowhere.

        Args:
            source: Chinese sentence.
            term: the term itself (every occurrence counts), or where it stands in `source`, in code points.
            target: English sentence.

        Raises:
            ValueError: `term` is a span that does not lie within `source`.
        """
        ...


@dataclass(frozen=True, slots=True)
class TermLinks:
    """How strongly a term, and all the rest of the source, is linked to each target word.

    Attributes:
        words: the words of the target, J of them.
        term: (J,) strength of the link to the term, in [0, 1].
        rest: (J,) strength of the link to other source words, in [0, 1].
    """

    words: tuple[Word, ...]
    term: Table
    rest: Table


class TermLinker(Protocol):
    """What an aligner knows before it decides on spans, so that two aligners can be combined."""

    def links(self, source: str, places: Sequence[Span], target: str) -> TermLinks:
        """Return the links of the term that stands at `places` in `source`."""
        ...


@dataclass(frozen=True, slots=True)
class AlignerOptions:
    """How the lexicon aligner weighs its evidence.

    Attributes:
        tension: how much a target word is expected at the relative place of its source word; 0: not at all.
        threshold: strength in [0, 1] that a word must have to belong to a span.
        bridge: what an unaligned function word inside a span costs, on the same scale.
        gap: what any other unaligned word inside a span costs.
        unclaimed: how much of a neighbouring word the rest of the sentence may explain for the span to take it in.
        part_weight: how much the translation of a part of a known word counts.
        stem_weight: how much another inflection of a known translation counts.
        least: spans less probable than this are not returned.
    """

    tension: float = 1.0
    threshold: float = 0.2
    bridge: float = 0.05
    gap: float = 0.4
    unclaimed: float = 0.3
    part_weight: float = 0.4
    stem_weight: float = 0.6
    least: float = 0.1


def term_spans(source: str, term: Span | str) -> tuple[Span, ...]:
    """Return where the term stands in `source`: every occurrence of a string (not overlapping), or the span itself.

    Raises:
        ValueError: `term` is a span that does not lie within `source`.
    """
    if isinstance(term, Span):
        if not 0 <= term.start < term.end <= len(source):
            raise ValueError(f"the term stands at {term.start}–{term.end}, but the source has {len(source)} characters")
        return (term,)
    text, wanted = fold(source), fold(term)
    found: list[Span] = []
    start = text.find(wanted) if wanted else -1
    while start >= 0:
        found.append(Span(start, start + len(wanted)))
        start = text.find(wanted, start + len(wanted))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A source word, or a part of one, that competes for target words.

    Attributes:
        span: where it stands in the source.
        form: the word, folded.
        weight: what its probabilities are multiplied by.
        owner: where the word begins that it is a part of, or itself.
    """

    span: Span
    form: str
    weight: float
    owner: int


class LexiconAligner:
    """A `WordAligner` that rests on the bilingual lexicon alone."""

    def __init__(self, lexicon: Lexicon, options: AlignerOptions | None = None) -> None:
        self._lexicon = lexicon
        self._options = options or AlignerOptions()

    def align_term(self, source: str, term: Span | str, target: str) -> tuple[AlignedSpan, ...]:
        """Return where `target` translates the term of `source`, most probable first; see `WordAligner`."""
        places = term_spans(source, term)
        return best_spans(target, self.links(source, places, target), places, self._options) if places else ()

    def links(self, source: str, places: Sequence[Span], target: str) -> TermLinks:
        """Return how strongly the term at `places` is linked to each target word."""
        words = target_words(target)
        units = self._units(source, places)
        forward, backward = self._tables(units, words)
        spelled = _spelled(self._lexicon, source, target, units, words)
        prior = _diagonal(len(units), len(words), self._options.tension)
        forward, backward = np.maximum(forward, spelled) * prior, np.maximum(backward, spelled) * prior
        written, gone = _compete(forward, backward, units, words)
        inside = np.array([any(unit.span.overlaps(place) for place in places) for unit in units], dtype=bool)
        term, rest = (
            np.sqrt(np.minimum(written[part].sum(0), 1.0) * np.minimum(gone[part].sum(0), 1.0))
            for part in (inside, ~inside)
        )
        return TermLinks(tuple(words), term, rest)

    def _units(self, source: str, places: Sequence[Span]) -> list[_Unit]:
        """Return the words of `source`, cut at the edges of the given places, each followed by its parts."""
        edges = sorted({0, len(source), *(p.start for p in places), *(p.end for p in places)})
        found: list[_Unit] = []
        for start, end in itertools.pairwise(edges):
            for word in self._lexicon.source_words(source[start:end]):
                found.extend(self._with_parts(word.form, word.span.start + start))
        return found

    def _with_parts(self, form: str, start: int) -> Iterator[_Unit]:
        whole = form in self._lexicon
        if whole or len(form) == 1 or not is_han(form[0]):
            yield _Unit(Span(start, start + len(form)), form, 1.0, start)
        owner = start
        if len(form) > 1 and is_han(form[0]):
            for part in self._lexicon.parts(form):
                yield _Unit(Span(start, start + len(part)), part, self._options.part_weight if whole else 1.0, owner)
                start += len(part)

    def _tables(self, units: Sequence[_Unit], words: Sequence[Word]) -> tuple[Table, Table]:
        """Return p(target | source) and p(source | target), backed off to other inflections, (I, J) each."""
        stems = [stem(word.form) for word in words]
        forms = list(dict.fromkeys(unit.form for unit in units))
        known = {form: self._row(form, words, stems) for form in forms}
        rows = [[unit.weight * table for table in known[unit.form]] for unit in units]
        shape = (len(units), len(words))
        return np.reshape([r[0] for r in rows], shape), np.reshape([r[1] for r in rows], shape)

    def _row(self, form: str, words: Sequence[Word], stems: Sequence[str]) -> tuple[Table, Table]:
        ahead = np.zeros(len(words))
        back = np.zeros(len(words))
        entries = {entry.target: entry for entry in self._lexicon.entries(form)}
        by_stem: dict[str, tuple[float, float]] = {}
        for entry in entries.values():
            before = by_stem.get(stem(entry.target), (0.0, 0.0))
            by_stem[stem(entry.target)] = (before[0] + entry.forward, max(before[1], entry.backward))
        for j, word in enumerate(words):
            if word.form == form:
                ahead[j] = back[j] = 0.9
                continue
            found = by_stem.get(stems[j])
            if found is not None:
                weight = self._options.stem_weight
                ahead[j], back[j] = weight * found[0], weight * found[1]
            if word.form in entries:
                ahead[j] = max(ahead[j], entries[word.form].forward)
                back[j] = max(back[j], entries[word.form].backward)
        return ahead, back


def _diagonal(rows: int, columns: int, tension: float) -> Table:
    i = (np.arange(rows) + 0.5) / rows
    j = (np.arange(columns) + 0.5) / columns
    return np.exp(-tension * np.abs(i[:, None] - j[None, :]))


def _compete(forward: Table, backward: Table, units: Sequence[_Unit], words: Sequence[Word]) -> tuple[Table, Table]:
    """Return who wrote each target word (sums to ≤ 1 over I) and where each source word went (≤ 1 over J).

    A small floor keeps pairs possible that the lexicon never saw. It is larger for a word of either side whose known
    translations are all missing from this sentence pair, so what is left over on both sides finds each other: the
    unknown name, the mistranslated term. What remains went to the empty word.
    """
    function = np.array([word.form in FUNCTION_WORDS for word in words], dtype=bool)
    explained = {unit.owner for unit, row in zip(units, forward, strict=True) if row.max(initial=0.0) >= EXPLAINED}
    lone_unit = np.array([unit.owner not in explained for unit in units], dtype=bool)
    lone_word = forward.max(0, initial=0.0) < EXPLAINED
    floor = np.where(lone_word, 5e-4, 1e-4)[None, :] * np.where(lone_unit, 5.0, 1.0)[:, None]
    floor = np.where(function[None, :], 1e-6, floor)
    forward, backward = forward + floor, backward + floor
    written = forward / (forward.sum(0, keepdims=True) + np.where(function, 0.2, 1e-3)[None, :])
    gone = backward / (backward.sum(1, keepdims=True) + 1e-3)
    return written, gone


def _spelled(lexicon: Lexicon, source: str, target: str, units: Sequence[_Unit], words: Sequence[Word]) -> Table:
    """Return how well a target word spells the sound of source words in pinyin, (I, J) in [0, 1].

    Whole syllables of consecutive characters must make up the word, which begins with a capital or is no English word
    that the lexicon knows: Mingzhu of 董明珠. A single syllable is weak
    evidence, for many are English words (long, he).
    """
    found = np.zeros((len(units), len(words)))
    for j, word in enumerate(words):
        letters = "".join(c for c in word.form if c.isalpha())
        named = target[word.span.start].isupper() or not lexicon.knows_target(word.form)
        if not named or len(letters) < 2 or not letters.isascii() or word.form in FUNCTION_WORDS:
            continue
        for start in range(len(source)):
            length = _spells(lexicon, source, start, letters)
            for i, unit in enumerate(units if length else ()):
                if unit.span.overlaps(Span(start, start + length)):
                    found[i, j] = max(found[i, j], 0.8 if length > 1 else 0.1)
    return found


def _spells(lexicon: Lexicon, source: str, start: int, letters: str) -> int:
    """Return how many characters from `start` the letters spell exactly, 0 if they do not."""
    if start == len(source):
        return 0
    for reading in lexicon.readings(source[start]):
        if letters == reading:
            return 1
        if letters.startswith(reading):
            rest = _spells(lexicon, source, start + 1, letters[len(reading) :])
            if rest:
                return rest + 1
    return 0


def best_spans(
    target: str, links: TermLinks, places: Sequence[Span], options: AlignerOptions
) -> tuple[AlignedSpan, ...]:
    """Return the stretches of words whose link to the term stands out, most probable first, not overlapping.

    Each grows around the run of words with the greatest sum of (strength − threshold). Function words are crossed at
    a small cost and left off the ends; a neighbour that nothing else in the source explains is taken in, as long as
    the span holds no more words than the term has characters.
    """
    words, strength = links.words, links.term
    function = [word.form in FUNCTION_WORDS for word in words]
    gain = np.where(strength >= options.threshold, strength - options.threshold, -np.maximum(links.rest, options.gap))
    gain[function] = np.minimum(np.where(gain[function] > 0, gain[function], -options.bridge), 0.1)
    longest = max(place.end - place.start for place in places)
    free = links.rest < options.unclaimed
    found: list[AlignedSpan] = []
    for run in _runs(target, words, gain):
        first, last = _trim(run, function)
        probability = min(float(strength[first : last + 1].max()), 1.0)
        if probability < options.least:
            continue
        first, last = _grow(target, words, (first, last), free, longest)
        found.append(AlignedSpan(Span(words[first].span.start, words[last].span.end), probability))
    return _ranked(found, len(places), options.least)


def _ranked(found: Iterable[AlignedSpan], places: int, least: float) -> tuple[AlignedSpan, ...]:
    """Return the spans best first, not overlapping; beyond one a place, only what the better ones leave over."""
    kept: list[AlignedSpan] = []
    left = 1.0
    for answer in sorted(found, key=lambda a: (-a.probability, a.span)):
        if any(answer.span.overlaps(better.span) for better in kept):
            continue
        probability = answer.probability * (left if len(kept) >= places else 1.0)
        left *= 1.0 - answer.probability
        if probability >= least:
            kept.append(AlignedSpan(answer.span, probability))
    return tuple(kept)


def _runs(target: str, words: Sequence[Word], gain: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return first and last place of each run with a positive sum, the greatest of each stretch without a stop."""
    stops = [0]
    for place, (left, right) in enumerate(itertools.pairwise(words), start=1):
        if not set(target[left.span.end : right.span.start]).isdisjoint(STOPS):
            stops.append(place)
    found = []
    for start, end in itertools.pairwise([*stops, len(words)]):
        part = gain[start:end].copy()
        while (run := _heaviest(part)) is not None:
            part[run[0] : run[1] + 1] = -np.inf
            found.append((run[0] + start, run[1] + start))
    return found


def _heaviest(gain: NDArray[np.float64]) -> tuple[int, int] | None:
    """Return first and last place of the run with the greatest positive sum, None if no place is positive."""
    best, best_run, total, first = 0.0, None, 0.0, 0
    for place, value in enumerate(gain.tolist()):
        if total <= 0.0:
            total, first = 0.0, place
        total += value
        if total > best:
            best, best_run = total, (first, place)
    return best_run


def _trim(run: tuple[int, int], function: Sequence[bool]) -> tuple[int, int]:
    """Leave function words off the ends; a run of nothing else stays."""
    content = [place for place in range(run[0], run[1] + 1) if not function[place]]
    return (content[0], content[-1]) if content else run


def _grow(
    target: str, words: Sequence[Word], run: tuple[int, int], free: NDArray[np.bool_], longest: int
) -> tuple[int, int]:
    """Take in neighbours that are free: the rest of a hyphenated word or of a name, a particle, a modifier."""
    first, last = run
    while first > 0 and free[first - 1] and _belongs(target, words, first - 1, first, last + 1 - first < longest):
        first -= 1
    while (
        last + 1 < len(words) and free[last + 1] and _belongs(target, words, last + 1, last, last + 1 - first < longest)
    ):
        last += 1
    return first, last


def _belongs(target: str, words: Sequence[Word], new: int, edge: int, room: bool) -> bool:
    left, right = sorted((new, edge))
    between = target[words[left].span.end : words[right].span.start]
    if between == "-":
        return True
    if between != " ":
        return False
    if words[new].form in FUNCTION_WORDS:
        return new > edge and words[new].form in PARTICLES
    named = all(target[words[k].span.start].isupper() for k in (new, edge))
    return room and (named or new < edge)
