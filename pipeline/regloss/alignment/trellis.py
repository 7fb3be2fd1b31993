"""The best monotone path through two lists of sentences, in beads of up to four sentences a side.

Dynamic programming over lengths as in Gale & Church (1993), with anchors and line breaks as further evidence. Every
score is a logarithm of a probability or of odds. Only cells near the diagonal of equal text proportion are looked at,
one source sentence at a time, so time and memory grow with sentences × band.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regloss.alignment.anchors import Anchor, TargetIndex

__all__ = ["Bead", "Side", "best_path"]

Floats = NDArray[np.float64]

# (source sentences, target sentences): logarithm of how often translators do it.
PRIORS = {
    (1, 1): -0.2,
    (1, 2): -2.6,
    (2, 1): -2.6,
    (2, 2): -4.6,
    (1, 3): -4.2,
    (3, 1): -4.2,
    (1, 4): -5.5,
    (4, 1): -5.5,
    (1, 0): -4.5,
    (0, 1): -4.5,
}
_SKIP = PRIORS[1, 0]
# Variance of the target length for each character expected, measured on translated news.
_VARIANCE = 5.0
_LENGTH_FLOOR = -7.0
_LINE_AGREES, _LINE_DIFFERS, _OTHER_LINE = 0.7, -1.4, -60.0
_MIN_BAND, _BAND_SHARE, _MAX_BAND = 40, 0.12, 1500


@dataclass(frozen=True, slots=True)
class Side:
    """One text as the trellis sees it.

    Attributes:
        lengths: (n,) of each sentence, in characters of the target language.
        lines: (n,) number of the line that each sentence stands on, from 0; all 0 where lines are unknown.
    """

    lengths: Floats
    lines: NDArray[np.int64]

    def backwards(self) -> "Side":
        """Return the same sentences in the opposite order: what a text looks like that cannot be parallel."""
        return Side(self.lengths[::-1], self.lines[-1:] - self.lines[::-1])


@dataclass(frozen=True, slots=True)
class Bead:
    """Source sentences [i0, i1) and target sentences [j0, j1), with the log-odds for their being a pair."""

    i0: int
    i1: int
    j0: int
    j1: int
    score: float


class _Band:
    """Which columns of each row are looked at; row i holds columns ``low[i] … low[i] + width − 1``."""

    def __init__(self, source: Floats, target: Floats) -> None:
        rows, columns = len(source), len(target)
        along = np.concatenate(([0.0], np.cumsum(source))) / max(source.sum(), 1e-9)
        centre = np.searchsorted(np.cumsum(target) / max(target.sum(), 1e-9), along * (1 - 1e-9))
        # One source sentence may stand for many: the bands of neighbours must overlap.
        leap = int(np.diff(centre, append=columns).max(initial=0))
        width = max(_MIN_BAND, 2 * min(int(_BAND_SHARE * columns), _MAX_BAND), 2 * leap + 8)
        self.width = min(columns + 1, width)
        low = np.clip(centre - self.width // 2, 0, columns + 1 - self.width)
        low[0], low[rows] = 0, columns + 1 - self.width
        self.low = np.maximum.accumulate(low.astype(np.int64))


def best_path(
    source: Side,
    target: Side,
    anchors: Sequence[Sequence[Anchor]],
    index: TargetIndex,
    *,
    same_lines: bool = False,
) -> tuple[list[Bead], float]:
    """Return the beads of the best path, covering both sides, and its score above that of leaving all unpaired.

    Args:
        anchors: of each source sentence.
        index: of the target sentences.
        same_lines: line n of one side is line n of the other, so that no bead may cross from one to another.
    """
    rows, columns = len(source.lengths), len(target.lengths)
    band = _Band(source.lengths, target.lengths)
    width = band.width
    matches = _cumulated_matches(anchors, index, band, columns)
    scores = np.full((rows + 1, width), -np.inf)
    choice = np.zeros((rows + 1, width), dtype=np.int8)
    steps = tuple(PRIORS)
    lengths = _Lengths(source, target, same_lines)
    for i in range(rows + 1):
        js = band.low[i] + np.arange(width)
        best, chosen = np.full(width, -np.inf), np.zeros(width, dtype=np.int8)
        if i == 0:
            best[0] = 0.0
        for number, (di, dj) in enumerate(steps):
            if di == 0 or i < di:
                continue
            shift = int(band.low[i] - band.low[i - di]) - dj
            before = _shifted(scores[i - di], shift, width)
            value = before + PRIORS[di, dj]
            if dj:
                valid = (js - dj >= 0) & (js <= columns)
                value = np.where(
                    valid, value + lengths.fit(i, di, js, dj) + _block(matches, band, i, di, js, dj), -np.inf
                )
            better = value > best
            best[better], chosen[better] = value[better], number
        scores[i], choice[i] = _with_insertions(best, chosen, steps.index((0, 1)))
        scores[i][js > columns] = -np.inf
    return _trace(scores, choice, band, steps, rows, columns)


def _with_insertions(best: Floats, chosen: NDArray[np.int8], insertion: int) -> tuple[Floats, NDArray[np.int8]]:
    """Let target sentences stay unpaired: along a row, each costs the same."""
    slope = _SKIP * np.arange(len(best))
    running = np.maximum.accumulate(best - slope) + slope
    inserted = running > best + 1e-9
    return np.where(inserted, running, best), np.where(inserted, np.int8(insertion), chosen)


def _shifted(row: Floats, shift: int, width: int) -> Floats:
    """Return ``row[k + shift]`` for each k, −∞ outside."""
    moved = np.full(width, -np.inf)
    if shift >= 0:
        moved[: max(0, width - shift)] = row[shift:]
    else:
        moved[-shift:] = row[: max(0, width + shift)]
    return moved


class _Lengths:
    """How well lengths and line breaks of a bead fit."""

    def __init__(self, source: Side, target: Side, same_lines: bool) -> None:
        self._source = np.concatenate(([0.0], np.cumsum(source.lengths)))
        self._target = np.concatenate(([0.0], np.cumsum(target.lengths)))
        self._source_lines, self._target_lines = source.lines, target.lines
        self._same_lines = same_lines
        self._has_lines = bool(len(source.lines) and len(target.lines) and source.lines[-1] and target.lines[-1])

    def fit(self, i: int, di: int, js: NDArray[np.int64], dj: int) -> Floats:
        """Return the log-likelihood of the beads that end before source i and target js."""
        high = np.minimum(js, len(self._target) - 1)
        low = np.clip(js - dj, 0, len(self._target) - 2)
        expected = self._source[i] - self._source[i - di]
        actual = self._target[high] - self._target[low]
        deviation = (actual - expected) ** 2 / (_VARIANCE * np.maximum((expected + actual) / 2, 10.0))
        fit: Floats = np.maximum(-deviation / 2, _LENGTH_FLOOR)
        return fit + self._line_fit(i - di, i - 1, low, np.maximum(high - 1, low)) if self._has_lines else fit

    def _line_fit(self, first: int, last: int, low: NDArray[np.int64], high: NDArray[np.int64]) -> Floats:
        """Return what line breaks say of the beads of source sentences `first`–`last` and target `low`–`high`."""
        source, target = self._source_lines, self._target_lines
        if self._same_lines:
            fits = (target[low] == source[first]) & (target[high] == source[last])
            return np.where(fits, 0.0, _OTHER_LINE)
        begins = first == 0 or source[first - 1] != source[first]
        target_begins = (low == 0) | (target[low - 1] != target[low])
        value = np.where(target_begins == begins, _LINE_AGREES if begins else 0.0, _LINE_DIFFERS)
        breaks = np.abs((target[high] - target[low]) - (source[last] - source[first]))
        fit: Floats = value + _LINE_DIFFERS * breaks
        return fit


def _cumulated_matches(
    anchors: Sequence[Sequence[Anchor]], index: TargetIndex, band: _Band, columns: int
) -> list[tuple[int, Floats]]:
    """Return for each source sentence (first column, running sums of match weights over the columns of its band)."""
    found: list[tuple[int, Floats]] = []
    for i, sentence in enumerate(anchors):
        first = max(0, int(band.low[i]) - 4)
        last = min(columns, int(band.low[i + 1]) + band.width)
        row = np.zeros(last - first + 1)
        for anchor in sentence:
            row[1:] += _match_row(anchor, index, first, last)
        found.append((first, np.cumsum(row)))
    return found


def _match_row(anchor: Anchor, index: TargetIndex, first: int, last: int) -> Floats:
    """Return the weight of the anchor's best rendering in each target sentence of [first, last)."""
    row = np.zeros(last - first)
    for keys, probability in anchor.renderings:
        where = index.where(keys)
        weight = index.weight(len(where), probability)
        if weight > 0:
            inside = where[np.searchsorted(where, first) : np.searchsorted(where, last)] - first
            row[inside] = np.maximum(row[inside], weight)
    return row


def _block(matches: list[tuple[int, Floats]], band: _Band, i: int, di: int, js: NDArray[np.int64], dj: int) -> Floats:
    """Return the summed match weights of the beads that end before source i and target js."""
    total = np.zeros(band.width)
    for first, sums in matches[i - di : i]:
        high = np.clip(js - first, 0, len(sums) - 1)
        low = np.clip(js - dj - first, 0, len(sums) - 1)
        total += sums[high] - sums[low]
    return total


def _trace(
    scores: Floats, choice: NDArray[np.int8], band: _Band, steps: Sequence[tuple[int, int]], rows: int, columns: int
) -> tuple[list[Bead], float]:
    beads: list[Bead] = []
    i, j = rows, columns
    while i or j:
        di, dj = steps[choice[i, j - band.low[i]]]
        here = scores[i, j - band.low[i]]
        before = scores[i - di, j - dj - band.low[i - di]]
        beads.append(Bead(i - di, i, j - dj, j, float(here - before) - _SKIP * (di + dj)))
        i, j = i - di, j - dj
    beads.reverse()
    return beads, sum(bead.score for bead in beads)
