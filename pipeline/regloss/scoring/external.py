"""Metrics that live elsewhere: COMET, MetricX, a script of one's own.

Neural metrics pin libraries that regloss cannot share an environment with, so they run in a process of their own, or
ran before and left their scores in a file. Either way regloss gets one number a segment, and treats it like any other
metric: intervals, significance, gate.

A metric is named ``NAME=COMMAND`` or ``NAME=file:PATH``; ``NAME:lower`` says that less is better. ``{system}`` in a
command or path stands for the system's name. A command reads one JSON object a line from its standard input,
``{"source": …, "hypothesis": …, "references": […]}``, and prints one number a line, in the same order. A file holds one
number a line, or JSON lines with a ``score``.
"""

import json
import math
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from regloss.errors import InputError, UsageError
from regloss.scoring.metric import Direction, Material, MetricInfo, Statistics, ratio

__all__ = ["ExternalMetric", "parse_external"]

_FILE = "file:"
_PLACE = "{system}"


@dataclass(frozen=True, slots=True)
class ExternalMetric:
    """A metric whose segment scores come from a command or a file; the corpus score is their mean.

    Attributes:
        name: what to call it.
        direction: which way is better.
        origin: the command line, or ``file:`` and a path.
    """

    name: str
    direction: Direction
    origin: str

    @property
    def info(self) -> MetricInfo:
        """The declaration. Its range is unknown, so none is promised."""
        low, high = -math.inf, math.inf
        signature = f"external:{self.origin}"
        return MetricInfo(self.name, self.name, self.direction, low, high, "points", signature, ratio())

    def statistics(self, material: Material) -> Statistics:
        """Return rows of (score, 1).

        Raises:
            InputError: the file, or what the command printed, does not hold one number for each segment.
            UsageError: the command cannot be started, or fails.
        """
        origin = self.origin.replace(_PLACE, material.system)
        if origin.startswith(_FILE):
            path = Path(origin.removeprefix(_FILE))
            lines, place = _lines(path), str(path)
        else:
            lines, place = _run(shlex.split(self.origin), material), f"the command of {self.name}"
        scores = [_number(line, number, place) for number, line in enumerate(lines, 1)]
        if len(scores) != len(material.hypotheses):
            raise InputError(f"{place} gives {len(scores)} scores for {len(material.hypotheses)} segments")
        return Statistics(np.array([(score, 1.0) for score in scores]).reshape(-1, 2), ratio())


def parse_external(text: str) -> ExternalMetric:
    """Return the metric written as ``NAME[:lower]=COMMAND`` or ``NAME[:lower]=file:PATH``.

    Raises:
        UsageError: it is written otherwise.
    """
    head, equals, origin = text.partition("=")
    name, _, direction = head.partition(":")
    if not (equals and name.strip() and origin.strip()) or direction not in ("", "lower", "higher"):
        raise UsageError(
            f"--external {text!r}: write NAME=COMMAND, NAME=file:PATH, or NAME:lower=… where less is better"
        )
    return ExternalMetric(name.strip(), Direction(direction or "higher"), origin.strip())


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split("\n")[:-1] if path.stat().st_size else []
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError("the scores cannot be read; give a text file with one number a line", path) from exc


def _run(command: Sequence[str], material: Material) -> list[str]:
    arguments = [part.replace(_PLACE, material.system) for part in command]
    records = "".join(_record(material, index) + "\n" for index in range(len(material.hypotheses)))
    try:
        # The command is the user's own, and no shell reads it.
        done = subprocess.run(arguments, input=records, capture_output=True, encoding="utf-8", check=False)  # noqa: S603
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"{arguments[0]} cannot be run as a metric: {exc}") from exc
    if done.returncode:
        said = done.stderr.strip().split("\n")[-1]
        raise UsageError(f"{arguments[0]} failed with exit code {done.returncode}: {said or 'it gave no reason'}")
    return done.stdout.splitlines()


def _record(material: Material, index: int) -> str:
    references = [reference[index] for reference in material.references]
    record = {"source": material.source(index), "hypothesis": material.hypotheses[index], "references": references}
    return json.dumps(record, ensure_ascii=False)


def _number(line: str, number: int, place: str) -> float:
    try:
        value = json.loads(line)
        score = float(value["score"] if isinstance(value, dict) else value)
    except (ValueError, TypeError, KeyError) as exc:
        raise InputError(f"{place}, line {number}: {line.strip()[:40]!r} is not a score") from exc
    if not math.isfinite(score):
        raise InputError(f"{place}, line {number}: a score must be a finite number")
    return score
