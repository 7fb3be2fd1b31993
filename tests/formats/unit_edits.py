"""Edits for the tests of formats: words replaced wherever a format lets them be."""

from pathlib import Path

from regloss.document import Document, Span
from regloss.formats import format_for
from regloss.formats.fields import USUAL, Fields

DATA = Path(__file__).parent / "data"
SAMPLES = tuple(sorted(path.name for path in DATA.iterdir() if not path.name.startswith(".")))


def parse(data: bytes | str, name: str, fields: Fields = USUAL) -> Document:
    """Return the document in `data`."""
    return format_for(name, fields).parse(data.encode() if isinstance(data, str) else data, name)


def texts(document: Document) -> list[str]:
    """Return the text of each unit."""
    return [document.text[unit.start : unit.end] for unit in document.units]


def replaced(document: Document, old: str, new: str) -> str:
    """Return the document's text with `new` for each unprotected `old` in a block."""
    parts: list[str] = []
    position = 0
    for block in document.blocks:
        place = document.text.find(old, block.start, block.end)
        while place >= 0:
            span = Span(place, place + len(old))
            if not any(span.overlaps(other) for other in document.protected):
                parts += (document.text[position:place], new)
                position = span.end
            place = document.text.find(old, span.end, block.end)
    return "".join((*parts, document.text[position:]))


def rewrite(data: bytes | str, name: str, old: str, new: str, fields: Fields = USUAL) -> bytes:
    """Return the file with `new` for each `old` that may be edited."""
    document = parse(data, name, fields)
    return format_for(name).encode(document, replaced(document, old, new))
