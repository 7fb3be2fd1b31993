"""Scores of any number of systems, side by side, with what may be compared and what may not.

Systems are comparable where they render the same text segment by segment. The main job is often not like that: the
repaired text and the retranslation come from two different articles about one event. Then each figure still stands for
its own text, a figure that would need an aligned source or a reference is left out with the reason, and the notes say
in plain words which columns may be held against each other.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from regloss.document import Finding, Relation
from regloss.errors import UsageError
from regloss.scoring.checks import CHECKS, Check, run_checks
from regloss.scoring.mentions import MentionFinder, forbidden_findings
from regloss.scoring.metric import Array, Material, Metric, MetricInfo, Need, Statistics, statistics_of, sum_by_document
from regloss.scoring.signature import signature_line
from regloss.scoring.significance import (
    Comparison,
    Resampler,
    SignificanceTest,
    Verdict,
    adjusted,
    bootstrap_weights,
    compare_pair,
    confidence_interval,
    holm,
)

__all__ = [
    "SCHEMA",
    "Cell",
    "ScoreRow",
    "ScoreTable",
    "SignificanceOptions",
    "System",
    "Unit",
    "compare",
    "overall_verdict",
]

SCHEMA = "regloss.scores/1"

_MISSING = {
    Need.REFERENCE: "no reference translation",
    Need.SOURCE: "no aligned source",
    Need.GLOSSARY: "no glossary",
}


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


@dataclass(frozen=True, slots=True)
class SignificanceOptions:
    """How differences are tested.

    Attributes:
        test: bootstrap or randomisation.
        resamples: of the bootstrap, which also gives the intervals; 0 leaves intervals and tests out.
        trials: of the randomisation test.
        seed: of both.
        alpha: level below which a difference counts.
    """

    test: SignificanceTest = SignificanceTest.BOOTSTRAP
    resamples: int = 1000
    trials: int = 10_000
    seed: int = 12345
    alpha: float = 0.05


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
        notes: sentences about what can be compared.
        findings: by system name, in order of segments.
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
    statistics: Mapping[str, Mapping[str, Statistics]] = field(default_factory=dict)

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
            comparison.verdict
            for row in self.rows
            if row.info.name in self.decisive and (comparison := row.cells[column].against_baseline) is not None
        ]
        return overall_verdict(tested) if tested else None

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


def overall_verdict(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict over several metrics.

    Better or worse where some are and none says the opposite; the same where all are; inconclusive otherwise.
    """
    found = set(verdicts) & {Verdict.BETTER, Verdict.WORSE}
    if len(found) == 1:
        return found.pop()
    return Verdict.SAME if set(verdicts) <= {Verdict.SAME} else Verdict.INCONCLUSIVE


@dataclass(frozen=True, slots=True)
class _Scored:
    system: System
    statistics: dict[str, Statistics]
    reasons: dict[str, str]


def compare(
    systems: Sequence[System],
    metrics: Sequence[Metric],
    *,
    references: Sequence[Sequence[str]] = (),
    relation: Relation = Relation.PARALLEL,
    baseline: str = "",
    decisive: Sequence[str] | None = None,
    stored: Mapping[str, Mapping[str, Statistics]] | None = None,
    options: SignificanceOptions = SignificanceOptions(),
    checks: Sequence[Check] = CHECKS,
    finder: MentionFinder | None = None,
    glossary_hash: str = "none",
    model: str = "none",
) -> ScoreTable:
    """Score the systems and test each against the baseline.

    Args:
        systems: at least one; names differ.
        metrics: from `regloss.scoring.build_metrics`.
        references: reference translations; they count for every system with as many segments.
        relation: how source and target document belong together; says what the notes warn of.
        baseline: name of the system that the others are tested against; none are tested where empty.
        decisive: names of the metrics that the overall verdict rests on. None: those that need a reference where there
            is one, else all.
        stored: by system name, statistics of an earlier run, taken as baseline instead.
        options: of the tests.
        checks: the sanity checks whose findings are listed.
        finder: reports forbidden renderings among the findings; None leaves them out.
        glossary_hash, model: for the signature.
    """
    scored = _score(systems, metrics, references)
    infos = [metric.info for metric in metrics]
    rows = _rows(scored, infos, options, _baselines(scored, baseline, stored))
    return ScoreTable(
        systems=tuple(systems),
        rows=_corrected(rows, options),
        relation=relation,
        baseline=baseline or ("baseline file" if stored else ""),
        decisive=_decisive(infos, references) if decisive is None else tuple(decisive),
        notes=_notes(systems, relation),
        findings={system.name: _findings(system, checks, finder) for system in systems},
        signature=signature_line(
            infos,
            glossary_hash=glossary_hash,
            seed=options.seed,
            resamples=options.resamples,
            test=str(options.test),
            model=model,
        ),
        statistics={each.system.name: each.statistics for each in scored},
    )


# Its rows all depend on the first rendering of their document, and none says what is right.
_NEVER_DECISIVE = frozenset({"term-consistency"})


def _decisive(infos: Sequence[MetricInfo], references: Sequence[Sequence[str]]) -> tuple[str, ...]:
    # A check that fires in one segment more must not outvote what the reference says about two thousand.
    judges = [info.name for info in infos if Need.REFERENCE in info.needs or info.signature.startswith("external:")]
    others = [info.name for info in infos if info.name not in _NEVER_DECISIVE]
    return tuple(judges if references and judges else others)


def _score(systems: Sequence[System], metrics: Sequence[Metric], references: Sequence[Sequence[str]]) -> list[_Scored]:
    materials = [_material(system, references) for system in systems]
    scored = [_Scored(system, {}, {}) for system in systems]
    for metric in metrics:
        info = metric.info
        served = []
        for each, material in zip(scored, materials, strict=True):
            missing = next((need for need in info.needs if not material.has(need)), None)
            if missing is None:
                served.append((each, material))
            else:
                each.reasons[info.name] = f"not comparable: {_MISSING[missing]}"
        rows = statistics_of(metric, [material for _, material in served])
        for (each, _), statistics in zip(served, rows, strict=True):
            each.statistics[info.name] = statistics
    return scored


def _material(system: System, references: Sequence[Sequence[str]]) -> Material:
    # References are translations of one text; they say nothing about a system that renders another.
    fitting = tuple(tuple(each) for each in references if len(each) == len(system.segments))
    return Material(system.segments, system.sources, fitting, system.documents, system.name)


def _findings(system: System, checks: Sequence[Check], finder: MentionFinder | None) -> tuple[Finding, ...]:
    found = run_checks(system.segments, system.sources, None, checks)
    if finder is not None:
        mentions = finder.mentions(system.segments, system.sources)
        found += forbidden_findings(mentions, system.segments)
    return tuple(sorted(found, key=lambda finding: int(finding.segment[1:])))


def _baselines(
    scored: Sequence[_Scored], baseline: str, stored: Mapping[str, Mapping[str, Statistics]] | None
) -> dict[str, Mapping[str, Statistics]]:
    """Return, by system name, the statistics that it is tested against."""
    if stored is not None:
        return dict(stored)
    base = next((each for each in scored if each.system.name == baseline), None)
    if base is None:
        return {}
    return {
        each.system.name: base.statistics
        for each in scored
        if each is not base and each.system.renders == base.system.renders
    }


def _rows(
    scored: Sequence[_Scored],
    infos: Sequence[MetricInfo],
    options: SignificanceOptions,
    baselines: Mapping[str, Mapping[str, Statistics]],
) -> list[ScoreRow]:
    resamplers: dict[int, Resampler] = {}

    def resampler(size: int) -> Resampler | None:
        if options.resamples and size not in resamplers:
            resamplers[size] = Resampler(bootstrap_weights(size, options.resamples, options.seed))
        return resamplers.get(size)

    rows: list[ScoreRow] = []
    for info in infos:
        summed: dict[int, Statistics] = {}
        cells: list[Cell] = []
        for each in scored:
            units = _units(each.statistics.get(info.name), each.system.documents, summed)
            against = _units(baselines.get(each.system.name, {}).get(info.name), each.system.documents, summed)
            if units is None:
                cells.append(Cell(None, reason=each.reasons[info.name]))
            else:
                cells.append(_cell(units, against, info, options, resampler(len(units.rows))))
        rows.append(ScoreRow(info, tuple(cells)))
    return rows


def _units(
    statistics: Statistics | None, documents: tuple[str, ...] | None, summed: dict[int, Statistics]
) -> Statistics | None:
    """Return what is resampled: documents where they are known, else segments; each system's are summed once."""
    if statistics is None or documents is None or len(documents) != len(statistics.rows):
        return statistics
    if id(statistics) not in summed:
        summed[id(statistics)] = sum_by_document(statistics, documents)
    return summed[id(statistics)]


def _cell(
    units: Statistics,
    against: Statistics | None,
    info: MetricInfo,
    options: SignificanceOptions,
    resampler: Resampler | None,
) -> Cell:
    value = units.total()
    if math.isnan(value):
        return Cell(None, reason="nothing to count")
    if resampler is None:
        return Cell(value)
    low, high = confidence_interval(resampler.scores(units))
    comparison = None
    if against is not None and against.rows.shape == units.rows.shape:
        comparison = compare_pair(
            units,
            against,
            info.direction,
            resampler,
            test=options.test,
            trials=options.trials,
            seed=options.seed,
            alpha=options.alpha,
        )
    return Cell(value, low, high, against_baseline=comparison)


def _corrected(rows: Sequence[ScoreRow], options: SignificanceOptions) -> tuple[ScoreRow, ...]:
    """Return the rows with Holm's correction over all systems that are compared in one metric."""
    return tuple(replace(row, cells=_corrected_cells(row, options)) for row in rows)


def _corrected_cells(row: ScoreRow, options: SignificanceOptions) -> tuple[Cell, ...]:
    tested = [i for i, cell in enumerate(row.cells) if cell.against_baseline is not None]
    cells = list(row.cells)
    p_values = [c.p for i in tested if (c := cells[i].against_baseline) is not None]
    for index, p in zip(tested, holm(p_values), strict=True):
        comparison = cells[index].against_baseline
        if comparison is not None:
            settled = adjusted(comparison, p, row.info.direction, options.alpha)
            cells[index] = replace(cells[index], against_baseline=settled)
    return tuple(cells)


def _notes(systems: Sequence[System], relation: Relation) -> tuple[str, ...]:
    groups: dict[str, list[str]] = {}
    for system in systems:
        groups.setdefault(system.renders, []).append(system.name)
    notes: list[str] = []
    if len(groups) > 1:
        for renders, names in groups.items():
            if len(names) > 1:
                notes.append(f"{_listed(names)} render the same text ({renders}) and can be compared with each other.")
        for renders, names in list(groups.items())[1:]:
            notes.append(
                f"{_listed(names)} {'renders' if len(names) == 1 else 'render'} another text ({renders}): "
                "its figures describe that text and say nothing about which is the better translation."
            )
    if relation is Relation.COMPARABLE:
        notes.append(
            "Source and target document tell of the same event but are not translations of each other, "
            "so nothing that needs an aligned source is counted for the target document."
        )
    elif relation is Relation.UNRELATED:
        notes.append("Source and target document have nothing to do with each other; no figure relates the two.")
    return tuple(notes)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
