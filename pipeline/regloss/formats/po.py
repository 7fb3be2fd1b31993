"""Gettext catalogues (PO, POT): each translation is a unit, its msgid is the source where the catalogue is Chinese.

The header, obsolete entries and untranslated ones are left alone. A string may be written over several lines; an edit
keeps them. An msgid counts as source only where the catalogue has Chinese ones: many are keys or English.

Source: GNU gettext manual, "The Format of PO Files".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from regloss.document import Document, Span
from regloss.errors import FormatError
from regloss.formats.encoding import BOM, decode
from regloss.formats.gaps import Gap, Pair, gap_document, is_gap
from regloss.formats.packed import PackedSlots
from regloss.formats.slots import Change, Piece, Slot
from regloss.formats.units import TextContainer, encode_units, unit_document
from regloss.text import has_han

__all__ = ["PoFormat"]

_LINE = re.compile(r"[^\r\n]++|\r\n|[\r\n]")
_KEYWORD = re.compile(r"[ \t]*(?P<keyword>msgctxt|msgid_plural|msgid|msgstr(?:\[(?P<index>\d{1,2})\])?)[ \t]*(?=\")")
_STRING = re.compile(r"[ \t]*\"(?P<body>(?:[^\"\\]|\\.)*+)\"[ \t]*")
_TEXT_LINE = re.compile(r"[^\n]*\n|[^\n]+")
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
        is_chinese = _is_chinese(text, name)
        slots = PackedSlots(text, (slot for entry in _entries(text, name) for slot in _slots(entry, is_chinese)))
        return unit_document(name, slots, TextContainer(name, data, text, encoding, slots), encoding)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)

    def gaps(self, data: bytes, name: str, *, overwrite: bool = False) -> Document | None:
        """Return the msgids without translation; see `BilingualFormat.gaps`."""
        text, encoding = decode(data, name)
        entries = _entries(text, name) if _is_chinese(text, name) else ()
        pairs = (pair for entry in entries for pair in _pairs(text, entry, overwrite=overwrite))
        return gap_document(name, data, text, encoding, pairs)


def _is_chinese(text: str, path: str) -> bool:
    return has_han(text) and any(has_han(entry.text("msgid")) for entry in _entries(text, path))


@dataclass(slots=True)
class _Entry:
    """One message.

    Attributes:
        start: where its first keyword stands.
        flags: the comment that flags it, empty where none does.
        strings, places: for each keyword the pieces of its strings, and where those stand with their quotes.
    """

    start: int
    flags: Span
    strings: dict[str, list[Piece]] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)

    def text(self, keyword: str) -> str:
        """Return the decoded string of a keyword, empty where it is missing."""
        return "".join(piece.text for piece in self.strings.get(keyword, ()))


def _entries(text: str, path: str) -> Iterator[_Entry]:
    entry = _Entry(0, Span(0, 0))
    flags = Span(0, 0)
    keyword = ""
    number = 1
    for match in _LINE.finditer(text, 1 if text.startswith(BOM) else 0):
        line = match.group()
        if line[0] in "\r\n":
            number += 1
            continue
        if not line.strip() or line.lstrip().startswith("#"):
            keyword = ""
            if line.lstrip().startswith("#,"):
                flags = Span(match.end() - len(line.lstrip()), match.end())
            elif line.lstrip().startswith("#~"):
                flags = Span(0, 0)
            continue
        start = match.start()
        named = _KEYWORD.match(text, start, match.end())
        if named:
            keyword = named["keyword"]
            start = named.end()
            # A context or, failing that, an msgid begins the next entry.
            if keyword in entry.strings or (keyword == "msgctxt" and "msgid" in entry.strings):
                yield entry
                entry = _Entry(0, Span(0, 0))
            if not entry.strings:
                entry.start, entry.flags, flags = match.start(), flags, Span(0, 0)
            entry.strings[keyword] = []
        string = _STRING.fullmatch(text, start, match.end())
        if string is None or not keyword:
            raise FormatError("not a line of a PO file; mend it (msgfmt --check names it too)", path, number)
        entry.strings[keyword] += _pieces(text, *string.span("body"))
        begin, end = string.span("body")
        entry.places[keyword] = Span(begin - 1 if named else entry.places[keyword].start, end + 1)
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


def _pairs(text: str, entry: _Entry, *, overwrite: bool) -> Iterator[Pair]:
    if not entry.text("msgid"):
        return
    for keyword in entry.strings:
        if keyword.startswith("msgstr"):
            is_plural = keyword not in ("msgstr", "msgstr[0]") and entry.text("msgid_plural")
            own = "msgid_plural" if is_plural else "msgid"
            source = entry.text(own)
            wanted = is_gap(source, entry.text(keyword), overwrite=overwrite)
            yield Pair(source, _gap(text, entry, keyword, own) if wanted else None)


def _gap(text: str, entry: _Entry, keyword: str, own: str) -> Gap:
    """Return a string as one to be filled; an entry that a machine translated is flagged as fuzzy."""
    newline = "\r\n" if "\r\n" in text else "\n"
    flagged = text[entry.flags.start : entry.flags.end]
    marks: tuple[Change, ...] = (Change(entry.start, entry.start, f"#, fuzzy{newline}"),)
    if flagged:
        place = entry.flags.start + len("#,")
        marks = () if "fuzzy" in flagged else (Change(place, place, " fuzzy,"),)
    slot = Slot(_name(entry) + keyword.removeprefix("msgstr"), tuple(entry.strings[own]), by_line=True)
    place_of = entry.places[keyword]
    return Gap(slot, place_of.start, place_of.end, lambda new: _strings(new, newline), marks)


def _strings(new: str, newline: str) -> str:
    """Return a text as strings of a catalogue: one, or one for each line below an empty one."""
    written = [f'"{_escape(line)}"' for line in _TEXT_LINE.findall(new)]
    return written[0] if len(written) == 1 else newline.join(('""', *written))


def _name(entry: _Entry) -> str:
    name = " / ".join(filter(None, (entry.text("msgctxt"), entry.text("msgid"))))
    return " ".join(name.split())[:80]


def _slots(entry: _Entry, is_chinese: bool) -> Iterator[Slot]:
    source = entry.text("msgid")
    if not source:
        return
    for keyword, pieces in entry.strings.items():
        if keyword.startswith("msgstr") and pieces:
            plural = keyword not in ("msgstr", "msgstr[0]")
            own = (entry.text("msgid_plural") or source) if plural else source
            name = _name(entry) + keyword.removeprefix("msgstr")
            yield Slot(name, tuple(pieces), own if is_chinese else None, by_line=True)
