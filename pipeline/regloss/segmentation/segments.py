"""Makes the segments of a document."""

from bisect import bisect_left
from collections.abc import Sequence

from regloss.document import Document, Segment, Span
from regloss.segmentation.splitter import split

__all__ = ["segment_document"]


def segment_document(document: Document, language: str = "en") -> tuple[Segment, ...]:
    """Return the sentences of every block of `document`, in order, named ``s1``, ``s2`` …

    A line break inside a block is a wrapped line, not the end of a sentence; a protected span is never cut.

    Raises:
        UsageError: there is no splitter for `language`.
    """
    text = document.text
    spans = (span for block in document.blocks for span in _sentences(document, block, language))
    return tuple(
        Segment(f"s{number}", span.start, span.end, text[span.start : span.end]) for number, span in enumerate(spans, 1)
    )


def _sentences(document: Document, block: Span, language: str) -> Sequence[Span]:
    """Return the sentences of a block in document offsets; one that a boundary would cut in a protected span is one."""
    found = split(document.text, language, wrapped=True, within=block)
    if len(found) < 2 or not document.protected:
        return found
    spans = [found[0]]
    for span in found[1:]:
        if _cuts(document.protected, spans[-1].end, span.start):
            spans[-1] = Span(spans[-1].start, span.end)
        else:
            spans.append(span)
    return spans


def _cuts(protected: Sequence[Span], end: int, start: int) -> bool:
    """Tell whether a protected span begins before `end` and reaches beyond `start`; they are in order and disjoint."""
    before = bisect_left(protected, end, key=lambda span: span.start)
    return before > 0 and protected[before - 1].end > start
