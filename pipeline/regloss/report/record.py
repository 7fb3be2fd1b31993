"""What a report tells: one frozen record, filled by the run and read by every output format.

`RunReport` holds facts only. Sentences about them are made in `regloss.report.summary`, so that the HTML page, the
Markdown digest and the JSON record say the same thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from regloss.document import Edit, Hypothesis, Relation, Segment, Tier, apply_edits

__all__ = [
    "Choice",
    "Direction",
    "ModelFacts",
    "RunReport",
    "ScoreRow",
    "TermCount",
    "TranslatedLine",
]


class Direction(StrEnum):
    """Which way a metric points; `none` where neither end is better by itself, as with a length ratio."""

    HIGHER = "higher"
    LOWER = "lower"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One metric over all systems.

    Attributes:
        metric: name for people, such as ``chrF`` or ``forbidden renderings per 1,000 words``.
        direction: which way is better.
        values: value of each system; None where it could not be computed. Systems are shown in the order in which
            the rows first name them.
        note: what the row means, or why a value is missing; one sentence.
        comparable: systems whose values may be set against each other; empty means all of them.
        digits: decimals shown in tables; JSON keeps the full value.
    """

    metric: str
    direction: Direction
    values: Mapping[str, float | None]
    note: str = ""
    comparable: tuple[str, ...] = ()
    digits: int = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """Which hypothesis scoring chose for one segment of a parallel document.

    Attributes:
        segment: id of the segment.
        system: who proposed the chosen text.
        text: the chosen text.
        reason: why, in a sentence that a translator understands.
        margin: how far the chosen hypothesis was ahead of the next, ≥ 0; None where no score decided.
        source: the source segment.
        candidates: all hypotheses, the chosen one among them.
    """

    segment: str
    system: str
    text: str
    reason: str
    margin: float | None = None
    source: str = ""
    candidates: tuple[Hypothesis, ...] = ()


@dataclass(frozen=True, slots=True)
class TranslatedLine:
    """One line of the source document and its machine translation; both empty for a blank line."""

    source: str
    translation: str


@dataclass(frozen=True, slots=True)
class TermCount:
    """How often a term of the source met one outcome in the retranslation.

    Attributes:
        term: the source term.
        target: its preferred target.
        outcome: what became of it, such as ``inline``, ``nbest``, ``repaired`` or ``missing``.
        count: number of occurrences.
    """

    term: str
    target: str
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The model that spoke.

    Attributes:
        name: as `regloss models list` calls it.
        about: what it is, one sentence (architecture, size, training data).
        quality: how good it is, one frank sentence.
        licence: SPDX identifier of the weights.
        hash: digest of the weights.
    """

    name: str
    about: str = ""
    quality: str = ""
    licence: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class RunReport:
    """Everything that a run found about one target document.

    Attributes:
        name: what the target document is called.
        text: the target text as it came in.
        edits: edits of all tiers, offsets into `text`; those of the `applied` tiers do not overlap one another.
        segments: segments of `text`.
        applied: tiers that were carried out.
        source_name, source_text: the source document; None where there is none.
        relation: how source and target belong together; None where there is no source.
        relation_evidence: sentences on which that verdict rests.
        retranslation: the source text line by line with its translation; empty where no model was asked.
        choices: what scoring chose segment by segment; only for a parallel pair.
        scores: one row a metric.
        comparison: sentences saying which systems can be compared and which cannot; where empty, the report says
            what follows from `relation`.
        term_outcomes: what became of the terms in the retranslation.
        model: the model behind `retranslation`.
        glossary_hash, glossary_size: content hash and number of term entries.
        signature: the run's signature line.
        warnings: one line each.
        timings: seconds of each stage, in order of work.
        target_language, source_language: BCP 47 tags.
        made: when the run took place, as text; empty keeps the report reproducible byte for byte.
    """

    name: str
    text: str
    edits: tuple[Edit, ...] = ()
    segments: tuple[Segment, ...] = ()
    applied: frozenset[Tier] = frozenset({Tier.AUTO})
    source_name: str | None = None
    source_text: str | None = None
    relation: Relation | None = None
    relation_evidence: tuple[str, ...] = ()
    retranslation: tuple[TranslatedLine, ...] = ()
    choices: tuple[Choice, ...] = ()
    scores: tuple[ScoreRow, ...] = ()
    comparison: tuple[str, ...] = ()
    term_outcomes: tuple[TermCount, ...] = ()
    model: ModelFacts | None = None
    glossary_hash: str = ""
    glossary_size: int = 0
    signature: str = ""
    warnings: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    target_language: str = "en"
    source_language: str = "zh"
    made: str = ""

    @property
    def fixed(self) -> str:
        """The repaired text: `text` with the edits of the applied tiers made.

        Raises:
            ValueError: two applied edits overlap or one does not fit the text (a defect, not a user's fault).
        """
        return apply_edits(self.text, self.edits, self.applied)

    @property
    def systems(self) -> tuple[str, ...]:
        """Names of the systems that were scored, in the order in which the score rows first name them."""
        return tuple(dict.fromkeys(name for row in self.scores for name in row.values))
