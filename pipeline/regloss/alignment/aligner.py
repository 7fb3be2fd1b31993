"""Aligns the sentences of a Chinese source and an English target and says how the two texts belong together."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from regloss.alignment.anchors import Anchor, Matches, TargetIndex, WordTranslations, match_anchors, source_anchors
from regloss.alignment.record import Alignment, Link
from regloss.alignment.trellis import Bead, Side, best_path
from regloss.alignment.verdict import judge, measure
from regloss.document import Relation, Segment, Span
from regloss.segmentation import split
from regloss.text import is_han

__all__ = ["align"]

# A Latin character of the source becomes one character of the target, a Chinese one 3.6 on average.
_LATIN_LENGTH = 0.28
_TYPICAL_RATIO, _LEAST_RATIO, _GREATEST_RATIO = 3.9, 2.8, 5.2
# Hard line pairs are kept if they cost no more than this share of the free alignment's score.
_LINES_WORTH = 0.8
# Score of a sentence pair that fits by length alone; see `Link.score`.
_CHANCE_LEVEL, _LEVEL_WIDTH = 5.0, 1.2


@dataclass(frozen=True, slots=True)
class _Texts:
    """Both texts, ready to be aligned."""

    sentences: tuple[str, ...]
    source_lengths: tuple[float, ...]
    target_lengths: tuple[float, ...]
    source: Side
    target: Side
    anchors: Sequence[tuple[Anchor, ...]]
    index: TargetIndex
    matches: Sequence[Matches]


def align(
    source_text: str,
    segments: Sequence[Segment],
    *,
    target_text: str | None = None,
    lexicon: WordTranslations | None = None,
    assume_parallel: bool = False,
) -> Alignment:
    """Return how a Chinese source and the segments of an English target belong together.

    Args:
        source_text: the whole source; it is split here, and `Alignment.source_sentences` holds the sentences.
        segments: the target's sentences in order; `Link.target` counts in them.
        target_text: the text that the segments' offsets point into; tells which segments share a line.
        lexicon: what words may be rendered as; the better it is, the surer the verdict. Without one, lengths, numbers,
            Latin words and line breaks decide.
        assume_parallel: the caller knows that the texts say the same; only links are sought.

    Texts without a sentence on one side are unrelated.
    """
    spans = split(source_text, "zh")
    sentences = tuple(source_text[span.start : span.end] for span in spans)
    if not sentences or not segments:
        return Alignment(Relation.UNRELATED, ("one of the texts is empty",), (), 0.0, sentences)
    source_lines = _lines(source_text, spans)
    target_lines = _lines(target_text, [Span(s.start, s.end) for s in segments])
    texts = _prepared(sentences, segments, source_lines, target_lines, lexicon)
    beads = best_path(texts.source, texts.target, texts.matches)
    if assume_parallel:
        verdict_relation, confidence = Relation.PARALLEL, 1.0
        evidence: tuple[str, ...] = ("the input says that source and target belong together",)
    else:
        chance = _by_chance(texts)
        lengths = (texts.source_lengths, texts.target_lengths)
        verdict = judge(measure(beads, chance, texts.anchors, texts.index, sentences, lengths))
        verdict_relation, confidence, evidence = verdict.relation, verdict.score, verdict.evidence
    if verdict_relation is not Relation.PARALLEL:
        return Alignment(verdict_relation, evidence, (), confidence, sentences)
    by_line = _line_by_line(texts, _score(beads))
    if by_line:
        beads = by_line
        evidence = (*evidence, f"both have {source_lines[-1] + 1} lines, line for line")
    return Alignment(verdict_relation, evidence, tuple(map(_link, beads)), confidence, sentences)


def _prepared(
    sentences: tuple[str, ...],
    segments: Sequence[Segment],
    source_lines: Sequence[int],
    target_lines: Sequence[int],
    lexicon: WordTranslations | None,
) -> _Texts:
    targets = [segment.target for segment in segments]
    source_lengths = tuple(map(_source_length, sentences))
    target_lengths = tuple(float(len(target)) for target in targets)
    ratio = sum(target_lengths) / max(sum(source_lengths), 1.0)
    # A text that is far too long or short is cut or something else: its own ratio would mislead.
    expected = ratio if _LEAST_RATIO <= ratio <= _GREATEST_RATIO else _TYPICAL_RATIO
    anchors, index = source_anchors(sentences, lexicon), TargetIndex(targets)
    return _Texts(
        sentences=sentences,
        source_lengths=source_lengths,
        target_lengths=target_lengths,
        source=Side(np.array(source_lengths) * expected, np.array(source_lines, dtype=np.int64)),
        target=Side(np.array(target_lengths), np.array(target_lines, dtype=np.int64)),
        anchors=anchors,
        index=index,
        matches=match_anchors(anchors, index),
    )


def _source_length(sentence: str) -> float:
    """Return the length in Chinese characters, white space left out."""
    return sum(1.0 if is_han(c) else _LATIN_LENGTH for c in sentence if not c.isspace()) or _LATIN_LENGTH


def _lines(text: str | None, spans: Sequence[Span]) -> list[int]:
    """Return the number of the line, blank ones left out, on which each sentence stands; all 0 without the text."""
    if text is None:
        return [0] * len(spans)
    lines = [0]
    for before, span in pairwise(spans):
        gap = text[before.end : span.start]
        lines.append(lines[-1] + ("\n" in gap or "\r" in gap))
    return lines


def _line_by_line(texts: _Texts, score: float) -> list[Bead]:
    """Return the alignment in which line n belongs to line n; nothing where the texts do not follow one another so."""
    count = texts.source.lines[-1]
    if count < 1 or count != texts.target.lines[-1]:
        return []
    beads = best_path(texts.source, texts.target, texts.matches, same_lines=True)
    return _without_orphans(beads, texts) if _score(beads) >= _LINES_WORTH * score else []


def _without_orphans(beads: Iterable[Bead], texts: _Texts) -> list[Bead]:
    """Give a sentence without counterpart to its neighbour on the same line, for the line has one."""
    merged: list[Bead] = []
    for bead in beads:
        if merged and _on_one_line(merged[-1], bead, texts) and not (bead.is_pair and merged[-1].is_pair):
            last = merged[-1]
            merged[-1] = replace(last, i1=bead.i1, j1=bead.j1, score=max(last.score, bead.score))
        else:
            merged.append(bead)
    return merged


def _on_one_line(first: Bead, second: Bead, texts: _Texts) -> bool:
    lines = {*texts.source.lines[first.i0 : second.i1].tolist(), *texts.target.lines[first.j0 : second.j1].tolist()}
    return len(lines) == 1


def _link(bead: Bead) -> Link:
    """Return the bead as a link; its score says how much better the pair fits than chance pairs do."""
    score = 1 / (1 + math.exp(-(bead.level - _CHANCE_LEVEL) / _LEVEL_WIDTH)) if bead.is_pair else 0.0
    return Link(tuple(range(bead.i0, bead.i1)), tuple(range(bead.j0, bead.j1)), round(score, 3))


def _by_chance(texts: _Texts) -> list[Bead]:
    """Return the alignment with the target read backwards, which cannot be right."""
    size = len(texts.target_lengths)
    return best_path(texts.source, texts.target.backwards(), [match.backwards(size) for match in texts.matches])


def _score(beads: Iterable[Bead]) -> float:
    return sum(bead.score for bead in beads)
