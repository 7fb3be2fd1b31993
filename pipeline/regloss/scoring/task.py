"""One call of `regloss score`: files in, a table and the gate's word out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from regloss.alignment.lexicon import load_lexicon
from regloss.errors import UsageError
from regloss.glossary.store import load_glossary
from regloss.scoring.baseline import Baseline, load_baseline, save_baseline
from regloss.scoring.checks import CHECKS, Check
from regloss.scoring.comparison import SignificanceOptions, compare
from regloss.scoring.external import ExternalMetric
from regloss.scoring.gate import GateResult, Outcome, Threshold, judge
from regloss.scoring.mentions import GuardedMentionFinder
from regloss.scoring.metric import Metric, Need
from regloss.scoring.quality import QualityEstimator
from regloss.scoring.reading import check_references, check_sizes, read_numbered, read_segments
from regloss.scoring.registry import QUALITY, TERM_METRICS, build_metrics, canonical_name, default_names, metric_names
from regloss.scoring.table import ScoreTable, System
from regloss.translation.engines import DEFAULT_MODEL, load_translator

__all__ = ["ScoreTask", "run_task", "spoils_baseline"]

_SOURCE_FIELDS = ("source", "zh", "target")
_REFERENCE_FIELDS = ("ref", "reference", "target")
_DOCUMENT_FIELDS = ("doc", "document")


@dataclass(frozen=True, slots=True)
class ScoreTask:
    """What to score and how to judge it.

    Attributes:
        systems: (name, file); the first is the baseline of the others unless there is a baseline file.
        references: reference translations.
        source: the source text, aligned line by line.
        documents: a file with the name of each line's document.
        glossary: names as `load_glossary` takes them; empty for the bundled ones.
        metrics: names; empty for all that the files allow.
        model: translation model for ``quality``, where that is named; empty for the one that ships.
        external: metrics from a command or a file.
        thresholds: the worst values that pass.
        fail_if_worse: fail where a system is significantly worse than the baseline.
        baseline: an earlier run to hold this one against.
        save_baseline: where to keep this run; a failed one does not replace the baseline that it was held against.
        options: of the tests.
    """

    systems: tuple[tuple[str, Path], ...]
    references: tuple[Path, ...] = ()
    source: Path | None = None
    documents: Path | None = None
    glossary: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    model: str = ""
    external: tuple[ExternalMetric, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    fail_if_worse: bool = False
    baseline: Path | None = None
    save_baseline: Path | None = None
    options: SignificanceOptions = field(default_factory=SignificanceOptions)


@dataclass(frozen=True, slots=True)
class _Files:
    systems: tuple[System, ...]
    references: tuple[tuple[str, ...], ...]


def run_task(task: ScoreTask) -> tuple[ScoreTable, GateResult]:
    """Score the files of a task and judge the scores.

    Raises:
        InputError: a file is missing, empty, not UTF-8, or does not fit the others.
        UsageError: a metric or glossary is unknown, names repeat, or there is nothing to be worse than.
    """
    _check_usage(task)
    files = _read(task)
    baseline = load_baseline(task.baseline) if task.baseline else None
    table = _table(task, files, baseline)
    if task.fail_if_worse and baseline is not None:
        baseline.check_testable(table.systems, table.decisive, every=bool(task.metrics))
    new = None
    if baseline is not None:
        new = {each.name: baseline.new_violations(each, table.findings[each.name]) for each in table.systems}
    gate = judge(table, task.thresholds, fail_if_worse=task.fail_if_worse, new_violations=new)
    if task.save_baseline is not None and not spoils_baseline(task, gate):
        save_baseline(task.save_baseline, table)
    return table, gate


def spoils_baseline(task: ScoreTask, gate: GateResult) -> bool:
    """Tell whether to save would replace the baseline that the run has just failed against: the next would pass."""
    same = task.baseline and task.save_baseline and task.baseline.resolve() == task.save_baseline.resolve()
    return bool(same) and gate.outcome is Outcome.FAILED


def _check_usage(task: ScoreTask) -> None:
    names = [name for name, _ in task.systems]
    if not names:
        raise UsageError("nothing to score; give a translation with --system NAME=FILE")
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise UsageError(f"--system {repeated} is given twice; each system needs a name of its own")
    clash = next((m.name for m in task.external if m.name.lower() in {n.lower() for n in metric_names()}), None)
    if clash is not None:
        raise UsageError(f"--external {clash}: a metric of regloss is called so; choose another name")
    outside = [metric.name for metric in task.external]
    repeated = next((name for name in outside if outside.count(name) > 1), None)
    if repeated is not None:
        raise UsageError(f"--external {repeated} is given twice; each metric needs a name of its own")
    if task.fail_if_worse and len(names) == 1 and task.baseline is None:
        raise UsageError("--fail-if worse needs something to compare with: a second --system, or --baseline")
    if task.fail_if_worse and task.options.resamples == 0:
        raise UsageError("--fail-if worse needs a test; leave --resamples at 1000")


def _read(task: ScoreTask) -> _Files:
    systems = [_system(name, path) for name, path in task.systems]
    sized = [(system.path, system.segments) for system in systems]
    source = read_segments(task.source, _SOURCE_FIELDS) if task.source else None
    documents = read_segments(task.documents, _DOCUMENT_FIELDS) if task.documents else None
    references = [(str(path), read_segments(path, _REFERENCE_FIELDS)) for path in task.references]
    sized += [(str(path), lines) for path, lines in ((task.source, source), (task.documents, documents)) if lines]
    check_sizes([*sized, *references])
    made = tuple(replace(system, sources=source, documents=documents) for system in systems)
    check_references(made, references, source)
    return _Files(made, tuple(lines for _, lines in references))


def _system(name: str, path: Path) -> System:
    numbered = read_numbered(path)
    lines, segments = (number for number, _ in numbered), (segment for _, segment in numbered)
    return System(name, tuple(segments), path=str(path), lines=tuple(lines))


def _table(task: ScoreTask, files: _Files, baseline: Baseline | None) -> ScoreTable:
    names = _wanted(task)
    scope = _scope(task, names)
    glossary = load_glossary(task.glossary) if scope.terms or set(names) & set(TERM_METRICS) else None
    finder = GuardedMentionFinder(glossary) if glossary else None
    translator = load_translator(task.model or DEFAULT_MODEL) if QUALITY in names else None
    estimator = QualityEstimator(translator, load_lexicon()) if translator else None
    metrics = (
        *build_metrics(
            names,
            references=len(files.references),
            systems=len(files.systems),
            glossary=glossary,
            finder=finder,
            estimator=estimator,
        ),
        *task.external,
    )
    _check_needs(metrics, files)
    first = task.systems[0][0] if len(task.systems) > 1 and baseline is None else ""
    return compare(
        files.systems,
        metrics,
        references=files.references,
        baseline=first,
        decisive=_decisive(task),
        stored=baseline.statistics(files.systems, metrics) if baseline else None,
        options=task.options,
        checks=scope.checks,
        finder=finder if scope.terms else None,
        glossary_hash=glossary.content_hash if glossary else "none",
        model=translator.signature() if translator else "none",
    )


def _check_needs(metrics: Sequence[Metric], files: _Files) -> None:
    given = {Need.REFERENCE: bool(files.references), Need.SOURCE: files.systems[0].sources is not None}
    for info in (metric.info for metric in metrics):
        missing = next((need for need in info.needs if not given.get(need, True)), None)
        if missing is not None:
            raise UsageError(f"{info.name} needs a {missing}; give it with --{missing}")


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which findings are listed: those of all checks, or, where metrics are named, of the checks named among them."""

    checks: tuple[Check, ...]
    terms: bool


def _scope(task: ScoreTask, names: Sequence[str]) -> _Scope:
    if not task.metrics or task.baseline is not None or task.save_baseline is not None:
        return _Scope(CHECKS, True)
    checks = tuple(check for check in CHECKS if check.name in names or _is_agreement(check, names))
    return _Scope(checks, bool(set(names) & {"forbidden", "term-accuracy"}))


def _is_agreement(check: Check, names: Sequence[str]) -> bool:
    return check.name == "number-mismatch" and "number-agreement" in names


def _decisive(task: ScoreTask) -> tuple[str, ...] | None:
    if not task.metrics:
        return None
    return (*map(canonical_name, task.metrics), *(metric.name for metric in task.external))


def _wanted(task: ScoreTask) -> tuple[str, ...]:
    # A threshold on a metric asks for the metric; without --metric the defaults come along.
    named = tuple(map(canonical_name, task.metrics))
    named = named or default_names(len(task.references), sources=task.source is not None)
    outside = {metric.name for metric in task.external}
    asked = (threshold.metric for threshold in task.thresholds)
    return tuple(dict.fromkeys((*named, *(name for name in asked if name not in outside))))
