"""What a metric is: it declares itself, and turns a text into one row of statistics a segment.

A score is never stored; it is always an aggregation of rows. The corpus score aggregates their sum, a document score
the sum of its rows, a bootstrap resample a weighted sum, a segment score a single row. So every figure, interval and
slice of a report comes from the same rows and can be recomputed from them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Aggregate",
    "Array",
    "BatchMetric",
    "Direction",
    "Material",
    "Metric",
    "MetricInfo",
    "Need",
    "Statistics",
    "averaged",
    "counted",
    "percentage",
    "ratio",
    "statistics_of",
    "sum_by_document",
]

Array = NDArray[np.float64]
Aggregate = Callable[[Array], Array]


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"

    @property
    def sign(self) -> int:
        """+1 where more is better, -1 where less is."""
        return 1 if self is Direction.HIGHER else -1


class Need(StrEnum):
    """What a metric cannot do without, beside the translation itself."""

    REFERENCE = "reference"
    SOURCE = "source"
    GLOSSARY = "glossary"


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """How a metric declares itself.

    Attributes:
        name: how to ask for it, such as ``chrF++``.
        title: what it says, in the words of a report.
        direction: which way is better.
        low, high: the range of its values; either may be infinite.
        unit: ``%``, ``points``, ``per 1,000 words``.
        signature: everything that changes its value, in sacrebleu's ``key:value|key:value`` notation.
        aggregate: how sums of its rows become a value.
        needs: what it cannot do without.
    """

    name: str
    title: str
    direction: Direction
    low: float
    high: float
    unit: str
    signature: str
    aggregate: Aggregate
    needs: tuple[Need, ...] = ()

    def as_record(self) -> dict[str, Any]:
        """Return the declaration as a JSON object; an infinite bound is null."""
        return {
            "name": self.name,
            "title": self.title,
            "direction": str(self.direction),
            "range": [None if math.isinf(bound) else bound for bound in (self.low, self.high)],
            "unit": self.unit,
            "signature": self.signature,
            "needs": [str(need) for need in self.needs],
        }


@dataclass(frozen=True, slots=True)
class Material:
    """What is scored: n hypotheses with all that belongs to them, position by position.

    Attributes:
        hypotheses: n translations.
        sources: n source segments, None where the text has no aligned source.
        references: any number of reference translations of n segments each.
        documents: name of the document that each segment belongs to; None takes all as one document.
        system: who made the hypotheses.
    """

    hypotheses: tuple[str, ...]
    sources: tuple[str, ...] | None = None
    references: tuple[tuple[str, ...], ...] = ()
    documents: tuple[str, ...] | None = None
    system: str = ""

    def __post_init__(self) -> None:
        size = len(self.hypotheses)
        others = (self.sources, self.documents, *self.references)
        if any(other is not None and len(other) != size for other in others):
            raise ValueError("sources, references and documents must have one item for each hypothesis")

    def source(self, index: int) -> str | None:
        """Return the source of segment `index`, None where there is none."""
        return None if self.sources is None else self.sources[index]

    def has(self, need: Need) -> bool:
        """Tell whether `need` is met; the glossary is the metric's own affair."""
        if need is Need.REFERENCE:
            return bool(self.references)
        return need is not Need.SOURCE or self.sources is not None


@dataclass(frozen=True, slots=True)
class Statistics:
    """Rows of sufficient statistics and how they become a score.

    Attributes:
        rows: shape (segments, k).
        aggregate: maps sums of rows, shape (..., k), to scores, shape (...); NaN where a sum says nothing.
        segment: maps single rows to segment scores, for a metric that scores a sentence by another formula.
    """

    rows: Array
    aggregate: Aggregate
    segment: Aggregate | None = None

    def total(self) -> float:
        """Return the corpus score; NaN where nothing was there to be counted."""
        return float(self.aggregate(self.rows.sum(axis=0)))

    def by_segment(self) -> Array:
        """Return one score a segment, shape (segments,)."""
        return (self.segment or self.aggregate)(self.rows)

    def resampled(self, weights: Array) -> Array:
        """Return the score of each resample.

        Args:
            weights: shape (resamples, segments): how often each segment is drawn.

        Returns:
            Shape (resamples,).
        """
        return self.aggregate(weights @ self.rows)


class Metric(Protocol):
    """Anything that can turn material into statistics."""

    @property
    def info(self) -> MetricInfo:
        """The metric's declaration."""
        ...

    def statistics(self, material: Material) -> Statistics:
        """Return the rows of `material`, one a segment; the needs that `info` declares are met."""
        ...


@runtime_checkable
class BatchMetric(Metric, Protocol):
    """A metric that saves work where several systems have the same references."""

    def statistics_of(self, materials: Sequence[Material]) -> list[Statistics]:
        """Return the rows of each material; at least one, all with the same references."""
        ...


def statistics_of(metric: Metric, materials: Sequence[Material]) -> list[Statistics]:
    """Return the rows of several systems in one metric."""
    if (
        isinstance(metric, BatchMetric)
        and materials
        and all(m.references == materials[0].references for m in materials)
    ):
        return metric.statistics_of(materials)
    return [metric.statistics(material) for material in materials]


def percentage(
    name: str, title: str, signature: str, needs: tuple[Need, ...], direction: Direction = Direction.HIGHER
) -> MetricInfo:
    """Return the declaration of a metric that is a share of something: rows of (part, whole), 0 to 100 %."""
    return MetricInfo(name, title, direction, 0, 100, "%", signature, ratio(100), needs)


def counted(rows: Sequence[tuple[float, float]], scale: float = 100.0) -> Statistics:
    """Return rows of (part, whole) as the statistics of ``scale * part / whole``; there may be no row."""
    return Statistics(np.array(rows, dtype=np.float64).reshape(-1, 2), ratio(scale))


def averaged(scores: Sequence[float]) -> Statistics:
    """Return segment scores whose mean is the corpus score."""
    return counted([(score, 1.0) for score in scores], scale=1.0)


def ratio(scale: float = 1.0) -> Aggregate:
    """Return the aggregation of rows (part, whole): ``scale * part / whole``, NaN where the whole is zero."""

    def aggregate(sums: Array) -> Array:
        part, whole = sums[..., 0], sums[..., 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(whole > 0, scale * part / whole, np.nan)

    return aggregate


def sum_by_document(statistics: Statistics, documents: Sequence[str]) -> Statistics:
    """Return statistics with one row a document, in the order in which the documents first appear."""
    order = {name: position for position, name in enumerate(dict.fromkeys(documents))}
    rows = np.zeros((len(order), statistics.rows.shape[1]))
    np.add.at(rows, [order[name] for name in documents], statistics.rows)
    return Statistics(rows, statistics.aggregate)
