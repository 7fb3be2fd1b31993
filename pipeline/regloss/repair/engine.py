"""From a text and a glossary to edits.

One pass finds the matches and asks `choosing` what becomes of those in each sentence. The pass is repeated on its own
result until nothing changes: a text that names Kuaishou once more gives the next sentence more context, and only the
fixed point makes a second run of the program find nothing to do.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from regloss.document import Document, Edit, Relation, Segment, Span, Tier, apply_edits
from regloss.glossary.forms import surface_key
from regloss.glossary.store import Glossary
from regloss.repair.artefacts import ArtefactIndex
from regloss.repair.choosing import segment_edits
from regloss.repair.context import WINDOW, ContextIndex, DocumentContext
from regloss.repair.evidence import REVIEW
from regloss.repair.matcher import Match, TermIndex
from regloss.repair.merge import Shift, merge_passes
from regloss.repair.source_guard import SourceGuard
from regloss.repair.unlisted import RULE as UNLISTED
from regloss.repair.unlisted import TermAligner, UnlistedFinder
from regloss.segmentation import segment_document

__all__ = ["RepairOptions", "Repairer"]

_MAX_PASSES = 6


@dataclass(frozen=True, slots=True)
class RepairOptions:
    """What the user can choose.

    Attributes:
        tier: lowest tier that is applied: ``auto`` applies the sure edits, ``review`` the proposed ones too.
        artefacts_off: names of artefact rules that are switched off; ``all`` switches off every one.
        unlisted: whether wrong renderings that the glossary does not list are looked for, where there is an aligner.
    """

    tier: Tier = Tier.AUTO
    artefacts_off: frozenset[str] = frozenset()
    unlisted: bool = True

    @property
    def applied(self) -> frozenset[Tier]:
        """The tiers that are applied."""
        return frozenset({Tier.AUTO, Tier.REVIEW}) if self.tier is Tier.REVIEW else frozenset({Tier.AUTO})


@dataclass(frozen=True, slots=True)
class _State:
    """A text in the course of the passes, with everything that has offsets into it."""

    text: str
    blocks: tuple[Span, ...]
    protected: tuple[Span, ...]
    segments: tuple[Segment, ...]


class Repairer:
    """A glossary made ready for repair; build it once, use it for any number of documents."""

    def __init__(self, glossary: Glossary, options: RepairOptions = RepairOptions()) -> None:
        self.glossary = glossary
        self.options = options
        self._terms = TermIndex(glossary.entries)
        self._context = ContextIndex(glossary)
        self._artefacts = ArtefactIndex(options.artefacts_off)
        self._unlisted: UnlistedFinder | None = None

    def edits(
        self,
        document: Document,
        segments: Sequence[Segment] | None = None,
        relation: Relation = Relation.COMPARABLE,
        aligner: TermAligner | None = None,
    ) -> tuple[Edit, ...]:
        """Return the edits of a document, all tiers, in order of position, offsets into `document.text`.

        Args:
            document: the text, and its source document if there is one.
            segments: its sentences, with aligned source where there is any; split here where None.
            relation: how `document.source` belongs to the text; segments' own sources are always taken as aligned.
            aligner: finds the words that translate a term, where wrong renderings that nobody listed are looked for.
        """
        sentences = tuple(segments) if segments is not None else segment_document(document)
        guard = SourceGuard(document.source if relation is not Relation.UNRELATED else None)
        state = _State(document.text, document.blocks, document.protected, sentences)
        total: tuple[Edit, ...] = ()
        focus: tuple[Span, ...] = _everywhere(state)
        carried: tuple[Edit, ...] = ()
        for _ in range(_MAX_PASSES):
            found = self._one_pass(state, guard, focus, carried)
            applied = self._applied(found)
            if not applied and aligner is not None and self.options.unlisted:
                found = (*found, *self._unlisted_edits(state, found, aligner))
                applied = self._applied(found)
            total = merge_passes(document.text, total, found, self.options.applied)
            if not applied:
                break
            shift = Shift(applied)
            state = _next_state(state, applied, shift, split_again=segments is None)
            focus = _reach(applied, shift)
            carried = tuple(_still_standing(found, self.options.applied, shift, focus, state.segments))
        return _named_after_segments(total, sentences)

    def apply(self, document: Document, edits: Sequence[Edit]) -> str:
        """Return the text of the document with the edits of the applied tiers made."""
        return apply_edits(document.text, edits, self.options.applied)

    def repair(self, text: str, source: str | None = None) -> str:
        """Return one stretch of plain text repaired; `source` is taken as its aligned source."""
        document = Document("text", text, (Span(0, len(text)),), source=source)
        segments = None if source is None else (Segment("s1", 0, len(text), text, source),)
        return self.apply(document, self.edits(document, segments, Relation.PARALLEL))

    def _one_pass(
        self, state: _State, guard: SourceGuard, focus: Sequence[Span], carried: Sequence[Edit]
    ) -> tuple[Edit, ...]:
        """Return the edits of one pass.

        Args:
            focus: where something may be different from the pass before; other segments are not weighed again.
            carried: what the pass before left to a person in those other segments.
        """
        key = surface_key(state.text)
        matches = [m for m in self._terms.find(state.text, key) if not _touches(m.start, m.end, state.protected)]
        context = DocumentContext(self._context, state.text, key)
        edits = list(carried)
        for segment, inside in _by_segment(matches, state.segments):
            if _touches(segment.start, segment.end, focus):
                edits += segment_edits(state.text, segment, inside, guard, context)
        edits += self._artefact_edits(state, signs=sum(edit.tier is Tier.AUTO for edit in edits))
        return tuple(_without_overlaps(e for e in edits if not _touches(e.start, e.end, state.protected)))

    def _applied(self, found: Iterable[Edit]) -> tuple[Edit, ...]:
        return tuple(edit for edit in found if edit.tier in self.options.applied)

    def _unlisted_edits(self, state: _State, found: Sequence[Edit], aligner: TermAligner) -> Iterator[Edit]:
        """Yield the edits of wrong renderings that nobody listed, apart from the edits already found."""
        if self._unlisted is None:
            self._unlisted = UnlistedFinder(self.glossary.entries)
        for edit in self._unlisted.edits(state.text, state.segments, state.protected, aligner):
            if not any(edit.span.overlaps(other.span) for other in found if other.tier is not Tier.LEAVE):
                yield edit

    def _artefact_edits(self, state: _State, signs: int) -> Iterator[Edit]:
        """Yield the artefacts; `signs` counts what else shows that a machine made the text."""
        found = [
            artefact
            for artefact in self._artefacts.find(state.text)
            if _within(artefact.start, artefact.end, state.blocks)
        ]
        lone = len(found) + signs < 2
        for artefact in found:
            before = state.text[artefact.start : artefact.end]
            tier = Tier.REVIEW if lone and artefact.human else Tier.AUTO
            confidence = REVIEW if tier is Tier.REVIEW else 1.0
            rule = f"artefact.{artefact.rule}"
            yield Edit(
                artefact.start, artefact.end, before, artefact.after, "", tier, rule, artefact.reason, confidence
            )


def _touches(start: int, end: int, protected: Sequence[Span]) -> bool:
    """Tell whether [start, end) overlaps one of the spans, which are sorted and do not overlap one another."""
    number = bisect_left(protected, end, key=lambda span: span.start) - 1
    return number >= 0 and protected[number].end > start


def _within(start: int, end: int, blocks: Sequence[Span]) -> bool:
    """Tell whether [start, end) lies in one of the blocks, which are sorted and do not overlap one another."""
    number = bisect_right(blocks, start, key=lambda span: span.start) - 1
    return number >= 0 and end <= blocks[number].end


def _by_segment(matches: Iterable[Match], segments: Sequence[Segment]) -> Iterator[tuple[Segment, tuple[Match, ...]]]:
    """Yield the segments that hold matches, with their matches; a match across a boundary belongs to none."""
    waiting = list(matches)
    position = 0
    for segment in segments:
        while position < len(waiting) and waiting[position].start < segment.start:
            position += 1
        inside = []
        while position < len(waiting) and waiting[position].start < segment.end:
            if waiting[position].end <= segment.end:
                inside.append(waiting[position])
            position += 1
        if inside:
            yield segment, tuple(inside)


def _without_overlaps(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits in order of position; where two overlap the surer tier stays, then the term, then the longer."""
    standing: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        # Only those at the end of the list can overlap what comes after them.
        while standing and edit.start < standing[-1].end and _rank(edit) < _rank(standing[-1]):
            standing.pop()
        if not standing or edit.start >= standing[-1].end:
            standing.append(edit)
    yield from standing


def _rank(edit: Edit) -> tuple[int, bool, int, int]:
    tiers = (Tier.AUTO, Tier.REVIEW, Tier.LEAVE)
    return tiers.index(edit.tier), edit.rule != "term", edit.start - edit.end, edit.start


def _next_state(state: _State, applied: Sequence[Edit], shift: Shift, *, split_again: bool) -> _State:
    """Return the state after the edits; a space that was missing may show two sentences where there was one."""
    text = apply_edits(state.text, applied, frozenset(Tier))
    blocks, protected = (
        tuple(Span(shift(span.start), shift(span.end)) for span in spans) for spans in (state.blocks, state.protected)
    )
    if split_again:
        segments = segment_document(Document("", text, blocks, protected))
    else:
        segments = tuple(shift.segment(segment, text) for segment in state.segments)
    return _State(text, blocks, protected, segments)


def _everywhere(state: _State) -> tuple[Span, ...]:
    return (Span(-1, len(state.text) + 1),)


def _reach(applied: Sequence[Edit], shift: Shift) -> tuple[Span, ...]:
    """Return the stretches of the new text whose context the edits may have changed."""
    spans: list[Span] = []
    for edit in applied:
        start, end = shift(edit.start) - WINDOW, shift(edit.end) + WINDOW
        if spans and start <= spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(end, spans[-1].end))
        else:
            spans.append(Span(start, end))
    return tuple(spans)


def _still_standing(
    found: Sequence[Edit],
    applied: frozenset[Tier],
    shift: Shift,
    focus: Sequence[Span],
    segments: Sequence[Segment],
) -> Iterator[Edit]:
    """Yield what was left to a person in segments out of focus, with its new offsets."""
    for edit in found:
        if edit.tier not in applied and edit.rule != UNLISTED and not edit.rule.startswith("artefact."):
            start = shift(edit.start)
            segment = _segment_of(start, segments)
            if segment is not None and not _touches(segment.start, segment.end, focus):
                yield replace(edit, start=start, end=start + len(edit.before))


def _named_after_segments(edits: Sequence[Edit], segments: Sequence[Segment]) -> tuple[Edit, ...]:
    """Return the edits with the id of the segment of the original text that they stand in."""
    return tuple(replace(edit, segment=_segment_at(edit.start, segments)) for edit in edits)


def _segment_at(position: int, segments: Sequence[Segment]) -> str:
    segment = _segment_of(position, segments) or (segments[0] if segments else None)
    return segment.id if segment else ""


def _segment_of(position: int, segments: Sequence[Segment]) -> Segment | None:
    number = bisect_right(segments, position, key=lambda segment: segment.start) - 1
    return segments[number] if number >= 0 else None
