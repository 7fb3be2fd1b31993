"""Edits laid over the text: paragraphs whose pieces know what they were, what they became, and why.

A report shows a document paragraph by paragraph (line by line of the file). Every edit gets a label that is the same
wherever it is named: ``1`` for an applied edit, ``R1`` for a proposal to review, ``L1`` for one that was left alone.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from regloss.document import Edit, Segment, Tier
from regloss.report.record import RunReport

__all__ = ["Context", "Fate", "Marked", "Paragraph", "Piece", "context_of", "mark_edits", "paragraphs"]

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class Fate(StrEnum):
    """What happened to an edit in this run."""

    APPLIED = "applied"
    REVIEW = "review"
    LEFT = "left"


_PREFIX = {Fate.APPLIED: "", Fate.REVIEW: "R", Fate.LEFT: "L"}
# Where marks overlap, only one can be shown in the running text: what was done counts more than what was not.
_PRIORITY = {Fate.APPLIED: 0, Fate.REVIEW: 1, Fate.LEFT: 2}


@dataclass(frozen=True, slots=True)
class Marked:
    """An edit with its fate and its label (``12``, ``R3``, ``L4``), unique within the report."""

    edit: Edit
    fate: Fate
    label: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the original text: plain where `mark` is None, else exactly the span of one edit."""

    text: str
    mark: Marked | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One non-blank line of the document (several, where an edit joins them), without its line break.

    Attributes:
        number: of its first line, from 1.
        pieces: in order; joined, they are the original (without a byte order mark).
    """

    number: int
    pieces: tuple[Piece, ...]

    @property
    def applied(self) -> tuple[Marked, ...]:
        """The edits that were carried out in this paragraph, in order."""
        return tuple(p.mark for p in self.pieces if p.mark is not None and p.mark.fate is Fate.APPLIED)


@dataclass(frozen=True, slots=True)
class Context:
    """The words around an edit: `before` and `after` are the text on its left and right, cut to a few words."""

    before: str
    after: str
    source: str | None = None


def _fate(edit: Edit, applied: frozenset[Tier]) -> Fate:
    if edit.tier in applied:
        return Fate.APPLIED
    return Fate.REVIEW if edit.tier is Tier.REVIEW else Fate.LEFT


def mark_edits(report: RunReport) -> tuple[Marked, ...]:
    """Return the report's edits in text order, each with its fate and label."""
    counts = dict.fromkeys(Fate, 0)
    marked = []
    for edit in sorted(report.edits, key=lambda e: (e.start, e.end)):
        fate = _fate(edit, report.applied)
        counts[fate] += 1
        marked.append(Marked(edit, fate, f"{_PREFIX[fate]}{counts[fate]}"))
    return tuple(marked)


def _place(mark: Marked) -> tuple[int, int]:
    return mark.edit.start, mark.edit.end


def _weight(mark: Marked) -> tuple[int, int, int]:
    return _PRIORITY[mark.fate], mark.edit.start - mark.edit.end, mark.edit.start


def _visible(marks: Sequence[Marked]) -> list[Marked]:
    """Return all applied marks and those others that overlap none, in text order; longer ones come first."""
    kept = [mark for mark in marks if mark.fate is Fate.APPLIED]
    for mark in sorted((m for m in marks if m.fate is not Fate.APPLIED), key=_weight):
        start, end = _place(mark)
        at = bisect_left(kept, (start, end), key=_place)
        clear_left = at == 0 or kept[at - 1].edit.end <= start
        clear_right = at == len(kept) or (kept[at].edit.start >= end and _place(kept[at]) != (start, end))
        if clear_left and clear_right:
            kept.insert(at, mark)
    return kept


def _pieces(text: str, marks: Sequence[Marked]) -> Iterable[Piece]:
    position = 0
    for mark in marks:
        yield Piece(text[position : mark.edit.start])
        yield Piece(mark.edit.before, mark)
        position = mark.edit.end
    yield Piece(text[position:])


def _breaks(text: str) -> int:
    return len(_LINE_BREAK.findall(text))


def paragraphs(report: RunReport, marked: Sequence[Marked]) -> tuple[Paragraph, ...]:
    """Return the document paragraph by paragraph with its edits marked; blank lines are left out.

    An edit that spans a line break keeps its lines together. Where marks overlap, the applied one is shown.

    Raises:
        ValueError: an edit does not fit the text (a defect, not a user's fault).
    """
    for mark in marked:
        if report.text[mark.edit.start : mark.edit.end] != mark.edit.before:
            raise ValueError(f"edit at {mark.edit.start} does not fit the text: {mark.edit.before!r}")
    found: list[Paragraph] = []
    current: list[Piece] = []
    first = line = 1
    for piece in _pieces(report.text, _visible(marked)):
        if piece.mark is not None:
            current.append(piece)
            line += _breaks(piece.text)
            continue
        head, *rest = _LINE_BREAK.split(piece.text)
        current.append(Piece(head))
        for text in rest:
            found.append(Paragraph(first, tuple(current)))
            line += 1
            first, current = line, [Piece(text)]
    found.append(Paragraph(first, tuple(current)))
    return tuple(_tidy(p) for p in found if any(x.mark or x.text.strip("\ufeff \t") for x in p.pieces))


def _tidy(paragraph: Paragraph) -> Paragraph:
    pieces = (Piece(p.text.replace("\ufeff", ""), p.mark) for p in paragraph.pieces)
    return Paragraph(paragraph.number, tuple(p for p in pieces if p.text or p.mark))


def context_of(edit: Edit, text: str, segment: Segment | None, width: int = 90) -> Context:
    """Return the words around `edit`, at most about `width` code points on each side, within its segment."""
    low, high = (segment.start, segment.end) if segment else _line_around(text, edit)
    left = text[max(low, edit.start - width) : edit.start]
    right = text[edit.end : max(edit.end, min(high, edit.end + width))]
    if edit.start - width > low:
        left = "…" + left.partition(" ")[2] if " " in left else "…" + left
    if edit.end + width < high:
        right = right.rpartition(" ")[0] + "…" if " " in right else right + "…"
    return Context(left.lstrip(), right.rstrip(), segment.source if segment else None)


def _line_around(text: str, edit: Edit) -> tuple[int, int]:
    low = max(text.rfind("\n", 0, edit.start), text.rfind("\r", 0, edit.start)) + 1
    ends = [at for at in (text.find("\n", edit.end), text.find("\r", edit.end)) if at >= 0]
    return low, min(ends, default=len(text))
