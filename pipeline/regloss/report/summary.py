"""What the report says in words: counts, the terms that changed most, and plain sentences about what they mean."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from regloss.document import Relation
from regloss.repair.families import FAMILIES, Precision, family, published_precision
from regloss.report.marking import Fate, Marked
from regloss.report.record import Direction, RunReport, ScoreRow
from regloss.text import number_of

__all__ = [
    "FORMAT_VERSION",
    "FamilySummary",
    "TermSummary",
    "best_systems",
    "choice_counts",
    "comparison",
    "families",
    "headline",
    "relation_sentence",
    "terms",
]

FORMAT_VERSION = 1
"""Version of the JSON record; raised when a key changes its meaning or goes away, not when one is added."""


@dataclass(frozen=True, slots=True)
class TermSummary:
    """All applied edits of one term (or of one rule, for edits that no term caused).

    Attributes:
        term: the source term; empty for edits of a rule.
        rule: the rule, for edits without a term.
        forms: (before, after, count), most frequent first, ties in text order.
        count: number of edits.
        first: label of the first of them.
    """

    term: str
    rule: str
    forms: tuple[tuple[str, str, int], ...]
    count: int
    first: str


@dataclass(frozen=True, slots=True)
class FamilySummary:
    """What one family of rules did in this run, and how often it was right where that was measured.

    Attributes:
        name: of the family, such as ``term.source`` or ``unlisted``.
        about: what it stands for, in words; empty for an artefact rule, whose name says it.
        applied, review: edits made, and proposals that wait.
        measured: its precision on gold; None where it made no edit there.
    """

    name: str
    about: str
    applied: int
    review: int
    measured: Precision | None


def families(marked: Iterable[Marked]) -> tuple[FamilySummary, ...]:
    """Return the families that made or proposed an edit, those of terms first, by name."""
    counts: dict[str, Counter[Fate]] = {}
    for mark in marked:
        if mark.fate is not Fate.LEFT:
            counts.setdefault(family(mark.edit), Counter())[mark.fate] += 1
    published = published_precision()
    order = {name: place for place, name in enumerate(FAMILIES)}
    return tuple(
        FamilySummary(name, FAMILIES.get(name, ""), found[Fate.APPLIED], found[Fate.REVIEW], published.get(name))
        for name, found in sorted(counts.items(), key=lambda item: (order.get(item[0], len(order)), item[0]))
    )


def _join(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def headline(marked: Sequence[Marked]) -> str:
    """Return the one sentence that a hurried reader takes away."""
    fates = Counter(mark.fate for mark in marked)
    if not marked:
        return "Nothing to repair was found."
    applied = fates[Fate.APPLIED]
    by_rule = sum(1 for mark in marked if mark.fate is Fate.APPLIED and not mark.edit.term)
    parts = [f"{number_of(applied, 'edit was', 'edits were')} made"]
    if by_rule and by_rule < applied:
        parts[0] += f" ({applied - by_rule:,} by the glossary, {by_rule:,} by rules for text artefacts and grammar)"
    if fates[Fate.REVIEW]:
        parts.append(f"{number_of(fates[Fate.REVIEW], 'proposal waits', 'proposals wait')} for a person")
    if fates[Fate.LEFT]:
        parts.append(f"{number_of(fates[Fate.LEFT], 'look-alike was', 'look-alikes were')} left alone")
    sentence = _join(parts)
    return sentence[0].upper() + sentence[1:] + "."


def terms(marked: Iterable[Marked]) -> tuple[TermSummary, ...]:
    """Return the applied edits by term (by rule, where no term is behind them), most frequent first."""
    groups: dict[tuple[str, str], list[Marked]] = {}
    for mark in marked:
        if mark.fate is Fate.APPLIED:
            edit = mark.edit
            groups.setdefault((edit.term, "" if edit.term else edit.rule), []).append(mark)
    found = [_summary(term, rule, group) for (term, rule), group in groups.items()]
    return tuple(sorted(found, key=lambda s: (not s.term, -s.count)))


def _summary(term: str, rule: str, group: Sequence[Marked]) -> TermSummary:
    forms = Counter((mark.edit.before, mark.edit.after) for mark in group)
    listed = tuple((before, after, count) for (before, after), count in forms.most_common())
    return TermSummary(term, rule, listed, len(group), group[0].label)


def relation_sentence(report: RunReport) -> str:
    """Say how source and target belong together and what follows from it; empty where there is no source."""
    source = report.source_name or "The source"
    match report.relation:
        case None:
            return ""
        case Relation.PARALLEL:
            return (
                f"{source} is the original of this text: sentences were aligned, "
                "and a term was repaired where the aligned sentence holds it."
            )
        case Relation.COMPARABLE:
            return (
                f"{source} is about the same matter but is not the original of this text: sentences were not matched. "
                "It served as evidence of which terms belong to the subject, no more."
            )
        case Relation.UNRELATED:
            return f"{source} does not belong to this text; it was not used for the repair."


def comparison(report: RunReport) -> tuple[str, ...]:
    """Return sentences saying which of the scored systems can be set against each other."""
    if report.comparison:
        return report.comparison
    if len(report.systems) < 2:
        return ()
    if report.relation is Relation.PARALLEL or not report.retranslation:
        return ("All columns render the same text, so they can be compared row by row.",)
    return (
        "The original and the fixed text are one text before and after repair: compare these two.",
        "The retranslation renders another text: set its figures beside the others only where a row says so.",
    )


def best_systems(row: ScoreRow) -> frozenset[str]:
    """Return the systems with the best value of a row, or none where no value is better than another."""
    names = row.comparable or tuple(row.values)
    values = {name: value for name in names if (value := row.values.get(name)) is not None}
    if row.direction is Direction.NONE or len(set(values.values())) < 2:
        return frozenset()
    best = max(values.values()) if row.direction is Direction.HIGHER else min(values.values())
    return frozenset(name for name, value in values.items() if value == best)


def choice_counts(report: RunReport) -> tuple[tuple[str, int], ...]:
    """Return how many segments each system won, most first, ties in order of first appearance."""
    return tuple(Counter(choice.system for choice in report.choices).most_common())
