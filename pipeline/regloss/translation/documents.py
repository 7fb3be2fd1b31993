"""Whole documents: every stretch of Chinese prose is translated, everything else stays where it is.

Lines stay lines: the translation of n lines has n lines. What the format protects (code, link targets, placeholders,
tags) is kept to the code point, and the prose on either side of it is translated by itself; a line without a Chinese
character is kept as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from regloss.document import Document, Hypothesis, Span
from regloss.glossary.store import Glossary
from regloss.text import has_han
from regloss.translation.prose import compose, plain_punctuation, prose_spans
from regloss.translation.protocol import DEFAULT_DECODING, DecodingOptions, Translator
from regloss.translation.terms import RepairText, TermOutcome, translate_with_terms

__all__ = ["DocumentTranslation", "translate_document", "translate_texts"]

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
    stretches = prose_spans(document)
    texts = [document.text[span.start : span.end] for span in stretches]
    spans = tuple(span for span, text in zip(stretches, texts, strict=True) if has_han(text))
    hypotheses, outcomes = translate_texts(
        [text for text in texts if has_han(text)],
        translator,
        glossary,
        options=options,
        repair=repair,
        progress=progress,
    )
    made = iter(hypotheses)
    translations = [next(made).text if has_han(text) else plain_punctuation(text) for text in texts]
    return DocumentTranslation(compose(document, stretches, translations), spans, hypotheses, outcomes)


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
