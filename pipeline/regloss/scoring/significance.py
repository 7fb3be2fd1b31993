"""Is a difference more than chance? Paired tests for every metric, from the same rows of statistics.

Two tests, both paired: the bootstrap (Koehn 2004) draws segments with replacement, approximate randomisation (Riezler
and Maxwell 2005) exchanges the two systems' segments at random. Seeds, draws and p-values follow sacrebleu 2, so the
figures can be checked with ``sacrebleu --paired-bs`` and ``--paired-ar``. Segments of one document are not independent:
where documents are known, whole documents are drawn or exchanged (`sum_by_document` beforehand).

Of k units that differ, half of all 2^k exchanges go one way, so no paired test can call them less likely than 2^(1-k).
The bootstrap does not know that: it gives one segment that differs the same p as a thousand. Its p-value is therefore
never taken to be less. Five new faults in two thousand segments prove nothing, six on one side do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from regloss.scoring.metric import Array, Direction, Statistics

__all__ = [
    "Comparison",
    "Resampler",
    "SignificanceTest",
    "Verdict",
    "adjusted",
    "bootstrap_weights",
    "compare_pair",
    "confidence_interval",
    "holm",
]

# Rows of random signs taken at a time: 1,000 × 2,000 segments are 16 MB of floats.
_CHUNK = 1000


class SignificanceTest(StrEnum):
    """Which test."""

    BOOTSTRAP = "bootstrap"
    RANDOMISATION = "randomisation"


class Verdict(StrEnum):
    """What a comparison with a baseline comes to."""

    BETTER = "better"
    WORSE = "worse"
    INCONCLUSIVE = "inconclusive"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One system against the baseline in one metric.

    Attributes:
        delta: system minus baseline, in the metric's unit; NaN where either has no value.
        low, high: 95 % interval of `delta` over bootstrap resamples.
        p: probability of so large a difference by chance. Of the bootstrap it is sacrebleu's where 11 units or more
            differ, which treats two equal systems as different twice as often as it says; the verdict therefore wants
            the interval, too, to be clear.
        p_adjusted: after Holm's correction for all systems that are compared in the metric; equal to `p` for one.
        verdict: better or worse where `p_adjusted` is below alpha and the interval leaves zero out; same where no
            segment differs.
    """

    delta: float
    low: float
    high: float
    p: float
    p_adjusted: float
    verdict: Verdict


def bootstrap_weights(size: int, resamples: int, seed: int) -> Array:
    """Return how often each of `size` units is drawn in each resample, shape (resamples, size)."""
    draws = np.random.default_rng(seed).choice(size, size=(resamples, size), replace=True)
    offsets = np.arange(resamples)[:, None] * size
    counts = np.bincount((draws + offsets).ravel(), minlength=resamples * size)
    return counts.reshape(resamples, size).astype(np.float64)


class Resampler:
    """Scores of bootstrap resamples; each system's are computed once, however often it is compared.

    Args:
        weights: from `bootstrap_weights`; the same for all systems and metrics, so that they are resampled alike.
    """

    def __init__(self, weights: Array) -> None:
        self._weights = weights
        # Keyed by identity; the statistics are kept, so that no other object can take over an id.
        self._known: dict[int, tuple[Statistics, Array]] = {}

    def scores(self, statistics: Statistics) -> Array:
        """Return the score of each resample, shape (resamples,)."""
        known = self._known.get(id(statistics))
        if known is None:
            known = self._known[id(statistics)] = (statistics, statistics.resampled(self._weights))
        return known[1]


def confidence_interval(scores: Array) -> tuple[float, float]:
    """Return the 2.5 % and 97.5 % quantiles of resampled scores; NaN where there are none."""
    valid = scores[~np.isnan(scores)]
    if not valid.size:
        return float("nan"), float("nan")
    low, high = np.quantile(valid, (0.025, 0.975))
    return float(low), float(high)


def _p_value(exceeding: int, size: int) -> float:
    # One is added on both sides: the observed data are themselves one of the possible samples.
    return (exceeding + 1) / (size + 1)


def _bootstrap_p(deltas: Array, observed: float, differing: int) -> float:
    spread = np.abs(deltas)
    p = _p_value(int((spread - spread.mean() > abs(observed)).sum()), len(spread))
    return max(p, 2.0 ** (1 - differing))


def _signs(size: int, trials: int, seed: int) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).integers(2, size=(trials, size), dtype=np.bool_)


def _randomisation_p(system: Statistics, baseline: Statistics, observed: float, trials: int, seed: int) -> float:
    signs = _signs(len(system.rows), trials, seed)
    both = system.rows.sum(axis=0) + baseline.rows.sum(axis=0)
    deltas: list[Array] = []
    for start in range(0, trials, _CHUNK):
        chosen = signs[start : start + _CHUNK].astype(np.float64)
        first = chosen @ (baseline.rows - system.rows) + system.rows.sum(axis=0)
        deltas.append(np.abs(system.aggregate(first) - system.aggregate(both - first)))
    sample = np.concatenate(deltas)
    sample = sample[~np.isnan(sample)]
    # An exchange that gives the observed difference again is as extreme, even if sums in another order differ in the
    # last bits. sacrebleu counts larger ones alone, which makes one differing segment significant.
    return _p_value(int((sample >= abs(observed) - 1e-9).sum()), len(sample))


def compare_pair(
    system: Statistics,
    baseline: Statistics,
    direction: Direction,
    resampler: Resampler,
    *,
    test: SignificanceTest = SignificanceTest.BOOTSTRAP,
    trials: int = 10_000,
    seed: int = 12345,
    alpha: float = 0.05,
) -> Comparison:
    """Compare two systems on the same segments.

    Args:
        system, baseline: rows of the same segments (or documents) in the same order.
        direction: which way is better.
        resampler: of as many units as there are rows.
        test: where the p-value comes from.
        trials: of the randomisation test.
        seed: of the randomisation test.
        alpha: the level below which a difference counts.
    """
    delta = system.total() - baseline.total()
    if np.array_equal(system.rows, baseline.rows):
        return Comparison(0.0, 0.0, 0.0, 1.0, 1.0, Verdict.SAME)
    deltas = resampler.scores(system) - resampler.scores(baseline)
    deltas = deltas[~np.isnan(deltas)]
    if np.isnan(delta) or not deltas.size:
        nan = float("nan")
        return Comparison(nan, nan, nan, 1.0, 1.0, Verdict.INCONCLUSIVE)
    if test is SignificanceTest.BOOTSTRAP:
        p = _bootstrap_p(deltas, delta, int((system.rows != baseline.rows).any(axis=1).sum()))
    else:
        p = _randomisation_p(system, baseline, delta, trials, seed)
    low, high = confidence_interval(deltas)
    return adjusted(Comparison(delta, low, high, p, p, Verdict.INCONCLUSIVE), p, direction, alpha)


def adjusted(comparison: Comparison, p: float, direction: Direction, alpha: float) -> Comparison:
    """Return the comparison with an adjusted p-value and the verdict that follows from it."""
    if comparison.verdict is Verdict.SAME:
        return replace(comparison, p_adjusted=p)
    if p >= alpha or not (comparison.low > 0 or comparison.high < 0):
        verdict = Verdict.INCONCLUSIVE
    else:
        verdict = Verdict.BETTER if comparison.delta * direction.sign > 0 else Verdict.WORSE
    return replace(comparison, p_adjusted=p, verdict=verdict)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values adjusted for multiple comparisons (Holm 1979), in the order given."""
    size = len(p_values)
    adjusted = [0.0] * size
    running = 0.0
    for rank, index in enumerate(sorted(range(size), key=lambda i: p_values[i])):
        running = max(running, min(1.0, (size - rank) * p_values[index]))
        adjusted[index] = running
    return tuple(adjusted)
