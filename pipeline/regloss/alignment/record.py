"""What alignment finds out."""

from dataclasses import dataclass

from regloss.document import Relation

__all__ = ["Alignment", "Link"]


@dataclass(frozen=True, slots=True)
class Link:
    """Sentences that say the same; one side is empty where a sentence has no counterpart.

    Attributes:
        source, target: sentence numbers from 0, ascending and consecutive.
        score: confidence in [0, 1].
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """How two texts belong together.

    Attributes:
        relation: the verdict.
        evidence: what speaks for it, in sentences that a person understands.
        links: covers every sentence of both sides once, in order; empty unless the relation is parallel.
        score: confidence in [0, 1] that the texts are parallel.
        source_sentences: the source as it was split; `Link.source` counts in it.
    """

    relation: Relation
    evidence: tuple[str, ...]
    links: tuple[Link, ...]
    score: float
    source_sentences: tuple[str, ...]
