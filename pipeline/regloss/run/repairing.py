"""One document repaired: split into sentences, aligned with its source if it has one, terms mended."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import regloss
from regloss.alignment import Alignment, Lexicons, Link, align
from regloss.alignment.lexicon import Lexicon, Word, load_lexicon
from regloss.alignment.literal import is_word, literal_parts
from regloss.alignment.script import simplified
from regloss.alignment.words import LexiconAligner, TermLinks
from regloss.document import Document, Edit, Relation, Segment, Span, Tier, Unit, apply_edits
from regloss.formats import read_document
from regloss.glossary.entry import TermEntry
from regloss.glossary.store import Glossary
from regloss.repair import Repairer, RepairOptions
from regloss.repair.merge import Shift, merge_passes
from regloss.repair.unlisted import RULE as UNLISTED
from regloss.segmentation import segment_document

__all__ = [
    "Repaired",
    "align_document",
    "align_files",
    "bundled_lexicon",
    "moved_edits",
    "repair_document",
    "repair_signature",
    "repair_units",
    "source_of",
]


_MAX_ALIGNMENTS = 4
"""How often a repaired document is aligned anew before its repair counts as finished."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """A document after repair.

    Attributes:
        document: as it came in.
        segments: its sentences, with their aligned source where the two documents are parallel.
        alignment: how source and target belong together; None where there is no source.
        edits: of all tiers, offsets into `document.text`.
        applied: the tiers that were applied.
        text: the repaired text.
    """

    document: Document
    segments: tuple[Segment, ...]
    alignment: Alignment | None
    edits: tuple[Edit, ...]
    applied: frozenset[Tier]
    text: str

    @property
    def changed(self) -> bool:
        """Tell whether repair changed anything."""
        return self.text != self.document.text


@cache
def bundled_lexicon() -> Lexicon:
    """Return the lexicon that comes with regloss, loaded once."""
    # Loading takes a good part of a second, which only documents with a source have a use for.
    return load_lexicon()


@cache
def _lexicon_aligner() -> LexiconAligner:
    return LexiconAligner(bundled_lexicon())


class _BundledLexicon:
    """The bundled lexicon for texts in either script, as anchors and as a word aligner; loaded when first asked."""

    def translations(self, source_word: str) -> dict[str, float]:
        """Return the renderings of exactly this word."""
        return {entry.target: entry.forward for entry in bundled_lexicon().entries(simplified(source_word))}

    def source_words(self, source: str) -> list[Word]:
        """Return the words of a Chinese text, in order."""
        return bundled_lexicon().source_words(simplified(source))

    def links(self, source: str, places: Sequence[Span], target: str) -> TermLinks:
        """Return how strongly the term at `places` is linked to each target word."""
        return _lexicon_aligner().links(simplified(source), places, target)

    def literal_parts(self, name: str, right: str) -> tuple[frozenset[str], ...]:
        """Return what each part of a name means by itself."""
        return literal_parts(bundled_lexicon(), name, right)

    def is_word(self, name: str, right: str) -> bool:
        """Tell whether a name is an ordinary word too."""
        return is_word(bundled_lexicon(), name, right)


@lru_cache(maxsize=4)
def _by_simplified(glossary: Glossary) -> dict[str, TermEntry]:
    return {simplified(entry.source): entry for entry in reversed(glossary.entries)}


@dataclass(frozen=True, slots=True)
class _Anchors:
    """A glossary as a small lexicon: its terms anchor an alignment surer than common words do."""

    glossary: Glossary

    def translations(self, source_word: str) -> dict[str, float]:
        """Return the renderings of a source term, right and wrong ones: both say that the term stands here."""
        entry = _by_simplified(self.glossary).get(simplified(source_word))
        if entry is None:
            return {}
        renderings = (entry.target, *entry.admitted, *(forbidden.form for forbidden in entry.forbidden))
        return {rendering.lower(): 1.0 for rendering in renderings}


def repair_document(document: Document, repairer: Repairer, *, parallel: bool = False) -> Repaired:
    """Return the document repaired.

    Args:
        parallel: the caller knows that source and target say the same (a bilingual format), so that only the sentences
            are aligned and the relation is not questioned.
    """
    if document.apart and document.source is None:
        return _repaired_apart(document, repairer)
    segments, alignment, relation = _sourced(document, repairer.glossary, parallel=parallel)
    edits = _edits(document, segments, relation, repairer)
    now = relation
    for _ in range(_MAX_ALIGNMENTS):
        if not _may_show_more(document, segments, now, edits, repairer.options.applied):
            break
        more, now = _edits_of_result(document, edits, now, repairer, parallel=parallel)
        if not more:
            break
        edits = merge_passes(document.text, edits, more, repairer.options.applied)
    text = repairer.apply(document, edits)
    return Repaired(document, segments, alignment, edits, repairer.options.applied, text)


def repair_units(document: Document, repairer: Repairer) -> Iterator[tuple[Unit, Repaired]]:
    """Yield each unit of a document with its repair as a document of its own, to which its source is parallel."""
    for unit in document.units:
        blocks, protected = (
            tuple(Span(span.start - unit.start, span.end - unit.start) for span in _within(spans, unit))
            for spans in (document.blocks, document.protected)
        )
        own = Document(unit.id, document.text[unit.start : unit.end], blocks, protected, unit.source)
        yield unit, repair_document(own, repairer, parallel=True)


def _within(spans: Sequence[Span], unit: Unit) -> Sequence[Span]:
    first = bisect_left(spans, unit.start, key=lambda span: span.start)
    return spans[first : bisect_left(spans, unit.end, first, key=lambda span: span.start)]


def moved_edits(edits: Iterable[Edit], unit: Unit, by: int) -> Iterator[Edit]:
    """Yield the edits of a unit that was repaired by itself, `by` code points further on in the text of the whole."""
    for edit in edits:
        yield replace(edit, start=edit.start + by, end=edit.end + by, segment=f"{unit.id}.{edit.segment}")


def _repaired_apart(document: Document, repairer: Repairer) -> Repaired:
    segments: list[Segment] = []
    edits: list[Edit] = []
    for unit, repaired in repair_units(document, repairer):
        edits += moved_edits(repaired.edits, unit, unit.start)
        segments += (
            replace(each, id=f"{unit.id}.{each.id}", start=each.start + unit.start, end=each.end + unit.start)
            for each in repaired.segments
        )
    text = repairer.apply(document, edits)
    return Repaired(document, tuple(segments), None, tuple(edits), repairer.options.applied, text)


def _sourced(
    document: Document, glossary: Glossary, *, parallel: bool
) -> tuple[tuple[Segment, ...], Alignment | None, Relation]:
    """Return the sentences of a document with their aligned source, and how the whole texts belong together."""
    segments = segment_document(document)
    alignment = None
    relation = Relation.COMPARABLE
    if document.source is not None and document.source.strip():
        alignment = _aligned(document, segments, glossary, parallel=parallel)
        relation = alignment.relation
        if relation is Relation.PARALLEL:
            segments = _with_sources(segments, alignment)
    if any(unit.source for unit in document.units):
        segments = tuple(_with_unit_sources(document, segments, _Anchors(glossary)))
        relation = Relation.PARALLEL
    return segments, alignment, relation


def _edits(document: Document, segments: Sequence[Segment], relation: Relation, repairer: Repairer) -> tuple[Edit, ...]:
    # Sentences without a source of their own may be split anew as the text changes.
    split_again = relation is not Relation.PARALLEL
    return repairer.edits(document, segments, relation, _BundledLexicon(), split_again=split_again)


def _may_show_more(
    document: Document,
    segments: Sequence[Segment],
    relation: Relation,
    edits: Sequence[Edit],
    applied: frozenset[Tier],
) -> bool:
    """Tell whether the repaired text may be aligned otherwise, so that it is worth a second look."""
    if relation is not Relation.PARALLEL:
        # Right terms may show that the texts belong together more closely.
        return bool(document.source and document.source.strip()) and any(edit.tier in applied for edit in edits)
    if _rests_on_words(edits, applied):
        return True
    result = _applied(document, edits, applied)
    shift = Shift(sorted((edit for edit in edits if edit.tier in applied), key=lambda edit: edit.start))
    moved = [(shift(segment.start), shift(segment.end)) for segment in segments]
    return result.text != document.text and moved != [(s.start, s.end) for s in segment_document(result)]


def _rests_on_words(edits: Iterable[Edit], applied: frozenset[Tier]) -> bool:
    return any(edit.rule == UNLISTED and edit.tier in applied for edit in edits)


def _edits_of_result(
    document: Document, edits: Sequence[Edit], before: Relation, repairer: Repairer, *, parallel: bool
) -> tuple[tuple[Edit, ...], Relation]:
    """Return what a second run would find, nothing where it would apply nothing, and how the texts belong together now.

    A repaired text may align a little better, which shows terms that the first alignment hid. Without a second look
    here, a second run of the program would find them.

    Args:
        before: how the texts belonged together before these edits.
    """
    result = _applied(document, edits, repairer.options.applied)
    segments, _, relation = _sourced(result, repairer.glossary, parallel=parallel)
    if relation is before and relation is not Relation.PARALLEL:
        # The passes of the repair have come to their end already.
        return (), relation
    more = _edits(result, segments, relation, repairer)
    return more if any(edit.tier in repairer.options.applied for edit in more) else (), relation


def _applied(document: Document, edits: Sequence[Edit], applied: frozenset[Tier]) -> Document:
    """Return the document that the edits make, with everything in it where it stands then."""
    made = sorted((edit for edit in edits if edit.tier in applied), key=lambda edit: edit.start)
    shift = Shift(made)
    blocks, protected = (
        tuple(Span(shift(span.start), shift(span.end)) for span in spans)
        for spans in (document.blocks, document.protected)
    )
    units = tuple(replace(unit, start=shift(unit.start), end=shift(unit.end)) for unit in document.units)
    text = apply_edits(document.text, made, applied)
    return replace(document, text=text, blocks=blocks, protected=protected, units=units)


def _aligned(
    document: Document, segments: tuple[Segment, ...], glossary: Glossary, *, parallel: bool = False
) -> Alignment:
    return align(
        document.source or "",
        segments,
        target_text=document.text,
        lexicon=Lexicons((_Anchors(glossary), _BundledLexicon())),
        assume_parallel=parallel,
    )


def align_files(target: Path, source: Path, glossary: Glossary) -> tuple[tuple[Segment, ...], Alignment]:
    """Return the sentences of a target file and how they belong to a source file.

    Raises:
        InputError: a file cannot be read.
    """
    return align_document(
        replace(read_document(target), source=read_document(source).text.removeprefix("\ufeff")), glossary
    )


def align_document(document: Document, glossary: Glossary) -> tuple[tuple[Segment, ...], Alignment]:
    """Return the sentences of a document and how they belong to its source."""
    segments = segment_document(document)
    return segments, _aligned(document, segments, glossary)


def _with_unit_sources(document: Document, segments: tuple[Segment, ...], lexicon: _Anchors) -> Iterator[Segment]:
    """Yield the segments, each with the part of its own unit's source that it renders."""
    starts = [segment.start for segment in segments]
    for unit in document.units:
        own = segments[bisect_left(starts, unit.start) : bisect_left(starts, unit.end)]
        if unit.source and len(own) > 1:
            yield from _with_sources(own, align(unit.source, own, lexicon=lexicon, assume_parallel=True))
        else:
            yield from (replace(segment, source=unit.source) for segment in own)


def _with_sources(segments: tuple[Segment, ...], alignment: Alignment) -> tuple[Segment, ...]:
    linked = {n: source_of(link, alignment) for link in alignment.links if link.source for n in link.target}
    return tuple(replace(segment, source=linked.get(number)) for number, segment in enumerate(segments))


def source_of(link: Link, alignment: Alignment) -> str:
    """Return the source text of a link."""
    return "".join(alignment.source_sentences[number] for number in link.source)


def repair_signature(glossary: Glossary, options: RepairOptions) -> str:
    """Return the signature line of a repair: version, glossary and what was chosen."""
    off = ",".join(sorted(options.artefacts_off)) or "none"
    return (
        f"regloss:{regloss.__version__}|glossary:{glossary.content_hash}"
        f"|tier:{options.tier}|artefacts.off:{off}|unlisted:{'on' if options.unlisted else 'off'}"
        + (f"|likelihood:{options.likelihood}>{-options.margin:g}" if options.likelihood else "")
    )
