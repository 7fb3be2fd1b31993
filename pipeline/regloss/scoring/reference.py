"""Metrics against reference translations: BLEU, chrF, chrF++ and TER, equal to sacrebleu's own command line.

The rows are sacrebleu's sufficient statistics of each segment; the aggregations below are its formulas written for
whole arrays of sums at once, which makes a thousand bootstrap resamples one matrix product. Tests hold both to
sacrebleu's numbers. Sources: BLEU, Papineni et al. 2002 with the exponential smoothing of mteval-v13a; chrF and chrF++,
Popović 2015 and 2017; TER, Snover et al. 2006; signatures, Post 2018.
"""

import itertools
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from regloss.scoring.metric import Array, Direction, Material, MetricInfo, Need, Statistics

if TYPE_CHECKING:
    from sacrebleu.metrics.base import Metric as SacrebleuMetric

__all__ = ["Bleu", "ChrF", "Ter", "bleu_scores", "chrf_scores", "ter_scores"]

_BLEU_ORDER = 4
_CHRF_BETA_SQUARED = 4.0
# Below this many segments a pool of processes takes longer to start than TER takes to run.
_TER_POOL_FROM = 200


def bleu_scores(sums: Array) -> Array:
    """Return BLEU (0–100) of sums (system length, reference length, 4 × matches, 4 × n-grams), shape (..., 10)."""
    system, reference = sums[..., 0], sums[..., 1]
    matches, counts = sums[..., 2 : 2 + _BLEU_ORDER], sums[..., 2 + _BLEU_ORDER :]
    with np.errstate(divide="ignore", invalid="ignore"):
        # The k-th order without a match is taken to have 1 / 2^k matches.
        misses = np.cumsum((matches == 0) & (counts > 0), axis=-1)
        precision = np.where(matches > 0, matches, 0.5**misses) / counts
        # An order without n-grams ends the geometric mean at zero, as a text of three words has no BLEU-4.
        mean = np.where((counts > 0).all(axis=-1), np.exp(np.log(precision).mean(axis=-1)), 0.0)
        brevity = np.where(system < reference, np.exp(1 - reference / system), 1.0)
    return 100.0 * np.where(matches.any(axis=-1), mean * brevity, 0.0)


def chrf_scores(sums: Array) -> Array:
    """Return chrF with beta 2 (0–100) of sums (n-grams, reference n-grams, matches) by order, shape (..., 3 orders)."""
    triples = sums.reshape(*sums.shape[:-1], -1, 3)
    hypothesis, reference, matches = triples[..., 0], triples[..., 1], triples[..., 2]
    used = (hypothesis > 0) & (reference > 0)
    orders = np.maximum(used.sum(axis=-1), 1)
    precision = (np.where(used, matches, 0) / np.where(used, hypothesis, 1)).sum(axis=-1) / orders
    recall = (np.where(used, matches, 0) / np.where(used, reference, 1)).sum(axis=-1) / orders
    weighted = _CHRF_BETA_SQUARED * precision + recall
    scores: Array = 100.0 * (1 + _CHRF_BETA_SQUARED) * precision * recall / np.where(weighted > 0, weighted, 1)
    return scores


def ter_scores(sums: Array) -> Array:
    """Return TER (0 is perfect, beyond 100 possible) of sums (edits, mean reference length), shape (..., 2)."""
    edits, length = sums[..., 0], sums[..., 1]
    return 100.0 * np.where(length > 0, edits / np.where(length > 0, length, 1), (edits > 0).astype(float))


def _rows(metric: "SacrebleuMetric", material: Material) -> Array:
    # sacrebleu keeps its segment statistics behind an underscore, but its own significance tests live on them.
    extracted = metric._extract_corpus_statistics(material.hypotheses, material.references)
    return np.array(extracted, dtype=np.float64)


def _signature(metric: "SacrebleuMetric", references: int) -> str:
    metric.num_refs = references
    return str(metric.get_signature().format())


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
        return Statistics(_rows(self._sacrebleu(), material), bleu_scores)


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
        """Return rows of (n-grams, reference n-grams, matches) for each order."""
        return Statistics(_rows(self._sacrebleu(), material), chrf_scores)


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
        edges = list(range(0, size, 25))
        pieces = [slice(start, start + 25) for start in edges]
        with ProcessPoolExecutor(jobs) as pool:
            parts = pool.map(
                _ter_rows,
                [material.hypotheses[piece] for piece in pieces],
                [[reference[piece] for reference in material.references] for piece in pieces],
            )
            return Statistics(np.array(list(itertools.chain.from_iterable(parts))), ter_scores)
