"""From a text and a glossary to edits.

One pass finds the matches and asks `choosing` what becomes of those in each sentence. The pass is repeated on its own
result until nothing changes: a text that names Kuaishou once more gives the next sentence more context, and only the
fixed point makes a second run of the program find nothing to do.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from regloss.document import Document, Edit, Relation, Segment, Span, Tier, apply_edits
from regloss.glossary.forms import SurfaceForm
from regloss.glossary.store import Glossary
from regloss.repair.artefacts import ArtefactIndex
from regloss.repair.choosing import segment_edits
from regloss.repair.context import ContextIndex, DocumentContext
from regloss.repair.draft import Draft
from regloss.repair.evidence import REVIEW, Evidence, tier_of
from regloss.repair.likelihood import LikelihoodScorer, doubted
from regloss.repair.matcher import Match, PhraseIndex, TermIndex
from regloss.repair.merge import merge_passes
from regloss.repair.source_guard import SourceGuard
from regloss.repair.unlisted import RULE as UNLISTED
from regloss.repair.unlisted import TermAligner, UnlistedFinder
from regloss.segmentation import segment_document

__all__ = ["RepairOptions", "Repairer"]

_MAX_PASSES = 6
_MARGIN = 8
"""How far beyond its ends the weighing of a sentence may look, in code points: at quotation marks and apostrophes."""


@dataclass(frozen=True, slots=True)
class RepairOptions:
    """What the user can choose.

    Attributes:
        tier: lowest tier that is applied: ``auto`` applies the sure edits, ``review`` the proposed ones too.
        artefacts_off: names of artefact rules that are switched off; ``all`` switches off every one.
        unlisted: whether wrong renderings that the glossary does not list are looked for, where there is an aligner.
        likelihood: signature of the model that is asked about unlisted repairs; empty where none is.
        margin: how much less likely, per token, a translation model may find an unlisted repair that is still made.
    """

    tier: Tier = Tier.AUTO
    artefacts_off: frozenset[str] = frozenset()
    unlisted: bool = True
    likelihood: str = ""
    margin: float = 0.1

    @classmethod
    def without(cls, rules: Iterable[str], tier: Tier = Tier.AUTO, *, unlisted: bool = True) -> "RepairOptions":
        """Return the options with these rules switched off: names of artefact rules, ``all``, and ``unlisted``."""
        off = frozenset(rules)
        return cls(tier, off - {UNLISTED}, unlisted and UNLISTED not in off)

    @property
    def applied(self) -> frozenset[Tier]:
        """The tiers that are applied."""
        return frozenset({Tier.AUTO, Tier.REVIEW}) if self.tier is Tier.REVIEW else frozenset({Tier.AUTO})


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What became of one sentence in a pass, with all that it rests on; offsets count from the sentence's start.

    A sentence of the next pass that has the same surroundings, the same matches and the same answers to what was asked
    about the text around it would come to the same edits, so it is not weighed again.
    """

    start: int
    source: str | None
    matches: tuple[tuple[int, tuple[SurfaceForm, ...]], ...]
    asked: tuple[tuple[int, str, tuple[int, int]], ...]
    edits: tuple[Edit, ...]

    def again(self, segment: Segment, matches: Sequence[Match], context: DocumentContext) -> tuple[Edit, ...] | None:
        """Return the edits of `segment`, None where they must be weighed anew."""
        if (
            segment.source != self.source
            or _relative(matches, segment.start) != self.matches
            or any(context.density(segment.start + at, domain) != answer for at, domain, answer in self.asked)
        ):
            return None
        moved = segment.start - self.start
        return tuple(replace(edit, start=edit.start + moved, end=edit.end + moved) for edit in self.edits)


class Repairer:
    """A glossary made ready for repair; build it once, use it for any number of documents."""

    def __init__(
        self,
        glossary: Glossary,
        options: RepairOptions = RepairOptions(),
        scorer: LikelihoodScorer | None = None,
    ) -> None:
        self.glossary = glossary
        self.options = options
        self._scorer = scorer
        self._terms = TermIndex(glossary.entries)
        self._artefacts = ArtefactIndex(options.artefacts_off)
        self._context = ContextIndex(glossary, self._terms.phrases, len(self._artefacts.probes))
        self._index = PhraseIndex(self._context.phrases, self._artefacts.probes)
        self._unlisted: UnlistedFinder | None = None

    def edits(
        self,
        document: Document,
        segments: Sequence[Segment] | None = None,
        relation: Relation = Relation.COMPARABLE,
        aligner: TermAligner | None = None,
        *,
        split_again: bool = False,
    ) -> tuple[Edit, ...]:
        """Return the edits of a document, all tiers, in order of position, offsets into `document.text`.

        Args:
            document: the text, and its source document if there is one.
            segments: its sentences, with aligned source where there is any; split here where None.
            relation: how `document.source` belongs to the text; segments' own sources are always taken as aligned.
            aligner: finds the words that translate a term, where wrong renderings that nobody listed are looked for.
            split_again: the segments are those of `segment_document`, so that sentences may be split anew as the text
                changes; so they are where `segments` is None.
        """
        sentences = tuple(segments) if segments is not None else segment_document(document)
        split_again = split_again or segments is None
        guard = SourceGuard(document.source if relation is not Relation.UNRELATED else None)
        draft = Draft.first(document, sentences, self._index)
        total: tuple[Edit, ...] = ()
        known: Mapping[str, _Weighed] = {}
        for _ in range(_MAX_PASSES):
            found, known = self._one_pass(draft, guard, known)
            applied = self._applied(found)
            if not applied and aligner is not None and self.options.unlisted and draft.sources:
                found = (*found, *self._unlisted_edits(draft, found, aligner))
                applied = self._applied(found)
            total = merge_passes(document.text, total, found, self.options.applied)
            if not applied:
                break
            draft = draft.after(applied, self._index, split_again=split_again)
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
        self, draft: Draft, guard: SourceGuard, known: Mapping[str, _Weighed]
    ) -> tuple[tuple[Edit, ...], dict[str, _Weighed]]:
        """Return the edits of one pass, and what became of each sentence, by its surroundings.

        Args:
            known: what became of each sentence in the pass before.
        """
        matches = (m for m in self._terms.matches(draft.text, draft.hits) if not draft.protected.touch(m.start, m.end))
        context = DocumentContext(self._context, draft.text, draft.key, draft.hits)
        edits: list[Edit] = []
        weighed: dict[str, _Weighed] = {}
        for segment, inside in draft.with_matches(matches):
            around = draft.text[max(0, segment.start - _MARGIN) : segment.end + _MARGIN]
            before = known.get(around)
            own = before.again(segment, inside, context) if before else None
            if before is None or own is None:
                context.asked.clear()
                own = tuple(segment_edits(draft.text, segment, inside, guard, context))
                asked = tuple((at - segment.start, domain, answer) for at, domain, answer in context.asked)
            else:
                asked = before.asked
            weighed[around] = _Weighed(segment.start, segment.source, _relative(inside, segment.start), asked, own)
            edits += own
        edits += self._artefact_edits(draft, signs=sum(edit.tier is Tier.AUTO for edit in edits))
        return tuple(_without_overlaps(e for e in edits if not draft.protected.touch(e.start, e.end))), weighed

    def _applied(self, found: Iterable[Edit]) -> tuple[Edit, ...]:
        return tuple(edit for edit in found if edit.tier in self.options.applied)

    def _unlisted_edits(self, draft: Draft, found: Sequence[Edit], aligner: TermAligner) -> tuple[Edit, ...]:
        """Return the edits of wrong renderings that nobody listed, apart from the edits already found."""
        if self._unlisted is None:
            self._unlisted = UnlistedFinder(self.glossary.entries)
        segments = draft.segments()
        apart = [
            edit
            for edit in self._unlisted.edits(draft.text, segments, draft.protected.spans(), aligner)
            if not any(edit.span.overlaps(other.span) for other in found if other.tier is not Tier.LEAVE)
        ]
        return doubted(apart, segments, self._scorer, self.options.margin) if self._scorer else tuple(apart)

    def _artefact_edits(self, draft: Draft, signs: int) -> Iterator[Edit]:
        """Yield the artefacts; `signs` counts what else shows that a machine made the text."""
        first = len(self._context.phrases)
        probes = [(start, number - first) for start, _, number in draft.hits if number >= first]
        found = [
            artefact
            for artefact in self._artefacts.find(draft.text, probes)
            if draft.blocks.hold(artefact.start, artefact.end)
        ]
        lone = len(found) + signs < 2
        for artefact in found:
            before = draft.text[artefact.start : artefact.end]
            evidence: tuple[Evidence, ...] = ((artefact.reason, 1.0),)
            if lone and artefact.human:
                evidence = (
                    *evidence,
                    ("the only slip in the text, which a person may have made", round(REVIEW - 1.0, 2)),
                )
            confidence = round(sum(weight for _, weight in evidence), 4)
            yield Edit(
                artefact.start,
                artefact.end,
                before,
                artefact.after,
                term="",
                tier=tier_of(confidence),
                rule=f"artefact.{artefact.rule}",
                reason=artefact.reason,
                confidence=confidence,
                evidence=evidence,
            )


def _relative(matches: Iterable[Match], start: int) -> tuple[tuple[int, tuple[SurfaceForm, ...]], ...]:
    return tuple((match.start - start, match.surfaces) for match in matches)


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


def _named_after_segments(edits: Sequence[Edit], segments: Sequence[Segment]) -> tuple[Edit, ...]:
    """Return the edits with the id of the segment of the original text that they stand in."""
    return tuple(replace(edit, segment=_segment_at(edit.start, segments)) for edit in edits)


def _segment_at(position: int, segments: Sequence[Segment]) -> str:
    segment = _segment_of(position, segments) or (segments[0] if segments else None)
    return segment.id if segment else ""


def _segment_of(position: int, segments: Sequence[Segment]) -> Segment | None:
    number = bisect_right(segments, position, key=lambda segment: segment.start) - 1
    return segments[number] if number >= 0 else None
