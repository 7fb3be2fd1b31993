"""Scores of one file without a reference: what sanity checks and the glossary say of each segment, source at hand.

The segments are the lines of JSONL, the units of a bilingual file, or sentences; sentences are held against the source
where the two documents are parallel. Segments without a source are scored apart from the others, on what can be said
without one.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from regloss.alignment.lexicon import load_lexicon
from regloss.batch.items import Item
from regloss.batch.setup import Setup
from regloss.document import Document, Finding, Relation, Segment, Severity
from regloss.errors import InputError
from regloss.formats import is_records, read_document, read_records
from regloss.formats.units import place
from regloss.glossary.store import Glossary
from regloss.run.repairing import align_document, source_of
from regloss.scoring import (
    GuardedMentionFinder,
    Metric,
    ScoreTable,
    SignificanceOptions,
    System,
    build_metrics,
    compare,
)
from regloss.scoring.quality import QualityEstimator
from regloss.scoring.registry import QUALITY, default_names
from regloss.segmentation import segment_document
from regloss.translation.engines import load_translator

__all__ = ["ItemScorer", "Scored"]

SOURCED, ALONE = "target", "target without source"


@dataclass(frozen=True, slots=True)
class _Part:
    """A segment to score; `position` says where it stands: a line, line and column, or the id of a unit."""

    target: str
    source: str | None
    position: str


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of one file.

    Attributes:
        table: a system for the segments with a source, and one for those without.
        findings: one record each, in the order of the file, with position and text.
        counts: segments, findings of each severity, forbidden renderings, and the mean quality if it was asked for.
        terms: forbidden renderings by source term.
    """

    table: ScoreTable
    findings: tuple[dict[str, Any], ...]
    counts: dict[str, float]
    terms: dict[str, int]


class ItemScorer:
    """Scores items one after the other."""

    def __init__(self, setup: Setup) -> None:
        self._seed = setup.config.seed
        self._glossary = setup.glossary()
        self._finder = GuardedMentionFinder(self._glossary)
        self._model, estimator = "none", None
        if setup.model:
            translator = load_translator(setup.model, setup.engine)
            self._model, estimator = translator.signature(), QualityEstimator(translator, load_lexicon())
        extra = () if estimator is None else (QUALITY,)
        self._metrics = {
            sources: build_metrics(
                (*default_names(0, sources=sources), *(extra if sources else ())),
                sources=sources,
                glossary=self._glossary,
                finder=self._finder,
                estimator=estimator,
            )
            for sources in (True, False)
        }

    def __call__(self, item: Item) -> Scored:
        """Return the scores of an item.

        Raises:
            InputError: it cannot be read, or holds no segment.
        """
        parts = tuple(_parts(item, self._glossary))
        if not parts:
            raise InputError("holds no segment to score", item.file.path)
        groups = [[part for part in parts if (part.source is None) is alone] for alone in (False, True)]
        systems = [_system(group, item.file.name) for group in groups if group]
        table = self._compare(systems, self._metrics[bool(groups[0])])
        order = {id(part): number for number, part in enumerate(parts)}
        found = sorted(_findings(table, groups), key=lambda pair: order[id(pair[0])])
        return Scored(table, tuple(_record(part, finding) for part, finding in found), *self._figures(table, parts))

    def _compare(self, systems: Sequence[System], metrics: Sequence[Metric]) -> ScoreTable:
        return compare(
            systems,
            metrics,
            options=SignificanceOptions(resamples=0, seed=self._seed),
            finder=self._finder,
            glossary_hash=self._glossary.content_hash,
            model=self._model,
        )

    def _figures(self, table: ScoreTable, parts: Sequence[_Part]) -> tuple[dict[str, float], dict[str, int]]:
        findings = [finding for found in table.findings.values() for finding in found]
        severities = Counter(finding.severity for finding in findings)
        counts: dict[str, float] = {"segments": len(parts), "with source": sum(p.source is not None for p in parts)}
        counts |= {str(severity): severities[severity] for severity in Severity}
        terms: Counter[str] = Counter()
        for system in table.systems:
            for mentions in self._finder.mentions(system.segments, system.sources):
                terms.update(mention.term for mention in mentions if not mention.accepted)
        counts["forbidden"] = terms.total()
        if self._model != "none" and table.systems[0].sources is not None:
            counts[QUALITY] = round(table.value(table.systems[0].name, QUALITY) or 0.0, 2)
        return counts, dict(sorted(terms.items()))


def _parts(item: Item, glossary: Glossary) -> Iterator[_Part]:
    if is_records(item.file.path):
        for record in read_records(item.file.path):
            yield _Part(record.target, record.source, str(record.line))
        return
    document = read_document(item.file.path, item.file.fields)
    if any(unit.source for unit in document.units):
        for unit in document.units:
            yield _Part(document.text[unit.start : unit.end], unit.source, _position(document, unit.start, unit.end))
    elif item.source is not None:
        source = read_document(item.source).text.removeprefix("\ufeff")
        yield from _aligned_parts(replace(document, source=source), glossary)
    else:
        yield from (_part(document, [segment]) for segment in segment_document(document))


def _aligned_parts(document: Document, glossary: Glossary) -> Iterator[_Part]:
    """Yield the sentences that are linked to the same source together, in the order of the target."""
    segments, alignment = align_document(document, glossary)
    if alignment.relation is not Relation.PARALLEL:
        yield from (_part(document, [segment]) for segment in segments)
        return
    links = {min(link.target): link for link in alignment.links if link.source and link.target}
    linked = {number for link in links.values() for number in link.target}
    for number, segment in enumerate(segments):
        if number in links:
            link = links[number]
            yield _part(document, [segments[n] for n in link.target], source_of(link, alignment).strip())
        elif number not in linked:
            yield _part(document, [segment])


def _part(document: Document, segments: Sequence[Segment], source: str | None = None) -> _Part:
    start, end = segments[0].start, segments[-1].end
    return _Part(document.text[start:end], source, _position(document, start, end))


def _position(document: Document, start: int, end: int) -> str:
    found = place(document, start, end)
    if found is not None:
        return found.position
    return f"{document.text.count(chr(10), 0, start) + 1}:{start - document.text.rfind(chr(10), 0, start)}"


def _system(parts: Sequence[_Part], name: str) -> System:
    alone = parts[0].source is None
    sources = None if alone else tuple(part.source or "" for part in parts)
    return System(ALONE if alone else SOURCED, tuple(part.target for part in parts), sources, renders=name)


def _findings(table: ScoreTable, groups: Sequence[Sequence[_Part]]) -> Iterator[tuple[_Part, Finding]]:
    for name, group in zip((SOURCED, ALONE), groups, strict=True):
        for finding in table.findings.get(name, ()):
            # Segments are called s1, s2, ….
            yield group[int(finding.segment[1:]) - 1], finding


def _record(part: _Part, finding: Finding) -> dict[str, Any]:
    return {
        "position": part.position,
        "check": finding.check,
        "severity": str(finding.severity),
        "message": finding.message,
        "target": part.target,
        "source": part.source,
    }
