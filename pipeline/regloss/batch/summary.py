"""One page over a whole batch: what changed most, by term and by file, and what needs a person."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files

from regloss.batch.journal import Entry
from regloss.document import Tier

__all__ = ["FileLine", "Summary", "render_summary"]

SCHEMA = "regloss.batch/1"
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file: its name, documents in it, how many of them changed, edits made and left to a person."""

    name: str
    documents: int
    changed: int
    edits: int
    review: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a batch did.

    Attributes:
        files: one line each, in the order of the batch.
        terms: applied edits by term, most frequent first.
        failures: name and reason of each file that failed.
        signature: the one line.
    """

    files: tuple[FileLine, ...]
    terms: tuple[tuple[str, int], ...]
    failures: tuple[tuple[str, str], ...]
    signature: str

    @classmethod
    def of(cls, entries: Sequence[Entry], signature: str) -> "Summary":
        """Return the summary of finished items."""
        counts: Counter[str] = Counter()
        for entry in entries:
            counts.update(entry.terms)
        return cls(
            tuple(_line(entry) for entry in entries if not entry.error),
            tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))),
            tuple((entry.name, entry.error) for entry in entries if entry.error),
            signature,
        )

    @property
    def documents(self) -> int:
        """Documents in all files; a line of JSONL is one."""
        return sum(line.documents for line in self.files)

    @property
    def edits(self) -> int:
        """Edits that were made."""
        return sum(line.edits for line in self.files)

    @property
    def review(self) -> int:
        """Edits that wait for a person."""
        return sum(line.review for line in self.files)


def _line(entry: Entry) -> FileLine:
    applied = sum(count for tier, count in entry.tiers.items() if tier == Tier.AUTO)
    return FileLine(entry.name, entry.documents, entry.changed, applied, entry.tiers.get(Tier.REVIEW, 0))


def render_summary(summary: Summary) -> dict[str, str]:
    """Return the summary as ``summary.json``, ``summary.md`` and ``summary.html``, by file name."""
    record = {"schema": SCHEMA, **asdict(summary), "documents": summary.documents, "edits": summary.edits}
    return {
        "summary.json": json.dumps(record | {"review": summary.review}, ensure_ascii=False, indent=2),
        "summary.md": _markdown(summary),
        "summary.html": _html(summary),
    }


def most_changed(summary: Summary) -> list[FileLine]:
    """Return the files with most edits, at most as many as a page shows."""
    return sorted(summary.files, key=lambda line: (-line.edits, line.name))[:_SHOWN]


def most_doubtful(summary: Summary) -> list[FileLine]:
    """Return the files with most edits to review, at most as many as a page shows."""
    doubtful = [line for line in summary.files if line.review]
    return sorted(doubtful, key=lambda line: (-line.review, line.name))[:_SHOWN]


def _markdown(summary: Summary) -> str:
    lines = [f"# Batch of {len(summary.files) + len(summary.failures)} files", "", _headline(summary), ""]
    lines += ["| term | edits |", "|---|---:|", *(f"| {_cell(t)} | {n} |" for t, n in summary.terms[:_SHOWN]), ""]
    lines += ["| file | edits | to review |", "|---|---:|---:|"]
    lines += [f"| {_cell(line.name)} | {line.edits} | {line.review} |" for line in most_changed(summary)]
    if summary.failures:
        lines += ["", "## Failed", "", *(f"- {_cell(name)}: {_cell(reason)}" for name, reason in summary.failures)]
    return "\n".join((*lines, "", f"`{summary.signature}`", ""))


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def _headline(summary: Summary) -> str:
    return (
        f"{summary.edits} edits in {summary.documents} documents; {summary.review} wait for a person; "
        f"{len(summary.failures)} files failed."
    )


def _html(summary: Summary) -> str:
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string(files("regloss.batch").joinpath("summary.html.j2").read_text(encoding="utf-8"))
    style = files("regloss.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
    return template.render(
        summary=summary,
        headline=_headline(summary),
        style=style,
        terms=summary.terms[:_SHOWN],
        changed=most_changed(summary),
        doubtful=most_doubtful(summary),
    )
