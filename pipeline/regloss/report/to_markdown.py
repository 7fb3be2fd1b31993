"""The report as short Markdown, for a job summary or a pull request.

Everything that comes from documents, glossaries and models is escaped: it can neither become markup nor a link, nor
notify anybody.
"""

import re
from collections.abc import Iterable, Sequence

from regloss.repair.families import Precision
from regloss.report.marking import Fate, Marked, mark_edits
from regloss.report.record import Direction, RunReport, ScoreRow
from regloss.report.summary import (
    TermSummary,
    best_systems,
    choice_counts,
    comparison,
    families,
    headline,
    relation_sentence,
    terms,
)
from regloss.text import number_of

__all__ = ["escape", "render_markdown"]

_MARKUP = re.compile(r"[\\`*_{}\[\]<>()#|~!&$^]")
_LINE_START = re.compile(r"^([-+=]|\d+[.)](?=\s|$))")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+")
_AUTOLINK = re.compile(r"(?i)\bwww\.|://|:(?=[\w+-]+:)")
_MENTION = re.compile(r"@(?=\w)")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "`": "&#96;"}
_ARROWS = {Direction.HIGHER: "higher is better", Direction.LOWER: "lower is better", Direction.NONE: "no better end"}


def escape(text: str) -> str:
    """Return `text` as one line of Markdown that shows exactly itself (CommonMark and GitHub's tables and links)."""
    line = _UNPRINTABLE.sub(" ", text).strip()
    line = _MARKUP.sub(lambda match: _ENTITIES.get(match[0], "\\" + match[0]), line)
    line = _AUTOLINK.sub(lambda match: "".join(f"&#{ord(c)};" if c in ".:" else c for c in match[0]), line)
    # An escaped @ would still notify; a comment between it and the name is what stops the hosts from seeing one.
    line = _MENTION.sub("@<!-- -->", line)
    return _LINE_START.sub(lambda match: match[1][:-1] + "\\" + match[1][-1], line)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    rule = ["---:" if at in right else "---" for at in range(len(head))]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def _more(total: int, shown: int, what: str) -> list[str]:
    return ["", f"… and {total - shown:,} more {what}; see the full report."] if total > shown else []


def _term_row(summary: TermSummary) -> tuple[str, str, str]:
    (before, after, _), *others = summary.forms
    also = f" and {number_of(len(others), 'other form')}" if others else ""
    return escape(summary.term or summary.rule), f"{_shown(before)} → {_shown(after)}{also}", f"{summary.count:,}"


def _shown(text: str) -> str:
    """Escape; name what would be invisible."""
    return escape(text) if text.strip() else "(nothing)" if not text else "(space)"


def _terms(marked: Sequence[Marked], limit: int) -> list[str]:
    found = terms(marked)
    if not found:
        return []
    rows = [_term_row(summary) for summary in found[:limit]]
    return [
        "",
        *_table(("Term or rule", "Most frequent edit", "Edits"), rows, right=(2,)),
        *_more(len(found), limit, "terms"),
    ]


def _families(marked: Sequence[Marked]) -> list[str]:
    rows = [
        (escape(each.about or each.name), f"{each.applied:,}", f"{each.review:,}", _measured(each.measured))
        for each in families(marked)
    ]
    head = ("What the edit rests on", "Made", "To review", "Right when measured")
    return ["", *_table(head, rows, right=(1, 2, 3))] if rows else []


def _measured(precision: Precision | None) -> str:
    return "–" if precision is None else f"{precision.right:,} of {precision.edits:,}"


def _review(marked: Sequence[Marked], limit: int) -> list[str]:
    waiting = [mark for mark in marked if mark.fate is Fate.REVIEW]
    if not waiting:
        return []
    rows = [
        (
            mark.label,
            escape(mark.edit.term),
            f"{_shown(mark.edit.before)} → {_shown(mark.edit.after)}",
            escape(mark.edit.reason),
        )
        for mark in waiting[:limit]
    ]
    table = _table(("No.", "Term", "Proposal", "Why it waits"), rows)
    return ["", "### To review", "", *table, *_more(len(waiting), limit, "proposals")]


def _cell(row: ScoreRow, system: str) -> str:
    value = row.values.get(system)
    if value is None:
        return "–"
    shown = f"{value:,.{row.digits}f}"
    return f"**{shown}**" if system in best_systems(row) else shown


def _scores(report: RunReport) -> list[str]:
    if not report.scores:
        return []
    systems = report.systems
    head = ("Metric", *map(escape, systems), "Direction")
    rows = [
        (escape(row.metric), *(_cell(row, system) for system in systems), _ARROWS[row.direction])
        for row in report.scores
    ]
    told = [escape(sentence) for sentence in comparison(report)]
    table = _table(head, rows, right=range(1, 1 + len(systems)))
    return ["", "### Scores", "", *table, "", " ".join(told)]


def _chosen(report: RunReport) -> list[str]:
    counts = choice_counts(report)
    if not counts:
        return []
    parts = ", ".join(f"{escape(system)} {count:,}" for system, count in counts)
    return ["", f"Chosen segment by segment: {parts}."]


def _made_by(report: RunReport) -> list[str]:
    lines = []
    if report.model:
        facts = (report.model.name, report.model.licence, report.model.hash and report.model.hash[:12])
        lines.append(
            f"- Model: {', '.join(escape(fact) for fact in facts if fact)}. {escape(report.model.quality)}".rstrip()
        )
    if report.glossary_size:
        lines.append(
            f"- Glossary: {number_of(report.glossary_size, 'entry', 'entries')}, {escape(report.glossary_hash[:12])}"
        )
    if report.signature:
        lines.append(f"- Signature: {escape(report.signature)}")
    return ["", *lines] if lines else []


def render_markdown(report: RunReport, limit: int = 10) -> str:
    """Return a short digest: counts, top terms, proposals to review, scores, model and signature.

    Args:
        report: the run.
        limit: most rows in the term and review tables.
    """
    marked = mark_edits(report)
    about_source = relation_sentence(report)
    lines = [f"## {escape(report.name)}", "", headline(marked)]
    if about_source:
        lines += ["", escape(about_source)]
    for warning in report.warnings:
        lines += ["", f"> Warning: {escape(warning)}"]
    lines += _terms(marked, limit)
    lines += _families(marked)
    lines += _review(marked, limit)
    lines += _scores(report)
    lines += _chosen(report)
    lines += _made_by(report)
    return "\n".join(lines) + "\n"
