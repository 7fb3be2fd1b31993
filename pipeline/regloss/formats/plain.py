"""Plain text: every line that is not blank is a block."""

import re
from dataclasses import dataclass

from regloss.document import Document, Span
from regloss.formats.encoding import BOM, decode, encode
from regloss.formats.protection import protected_spans

__all__ = ["PlainFormat", "line_blocks"]

_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True, slots=True)
class PlainFormat:
    """Text without markup; also the format of files whose suffix says nothing."""

    name: str = "text"
    suffixes: tuple[str, ...] = (".txt", ".text")

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`; raises FormatError where it is not text."""
        text, encoding = decode(data, name)
        return Document(name, text, line_blocks(text), protected_spans(text), encoding=encoding)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode(text, document.encoding, document.name)


def line_blocks(text: str) -> tuple[Span, ...]:
    """Return each line without white space at its ends, blank lines left out; CR, LF and CRLF end a line."""
    blocks = []
    for match in _LINE.finditer(text):
        line = match.group()
        core = line.strip().removeprefix(BOM).strip()
        if core:
            start = match.start() + line.index(core)
            blocks.append(Span(start, start + len(core)))
    return tuple(blocks)
