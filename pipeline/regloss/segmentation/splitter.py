"""Finds sentences by rule, in one pass over the text, for any length of line.

A language has a pattern for places where a sentence may end (a cluster of stops with the quotes and brackets that
close after it) and a function that says whether it does. A line break always ends a sentence unless the caller says
that lines are wrapped. Spans begin and end on a character that is not white space.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from regloss.document import Span
from regloss.errors import UsageError
from regloss.segmentation import chinese, english

__all__ = ["LANGUAGES", "split"]

# The usual stretch: no stop inside it, no white space at its ends.
_ONE = re.compile(r"(?!\s)[^.!?;…⋯。！？；\r\n]*+[.!?…。！？]?+(?<!\s)")
_LINE = re.compile(r"[^\r\n]+")
_PARAGRAPH = re.compile(r"(?:[^\r\n]++(?:\r\n?|\n)?+)++")
_ENDS: dict[str, Callable[[str, int, int], Iterator[int]]] = {
    "en": english.sentence_ends,
    "zh": chinese.sentence_ends,
}
LANGUAGES = tuple(_ENDS)


def split(text: str, language: str, *, wrapped: bool = False, within: Span | None = None) -> tuple[Span, ...]:
    """Return the sentences of `text`, in order and not overlapping; every character outside them is white space.

    Args:
        language: ``en`` or ``zh``.
        wrapped: a line break inside a paragraph is a space, as in hard-wrapped Markdown; only an empty line ends a
            sentence. False: every line break ends one.
        within: the stretch of `text` to split, all of it where None; the offsets are those of `text`.

    Raises:
        UsageError: another language is asked for.
    """
    if language not in _ENDS:
        raise UsageError(f"no sentence splitter for language {language!r}; available: {', '.join(LANGUAGES)}")
    ends = _ENDS[language]
    whole = within or Span(0, len(text))
    if whole.end > whole.start and _ONE.fullmatch(text, whole.start, whole.end):
        return (whole,)
    spans: list[Span] = []
    for start, last in _stretches(text, whole.start, whole.end, wrapped=wrapped):
        position = start
        for end in ends(text, start, last):
            if end > position:
                spans += _trimmed(text, position, end)
                position = end
        if last > position:
            spans += _trimmed(text, position, last)
    return tuple(spans)


def _stretches(text: str, start: int, end: int, *, wrapped: bool) -> Iterable[tuple[int, int]]:
    """Return the stretches of ``text[start:end]`` that no sentence reaches across."""
    if text.find("\n", start, end) < 0 and text.find("\r", start, end) < 0:
        return ((start, end),)
    return (match.span() for match in (_PARAGRAPH if wrapped else _LINE).finditer(text, start, end))


def _trimmed(text: str, start: int, end: int) -> tuple[Span, ...]:
    """Return the stretch without white space at its ends; nothing if that is all there is."""
    sentence = text[start:end]
    core = sentence.strip()
    if len(core) == end - start:
        return (Span(start, end),)
    if not core:
        return ()
    first = end - len(sentence.lstrip())
    return (Span(first, first + len(core)),)
