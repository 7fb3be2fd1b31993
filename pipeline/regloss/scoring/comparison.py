"""Scores of any number of systems, side by side, with what may be compared and what may not.

Systems are comparable where they render the same text segment by segment. The main job is often not like that: the
repaired text and the retranslation come from two different articles about one event. Then each figure still stands for
its own text, a figure that would need an aligned source or a reference is left out with the reason, and the notes say
in plain words which columns may be held against each other.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from regloss.document import Finding, Relation
from regloss.scoring.checks import CHECKS, Check, run_checks
from regloss.scoring.mentions import FORBIDDEN_TERM, MentionFinder, forbidden_findings
from regloss.scoring.metric import Material, Metric, MetricInfo, Need, Statistics, statistics_of, sum_by_document
from regloss.scoring.signature import signature_line
from regloss.scoring.significance import (
    Resampler,
    SignificanceTest,
    adjusted,
    bootstrap_weights,
    compare_pair,
    confidence_interval,
    holm,
)
from regloss.scoring.table import Cell, ScoreRow, ScoreTable, System

__all__ = ["SignificanceOptions", "compare"]

_MISSING = {
    Need.REFERENCE: "no reference translation",
    Need.SOURCE: "no aligned source",
    Need.GLOSSARY: "no glossary",
}


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
        checks=(*(check.name for check in checks), *((FORBIDDEN_TERM,) if finder is not None else ())),
        statistics={each.system.name: each.statistics for each in scored},
        alpha=options.alpha,
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
