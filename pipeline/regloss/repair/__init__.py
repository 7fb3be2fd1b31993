"""Matching, guards and grammar: from a text and a glossary to edits with reasons."""

from regloss.document import Document, Relation, Segment, Span
from regloss.glossary.store import Glossary
from regloss.repair.artefacts import ARTEFACT_RULES
from regloss.repair.engine import Repairer, RepairOptions

__all__ = ["ARTEFACT_RULES", "RepairOptions", "Repairer", "repair_text"]


def repair_text(text: str, glossary: Glossary, source: str | None = None) -> str:
    """Return one stretch of plain text repaired, sure edits only.

    Args:
        text: the target text, one block.
        source: its source text, taken as aligned.
    """
    document = Document("text", text, (Span(0, len(text)),), source=source)
    segments = None if source is None else (Segment("s1", 0, len(text), text, source),)
    repairer = Repairer(glossary)
    return repairer.apply(document, repairer.edits(document, segments, Relation.PARALLEL))
