"""What scoring found out: the systems, their figures, how they compare, and the record of it all.

A figure is a cell: a value with its interval, or the reason why there is none. `docs/scores.schema.json` is the schema
of the record.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from regloss.document import Finding, Relation
from regloss.errors import UsageError
from regloss.scoring.metric import Array, Direction, MetricInfo, Statistics, sum_by_document
from regloss.scoring.significance import Comparison, Verdict, adjusted, holm

__all__ = ["SCHEMA", "Cell", "ScoreRow", "ScoreTable", "System", "Unit", "overall_verdict"]

SCHEMA = "regloss.scores/1"


@dataclass(frozen=True, slots=True)
class System:
    """One candidate text.

    Attributes:
        name: such as ``original``, ``fixed``, ``retranslated``.
        segments: its n segments.
        sources: their n aligned sources; None where the text has no aligned source.
        renders: which text it renders; systems that render the same one can be compared. Empty: the common one.
        documents: document of each segment, for resampling; None takes segments as independent.
        path: the file it was read from, for findings.
        lines: line of each segment in that file, counted from 1.
    """

    name: str
    segments: tuple[str, ...]
    sources: tuple[str, ...] | None = None
    renders: str = ""
    documents: tuple[str, ...] | None = None
    path: str = ""
    lines: tuple[int, ...] | None = None


class Unit(StrEnum):
    """What single scores are given for."""

    SEGMENT = "segment"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure: a value with its 95 % interval, or the reason why there is none."""

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""
    against_baseline: Comparison | None = None

    def as_record(self) -> dict[str, Any]:
        """Return the figure as a JSON object."""
        return {
            "value": _rounded(self.value),
            "low": _rounded(self.low),
            "high": _rounded(self.high),
            "reason": self.reason,
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(value, 4)


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One metric over all systems; `cells` stand in the order of the systems."""

    info: MetricInfo
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Everything that scoring found out.

    Attributes:
        systems: in the order given.
        rows: one a metric.
        relation: how source and target document belong together.
        baseline: name of the system (or baseline file) that others are tested against; empty where none.
        decisive: names of the metrics that the overall verdict rests on.
        alpha: level below which a difference counts.
        notes: sentences about what can be compared.
        findings: by system name, in order of segments.
        checks: what was looked for in the findings.
        signature: the one line.
        statistics: by system and metric; what baselines are saved from. Not part of the record.
    """

    systems: tuple[System, ...]
    rows: tuple[ScoreRow, ...]
    relation: Relation
    baseline: str
    decisive: tuple[str, ...]
    notes: tuple[str, ...]
    findings: Mapping[str, tuple[Finding, ...]]
    signature: str
    checks: tuple[str, ...] = ()
    statistics: Mapping[str, Mapping[str, Statistics]] = field(default_factory=dict)
    alpha: float = 0.05

    def value(self, system: str, metric: str) -> float | None:
        """Return one figure, None where there is none. The names must be those of the table."""
        column = self._names().index(system)
        return next(row.cells[column].value for row in self.rows if row.info.name == metric)

    def _names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.systems)

    def verdict(self, system: str) -> Verdict | None:
        """Return what the decisive metrics say about a system against the baseline; None where nothing was tested."""
        column = self._names().index(system)
        tested = [
            (comparison, row.info.direction)
            for row in self.rows
            if row.info.name in self.decisive and (comparison := row.cells[column].against_baseline) is not None
        ]
        return overall_verdict(_over_metrics(tested, self.alpha)) if tested else None

    def as_record(self) -> dict[str, Any]:
        """Return the table as the JSON object of scores.json; `docs/scores.schema.json` is its schema."""
        names = self._names()
        return {
            "schema": SCHEMA,
            "signature": self.signature,
            "relation": str(self.relation),
            "baseline": self.baseline or None,
            "decisive": list(self.decisive),
            "systems": [
                {"name": each.name, "segments": len(each.segments), "renders": each.renders} for each in self.systems
            ],
            "metrics": [
                {
                    **row.info.as_record(),
                    "values": {name: cell.as_record() for name, cell in zip(names, row.cells, strict=True)},
                }
                for row in self.rows
            ],
            "comparisons": [
                {"metric": row.info.name, "system": name, **_comparison_record(cell.against_baseline)}
                for row in self.rows
                for name, cell in zip(names, row.cells, strict=True)
                if cell.against_baseline
            ],
            "verdicts": {name: str(verdict) for name in names if (verdict := self.verdict(name))},
            "findings": [
                {
                    "system": name,
                    "segment": finding.segment,
                    "check": finding.check,
                    "severity": str(finding.severity),
                    "message": finding.message,
                    "span": [finding.span.start, finding.span.end] if finding.span else None,
                }
                for name in names
                for finding in self.findings.get(name, ())
            ],
            "notes": list(self.notes),
        }

    def units(self, kind: Unit) -> dict[str, Any]:
        """Return the scores of single segments or documents as a JSON object, each figure null where it has none.

        Raises:
            UsageError: documents are asked for, but nobody said which segment belongs to which.
        """
        first = self.systems[0]
        if kind is Unit.DOCUMENT and first.documents is None:
            raise UsageError("scores of documents need the document of each line; name the file with --docs")
        names = (
            list(dict.fromkeys(first.documents or ()))
            if kind is Unit.DOCUMENT
            else [f"s{number}" for number in range(1, len(first.segments) + 1)]
        )
        values = {
            system.name: {
                name: [_rounded(float(value)) for value in _of_units(statistics, system, kind)]
                for name, statistics in self.statistics[system.name].items()
            }
            for system in self.systems
        }
        return {"kind": str(kind), "names": names, "values": values}


def _of_units(statistics: Statistics, system: System, kind: Unit) -> Array:
    if kind is Unit.DOCUMENT and system.documents is not None:
        return sum_by_document(statistics, system.documents).by_segment()
    return statistics.by_segment()


def _comparison_record(comparison: Comparison) -> dict[str, Any]:
    return {
        "delta": _rounded(comparison.delta),
        "low": _rounded(comparison.low),
        "high": _rounded(comparison.high),
        "p": _rounded(comparison.p),
        "p_holm": _rounded(comparison.p_adjusted),
        "verdict": str(comparison.verdict),
    }


def _over_metrics(tested: Sequence[tuple[Comparison, Direction]], alpha: float) -> list[Verdict]:
    """Return the verdicts of several metrics after Holm's correction for their number.

    Without it, one of the dozen metrics that need no reference differs by chance in every third pair of equal systems.
    """
    differing = [each for each in tested if each[0].verdict is not Verdict.SAME]
    corrected = holm([comparison.p_adjusted for comparison, _ in differing])
    verdicts = [
        adjusted(comparison, p, direction, alpha).verdict
        for (comparison, direction), p in zip(differing, corrected, strict=True)
    ]
    return [*verdicts, *[Verdict.SAME] * (len(tested) - len(differing))]


def overall_verdict(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict over several metrics.

    Better or worse where some are and none says the opposite; the same where all are; inconclusive otherwise.
    """
    found = set(verdicts) & {Verdict.BETTER, Verdict.WORSE}
    if len(found) == 1:
        return found.pop()
    return Verdict.SAME if set(verdicts) <= {Verdict.SAME} else Verdict.INCONCLUSIVE
