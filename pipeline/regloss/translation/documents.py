"""Whole documents: every stretch of Chinese prose is translated, everything else stays where it is.

Lines stay lines: the translation of n lines has n lines. What the format protects (code, link targets, placeholders,
tags) is kept to the code point, and the prose on either side of it is translated by itself; a stretch without a
Chinese character is kept as it is.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from regloss.document import Document, Hypothesis, Span
from regloss.glossary.store import Glossary
from regloss.text import has_han
from regloss.translation.protocol import DEFAULT_DECODING, DecodingOptions, Translator
from regloss.translation.terms import RepairText, TermOutcome, translate_with_terms

__all__ = ["DocumentTranslation", "translate_document", "translate_texts"]

_LINE = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
# Enough for every worker to have several batches, few enough for progress to be seen.
_CHUNK = 128

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DocumentTranslation:
    """A translated document.

    Attributes:
        text: the whole text, as many lines as the source.
        spans: the translated stretches of the source text.
        hypotheses: their translations.
        outcomes: the term log; its segments are ``s1``, ``s2``, … in the order of the stretches.
    """

    text: str
    spans: tuple[Span, ...]
    hypotheses: tuple[Hypothesis, ...]
    outcomes: tuple[TermOutcome, ...]


def translate_document(
    document: Document,
    translator: Translator,
    glossary: Glossary,
    *,
    options: DecodingOptions = DEFAULT_DECODING,
    repair: RepairText | None = None,
    progress: Progress | None = None,
) -> DocumentTranslation:
    """Translate the prose of `document`.

    Args:
        document: the source document; its blocks and protected spans say what is prose.
        translator: the engine.
        glossary: terms to honour.
        options: decoding options.
        repair: mends terms that decoding left out.
        progress: told (stretches done, stretches in all) after every chunk.
    """
    spans = tuple(_prose(document))
    sources = [document.text[span.start : span.end] for span in spans]
    hypotheses, outcomes = translate_texts(
        sources, translator, glossary, options=options, repair=repair, progress=progress
    )
    parts, position = [], 0
    for span, hypothesis in zip(spans, hypotheses, strict=True):
        parts += [document.text[position : span.start], _one_line(hypothesis.text)]
        position = span.end
    return DocumentTranslation("".join((*parts, document.text[position:])), spans, hypotheses, outcomes)


def translate_texts(
    sources: Sequence[str],
    translator: Translator,
    glossary: Glossary,
    *,
    options: DecodingOptions = DEFAULT_DECODING,
    repair: RepairText | None = None,
    progress: Progress | None = None,
    ids: Sequence[str] = (),
) -> tuple[tuple[Hypothesis, ...], tuple[TermOutcome, ...]]:
    """Translate `sources` with terms in chunks, so that progress can be seen; see `translate_with_terms`."""
    names = ids or [f"s{i + 1}" for i in range(len(sources))]
    hypotheses: list[Hypothesis] = []
    outcomes: list[TermOutcome] = []
    for start in range(0, len(sources), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        made = translate_with_terms(
            sources[chunk], translator, glossary, options=options, repair=repair, ids=names[chunk]
        )
        hypotheses += made.hypotheses
        outcomes += made.outcomes
        if progress is not None:
            progress(len(hypotheses), len(sources))
    return tuple(hypotheses), tuple(outcomes)


def _prose(document: Document) -> Iterator[Span]:
    """Yield the stretches to translate: lines of blocks, without protected spans, without white space around them."""
    for block in document.blocks:
        for run in _outside(block, document.protected):
            for line in _LINE.finditer(document.text, run.start, run.end):
                span = _trimmed(document.text, line.start(), line.end())
                if has_han(document.text[span.start : span.end]):
                    yield span


def _outside(block: Span, protected: Sequence[Span]) -> Iterator[Span]:
    position = block.start
    for span in protected:
        if span.overlaps(block):
            if position < span.start:
                yield Span(position, span.start)
            position = max(position, span.end)
    if position < block.end:
        yield Span(position, block.end)


def _trimmed(text: str, start: int, end: int) -> Span:
    line = text[start:end]
    return Span(start + len(line) - len(line.lstrip()), start + len(line.rstrip()))


def _one_line(text: str) -> str:
    return " ".join(text.split())
