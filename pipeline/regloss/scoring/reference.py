"""Metrics against reference translations: BLEU, chrF, chrF++ and TER, equal to sacrebleu's own command line.

The rows are the sufficient statistics of each segment, the same integers that sacrebleu counts; the aggregations are
its formulas for whole arrays of sums at once, which makes a thousand bootstrap resamples one matrix product. Tests hold
both to sacrebleu's numbers. Sources: BLEU, Papineni et al. 2002 with the exponential smoothing of mteval-v13a; chrF and
chrF++, Popović 2015 and 2017; TER, Snover et al. 2006; signatures, Post 2018.
"""

import itertools
import os
import re
import string
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from regloss.scoring.metric import Array, Direction, Material, MetricInfo, Need, Statistics
from regloss.scoring.ngrams import NgramCounts, character_symbols, count_ngrams, matches, word_symbols

if TYPE_CHECKING:
    from sacrebleu.metrics.base import Metric as SacrebleuMetric

__all__ = [
    "CHRF_ORDER",
    "Bleu",
    "ChrF",
    "Ter",
    "bleu_scores",
    "chrf_columns",
    "chrf_scores",
    "sentence_bleu_scores",
    "ter_scores",
    "tokenize_13a",
]

_BLEU_ORDER = 4
CHRF_ORDER = 6
_CHRF_BETA_SQUARED = 4.0
_PUNCTUATION = frozenset(string.punctuation)
# Below this many segments a pool of processes takes longer to start than TER takes to run.
_TER_POOL_FROM = 200
_TER_PIECE = 25


def _bleu(sums: Array, effective: bool) -> Array:
    system, reference = sums[..., 0], sums[..., 1]
    found, counts = sums[..., 2 : 2 + _BLEU_ORDER], sums[..., 2 + _BLEU_ORDER :]
    counted = counts > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        # The k-th order without a match is taken to have 1 / 2^k matches.
        misses = np.cumsum((found == 0) & counted, axis=-1)
        logs = np.log(np.where(found > 0, found, 0.5**misses) / counts)
        orders = counted.sum(axis=-1) if effective else _BLEU_ORDER
        mean = np.exp(np.where(counted, logs, 0.0).sum(axis=-1) / orders)
        brevity = np.where(system < reference, np.exp(1 - reference / system), 1.0)
    defined = found.any(axis=-1) & (counted.any(axis=-1) if effective else counted.all(axis=-1))
    scores: Array = 100.0 * np.where(defined, mean * brevity, 0.0)
    return scores


def bleu_scores(sums: Array) -> Array:
    """Return BLEU (0–100) of sums (system length, reference length, 4 × matches, 4 × n-grams), shape (..., 10)."""
    return _bleu(sums, effective=False)


def sentence_bleu_scores(rows: Array) -> Array:
    """Return BLEU of single segments: the mean goes over the n-gram lengths that a segment is long enough for."""
    return _bleu(rows, effective=True)


def chrf_scores(sums: Array) -> Array:
    """Return chrF with beta 2 (0–100) of sums (n-grams, reference n-grams, matches) by order, shape (..., 3 orders)."""
    triples = sums.reshape(*sums.shape[:-1], -1, 3)
    hypothesis, reference, found = triples[..., 0], triples[..., 1], triples[..., 2]
    used = (hypothesis > 0) & (reference > 0)
    orders = np.maximum(used.sum(axis=-1), 1)
    precision = (np.where(used, found, 0) / np.where(used, hypothesis, 1)).sum(axis=-1) / orders
    recall = (np.where(used, found, 0) / np.where(used, reference, 1)).sum(axis=-1) / orders
    weighted = _CHRF_BETA_SQUARED * precision + recall
    scores: Array = 100.0 * ((1 + _CHRF_BETA_SQUARED) * precision * recall / np.where(weighted > 0, weighted, 1))
    return scores


def ter_scores(sums: Array) -> Array:
    """Return TER (0 is perfect, beyond 100 possible) of sums (edits, mean reference length), shape (..., 2)."""
    edits, length = sums[..., 0], sums[..., 1]
    return 100.0 * np.where(length > 0, edits / np.where(length > 0, length, 1), (edits > 0).astype(float))


def _signature(metric: "SacrebleuMetric", references: int) -> str:
    metric.num_refs = references
    return str(metric.get_signature().format())


# mteval-v13a splits off every ASCII punctuation mark but these four, which it treats by their neighbours.
_SPLIT_OFF = "".join(mark for mark in string.punctuation if mark not in "'-.,")
_MARKS = re.compile("[.,]+")
_HYPHEN_AFTER_DIGIT = re.compile("-(?<=[0-9]-)")
_DIGITS = frozenset(string.digits)
_ENTITIES = (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"))


def tokenize_13a(texts: Sequence[str]) -> list[list[str]]:
    """Return the words of each text as the tokeniser 13a of mteval-v13a.pl and sacrebleu separates them.

    All texts go through each rule at once; the spaces around each keep its neighbours out of its rules.
    """
    joined = "\n".join(f" {_one_line(text)} " for text in texts)
    for entity, char in _ENTITIES:
        joined = joined.replace(entity, char)
    for mark in _SPLIT_OFF:
        joined = joined.replace(mark, f" {mark} ")
    joined = _MARKS.sub(_split_from_left, joined)
    joined = _MARKS.sub(_split_from_right, joined)
    joined = _HYPHEN_AFTER_DIGIT.sub(" - ", joined)
    return [line.split() for line in joined.split("\n")] if texts else []


def _split_from_left(match: re.Match[str]) -> str:
    """Return full stops and commas split off from what stands before them, unless that is a digit.

    The rule of mteval is ``([^0-9])([.,])`` → ``\\1 \\2``, and takes two characters at a time: in a row of marks after
    a digit, it is each second one that is split off.
    """
    marks = match.group()
    first = int(match.string[match.start() - 1] in _DIGITS)
    if len(marks) == 1:
        return marks if first else f" {marks} "
    return "".join(f" {mark} " if index % 2 == first else mark for index, mark in enumerate(marks))


def _split_from_right(match: re.Match[str]) -> str:
    """Return full stops and commas split off from what stands behind them, unless that is a digit.

    The rule is ``([.,])([^0-9])`` → `` \\1 \\2``, two characters at a time, too.
    """
    marks = match.group()
    alone = len(marks) % 2
    pairs = "".join(f" {marks[i]} {marks[i + 1]}" for i in range(0, len(marks) - alone, 2))
    if not alone:
        return pairs
    last = marks[-1]
    return pairs + (last if match.string[match.end()] in _DIGITS else f" {last} ")


def _one_line(text: str) -> str:
    # A document may come as one segment; a line break is a space, and a hyphen before it joins a word.
    return text.rstrip().replace("<skipped>", "").replace("-\n", "").replace("\n", " ")


@dataclass(frozen=True, slots=True)
class Bleu:
    """BLEU as `sacrebleu -m bleu`: 13a tokens, mixed case, exponential smoothing."""

    references: int = 1

    def _sacrebleu(self) -> Any:
        from sacrebleu.metrics.bleu import BLEU

        return BLEU()

    @property
    def info(self) -> MetricInfo:
        """The declaration; its signature is sacrebleu's."""
        signature = _signature(self._sacrebleu(), self.references)
        return MetricInfo("BLEU", "BLEU", Direction.HIGHER, 0, 100, "points", signature, bleu_scores, (Need.REFERENCE,))

    def statistics(self, material: Material) -> Statistics:
        """Return rows of (lengths, matches, n-grams), ten columns."""
        return self.statistics_of([material])[0]

    def statistics_of(self, materials: Sequence[Material]) -> list[Statistics]:
        """Return the rows of several systems against the same references, whose n-grams are counted but once."""
        references = materials[0].references
        corpora = [*references, *(material.hypotheses for material in materials)]
        groups, alphabet = word_symbols([tokenize_13a(corpus) for corpus in corpora])
        columns: list[list[NDArray[np.int64]]] = [[] for _ in materials]
        for counts in count_ngrams(groups, alphabet, _BLEU_ORDER):
            known = counts[: len(references)]
            for mine, system in zip(columns, counts[len(references) :], strict=True):
                if not mine:
                    mine += (system.totals, _closest(system.totals, [each.totals for each in known]))
                mine += (matches(system, known), system.totals)
        return [Statistics(_bleu_rows(mine), bleu_scores, sentence_bleu_scores) for mine in columns]


def _bleu_rows(columns: Sequence[NDArray[np.int64]]) -> Array:
    lengths, by_order = columns[:2], columns[2:]
    rows: Array = np.stack([*lengths, *by_order[::2], *by_order[1::2]], axis=-1).astype(np.float64)
    return rows


def _closest(length: NDArray[np.int64], references: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return for each segment the reference length closest to the system's, the shorter of two equally close."""
    ordered = np.sort(np.stack(references), axis=0)
    nearest = np.abs(ordered - length).argmin(axis=0)
    closest: NDArray[np.int64] = ordered[nearest, np.arange(len(length))]
    return closest


def _chrf_words(text: str) -> list[str]:
    """Return words as chrF++ counts them: one punctuation mark behind a word, or else before it, stands alone."""
    found: list[str] = []
    for word in text.split():
        if len(word) > 1 and word[-1] in _PUNCTUATION:
            found += (word[:-1], word[-1])
        elif len(word) > 1 and word[0] in _PUNCTUATION:
            found += (word[0], word[1:])
        else:
            found.append(word)
    return found


@dataclass(frozen=True, slots=True)
class ChrF:
    """chrF2 as `sacrebleu -m chrf`; with `word_order` 2, chrF2++ as `--chrf-word-order 2`."""

    references: int = 1
    word_order: int = 0

    def _sacrebleu(self) -> Any:
        from sacrebleu.metrics.chrf import CHRF

        return CHRF(word_order=self.word_order)

    @property
    def info(self) -> MetricInfo:
        """The declaration; its signature is sacrebleu's."""
        name = "chrF" + "+" * self.word_order
        signature = _signature(self._sacrebleu(), self.references)
        title = f"{name} (β = 2)"
        return MetricInfo(name, title, Direction.HIGHER, 0, 100, "points", signature, chrf_scores, (Need.REFERENCE,))

    def statistics(self, material: Material) -> Statistics:
        """Return rows of (n-grams, reference n-grams, matches) for each order, against the best reference."""
        return self.statistics_of([material])[0]

    def statistics_of(self, materials: Sequence[Material]) -> list[Statistics]:
        """Return the rows of several systems against the same references, whose n-grams are counted but once."""
        references = materials[0].references
        corpora = [*references, *(material.hypotheses for material in materials)]
        groups, alphabet = character_symbols([["".join(text.split()) for text in corpus] for corpus in corpora])
        orders = [count_ngrams(groups, alphabet, CHRF_ORDER)]
        if self.word_order:
            words, vocabulary = word_symbols([[_chrf_words(text) for text in corpus] for corpus in corpora])
            orders.append(count_ngrams(words, vocabulary, self.word_order))
        columns: list[list[list[NDArray[np.int64]]]] = [[[] for _ in references] for _ in materials]
        for counts in itertools.chain.from_iterable(orders):
            known = counts[: len(references)]
            for mine, system in zip(columns, counts[len(references) :], strict=True):
                for against, reference in zip(mine, known, strict=True):
                    against += chrf_columns(system, reference)
        return [Statistics(_best_rows(mine), chrf_scores) for mine in columns]


def chrf_columns(system: NgramCounts, reference: NgramCounts) -> tuple[NDArray[np.int64], ...]:
    """Return (n-grams, reference n-grams, matches) of each segment for one order, as `chrf_scores` takes them."""
    # n-grams of a length that the reference is too short for are not held against the system.
    held = np.where(reference.totals > 0, system.totals, 0)
    return held, reference.totals, matches(system, [reference])


def _best_rows(columns: Sequence[Sequence[NDArray[np.int64]]]) -> Array:
    """Return each segment's row against the reference that gives it the best score, the first of equal ones."""
    rows = np.stack([np.stack(each, axis=-1) for each in columns]).astype(np.float64)
    best: Array = rows[chrf_scores(rows).argmax(axis=0), np.arange(rows.shape[1])]
    return best


def _ter_rows(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> list[list[float]]:
    from sacrebleu.metrics.ter import TER

    rows: list[list[float]] = TER()._extract_corpus_statistics(hypotheses, references)
    return rows


@dataclass(frozen=True, slots=True)
class Ter:
    """TER as `sacrebleu -m ter`. It takes fifty times as long as chrF, so it runs on every core, and only when asked.

    Attributes:
        references: how many references there are; goes into the signature.
        jobs: processes; 0 takes every core.
    """

    references: int = 1
    jobs: int = 0

    @property
    def info(self) -> MetricInfo:
        """The declaration; its signature is sacrebleu's."""
        from sacrebleu.metrics.ter import TER

        signature = _signature(TER(), self.references)
        return MetricInfo(
            "TER", "TER", Direction.LOWER, 0, float("inf"), "points", signature, ter_scores, (Need.REFERENCE,)
        )

    def statistics(self, material: Material) -> Statistics:
        """Return rows of (edits, mean reference length)."""
        size = len(material.hypotheses)
        jobs = self.jobs or os.cpu_count() or 1
        if jobs == 1 or size < _TER_POOL_FROM:
            return Statistics(np.array(_ter_rows(material.hypotheses, material.references)), ter_scores)
        # Long segments dominate and stand together in a document; small pieces share them out evenly.
        pieces = [slice(start, start + _TER_PIECE) for start in range(0, size, _TER_PIECE)]
        with ProcessPoolExecutor(jobs) as pool:
            parts = pool.map(
                _ter_rows,
                [material.hypotheses[piece] for piece in pieces],
                [[reference[piece] for reference in material.references] for piece in pieces],
            )
            return Statistics(np.array(list(itertools.chain.from_iterable(parts))), ter_scores)
