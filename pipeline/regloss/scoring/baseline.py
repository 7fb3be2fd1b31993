"""Baselines: an earlier run's rows and violations, kept in a file, so that a build is held against it.

A baseline is a ratchet. Violations (findings of the checks, forbidden renderings) that it knows may stay; a new one
fails the build. A violation is known again by its check, what it stands on and its segment's text, not by its line, so
text may be inserted above it; who rewrites the sentence itself is asked to mend it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from regloss.document import Finding
from regloss.errors import InputError
from regloss.formats import write_atomic
from regloss.scoring.metric import Array, Metric, Statistics
from regloss.scoring.table import ScoreTable, System

__all__ = ["BASELINE_SCHEMA", "Baseline", "load_baseline", "save_baseline", "violation_key"]

BASELINE_SCHEMA = "regloss.baseline/1"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a baseline file holds.

    Attributes:
        path: where it lies, for messages.
        signatures: by metric, the signature under which its rows were counted.
        rows: by system and metric, one row a segment.
        violations: by system, how often each violation occurs.
    """

    path: Path
    signatures: Mapping[str, str]
    rows: Mapping[str, Mapping[str, Sequence[Sequence[float]]]]
    violations: Mapping[str, Mapping[str, int]]

    def _name(self, system: str) -> str:
        if system in self.rows:
            return system
        if len(self.rows) == 1:
            return next(iter(self.rows))
        known = ", ".join(self.rows)
        raise InputError(f"has no system {system!r}; it knows {known}; save it anew with --save-baseline", self.path)

    def statistics(self, systems: Sequence[System], metrics: Sequence[Metric]) -> dict[str, dict[str, Statistics]]:
        """Return, by system and metric, the stored rows to test against.

        Raises:
            InputError: a metric has another signature than now, or a system is unknown or has other segments.
        """
        infos = [metric.info for metric in metrics]
        for info in infos:
            stored = self.signatures.get(info.name)
            if stored is not None and stored != info.signature:
                raise InputError(
                    f"its {info.name} was counted as {stored}, now it would be {info.signature};"
                    " save it anew with --save-baseline",
                    self.path,
                )
        result: dict[str, dict[str, Statistics]] = {}
        for system in systems:
            rows = self.rows[self._name(system.name)]
            result[system.name] = {
                info.name: Statistics(self._array(rows[info.name]), info.aggregate)
                for info in infos
                if info.name in rows
            }
        return result

    def _array(self, rows: Sequence[Sequence[float]]) -> Array:
        try:
            return np.array(rows, dtype=np.float64)
        except (TypeError, ValueError) as exc:
            raise InputError("the baseline is damaged; make it anew with --save-baseline", self.path) from exc

    def check_testable(self, systems: Sequence[System], decisive: Sequence[str], *, every: bool) -> None:
        """Make sure that the systems can be tested against the stored rows; a gate that tests nothing lets all pass.

        Args:
            decisive: names of the metrics that the verdict rests on.
            every: whether each of them must be there; else one is enough.

        Raises:
            InputError: the rows are of other metrics, or of another number of segments.
        """
        for system in systems:
            rows = self.rows[self._name(system.name)]
            missing = [name for name in decisive if name not in rows]
            if missing and (every or len(missing) == len(decisive)):
                raise InputError(
                    f"has no rows of {', '.join(missing)} to test against (it has {', '.join(rows) or 'none'});"
                    " save it anew with --save-baseline",
                    self.path,
                )
            size = next((len(rows[name]) for name in decisive if name in rows), 0)
            if size != len(system.segments):
                raise InputError(
                    f"has rows of {size} segments, {system.path or system.name} has {len(system.segments)};"
                    " to test for worse, save it anew with --save-baseline",
                    self.path,
                )

    def new_violations(self, system: System, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Return the findings that the baseline does not know, in their order."""
        left = Counter(self.violations.get(self._name(system.name), {}))
        new: list[Finding] = []
        for finding in findings:
            key = violation_key(system, finding)
            if left[key]:
                left[key] -= 1
            else:
                new.append(finding)
        return tuple(new)


def violation_key(system: System, finding: Finding) -> str:
    """Return what a violation is known by: 16 hex digits of its check, its words and its segment."""
    index = int(finding.segment[1:]) - 1
    target = system.segments[index]
    words = target[finding.span.start : finding.span.end] if finding.span else finding.message
    # The source is the steadier name of a segment: its translation may change around the violation.
    place = target if system.sources is None else system.sources[index]
    text = "\0".join((finding.check, words, place))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def save_baseline(path: Path, table: ScoreTable) -> None:
    """Write the table's rows and violations to `path`.

    Raises:
        InputError: the place cannot be written to.
    """
    record = {
        "schema": BASELINE_SCHEMA,
        "signature": table.signature,
        "signatures": {row.info.name: row.info.signature for row in table.rows},
        "systems": {
            system.name: {
                "rows": {name: _compact(each) for name, each in table.statistics[system.name].items()},
                "violations": dict(
                    sorted(Counter(violation_key(system, f) for f in table.findings[system.name]).items())
                ),
            }
            for system in table.systems
        },
    }
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    write_atomic(path, (text + "\n").encode())


def _compact(statistics: Statistics) -> list[list[float]]:
    return [[int(x) if x == int(x) else x for x in row] for row in statistics.rows.tolist()]


def load_baseline(path: Path) -> Baseline:
    """Read a baseline file.

    Raises:
        InputError: it is missing, is no baseline, or one of another version.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise InputError("there is no such baseline; make it with --save-baseline", path) from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError("the baseline cannot be read; make it anew with --save-baseline", path) from exc
    except json.JSONDecodeError as exc:
        raise InputError(f"not a baseline: {exc.msg}; make it anew with --save-baseline", path, exc.lineno) from exc
    if not isinstance(record, dict) or record.get("schema") != BASELINE_SCHEMA:
        found = record.get("schema") if isinstance(record, dict) else None
        raise InputError(f"not a baseline of version {BASELINE_SCHEMA} (found {found!r}); make it anew", path)
    return _baseline(path, record)


def _baseline(path: Path, record: Mapping[str, Any]) -> Baseline:
    try:
        systems = record["systems"]
        return Baseline(
            path,
            dict(record["signatures"]),
            {name: each["rows"] for name, each in systems.items()},
            {name: each["violations"] for name, each in systems.items()},
        )
    except (KeyError, TypeError, AttributeError) as exc:
        raise InputError(f"the baseline is damaged ({exc}); make it anew with --save-baseline", path) from exc
