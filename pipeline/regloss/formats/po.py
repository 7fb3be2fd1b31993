"""Gettext catalogues (PO, POT): each translation is a unit, its msgid is the source where the catalogue is Chinese.

The header, obsolete entries and untranslated ones are left alone. A string may be written over several lines; an edit
keeps them. An msgid counts as source only where the catalogue has Chinese ones: many are keys or English.

Source: GNU gettext manual, "The Format of PO Files".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from regloss.document import Document
from regloss.errors import FormatError
from regloss.formats.encoding import BOM, decode
from regloss.formats.packed import PackedSlots
from regloss.formats.slots import Piece, Slot
from regloss.formats.units import TextContainer, encode_units, unit_document
from regloss.text import has_han

__all__ = ["PoFormat"]

_LINE = re.compile(r"[^\r\n]++|\r\n|[\r\n]")
_KEYWORD = re.compile(r"[ \t]*(?P<keyword>msgctxt|msgid_plural|msgid|msgstr(?:\[(?P<index>\d{1,2})\])?)[ \t]*(?=\")")
_STRING = re.compile(r"[ \t]*\"(?P<body>(?:[^\"\\]|\\.)*+)\"[ \t]*")
_ESCAPE = re.compile(r"\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)")
_MEANING = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", '"': '"', "\\": "\\"}
_WRITTEN = str.maketrans(
    {
        "\\": "\\\\",
        '"': '\\"',
        "\n": "\\n",
        "\t": "\\t",
        "\r": "\\r",
        "\a": "\\a",
        "\b": "\\b",
        "\f": "\\f",
        "\v": "\\v",
    }
)


@dataclass(frozen=True, slots=True)
class PoFormat:
    """Message catalogues of software."""

    name: str = "PO"
    suffixes: tuple[str, ...] = (".po", ".pot")

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`; raises FormatError where a line is none of a catalogue, and names it."""
        text, encoding = decode(data, name)
        is_chinese = has_han(text) and any(has_han(entry.text("msgid")) for entry in _entries(text, name))
        slots = PackedSlots(text, (slot for entry in _entries(text, name) for slot in _slots(entry, is_chinese)))
        return unit_document(name, slots, TextContainer(name, data, text, encoding, slots), encoding)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)


@dataclass(slots=True)
class _Entry:
    line: int
    strings: dict[str, list[Piece]] = field(default_factory=dict)

    def text(self, keyword: str) -> str:
        """Return the decoded string of a keyword, empty where it is missing."""
        return "".join(piece.text for piece in self.strings.get(keyword, ()))


def _entries(text: str, path: str) -> Iterator[_Entry]:
    entry = _Entry(1)
    keyword = ""
    number = 1
    for match in _LINE.finditer(text, 1 if text.startswith(BOM) else 0):
        line = match.group()
        if line[0] in "\r\n":
            number += 1
            continue
        if not line.strip() or line.lstrip().startswith("#"):
            keyword = ""
            continue
        start = match.start()
        named = _KEYWORD.match(text, start, match.end())
        if named:
            keyword = named["keyword"]
            start = named.end()
            # A context or, failing that, an msgid begins the next entry.
            if keyword in entry.strings or (keyword == "msgctxt" and "msgid" in entry.strings):
                yield entry
                entry = _Entry(number)
            entry.strings[keyword] = []
        string = _STRING.fullmatch(text, start, match.end())
        if string is None or not keyword:
            raise FormatError("not a line of a PO file; mend it (msgfmt --check names it too)", path, number)
        entry.strings[keyword] += _pieces(text, *string.span("body"))
    yield entry


def _pieces(text: str, start: int, end: int) -> Iterator[Piece]:
    position = start
    for match in _ESCAPE.finditer(text, start, end):
        if position < match.start():
            yield Piece(position, match.start(), text[position : match.start()], _escape)
        yield Piece(*match.span(), _meaning(match[0][1:]), _escape)
        position = match.end()
    if position < end:
        yield Piece(position, end, text[position:end], _escape)


def _meaning(body: str) -> str:
    """Return what follows a backslash stands for."""
    if body[0] in "01234567":
        return chr(int(body, 8))
    if body[0] == "x" and len(body) > 1:
        return chr(int(body[1:], 16))
    return _MEANING.get(body, body)


def _escape(text: str) -> str:
    return text.translate(_WRITTEN)


def _slots(entry: _Entry, is_chinese: bool) -> Iterator[Slot]:
    source = entry.text("msgid")
    if not source:
        return
    for keyword, pieces in entry.strings.items():
        if keyword.startswith("msgstr") and pieces:
            plural = keyword not in ("msgstr", "msgstr[0]")
            own = (entry.text("msgid_plural") or source) if plural else source
            name = " / ".join(filter(None, (entry.text("msgctxt"), source)))
            suffix = keyword.removeprefix("msgstr")
            yield Slot(" ".join(name.split())[:80] + suffix, tuple(pieces), own if is_chinese else None, by_line=True)
