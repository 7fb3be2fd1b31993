"""The report as one self-contained HTML page.

The page loads nothing and runs nothing: its Content-Security-Policy allows its own style sheet (by hash) and nothing
else. All text from documents, glossaries and models is escaped by the template engine. It reads on a phone (one
column under 700 px), on paper, with a dark screen, with a screen reader, and without colour.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from regloss.document import Segment
from regloss.report.marking import Context, Fate, Marked, context_of, mark_edits, paragraphs
from regloss.report.record import Direction, RunReport
from regloss.report.summary import (
    best_systems,
    choice_counts,
    comparison,
    families,
    headline,
    relation_sentence,
    terms,
)
from regloss.text import number_of

if TYPE_CHECKING:
    import jinja2

__all__ = ["render_html"]

# Characters that HTML forbids, and halves of surrogate pairs, which UTF-8 cannot hold.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_DIRECTIONS = {
    Direction.HIGHER: "higher is better",
    Direction.LOWER: "lower is better",
    Direction.NONE: "neither end is better",
}


@dataclass(frozen=True, slots=True)
class _Listed:
    """An edit outside the running text, with the words around it."""

    mark: Marked
    context: Context
    shown: bool


def _visible(text: str) -> str:
    """Return `text` for a list of edits: what would be invisible is drawn (space, line break, nothing)."""
    if not text:
        return "∅"
    head = len(text) - len(text.lstrip(" "))
    tail = len(text) - len(text.rstrip(" ")) if head < len(text) else 0
    drawn = "␣" * head + text[head : len(text) - tail] + "␣" * tail
    return drawn.replace("\r\n", "⏎").replace("\n", "⏎").replace("\r", "⏎")


def _figure(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _environment() -> "jinja2.Environment":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(visible=_visible, figure=_figure, percent=_percent, number_of=number_of)
    return environment


def _template(name: str) -> str:
    return files("regloss.report").joinpath("templates", name).read_text(encoding="utf-8")


def _listed(report: RunReport, marked: tuple[Marked, ...], fate: Fate, shown: frozenset[str]) -> list[_Listed]:
    segments: Mapping[str, Segment] = {segment.id: segment for segment in report.segments}
    return [
        _Listed(mark, context_of(mark.edit, report.text, segments.get(mark.edit.segment)), mark.label in shown)
        for mark in marked
        if mark.fate is fate
    ]


def _page_data(report: RunReport) -> dict[str, Any]:
    marked = mark_edits(report)
    running = paragraphs(report, marked)
    shown = frozenset(piece.mark.label for p in running for piece in p.pieces if piece.mark)
    return {
        "report": report,
        "headline": headline(marked),
        "counts": {fate: sum(mark.fate is fate for mark in marked) for fate in Fate},
        "terms": terms(marked),
        "families": families(marked),
        "paragraphs": running,
        "review": _listed(report, marked, Fate.REVIEW, shown),
        "left": _listed(report, marked, Fate.LEFT, shown),
        "relation": relation_sentence(report),
        "comparison": comparison(report),
        "scores": [(row, best_systems(row), _DIRECTIONS[row.direction]) for row in report.scores],
        "chosen": choice_counts(report),
        "segments": {segment.id: segment for segment in report.segments},
    }


def render_html(report: RunReport) -> str:
    """Return the report as one HTML page, to be written as UTF-8.

    The same report gives the same page, byte for byte.

    Raises:
        ValueError: an edit does not fit the text, or applied edits overlap (a defect, not a user's fault).
    """
    style = _template("report.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    template = _environment().get_template("report.html.j2")
    page = template.render(style=style, style_hash=digest, **_page_data(report))
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", page)
