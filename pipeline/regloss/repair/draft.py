"""A text in the course of the passes, with everything that has offsets into it.

After a pass only what its edits touched is looked at anew: the automaton runs around them, and only their paragraphs
are split into sentences again. Stretches are kept as plain lists of offsets, because a document has tens of thousands
and a pass moves them all.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from regloss.document import Document, Edit, Segment, Span, Tier, apply_edits
from regloss.glossary.forms import surface_key
from regloss.repair.matcher import Change, Hit, Match, PhraseIndex
from regloss.repair.merge import Shift
from regloss.segmentation import segment_document

__all__ = ["Draft", "Stretches"]


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of a text, in order and not overlapping: where each begins, and where each ends."""

    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, spans: Iterable[Span | Segment]) -> Self:
        """Return the stretches of these spans or segments, which are in order."""
        kept = tuple(spans)
        return cls([span.start for span in kept], [span.end for span in kept])

    def moved(self, shift: Shift) -> "Stretches":
        """Return the stretches after the edits of `shift`."""
        return Stretches(shift.each(self.starts), shift.each(self.ends))

    def touch(self, start: int, end: int) -> bool:
        """Tell whether [start, end) overlaps one of them."""
        number = bisect_left(self.starts, end) - 1
        return number >= 0 and self.ends[number] > start

    def hold(self, start: int, end: int) -> bool:
        """Tell whether [start, end) lies within one of them."""
        number = bisect_right(self.starts, start) - 1
        return number >= 0 and end <= self.ends[number]

    def spans(self) -> tuple[Span, ...]:
        """Return them as spans."""
        return tuple(map(Span, self.starts, self.ends))


@dataclass(frozen=True, slots=True)
class Draft:
    """A text between two passes.

    Attributes:
        text: as the passes so far made it.
        key: its `surface_key`.
        hits: what the index finds in it.
        blocks, protected: as in `Document`.
        sentences: where they stand.
        sources: the aligned source of each sentence; empty where none has one of its own.
    """

    text: str
    key: str
    hits: Sequence[Hit]
    blocks: Stretches
    protected: Stretches
    sentences: Stretches
    sources: Sequence[str | None] = ()

    @classmethod
    def first(cls, document: Document, segments: Sequence[Segment], index: PhraseIndex) -> Self:
        """Return the draft before the first pass."""
        text = document.text
        key = surface_key(text)
        sources = [segment.source for segment in segments]
        return cls(
            text,
            key,
            index.hits(key, text),
            Stretches.of(document.blocks),
            Stretches.of(document.protected),
            Stretches.of(segments),
            sources if any(source is not None for source in sources) else (),
        )

    def after(self, applied: Sequence[Edit], index: PhraseIndex, *, split_again: bool) -> "Draft":
        """Return the draft after the edits, which are in order.

        Args:
            split_again: whether a space that was missing may show two sentences where there was one.
        """
        shift, changes = Shift(applied), list(_changes(applied))
        text = apply_edits(self.text, applied, frozenset(Tier))
        key = _key_after(self.key, text, changes)
        blocks, protected = self.blocks.moved(shift), self.protected.moved(shift)
        hits = index.hits_again(key, text, self.hits, changes)
        sentences = self.sentences.moved(shift)
        if split_again:
            numbers = sorted({bisect_right(self.blocks.starts, edit.start) - 1 for edit in applied})
            changed = [(self._sentences_of(n), Span(blocks.starts[n], blocks.ends[n])) for n in numbers]
            sentences = _split_again(text, changed, protected, sentences)
        return Draft(text, key, hits, blocks, protected, sentences, self.sources)

    def _sentences_of(self, block: int) -> tuple[int, int]:
        """Return the first sentence of a block, and the first behind it."""
        first = bisect_left(self.sentences.starts, self.blocks.starts[block])
        return first, bisect_left(self.sentences.starts, self.blocks.ends[block], first)

    def segments(self) -> tuple[Segment, ...]:
        """Return the sentences."""
        return tuple(map(self._segment, range(len(self.sentences.starts))))

    def _segment(self, number: int) -> Segment:
        start, end = self.sentences.starts[number], self.sentences.ends[number]
        return Segment("", start, end, self.text[start:end], self.sources[number] if self.sources else None)

    def with_matches(self, matches: Iterable[Match]) -> Iterator[tuple[Segment, tuple[Match, ...]]]:
        """Yield the sentences that hold matches, with their matches; a match across a boundary belongs to none."""
        inside: list[Match] = []
        current = -1
        for match in matches:
            number = bisect_right(self.sentences.starts, match.start) - 1
            if number < 0 or match.end > self.sentences.ends[number]:
                continue
            if number != current and inside:
                yield self._segment(current), tuple(inside)
                inside = []
            current = number
            inside.append(match)
        if inside:
            yield self._segment(current), tuple(inside)


def _changes(applied: Sequence[Edit]) -> Iterator[Change]:
    shift = 0
    for edit in applied:
        at = edit.start + shift
        yield Change(edit.start, edit.end, at, at + len(edit.after))
        shift += len(edit.after) - (edit.end - edit.start)


def _key_after(key: str, text: str, changes: Iterable[Change]) -> str:
    """Return the `surface_key` of `text`, from that of the text before it changed."""
    if "\u03a3" in text:
        # The one letter whose small form depends on its neighbours.
        return surface_key(text)
    pieces: list[str] = []
    position = 0
    for change in changes:
        pieces += (key[position : change.start], surface_key(text[change.at : change.to]))
        position = change.end
    return "".join((*pieces, key[position:]))


def _split_again(
    text: str, changed: Sequence[tuple[tuple[int, int], Span]], protected: Stretches, sentences: Stretches
) -> Stretches:
    """Return the sentences of a text of which some blocks have changed; each comes with the range of its old ones."""
    fresh = Stretches.of(segment_document(Document("", text, tuple(block for _, block in changed), protected.spans())))
    starts: list[int] = []
    ends: list[int] = []
    kept = done = 0
    for (first, behind), block in changed:
        count = bisect_left(fresh.starts, block.end, done)
        starts += (*sentences.starts[kept:first], *fresh.starts[done:count])
        ends += (*sentences.ends[kept:first], *fresh.ends[done:count])
        kept, done = behind, count
    return Stretches([*starts, *sentences.starts[kept:]], [*ends, *sentences.ends[kept:]])
