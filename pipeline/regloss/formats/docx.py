"""DOCX: each paragraph of the text, headers, footers, notes and comments is a unit.

Runs keep their formatting: where an edit's words span several runs, the first takes the new words and the others lose
the old ones. Tabs and line breaks stay. Deleted text of tracked changes, field codes and formulas are no text.

Source: ECMA-376, Office Open XML, part 1, section 17 (WordprocessingML).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from regloss.document import Document
from regloss.errors import FormatError
from regloss.formats.markup import Token, attributes, escape_text, reference_pieces, xml_tokens
from regloss.formats.office import OfficeContainer, XmlPart, name_prefix, read_xml
from regloss.formats.package import Package
from regloss.formats.packed import PackedSlots
from regloss.formats.slots import Piece, Slot, trimmed
from regloss.formats.units import encode_units, unit_document

__all__ = ["DocxFormat"]

_TEXT_PART = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
_NAMESPACES = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n"}
_PRESERVE = ' xml:space="preserve"'


@dataclass(frozen=True, slots=True)
class DocxFormat:
    """Word processing documents of Office Open XML."""

    name: str = "DOCX"
    suffixes: tuple[str, ...] = (".docx", ".docm")

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`; raises FormatError where it is none, is damaged, or is refused."""
        package = Package.read(data, name)
        if package.part("word/document.xml") is None:
            raise FormatError("is a zip package, but no DOCX: it has no word/document.xml", name)
        names = [part.name for part in package.parts if _TEXT_PART.fullmatch(part.name)]
        # The text itself first; the order of the others is that of the package.
        names.sort(key=lambda part: part != "word/document.xml")
        parts = tuple(part for part in (read_xml(package, each) for each in names) if part is not None)
        container = OfficeContainer(package, parts, tuple(PackedSlots(part.raw, _slots(part)) for part in parts))
        return unit_document(name, container, container)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)


def _slots(part: XmlPart) -> Iterator[Slot]:
    prefix = name_prefix(part, _NAMESPACES)
    if prefix is None:
        return
    short = part.name.removeprefix("word/").removesuffix(".xml")
    for number, found in enumerate(_paragraphs(part.raw, prefix), 1):
        pieces = trimmed(found)
        if pieces:
            yield Slot(f"{short}:p{number}", pieces, attribute=_PRESERVE)


def _paragraphs(raw: str, prefix: str) -> Iterator[list[Piece]]:
    """Yield the pieces of each paragraph where it ends; one may stand inside another (a text box)."""
    open_paragraphs: list[list[Piece]] = []
    inside: Token | None = None  # the text element that is open
    for token in xml_tokens(raw):
        name = token.name.removeprefix(prefix) if token.name.startswith(prefix) else ""
        if token.kind == "open" and name == "p":
            open_paragraphs.append([])
        elif token.kind == "close" and name == "p" and open_paragraphs:
            yield open_paragraphs.pop()
        elif name == "t":
            inside = token if token.kind == "open" else None
        elif token.kind == "empty" and name in _BREAKS and open_paragraphs:
            break_ = Piece(token.start, token.end, _BREAKS[name], _nowhere, markup=True)
            open_paragraphs[-1].append(break_)
        elif token.kind == "text" and inside is not None and open_paragraphs:
            mark = -1 if "xml:space" in attributes(inside) else inside.end - 1
            open_paragraphs[-1] += reference_pieces(raw, token.start, token.end, escape_text, mark=mark)


def _nowhere(text: str) -> str:
    """Refuse text beside a break where no run stands that could take it; white space is dropped."""
    if text.strip():
        raise ValueError("there is no run that could hold the new text")
    return ""
