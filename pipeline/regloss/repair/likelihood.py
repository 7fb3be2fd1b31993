"""Whether a translation model finds a repaired sentence at least as likely as it was, given its source.

Only unlisted repairs are asked about: what a glossary lists needs no second opinion. Both sentences are scored by
forced decoding (mean log-probability per token, as in Prism-src, Thompson and Post 2020), all of a document in one
batch. A repair that lowers the score by more than a margin is proposed instead of made.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from regloss.document import Edit, Segment, Tier
from regloss.repair.evidence import AUTO

__all__ = ["LikelihoodScorer", "doubted", "sentences"]


class LikelihoodScorer(Protocol):
    """The part of a translation model that this needs."""

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the mean log-probability per token (≤ 0) of each (source, forced target)."""
        ...


def doubted(
    edits: Sequence[Edit], segments: Sequence[Segment], scorer: LikelihoodScorer, margin: float
) -> tuple[Edit, ...]:
    """Return the edits, those that the model finds less likely by more than `margin` a token in tier review.

    Args:
        edits: of one text, all tiers; only ``auto`` ones are asked about.
        segments: the sentences of that text with their source; an edit outside of them stays as it is.
        margin: natural logarithm per token, ≥ 0.
    """
    asked = [(number, pairs) for number, edit in enumerate(edits) if (pairs := sentences(edit, segments))]
    scores = scorer.score([pair for _, pairs in asked for pair in pairs]) if asked else []
    result = list(edits)
    for place, (number, _) in enumerate(asked):
        lost = scores[2 * place] - scores[2 * place + 1]
        if lost > margin:
            result[number] = _proposed(edits[number], lost)
    return tuple(result)


def sentences(edit: Edit, segments: Sequence[Segment]) -> tuple[tuple[str, str], ...]:
    """Return the source with the sentence as it is and as the edit makes it; empty for an edit that is not asked."""
    segment = next((s for s in segments if s.start <= edit.start and edit.end <= s.end), None)
    if edit.tier is not Tier.AUTO or segment is None or segment.source is None:
        return ()
    start, end = edit.start - segment.start, edit.end - segment.start
    repaired = segment.target[:start] + edit.after + segment.target[end:]
    return (segment.source, segment.target), (segment.source, repaired)


def _proposed(edit: Edit, lost: float) -> Edit:
    confidence = round(AUTO - 0.01, 2)
    total = sum(weight for _, weight in edit.evidence)
    doubt = (f"the translation model finds the result less likely, by {lost:.2f} a token", round(confidence - total, 2))
    return replace(edit, tier=Tier.REVIEW, confidence=confidence, evidence=(*edit.evidence, doubt))
