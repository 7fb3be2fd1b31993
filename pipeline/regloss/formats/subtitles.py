"""Subtitles: SubRip (SRT) and WebVTT. The text of each cue is a unit; times, settings, styles and notes are not.

The two lines of a cue are one sentence wrapped. Tags, and the positions that players write in braces, stay as they are.

Sources: WebVTT: The Web Video Text Tracks Format (W3C); SubRip has no standard, the reading follows common players.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from regloss.document import Document
from regloss.errors import FormatError
from regloss.formats.encoding import BOM, decode
from regloss.formats.markup import reference_pieces
from regloss.formats.packed import PackedSlots
from regloss.formats.slots import Encoder, Piece, Slot, trimmed
from regloss.formats.units import TextContainer, encode_units, unit_document

__all__ = ["SrtFormat", "VttFormat"]

_LINE = re.compile(r"(?P<text>[^\r\n]*+)(?:\r\n|\r|\n|\Z)")
_TIME = r"(?:\d{1,4}:)?\d{1,2}:\d{1,2}[,.]\d{1,3}"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_BLANK = re.compile(r"(\r\n|\r(?!\n)|\n)(?:[ \t]*(?:\r\n|\r(?!\n)|\n))+")
_TAG = re.compile(r"</?[A-Za-z0-9][^<>\r\n]{0,200}+>|\{\\[^{}\r\n]{0,100}+\}|</?>")


@dataclass(frozen=True, slots=True)
class SrtFormat:
    """SubRip subtitles."""

    name: str = "SRT"
    suffixes: tuple[str, ...] = (".srt",)

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`; raises FormatError where it has no cue."""
        text, encoding = decode(data, name)
        return _document(name, data, text, encoding, references=False)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)


@dataclass(frozen=True, slots=True)
class VttFormat:
    """WebVTT subtitles."""

    name: str = "WebVTT"
    suffixes: tuple[str, ...] = (".vtt",)

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`; raises FormatError where it is not WebVTT."""
        text, encoding = decode(data, name)
        if not text.removeprefix(BOM).startswith("WEBVTT"):
            raise FormatError("does not begin with WEBVTT; a SubRip file is named .srt", name, 1)
        return _document(name, data, text, encoding, references=True)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)


def _document(name: str, data: bytes, text: str, encoding: str, *, references: bool) -> Document:
    if next(_cues(text), None) is None and text.removeprefix(BOM).strip() and not references:
        raise FormatError("has no line with times (00:00:01,000 --> 00:00:02,000), so it holds no subtitle", name)
    slots = PackedSlots(
        text,
        (
            Slot(f"cue{number}", pieces)
            for number, cue in enumerate(_cues(text), 1)
            if (pieces := _pieces(text, *cue, references))
        ),
    )
    return unit_document(name, slots, TextContainer(name, data, text, encoding, slots), encoding)


def _cues(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the text of each cue stands: from behind the times to the next blank line."""
    start = -1
    end = 0
    for match in _LINE.finditer(text):
        line = match["text"]
        if _TIMING.fullmatch(line):
            if start >= 0:
                yield start, end
            start = end = match.end()
        elif start >= 0 and line.strip():
            end = match.end("text")
        elif start >= 0:
            yield start, end
            start = -1
    if start >= 0:
        yield start, end


def _pieces(text: str, start: int, end: int, references: bool) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    position = start
    encode = _escaped if references else _in_cue
    for match in _TAG.finditer(text, start, end):
        pieces += _stretch(text, position, match.start(), encode, references)
        pieces.append(Piece(*match.span(), match[0], encode, markup=True))
        position = match.end()
    pieces += _stretch(text, position, end, encode, references)
    return trimmed(pieces)


def _stretch(text: str, start: int, end: int, encode: Encoder, references: bool) -> Iterator[Piece]:
    if references:
        yield from reference_pieces(text, start, end, encode, html.unescape)
    elif start < end:
        yield Piece(start, end, text[start:end], encode)


def _in_cue(text: str) -> str:
    """Return text that neither ends its cue with a blank line nor looks like times."""
    return _BLANK.sub(r"\1", text).replace("-->", "→")


def _escaped(text: str) -> str:
    return _in_cue(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
