"""Matching, guards and grammar: from a text and a glossary to edits with reasons."""

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
    return Repairer(glossary).repair(text, source)
