"""Finds sentences by rule, in one pass over the text, for any length of line.

A language has a pattern for places where a sentence may end (a cluster of stops with the quotes and brackets that
close after it) and a function that says whether it does. A line break always ends a sentence unless the caller says
that lines are wrapped. Spans begin and end on a character that is not white space.
"""

import re
from collections.abc import Callable, Iterator

from regloss.document import Span
from regloss.errors import UsageError
from regloss.segmentation import chinese, english

__all__ = ["LANGUAGES", "split"]

_LINE = re.compile(r"[^\r\n]+")
_PARAGRAPH = re.compile(r"(?:[^\r\n]++(?:\r\n?|\n)?+)++")
_ENDS: dict[str, Callable[[str, int, int], Iterator[int]]] = {
    "en": english.sentence_ends,
    "zh": chinese.sentence_ends,
}
LANGUAGES = tuple(_ENDS)


def split(text: str, language: str, *, wrapped: bool = False) -> tuple[Span, ...]:
    """Return the sentences of `text`, in order and not overlapping; every character outside them is white space.

    Args:
        language: ``en`` or ``zh``.
        wrapped: a line break inside a paragraph is a space, as in hard-wrapped Markdown; only an empty line ends a
            sentence. False: every line break ends one.

    Raises:
        UsageError: another language is asked for.
    """
    if language not in _ENDS:
        raise UsageError(f"no sentence splitter for language {language!r}; available: {', '.join(LANGUAGES)}")
    ends = _ENDS[language]
    spans: list[Span] = []
    for stretch in (_PARAGRAPH if wrapped else _LINE).finditer(text):
        position = stretch.start()
        for end in (*ends(text, stretch.start(), stretch.end()), stretch.end()):
            if end > position:
                spans += _trimmed(text, position, end)
                position = end
    return tuple(spans)


def _trimmed(text: str, start: int, end: int) -> list[Span]:
    """Return the stretch without white space at its ends; nothing if that is all there is."""
    sentence = text[start:end]
    core = sentence.strip()
    if not core:
        return []
    first = start + len(sentence) - len(sentence.lstrip())
    return [Span(first, first + len(core))]
