"""Whether two texts are parallel, comparable or unrelated, and how a person can see it.

Parallel: what stands in a source sentence stands in the target sentence aligned with it, and in no other order would
the texts fit as well. The texts are aligned a second time with the target read backwards; what that finds is chance.
Comparable: not parallel, but the words that the source keeps using are in the target, or numbers and names are.

The weights were fitted on documents of translation test sets against the same documents shuffled, mismatched, or
replaced by the like document of another year; `benchmarks/alignment.py` prints how often they are right.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from regloss.alignment.anchors import Anchor, TargetIndex
from regloss.alignment.trellis import Bead
from regloss.document import Relation
from regloss.text import is_han

__all__ = ["Fit", "Verdict", "judge", "measure"]

# Share of the Chinese characters that must belong to known words before the lexicon alone may decide.
_LEXICAL_COVER = 0.4
_RATIO_LOW, _RATIO_HIGH = 2.2, 6.5
_CHANCE_QUANTILE = 0.85
_TOPIC_WORDS = 20
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Fit:
    """What was measured about a pair of texts.

    Attributes:
        sentences: mean of the two numbers of sentences.
        ratio: target characters for each source character (a Latin character of the source counts 0.28).
        found, weight: weight of the anchors that stand in the aligned sentences, and of all.
        shown: (found, all) of numbers, Latin words and known words, in that order.
        order: share of the alignment's score in (−∞, 1] that is lost when the target is read backwards.
        surprise: that loss in logarithms of odds, over the square root of the number of sentences.
        supported: share in [0, 1] of the target that is aligned better than chance would.
        lexical: share in [0, 1] of the Chinese characters that belong to known words.
        topics: (found, all) of the frequent source words, counted by occurrence.
        topic_words: the frequent source words that were found, the most frequent first.
        names: numbers and Latin words of the source that stand anywhere in the target.
    """

    sentences: float
    ratio: float
    found: float
    weight: float
    shown: tuple[tuple[int, int], ...]
    order: float
    surprise: float
    supported: float
    lexical: float
    topics: tuple[int, int]
    topic_words: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def share(self) -> float:
        """Share in [0, 1] of the anchors that stand in the aligned sentences."""
        return self.found / self.weight if self.weight else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The relation, the confidence in [0, 1] that the texts are parallel, and the evidence in words."""

    relation: Relation
    score: float
    evidence: tuple[str, ...]


def measure(
    beads: Sequence[Bead],
    chance: Sequence[Bead],
    anchors: Sequence[Sequence[Anchor]],
    index: TargetIndex,
    sentences: Sequence[str],
    lengths: tuple[Sequence[float], Sequence[float]],
) -> Fit:
    """Return what an alignment tells.

    Args:
        beads: the alignment.
        chance: the alignment with the target read backwards.
        anchors: of each source sentence.
        index: of the target sentences.
        sentences: the source sentences.
        lengths: of source sentences (in Chinese characters) and of target sentences (in characters).
    """
    source, target = lengths
    count = (len(source) + len(target)) / 2
    found, weight, shown = _aligned_anchors(beads, anchors, index)
    score, by_chance = sum(b.score for b in beads), sum(b.score for b in chance)
    topics, topic_words = _topics(anchors, index)
    return Fit(
        sentences=count,
        ratio=sum(target) / max(sum(source), 1.0),
        found=found,
        weight=weight,
        shown=shown,
        order=(score - by_chance) / max(score, 1e-9),
        surprise=(score - by_chance) / math.sqrt(count),
        supported=_supported(beads, chance, target),
        lexical=_lexical_cover(anchors, sentences),
        topics=topics,
        topic_words=topic_words,
        names=tuple(_names(anchors, index)),
    )


def judge(fit: Fit) -> Verdict:
    """Return the verdict on a pair of texts."""
    score = round(_probability(fit), 3)
    if score >= 0.5:
        return Verdict(Relation.PARALLEL, score, (*_order_evidence(fit), _ratio_evidence(fit)))
    relation = Relation.COMPARABLE if _is_comparable(fit) else Relation.UNRELATED
    return Verdict(relation, score, (*_topic_evidence(fit), *_order_evidence(fit), _ratio_evidence(fit)))


def _probability(fit: Fit) -> float:
    """Return the probability that the texts are parallel."""
    if not 0.5 <= fit.ratio <= 20:
        return 0.0
    if fit.lexical >= _LEXICAL_COVER:
        odds = _odds_with_lexicon(fit)
    elif fit.sentences >= 4:
        odds = _odds_by_order(fit)
    else:
        # Two or three sentences of any texts fit by length: without a lexicon only names and numbers count.
        plausible = _RATIO_LOW <= fit.ratio <= _RATIO_HIGH
        odds = 11.0 * (fit.share - 0.6) if plausible and fit.weight >= 1.5 else -2.0
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def _odds_with_lexicon(fit: Fit) -> float:
    """Return the log-odds where most words are known. Order tells more in long texts, and more is asked of them."""
    some, many = min(fit.sentences / 10, 1.0), min(fit.sentences / 60, 1.0)
    return -4.5 + 10.0 * fit.share + some * (10.0 * fit.order + 5.0 * fit.supported - 6.0) - 2.5 * many


def _odds_by_order(fit: Fit) -> float:
    """Return the log-odds where lengths, lines and a few anchors are all there is."""
    odds = -3.2 + 4.1 * fit.order * min(fit.sentences / 10, 1.0) + 2.2 * fit.supported
    odds += 0.7 * max(-5.0, min(fit.surprise, 12.0))
    return odds + 7.6 * fit.share - 6.7 if fit.weight >= 3 else odds


def _is_comparable(fit: Fit) -> bool:
    found, total = fit.topics
    return (total >= 8 and len(fit.topic_words) >= 3 and found >= 0.6 * total) or len(fit.names) >= 3


def _aligned_anchors(
    beads: Sequence[Bead], anchors: Sequence[Sequence[Anchor]], index: TargetIndex
) -> tuple[float, float, tuple[tuple[int, int], ...]]:
    """Return the weight found, the weight of all, and the counts by kind, in sentences that have a counterpart."""
    found = weight = 0.0
    counts = {"number": [0, 0], "latin": [0, 0], "word": [0, 0]}
    for bead in beads:
        for anchor in chain.from_iterable(anchors[bead.i0 : bead.i1]) if bead.is_pair else ():
            if len(anchor.source) < 2:
                continue
            likely = max(p for _, p in anchor.renderings)
            here = index.has(anchor, bead.j0, bead.j1)
            weight += likely
            found += likely * here
            counts[anchor.kind][0] += here
            counts[anchor.kind][1] += 1
    return found, weight, tuple((hit, total) for hit, total in counts.values())


def _supported(beads: Sequence[Bead], chance: Sequence[Bead], target: Sequence[float]) -> float:
    """Return the share of the target in beads that score better than most beads do by chance."""
    levels = [bead.level for bead in chance if bead.is_pair]
    bar = float(np.quantile(levels, _CHANCE_QUANTILE)) if levels else 0.0
    held = sum(sum(target[b.j0 : b.j1]) for b in beads if b.is_pair and b.level > bar)
    return held / max(sum(target), 1e-9)


def _lexical_cover(anchors: Sequence[Sequence[Anchor]], sentences: Sequence[str]) -> float:
    known = sum(
        len(a.source) * s.count(a.source)
        for s, own in zip(sentences, anchors, strict=True)
        for a in own
        if a.kind == "word"
    )
    return known / max(sum(is_han(c) for sentence in sentences for c in sentence), 1)


def _topics(anchors: Sequence[Sequence[Anchor]], index: TargetIndex) -> tuple[tuple[int, int], tuple[str, ...]]:
    """Return how many occurrences of the frequent source words are of words that the target has, and those words."""
    counts = Counter(
        a
        for own in anchors
        for a in own
        if a.kind == "word" and len(a.source) > 1 and max(p for _, p in a.renderings) >= 0.3
    )
    frequent = sorted(counts.items(), key=lambda item: -item[1])[:_TOPIC_WORDS]
    found = [(a, n) for a, n in frequent if index.has(a, 0, index.size)]
    return (sum(n for _, n in found), sum(n for _, n in frequent)), tuple(a.source for a, _ in found)


def _names(anchors: Sequence[Sequence[Anchor]], index: TargetIndex) -> Iterator[str]:
    """Yield the numbers and Latin words of the source that the target has, each once, small numbers left out."""
    for anchor in dict.fromkeys(chain.from_iterable(anchors)):
        is_name = anchor.kind == "latin" or (anchor.kind == "number" and len(anchor.source) > 2)
        if is_name and not anchor.source.startswith("month") and index.has(anchor, 0, index.size):
            yield anchor.source


def _order_evidence(fit: Fit) -> Iterator[str]:
    kinds = ("numbers", "Latin words", "known words")
    parts = [f"{hit} of {total} {kind}" for (hit, total), kind in zip(fit.shown, kinds, strict=True) if total]
    if parts:
        yield f"{_listed(parts)} of the source stand in the target sentence that fits best"
    if fit.sentences >= 4:
        yield f"read backwards, the target would fit {max(0.0, fit.order):.0%} worse"


def _topic_evidence(fit: Fit) -> Iterator[str]:
    found, total = fit.topics
    if total:
        words = f": {', '.join(fit.topic_words[:_SHOWN])}" if fit.topic_words else ""
        yield f"the target has {found / total:.0%} of the words that the source uses most{words}"
    if fit.names:
        yield f"both have {_listed(list(fit.names[:_SHOWN]))}"


def _ratio_evidence(fit: Fit) -> str:
    return f"the target is {fit.ratio:.1f} times as long as the source; translations are {_RATIO_LOW} to {_RATIO_HIGH}"


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
