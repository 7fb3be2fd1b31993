"""The gate: conditions on a score table, and the exit code that a build gets.

A threshold is the worst value that still passes, on the whole corpus: ``chrF=50`` passes at 50 or more, ``TER=60``,
where less is better, at 60 or less. Every system must pass. ``worse`` fails where a system is significantly worse than
the baseline in a decisive metric and better in none; where nothing is significant, decisive metrics contradict each
other, or nothing could be compared, the verdict is inconclusive, and the exit code says so.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from regloss.document import Finding
from regloss.errors import UsageError
from regloss.scoring.metric import Direction
from regloss.scoring.registry import canonical_name
from regloss.scoring.significance import Verdict
from regloss.scoring.table import ScoreTable

__all__ = ["Condition", "GateResult", "Outcome", "Threshold", "judge", "parse_threshold"]


class Outcome(StrEnum):
    """How a condition ended."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Threshold:
    """The worst value of a metric that passes, on the whole corpus."""

    metric: str
    value: float


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on one system.

    Attributes:
        name: such as ``chrF ≥ 50``.
        system: the system's name.
        outcome: how it ended.
        message: one sentence with the figures.
    """

    name: str
    system: str
    outcome: Outcome
    message: str

    def as_record(self) -> dict[str, Any]:
        """Return the condition as a JSON object."""
        return {"name": self.name, "system": self.system, "outcome": str(self.outcome), "message": self.message}


@dataclass(frozen=True, slots=True)
class GateResult:
    """All conditions, and the violations that no baseline excuses."""

    conditions: tuple[Condition, ...]
    new_violations: Mapping[str, tuple[Finding, ...]]

    @property
    def outcome(self) -> Outcome:
        """Failed if any condition failed, else inconclusive if any was, else passed."""
        outcomes = {condition.outcome for condition in self.conditions}
        return next((o for o in (Outcome.FAILED, Outcome.INCONCLUSIVE) if o in outcomes), Outcome.PASSED)

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 3 inconclusive."""
        return {Outcome.PASSED: 0, Outcome.FAILED: 1, Outcome.INCONCLUSIVE: 3}[self.outcome]

    def as_record(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        return {
            "outcome": str(self.outcome),
            "exit_code": self.exit_code,
            "conditions": [condition.as_record() for condition in self.conditions],
        }


def parse_threshold(text: str, external: Sequence[str] = ()) -> Threshold:
    """Return the threshold written as ``METRIC=VALUE``.

    Args:
        external: names of metrics that are not regloss's own.

    Raises:
        UsageError: no such metric, or the value is no finite number.
    """
    name, _, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    # A limit of infinity would let everything pass or nothing; which way a limit points is the metric's affair.
    if not math.isfinite(number) or name.endswith(("<", ">")):
        raise UsageError(f"--fail-under {text!r}: write METRIC=NUMBER, such as chrF=50")
    name = name.strip()
    return Threshold(name if name in external else canonical_name(name), number)


def judge(
    table: ScoreTable,
    thresholds: Sequence[Threshold] = (),
    *,
    fail_if_worse: bool = False,
    new_violations: Mapping[str, tuple[Finding, ...]] | None = None,
) -> GateResult:
    """Hold a table against conditions.

    Args:
        thresholds: every system must reach each.
        fail_if_worse: every system with a baseline must not be significantly worse than it.
        new_violations: by system, violations that the baseline does not know; None where there is no baseline.
    """
    names = [system.name for system in table.systems]
    conditions = [_threshold(table, name, each) for each in thresholds for name in names]
    if fail_if_worse:
        conditions += [_not_worse(table, name) for name in names if table.baseline not in ("", name)]
    for name, found in (new_violations or {}).items():
        conditions.append(_ratchet(name, found))
    return GateResult(tuple(conditions), new_violations or {})


def _threshold(table: ScoreTable, system: str, threshold: Threshold) -> Condition:
    row = next(row for row in table.rows if row.info.name == threshold.metric)
    value = table.value(system, threshold.metric)
    higher = row.info.direction is Direction.HIGHER
    name = f"{threshold.metric} {'≥' if higher else '≤'} {threshold.value:g}"
    if value is None:
        reason = row.cells[[each.name for each in table.systems].index(system)].reason
        return Condition(name, system, Outcome.FAILED, f"{system} has no {threshold.metric}: {reason}.")
    # A sum in another order differs in the last bits, which must not fail a build.
    passed = (value - threshold.value) * row.info.direction.sign >= -1e-9
    told = f"{threshold.metric} of {system} is {value:.2f}, the limit is {threshold.value:g}."
    return Condition(name, system, Outcome.PASSED if passed else Outcome.FAILED, told)


def _not_worse(table: ScoreTable, system: str) -> Condition:
    name = "not worse than the baseline"
    verdict = table.verdict(system)
    if verdict is None:
        metrics = ", ".join(table.decisive)
        told = f"{system} and {table.baseline} cannot be compared: {metrics} had nothing to count in one of them."
        return Condition(name, system, Outcome.INCONCLUSIVE, told)
    outcome = {Verdict.WORSE: Outcome.FAILED, Verdict.INCONCLUSIVE: Outcome.INCONCLUSIVE}.get(verdict, Outcome.PASSED)
    told = {
        Verdict.BETTER: f"{system} is significantly better than {table.baseline}",
        Verdict.WORSE: f"{system} is significantly worse than {table.baseline}",
        Verdict.INCONCLUSIVE: f"{system} and {table.baseline} differ by no more than chance would have it",
        Verdict.SAME: f"{system} and {table.baseline} score the same in every segment",
    }[verdict]
    return Condition(name, system, outcome, f"{told}{_metrics(table, system, verdict)}.")


def _metrics(table: ScoreTable, system: str, verdict: Verdict) -> str:
    """Return the decisive metrics that differ, each taken alone; beside an open verdict, among how many they do."""
    column = [each.name for each in table.systems].index(system)
    tested = [
        (row.info.name, comparison)
        for row in table.rows
        if row.info.name in table.decisive and (comparison := row.cells[column].against_baseline) is not None
    ]
    told = [
        f"{name} {c.delta:+.2f}, p = {c.p_adjusted:.3f}"
        for name, c in tested
        if c.verdict in (Verdict.BETTER, Verdict.WORSE)
    ]
    if told and verdict is Verdict.INCONCLUSIVE:
        told.append(f"of {sum(c.verdict is not Verdict.SAME for _, c in tested)} metrics in which they differ")
    return f" ({'; '.join(told)})" if told else ""


def _ratchet(system: str, found: Sequence[Finding]) -> Condition:
    name = "no new violations"
    if not found:
        return Condition(name, system, Outcome.PASSED, f"{system} has no violation that the baseline does not know.")
    first = found[0]
    told = f"{system} has {len(found)} new violation{'s' if len(found) > 1 else ''}, the first in {first.segment}"
    return Condition(name, system, Outcome.FAILED, f"{told}: {first.message}")
