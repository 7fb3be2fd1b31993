"""One page over a whole batch: what changed most or is worst, by term and by file, and what needs a person.

The page shows the first fifty of each; ``files.jsonl`` beside it has a line for every file.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import files

from regloss.batch.journal import Entry
from regloss.batch.setup import TaskName
from regloss.formats import dump_json

__all__ = ["Ranking", "Summary", "Tally", "render_summary"]

SCHEMA = "regloss.batch/2"
SHOWN = 50
_FAILURES_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class _Order:
    """How files are ranked: by these figures, greatest first; one with a minus sign, least first."""

    title: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]

    def key(self, entry: Entry) -> tuple[float, ...]:
        return tuple(entry.counts.get(key.lstrip("-"), 0) * (1 if key.startswith("-") else -1) for key in self.keys)

    def concerns(self, entry: Entry) -> bool:
        return any(entry.counts.get(key.lstrip("-"), 0) for key in self.keys)


_CHANGED = _Order("What changed most, by file", ("edits",), ("documents", "changed", "edits", "review"))
_DOUBTFUL = _Order("What needs a person", ("review",), ("review",))
_CHOSEN = ("chosen original", "chosen fixed", "chosen retranslated")
_ORDERS: Mapping[TaskName, tuple[_Order, ...]] = {
    TaskName.FIX: (_CHANGED, _DOUBTFUL),
    TaskName.RUN: (
        _CHANGED,
        _DOUBTFUL,
        _Order("Where the retranslation was chosen most", ("chosen retranslated",), _CHOSEN),
    ),
    TaskName.SCORE: (
        _Order(
            "What is worst, by file",
            ("critical", "major", "minor"),
            ("segments", "with source", "critical", "major", "minor", "forbidden", "quality"),
        ),
        _Order("Lowest estimated quality", ("-quality",), ("quality", "segments")),
    ),
}
_TERMS = {TaskName.SCORE: ("Wrong renderings, by term", "wrong renderings")}
_HEADLINES = {
    TaskName.FIX: "{edits} edits in {documents} documents; {review} wait for a person",
    TaskName.RUN: "{edits} edits in {documents} documents; {review} wait for a person",
    TaskName.SCORE: "{critical} critical, {major} major and {minor} minor findings in {segments} segments",
}
_LOGS = {
    TaskName.FIX: "Each change stands in edits.jsonl, each proposal in proposals.jsonl, with its reason.",
    TaskName.RUN: "Each file has a folder with a report; edits.jsonl holds all changes, proposals.jsonl all proposals.",
    TaskName.SCORE: "findings.jsonl holds each finding with its place and text; NAME.scores.json the scores of a file.",
}


@dataclass(frozen=True, slots=True)
class Ranking:
    """The first files by some figures.

    Attributes:
        title: in the words of the page.
        columns: names of the figures shown.
        rows: name of the file and its figures.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a batch did.

    Attributes:
        task: fix, run or score.
        items: how many files there were; `failed` is how many of them failed.
        totals: figures of all files, summed; ``quality`` is the mean by segment.
        rankings: of files.
        terms: edits or wrong renderings by term, most frequent first.
        failures: name and reason of the first files that failed.
        signature: the one line.
    """

    task: TaskName
    items: int
    failed: int
    totals: Mapping[str, float]
    rankings: tuple[Ranking, ...]
    terms: tuple[tuple[str, int], ...]
    failures: tuple[tuple[str, str], ...]
    signature: str

    @property
    def headline(self) -> str:
        """The batch in a sentence."""
        return f"{_HEADLINES[self.task].format_map(self.totals)}; {self.failed} files failed."


@dataclass(slots=True)
class _Top:
    """The first entries of an order, found as they stream by."""

    order: _Order
    entries: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        if self.order.concerns(entry):
            self.entries.append(entry)
        if len(self.entries) >= 2 * SHOWN:
            self.entries = self.first()

    def first(self) -> list[Entry]:
        return sorted(self.entries, key=lambda entry: (self.order.key(entry), entry.name))[:SHOWN]

    def ranking(self) -> Ranking:
        first = self.first()
        columns = tuple(name for name in self.order.columns if any(name in entry.counts for entry in first))
        rows = tuple((entry.name, tuple(entry.counts.get(name, 0) for name in columns)) for entry in first)
        return Ranking(self.order.title, columns, rows)


class Tally:
    """Counts entries one after the other; keeps no more than a page shows."""

    def __init__(self, task: TaskName) -> None:
        self._task = task
        self._items = self._failed = 0
        self._totals: defaultdict[str, float] = defaultdict(int, dict.fromkeys(_figures(task), 0))
        self._terms: Counter[str] = Counter()
        self._tops = [_Top(order) for order in _ORDERS[task]]
        self._failures: list[tuple[str, str]] = []

    def add(self, entry: Entry) -> None:
        """Count one finished item."""
        self._items += 1
        if entry.error:
            self._failed += 1
            if len(self._failures) < _FAILURES_SHOWN:
                self._failures.append((entry.name, entry.error))
            return
        for name, value in entry.counts.items():
            # The mean of all segments is wanted, so each file counts by those that could be judged.
            self._totals[name] += value * entry.counts["with source"] if name == "quality" else value
        self._terms.update(entry.terms)
        for top in self._tops:
            top.add(entry)

    def summary(self, signature: str) -> Summary:
        """Return the summary of what was added."""
        totals: dict[str, float] = dict(self._totals)
        if "quality" in totals:
            totals["quality"] = round(totals["quality"] / totals["with source"], 2)
        return Summary(
            self._task,
            self._items,
            self._failed,
            totals,
            tuple(ranking for top in self._tops if (ranking := top.ranking()).rows),
            tuple(sorted(self._terms.items(), key=lambda pair: (-pair[1], pair[0]))),
            tuple(self._failures),
            signature,
        )


def _figures(task: TaskName) -> tuple[str, ...]:
    return tuple(name for order in _ORDERS[task] for name in ("segments", *order.columns) if name != "quality")


def render_summary(summary: Summary) -> dict[str, str]:
    """Return the summary as ``summary.json``, ``summary.md`` and ``summary.html``, by file name."""
    return {
        "summary.json": dump_json({"schema": SCHEMA, **asdict(summary)}, indent=2),
        "summary.md": _markdown(summary),
        "summary.html": _html(summary),
    }


def _terms_title(task: TaskName) -> tuple[str, str]:
    return _TERMS.get(task, ("What changed most, by term", "edits"))


def _markdown(summary: Summary) -> str:
    title, unit = _terms_title(summary.task)
    lines = [f"# Batch of {summary.items} files", "", summary.headline]
    if summary.failures:
        lines += ["", "## Failed", "", *(f"- {_cell(name)}: {_cell(reason)}" for name, reason in summary.failures)]
        lines += _left_out(summary)
    if summary.terms:
        lines += ["", f"## {title}", "", f"| term | {unit} |", "|---|---:|"]
        lines += [f"| {_cell(term)} | {count} |" for term, count in summary.terms[:SHOWN]]
    for ranking in summary.rankings:
        lines += ["", f"## {ranking.title}", "", f"| file | {' | '.join(ranking.columns)} |"]
        lines += ["|---" + "|---:" * len(ranking.columns) + "|"]
        lines += [f"| {_cell(name)} | {' | '.join(f'{value:.10g}' for value in row)} |" for name, row in ranking.rows]
    return "\n".join((*lines, "", _LOGS[summary.task], "", f"`{summary.signature}`", ""))


def _left_out(summary: Summary) -> list[str]:
    left = summary.failed - len(summary.failures)
    return [f"- … and {left} more, see files.jsonl"] if left else []


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def _html(summary: Summary) -> str:
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string(files("regloss.batch").joinpath("summary.html.j2").read_text(encoding="utf-8"))
    style = files("regloss.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
    title, unit = _terms_title(summary.task)
    return template.render(
        summary=summary,
        style=style,
        terms=summary.terms[:SHOWN],
        terms_title=title,
        terms_unit=unit,
        logs=_LOGS[summary.task],
    )
