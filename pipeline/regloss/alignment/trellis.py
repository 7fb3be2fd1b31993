"""The best monotone path through two lists of sentences, in beads of up to four sentences a side.

Dynamic programming over lengths as in Gale & Church (1993), with anchors and line breaks as further evidence. Every
score is a logarithm of a probability or of odds. Only cells near the diagonal of equal text proportion are looked at;
where the path runs along the edge of that band, a wider one is tried. Time and memory grow with sentences × band.

The priors and the trust in anchors were chosen on news and encyclopaedia articles with and without deleted lines
(`benchmarks/alignment.py pairs`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regloss.alignment.anchors import Floats, Integers, Matches

__all__ = ["Bead", "Side", "best_path"]

# (source sentences, target sentences): logarithm of how often translators do it. Leaving out comes cheap, or a
# sentence without counterpart would be added to a neighbour.
_PRIORS = {
    (1, 1): -0.2,
    (1, 2): -5.0,
    (2, 1): -5.0,
    (2, 2): -10.0,
    (1, 3): -8.5,
    (3, 1): -8.5,
    (1, 4): -11.0,
    (4, 1): -11.0,
    (1, 0): -2.5,
}
_INSERTION = (0, 1)
_STEPS = (*_PRIORS, _INSERTION)
_SKIP = _PRIORS[1, 0]
_LONGEST_SIDE = 4
# Variance of the target length for each character expected, measured on translated news.
_VARIANCE = 5.0
_LENGTH_FLOOR = -7.0
_LINE_AGREES, _LINE_DIFFERS, _OTHER_LINE = 0.7, -1.4, -60.0
# Neighbouring sentences share more words than sentences at large.
_NEIGHBOURHOOD = 4.0
_HALF_BAND, _BAND_SHARE, _WIDEST_BAND = 40, 0.03, 3000
_EDGE = 4


@dataclass(frozen=True, slots=True)
class Side:
    """One text as the trellis sees it.

    Attributes:
        lengths: (n,) of each sentence, in characters of the target language.
        lines: (n,) number of the line that each sentence stands on, from 0; all 0 where lines are unknown.
    """

    lengths: Floats
    lines: Integers

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

    @property
    def level(self) -> float:
        """The score for each sentence pair's worth of text."""
        return 2 * self.score / (self.i1 - self.i0 + self.j1 - self.j0)

    @property
    def is_pair(self) -> bool:
        """Tell whether both sides hold a sentence."""
        return self.i1 > self.i0 and self.j1 > self.j0


def best_path(
    source: Side,
    target: Side,
    matches: Sequence[Matches],
    *,
    same_lines: bool = False,
) -> list[Bead]:
    """Return the beads of the best path, in order; they cover both sides. Neither side may be empty.

    Args:
        matches: of each source sentence.
        same_lines: line n of one side is line n of the other, so that no bead may cross from one to another.
    """
    columns = len(target.lengths)
    half = max(_HALF_BAND, int(_BAND_SHARE * columns))
    while True:
        band = _Band(source.lengths, target.lengths, half)
        fit = _Fit(source, target, same_lines)
        beads = _Trellis(band, fit, _cumulated_matches(matches, band, target.lengths), columns).path()
        if half >= min(columns, _WIDEST_BAND) or not band.is_touched(beads, columns):
            return beads
        half *= 4


class _Band:
    """Which columns of each row are looked at; row i holds columns ``low[i] … low[i] + width − 1``."""

    def __init__(self, source: Floats, target: Floats, half: int) -> None:
        rows, columns = len(source), len(target)
        along = np.concatenate(([0.0], np.cumsum(source))) / max(source.sum(), 1e-9)
        centre = np.searchsorted(np.cumsum(target) / max(target.sum(), 1e-9), along * (1 - 1e-9))
        # One source sentence may stand for many: the bands of neighbours must overlap.
        leap = int(np.diff(centre, append=columns).max(initial=0))
        self.width = min(columns + 1, max(2 * half, 2 * leap + 2 * _EDGE))
        low = np.clip(centre - self.width // 2, 0, columns + 1 - self.width)
        low[0], low[rows] = 0, columns + 1 - self.width
        self.low: Integers = np.maximum.accumulate(low.astype(np.int64))

    def is_touched(self, beads: Sequence[Bead], columns: int) -> bool:
        """Tell whether a path comes near the edge of the band where that is not the edge of the text."""
        for bead in beads:
            low = int(self.low[bead.i1])
            high = low + self.width - 1
            if (low > 0 and bead.j1 - low < _EDGE) or (high < columns and high - bead.j1 < _EDGE):
                return True
        return False


class _Trellis:
    """The table of best scores, row by row."""

    def __init__(self, band: _Band, fit: "_Fit", matches: Sequence[tuple[int, Floats]], columns: int) -> None:
        self._band, self._fit, self._matches, self._columns = band, fit, matches, columns
        self._rows = len(matches)
        self._scores = np.full((self._rows + 1, band.width), -np.inf)
        self._choice = np.zeros((self._rows + 1, band.width), dtype=np.int8)

    def path(self) -> list[Bead]:
        """Return the beads of the best path from the beginning of both texts to their end."""
        for i in range(self._rows + 1):
            self._fill(i)
        beads: list[Bead] = []
        i, j = self._rows, self._columns
        while i or j:
            k = j - int(self._band.low[i])
            di, dj = _STEPS[self._choice[i, k]]
            before = self._scores[i - di, j - dj - int(self._band.low[i - di])]
            gain = float(self._scores[i, k] - before) - _SKIP * (di + dj)
            beads.append(Bead(i - di, i, j - dj, j, gain))
            i, j = i - di, j - dj
        beads.reverse()
        return beads

    def _fill(self, i: int) -> None:
        """Fill row i from the rows above it."""
        js = self._band.low[i] + np.arange(self._band.width)
        best = np.full(self._band.width, -np.inf)
        chosen = np.zeros(self._band.width, dtype=np.int8)
        if i == 0:
            best[0] = 0.0
        for number, (di, dj) in enumerate(_PRIORS):
            if i >= di:
                value = self._arriving(i, di, js, dj)
                better = value > best
                best[better], chosen[better] = value[better], number
        self._scores[i], self._choice[i] = _with_insertions(best, chosen)
        self._scores[i][js > self._columns] = -np.inf

    def _arriving(self, i: int, di: int, js: Integers, dj: int) -> Floats:
        """Return the best score of each cell of row i if its last bead has di source and dj target sentences."""
        shift = int(self._band.low[i] - self._band.low[i - di]) - dj
        value = _shifted(self._scores[i - di], shift) + _PRIORS[di, dj]
        if dj == 0:
            return value
        value += self._fit.of(i, di, js, dj)
        for first, sums in self._matches[i - di : i]:
            value += sums[_within(js - first, len(sums))] - sums[_within(js - dj - first, len(sums))]
        value[(js < dj) | (js > self._columns)] = -np.inf
        return value


def _with_insertions(best: Floats, chosen: NDArray[np.int8]) -> tuple[Floats, NDArray[np.int8]]:
    """Let target sentences stay unpaired: along a row, each costs the same."""
    slope = _SKIP * np.arange(len(best))
    running = np.maximum.accumulate(best - slope) + slope
    inserted = running > best + 1e-9
    return np.where(inserted, running, best), np.where(inserted, np.int8(len(_STEPS) - 1), chosen)


def _within(numbers: Integers, size: int) -> Integers:
    """Return the numbers with those outside [0, size) moved to its ends; cheaper than `numpy.clip` on short rows."""
    return np.minimum(np.maximum(numbers, 0), size - 1)


def _shifted(row: Floats, shift: int) -> Floats:
    """Return ``row[k + shift]`` for each k, −∞ outside."""
    width = len(row)
    moved = np.full(width, -np.inf)
    if shift >= 0:
        moved[: max(0, width - shift)] = row[shift:]
    else:
        moved[-shift:] = row[: max(0, width + shift)]
    return moved


class _Fit:
    """How well lengths and line breaks of a bead fit."""

    def __init__(self, source: Side, target: Side, same_lines: bool) -> None:
        self._source = np.concatenate(([0.0], np.cumsum(source.lengths)))
        self._target = np.concatenate(([0.0], np.cumsum(target.lengths)))
        self._source_lines, self._target_lines = source.lines, target.lines
        self._same_lines = same_lines
        self._has_lines = bool(source.lines[-1] and target.lines[-1])

    def of(self, i: int, di: int, js: Integers, dj: int) -> Floats:
        """Return the log-likelihood of the beads that end before source i and target js."""
        high = np.minimum(js, len(self._target) - 1)
        low = _within(js - dj, len(self._target) - 1)
        expected = self._source[i] - self._source[i - di]
        actual = self._target[high] - self._target[low]
        deviation = (actual - expected) ** 2 / (_VARIANCE * np.maximum((expected + actual) / 2, 10.0))
        fit: Floats = np.maximum(-deviation / 2, _LENGTH_FLOOR)
        return fit + self._of_lines(i - di, i - 1, low, np.maximum(high - 1, low)) if self._has_lines else fit

    def _of_lines(self, first: int, last: int, low: Integers, high: Integers) -> Floats:
        """Return what line breaks say of the beads of source sentences `first`-`last` and target `low`-`high`."""
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


def _cumulated_matches(matches: Sequence[Matches], band: _Band, lengths: Floats) -> list[tuple[int, Floats]]:
    """Return for each source sentence (first column, running sums of match weights over the columns of its band).

    What a target sentence of its length would match by chance is taken off, or long beads would gain by length alone.
    """
    share = _NEIGHBOURHOOD * lengths / max(float(lengths.mean()), 1e-9)
    found: list[tuple[int, Floats]] = []
    for i, match in enumerate(matches):
        first = max(0, int(band.low[i]) - _LONGEST_SIDE)
        last = min(len(lengths), int(band.low[min(i + _LONGEST_SIDE, len(matches))]) + band.width)
        row = -match.chance * share[first:last]
        inside = slice(*np.searchsorted(match.columns, (first, last)))
        row[match.columns[inside] - first] += match.weights[inside]
        found.append((first, np.concatenate(([0.0], np.cumsum(row)))))
    return found
