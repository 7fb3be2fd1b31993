"""Which stretches of a document are translated, and how their translations are put back.

A stretch ends at a line end and at anything that must not change: what the format protects, and in Markdown the marks
of links and emphasis. Chinese sets no spaces around such things; English does, so they are added on the way back.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from regloss.document import Document, Span
from regloss.formats import format_for
from regloss.text import has_han

__all__ = ["compose", "plain_punctuation", "prose_spans"]

_LINE = re.compile(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_EMPHASIS = re.compile(r"\*{1,3}|~~|(?<!\w)_{1,3}|_{1,3}(?!\w)")
_LINK_START = re.compile(r"!?\[(?=[^\[\]\r\n]*\](?:\(|\[))")
_LINK_END = re.compile(r"\]\([^()\r\n]*(?:\([^()\r\n]*\)[^()\r\n]*)*\)|\]\[[^\[\]\r\n]*\]")
_OPENS = re.compile(r"(?:[\[(（“‘\"'#@$/]|!\[)$")
_CLOSES = re.compile(r"^[\])）”’\"',.;:!?%/]")
_OPENING_TAG = re.compile(r"<[^<>/!?][^<>]*(?<!/)>\Z")
_CLOSING_TAG = re.compile(r"</[^<>]+>")
_PUNCTUATION = str.maketrans(
    {
        "，": ", ",
        "、": ", ",
        "。": ". ",
        "；": "; ",
        "：": ": ",
        "！": "! ",
        "？": "? ",
        "（": " (",
        "）": ") ",
        "《": "“",
        "》": "”",
        "「": "“",
        "」": "”",
        "『": "“",
        "』": "”",
    }
)


def prose_spans(document: Document) -> tuple[Span, ...]:
    """Return the stretches to translate, in order, without white space around them.

    They lie in lines of prose that hold a Chinese character; within such a line also punctuation that stands by itself
    between two protected stretches is returned.
    """
    frozen = _frozen(document)
    return tuple(
        span
        for block in document.blocks
        for line in _LINE.finditer(document.text, block.start, block.end)
        if has_han(line.group())
        for span in _between(document.text, Span(line.start(), line.end()), frozen)
    )


def _frozen(document: Document) -> tuple[Span, ...]:
    """Return what must not change, in order of its start."""
    spans = list(document.protected)
    if format_for(document.name).name == "Markdown":
        for pattern in (_EMPHASIS, _LINK_START, _LINK_END):
            spans += [Span(m.start(), m.end()) for m in pattern.finditer(document.text)]
    return tuple(sorted(spans))


def _between(text: str, line: Span, frozen: Sequence[Span]) -> Iterator[Span]:
    position = line.start
    for span in (*(s for s in frozen if s.overlaps(line)), Span(line.end, line.end)):
        run = text[position : span.start] if position < span.start else ""
        if run.strip():
            yield Span(position + len(run) - len(run.lstrip()), position + len(run.rstrip()))
        position = max(position, span.end)


def plain_punctuation(text: str) -> str:
    """Return `text` with Chinese punctuation as English writes it."""
    return text.translate(_PUNCTUATION).strip()


def compose(document: Document, spans: Iterable[Span], translations: Iterable[str]) -> str:
    """Return the document's text with each stretch replaced by its translation, as many lines as before."""
    parts: list[str] = []
    position = 0
    for span, translation in zip(spans, translations, strict=True):
        words = " ".join(translation.split())
        parts.append(_gap(document.text, position, span.start, "".join(parts[-1:]), words))
        parts.append(words)
        position = span.end
    return "".join((*parts, document.text[position:]))


def _gap(text: str, start: int, end: int, before: str, after: str) -> str:
    """Return what stands between two translations, with a space where English wants one.

    Args:
        text: the document's text; ``text[start:end]`` is the gap.
        before: the translation before it, empty at the start of the document.
        after: the translation that follows.
    """
    gap = text[start:end]
    if not gap or "\n" in gap or "\r" in gap or not before or not after:
        return gap
    closing = _is_closing(text, start, gap) or _CLOSING_TAG.match(gap) is not None
    if not (gap[0].isspace() or closing or _CLOSES.match(gap) or _OPENS.search(before)):
        gap = " " + gap
    opening = (_is_mark(gap) or _OPENING_TAG.search(gap) is not None) and not closing
    if not (gap[-1].isspace() or _OPENS.search(gap) or _CLOSES.match(after) or opening):
        gap += " "
    return gap


def _is_mark(gap: str) -> bool:
    return _EMPHASIS.fullmatch(gap.strip()) is not None


def _is_closing(text: str, start: int, gap: str) -> bool:
    """Tell whether `gap` is a mark of emphasis that ends what an earlier one in its line began."""
    line = text[max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1 : start]
    return _is_mark(gap) and len(_EMPHASIS.findall(line)) % 2 == 1
