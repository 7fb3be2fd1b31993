"""From a result to what the report tells."""

from collections import Counter
from pathlib import Path

from regloss.document import Relation
from regloss.glossary.store import Glossary
from regloss.report import Choice, Direction, ModelFacts, RunReport, ScoreRow, TermCount, TranslatedLine
from regloss.run.job import FIXED, ORIGINAL, RunResult, card_of
from regloss.scoring import ScoreTable

__all__ = ["report_of"]


def report_of(result: RunResult, glossary: Glossary, model: str) -> RunReport:
    """Return the report of a run.

    Args:
        glossary: the one that was used.
        model: name or folder of the model that was used.
    """
    repaired = result.repaired
    alignment = repaired.alignment
    return RunReport(
        name=repaired.document.name,
        text=repaired.document.text,
        edits=repaired.edits,
        segments=repaired.segments,
        applied=repaired.applied,
        source_name=result.source.name,
        source_text=result.source.text,
        relation=alignment.relation if alignment else None,
        relation_evidence=alignment.evidence if alignment else (),
        retranslation=_lines(result),
        choices=_choices(result),
        scores=_rows(result.scores),
        comparison=result.scores.notes,
        term_outcomes=_outcomes(result),
        model=_facts(model),
        glossary_hash=glossary.content_hash,
        glossary_size=len(glossary),
        signature=result.scores.signature,
    )


def _lines(result: RunResult) -> tuple[TranslatedLine, ...]:
    pairs = zip(result.source.text.splitlines(), result.translation.text.splitlines(), strict=False)
    return tuple(TranslatedLine(source, translation) for source, translation in pairs)


def _choices(result: RunResult) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            segment=unit.id,
            system=choice.hypothesis.system,
            text=choice.hypothesis.text,
            reason=choice.reason,
            margin=choice.margin,
            source=unit.source,
        )
        for unit, choice in zip(result.units, result.choices, strict=True)
    )


def _rows(table: ScoreTable) -> tuple[ScoreRow, ...]:
    names = [system.name for system in table.systems]
    together = () if table.relation is Relation.PARALLEL else (ORIGINAL, FIXED)
    return tuple(
        ScoreRow(
            metric=row.info.name if not row.info.unit else f"{row.info.name} ({row.info.unit})",
            direction=Direction(str(row.info.direction)),
            values={name: cell.value for name, cell in zip(names, row.cells, strict=True)},
            note=" ".join((f"{row.info.title}.", *dict.fromkeys(cell.reason for cell in row.cells if cell.reason))),
            comparable=together,
        )
        for row in table.rows
    )


def _outcomes(result: RunResult) -> tuple[TermCount, ...]:
    counts = Counter((each.term, each.target, each.outcome) for each in result.translation.outcomes)
    return tuple(TermCount(term, target, outcome, count) for (term, target, outcome), count in counts.items())


def _facts(model: str) -> ModelFacts:
    card = card_of(model)
    if card is None:
        return ModelFacts(name=Path(model).name, about="No model card came with it.")
    return ModelFacts(card.name, card.summary, card.quality, card.licence, card.short_digest)
