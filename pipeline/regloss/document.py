"""The records that flow through the pipeline. All are frozen; a stage makes new ones, never alters old ones.

Offsets are code points into `Document.text`, the decoded content of the file exactly as it stands (a byte order mark,
if there was one, is its first code point), so an edit's offsets can be checked against the file with any tool. A file
with markup around its text is divided into units; `regloss.formats.units.place` leads from their text to the file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = [
    "Document",
    "Edit",
    "Finding",
    "Hypothesis",
    "Relation",
    "Segment",
    "Severity",
    "Span",
    "Tier",
    "Unit",
    "apply_edits",
]


class Tier(StrEnum):
    """What happens to an edit: applied, proposed to a person, or only explained."""

    AUTO = "auto"
    REVIEW = "review"
    LEAVE = "leave"


class Severity(StrEnum):
    """How bad a finding is; names follow MQM."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class Relation(StrEnum):
    """How a source document and a target document belong together."""

    PARALLEL = "parallel"
    COMPARABLE = "comparable"
    UNRELATED = "unrelated"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of text, in code points."""

    start: int
    end: int

    def overlaps(self, other: "Span") -> bool:
        """Tell whether the two share at least one code point."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Segment:
    """One sentence (or heading, or cell) of the target text.

    Attributes:
        id: stable name within its document, such as ``s12``; never changes once given.
        start, end: where it stands in `Document.text`.
        target: ``Document.text[start:end]``.
        source: the aligned source text; None where nothing is aligned.
    """

    id: str
    start: int
    end: int
    target: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of a document that stands by itself in its file: a translation unit, a cell, a subtitle, a paragraph.

    Attributes:
        id: what the file calls it, or its place there (``Sheet1!C2``, ``/items/3/target``).
        start, end: where it stands in `Document.text`.
        source: its own source text; None where the file brings none.
    """

    id: str
    start: int
    end: int
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One text to repair.

    Attributes:
        name: how to call it in reports, usually its file name.
        text: everything in the file.
        blocks: the stretches of `text` that are prose (paragraphs, cells), in order, not overlapping.
        protected: stretches inside blocks that no edit may touch (code, link targets, placeholders, tags).
        source: text of the source document, if known.
        encoding: Python codec name that turns `text` back into the file's bytes.
        fields: whatever else the input carried (the other fields of a JSONL line); travels through untouched.
        units: the parts of a file whose text is not the file itself (XLIFF, DOCX, CSV …), in order; `text` is then
            what a reader sees in them, one after another. Empty where `text` is all there is in the file.
        apart: the units are documents of their own, such as the rows of a large table; none speaks for another.
        origin: what the format keeps to put the text of the units back into the file; only the format reads it.
    """

    name: str
    text: str
    blocks: tuple[Span, ...]
    protected: tuple[Span, ...] = ()
    source: str | None = None
    encoding: str = "utf-8"
    fields: Mapping[str, Any] = field(default_factory=dict)
    units: tuple[Unit, ...] = ()
    apart: bool = False
    origin: Any = None


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to a text: ``text[start:end]`` is `before` and becomes `after`.

    Attributes:
        term: the source term of the entry behind it; empty for a text artefact.
        tier: whether it is applied.
        rule: which rule made it, such as ``term``, ``agreement`` or ``artefact.space-before-punctuation``.
        reason: why, in a sentence that a translator understands.
        confidence: sum of the evidence in [0, 1].
        segment: id of the segment it stands in.
        evidence: each piece of evidence with its weight, as `fix --explain` prints it.
    """

    start: int
    end: int
    before: str
    after: str
    term: str
    tier: Tier
    rule: str
    reason: str
    confidence: float = 1.0
    segment: str = ""
    evidence: tuple[tuple[str, float], ...] = ()

    @property
    def span(self) -> Span:
        """The stretch of the original text that is replaced."""
        return Span(self.start, self.end)

    def as_record(self) -> dict[str, Any]:
        """Return the edit as the JSON object of `edits.jsonl`."""
        return {
            "start": self.start,
            "end": self.end,
            "before": self.before,
            "after": self.after,
            "term": self.term,
            "tier": str(self.tier),
            "reason": self.reason,
            "rule": self.rule,
            "confidence": round(self.confidence, 3),
            "segment": self.segment,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a check noticed in a segment.

    Attributes:
        check: name of the check, such as ``number-mismatch``.
        severity: how bad.
        message: one sentence that a translator understands.
        segment: id of the segment.
        span: where in the target, if the check can tell.
    """

    check: str
    severity: Severity
    message: str
    segment: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One candidate translation of a segment.

    Attributes:
        system: who proposed it: ``original``, ``fixed``, ``retranslated`` or a name the user gave.
        text: the translation.
        model_score: log-probability per target token (natural logarithm, ≤ 0), None where no model spoke.
    """

    system: str
    text: str
    model_score: float | None = None


def apply_edits(text: str, edits: Iterable[Edit], tiers: frozenset[Tier] = frozenset({Tier.AUTO})) -> str:
    """Return `text` with the edits of the given tiers made; all else stays to the code point.

    Raises:
        ValueError: two of the edits overlap, or one does not fit the text (a defect, not a user's fault).
    """
    pieces: list[str] = []
    position = 0
    for edit in sorted((e for e in edits if e.tier in tiers), key=lambda e: (e.start, e.end)):
        if edit.start < position or text[edit.start : edit.end] != edit.before:
            raise ValueError(f"edit at {edit.start} does not fit the text: {edit.before!r}")
        pieces += (text[position : edit.start], edit.after)
        position = edit.end
    return "".join((*pieces, text[position:]))
