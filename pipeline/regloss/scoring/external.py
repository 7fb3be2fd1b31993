"""Metrics that live elsewhere: COMET, MetricX, a script of one's own.

Neural metrics pin libraries that regloss cannot share an environment with, so they run in a process of their own, or
ran before and left their scores in a file. Either way regloss gets one number a segment, and treats it like any other
metric: intervals, significance, gate.

A metric is named ``NAME=COMMAND`` or ``NAME=file:PATH``; ``NAME:lower`` says that less is better. ``{system}`` in a
command or path stands for the system's name. A command reads one JSON object a line from its standard input,
``{"source": …, "hypothesis": …, "references": […]}``, and prints one number a line, in the same order and nothing else;
what it says on standard error is passed on as it comes. A file holds one number a line, or JSON lines with a ``score``.
"""

import codecs
import json
import math
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from regloss.errors import InputError, UsageError
from regloss.scoring.metric import Direction, Material, MetricInfo, Statistics, averaged, ratio

__all__ = ["ExternalMetric", "parse_external"]

_FILE = "file:"
_PLACE = "{system}"
_HOUR = 3600.0
# Of what a failing command said, the end is enough to find its last line in.
_REMEMBERED = 4000

Told = Callable[[str], None]


def _unheard(_text: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class ExternalMetric:
    """A metric whose segment scores come from a command or a file; the corpus score is their mean.

    Attributes:
        name: what to call it.
        direction: which way is better.
        origin: the command line, or ``file:`` and a path.
        timeout: seconds that the command may take for one system.
        told: gets what the command says on standard error, piece by piece as it comes: warnings, a progress bar.
    """

    name: str
    direction: Direction
    origin: str
    timeout: float = _HOUR
    told: Told = _unheard

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
            UsageError: the command cannot be started, fails, or takes too long.
        """
        origin = self.origin.replace(_PLACE, material.system)
        if origin.startswith(_FILE):
            path = Path(origin.removeprefix(_FILE))
            lines, place = _lines(path), str(path)
        else:
            lines, place = self._run(material).splitlines(), f"the command of {self.name}"
        scores = [_number(line, number, place) for number, line in enumerate(lines, 1)]
        if len(scores) != len(material.hypotheses):
            raise InputError(f"{place} gives {len(scores)} scores for {len(material.hypotheses)} segments")
        return averaged(scores)

    def _run(self, material: Material) -> str:
        """Return what the command prints for the segments."""
        command = [part.replace(_PLACE, material.system) for part in shlex.split(self.origin)]
        records = "".join(_record(material, index) + "\n" for index in range(len(material.hypotheses)))
        listening = _Listener(self.told)
        try:
            # The command is the user's own, and no shell reads it. In a session of its own, so that what it has
            # started ends with it.
            process = subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=listening.entrance,
                encoding="utf-8",
                start_new_session=True,
            )
        except OSError as exc:
            raise UsageError(f"{command[0]} cannot be run as a metric: {exc.strerror}") from exc
        finally:
            os.close(listening.entrance)
        try:
            printed, _ = process.communicate(records, timeout=self.timeout)
        except subprocess.TimeoutExpired as exc:
            message = f"{command[0]} has not finished in {self.timeout:g} s; allow more with --external-timeout"
            raise UsageError(message) from exc
        except UnicodeDecodeError as exc:
            raise UsageError(f"{command[0]} prints something else than UTF-8; a metric prints numbers") from exc
        finally:
            _end(process)
            said = listening.last_line()
        if process.returncode:
            raise UsageError(f"{command[0]} {_death(process.returncode)}: {said or 'it gave no reason'}")
        return printed


def parse_external(text: str, timeout: float = _HOUR, told: Told = _unheard) -> ExternalMetric:
    """Return the metric written as ``NAME[:lower]=COMMAND`` or ``NAME[:lower]=file:PATH``.

    Args:
        text: what the user wrote.
        timeout, told: as in `ExternalMetric`.

    Raises:
        UsageError: it is written otherwise.
    """
    head, equals, origin = text.partition("=")
    name, _, direction = head.partition(":")
    if not (equals and name.strip() and origin.strip()) or direction not in ("", "lower", "higher"):
        raise UsageError(
            f"--external {text!r}: write NAME=COMMAND, NAME=file:PATH, or NAME:lower=… where less is better"
        )
    return ExternalMetric(name.strip(), Direction(direction or "higher"), origin.strip(), timeout, told)


def _lines(path: Path) -> list[str]:
    try:
        # Not splitlines: a blank line is a score that is missing, and no other character ends a line.
        text = path.read_text(encoding="utf-8-sig")
        return text.removesuffix("\n").split("\n") if text else []
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError("the scores cannot be read; give a text file with one number a line", path) from exc


class _Listener:
    """Passes on what comes in at a pipe, and remembers the end of it."""

    def __init__(self, told: Told) -> None:
        self._exit, self.entrance = os.pipe()
        self._told = told
        self._heard = ""
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while piece := os.read(self._exit, _REMEMBERED):
            text = decoder.decode(piece)
            self._heard = (self._heard + text)[-_REMEMBERED:]
            self._told(text)
        os.close(self._exit)

    def last_line(self) -> str:
        """Return the last line that was said, once all is said."""
        self._thread.join(timeout=5)
        return self._heard.strip().rpartition("\n")[2]


def _end(process: "subprocess.Popen[str]") -> None:
    """End a command that still runs, and all that it has started."""
    if process.poll() is None:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.communicate()


def _death(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}, as by a machine out of memory"
    return f"failed with exit code {code}"


def _record(material: Material, index: int) -> str:
    references = [reference[index] for reference in material.references]
    record = {"source": material.source(index), "hypothesis": material.hypotheses[index], "references": references}
    return json.dumps(record, ensure_ascii=False)


def _number(line: str, number: int, place: str) -> float:
    try:
        # Python and NumPy print "nan" and "inf", which JSON does not know.
        score = float(json.loads(line)["score"] if line.lstrip().startswith("{") else line)
    except (ValueError, TypeError, KeyError) as exc:
        message = f"{place}, line {number}: {line.strip()[:40]!r} is not a score; one number a line, and nothing else"
        raise InputError(message) from exc
    if not math.isfinite(score):
        raise InputError(f"{place}, line {number}: a score must be a finite number")
    return score
