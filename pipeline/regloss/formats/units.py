"""Documents made of units: what a reader sees in each slot of a file, one after another, and the way back.

`Document.text` of such a file is the text of its units, with a separator between two units that none of them holds.
Stages work on it as on any text, the context of the whole file at hand; `encode_units` takes the new text apart again
and has the file written with the changed units in it.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from regloss.document import Document, Span, Unit
from regloss.errors import FormatError
from regloss.formats.encoding import encode
from regloss.formats.packed import PackedSlots
from regloss.formats.plain import line_blocks
from regloss.formats.protection import merge, protected_spans
from regloss.formats.slots import Slot, changes, splice

__all__ = [
    "Container",
    "Origin",
    "Place",
    "TextContainer",
    "encode_units",
    "find_separator",
    "place",
    "raw_span",
    "unit_changes",
    "unit_document",
    "unit_texts",
]

_SEPARATOR = "\u2029"  # PARAGRAPH SEPARATOR, which hardly any text holds
_NO_MARGINS = ("", "")


class Container(Protocol):
    """A file whose slots can be given new texts."""

    @property
    def data(self) -> bytes:
        """The file as it was read."""

    def render(self, texts: Mapping[int, str]) -> bytes:
        """Return the file with new texts for some of its slots, by their number."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What `encode_units` keeps of a file.

    Attributes:
        container: the file.
        numbers: for each unit of the document the number of its slot.
        margins: white space before and after the text of each unit.
        separator: what stands between two units in the document's text.
    """

    container: Container
    numbers: Sequence[int]
    margins: Sequence[tuple[str, str]]
    separator: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands.

    Attributes:
        unit: the unit that holds it.
        file_span: its span in the decoded file; None where the file is no text.
        position: where to look for it: line and column counted from 1, or the id of the unit.
    """

    unit: Unit
    file_span: Span | None
    position: str


@dataclass(frozen=True, slots=True)
class TextContainer:
    """A file that is text, its slots in it.

    Attributes:
        name: for messages.
        data, raw, encoding: the file, decoded, and the codec.
        slots: in order.
        references: a character that the encoding lacks is written as a character reference (XML, HTML).
    """

    name: str
    data: bytes
    raw: str
    encoding: str
    slots: PackedSlots
    references: bool = False

    def render(self, texts: Mapping[int, str]) -> bytes:
        """Return the file with the new texts in it; raises FormatError where its encoding lacks a character."""
        made = [change for number, text in texts.items() for change in changes(self.slots[number], text)]
        new = splice(self.raw, made)
        if self.references:
            return new.encode(self.encoding, errors="xmlcharrefreplace")
        return encode(new, self.encoding, self.name)


def raw_span(slot: Slot, start: int, end: int) -> Span | None:
    """Return the raw stretch that stands for ``slot.text[start:end]``; of an escape, all of it."""
    offset = 0
    ends: list[tuple[int, int]] = []
    for piece in slot.pieces:
        first, last = max(start - offset, 0), min(end - offset, len(piece.text))
        if first < last or (start == end and first == last == start - offset):
            exact = piece.is_plain
            ends.append((piece.start + first if exact else piece.start, piece.start + last if exact else piece.end))
        offset += len(piece.text)
    return Span(ends[0][0], ends[-1][1]) if ends else None


def unit_document(
    name: str, slots: Iterable[Slot], container: Container, encoding: str = "utf-8", separator: str = ""
) -> Document:
    """Return the document of a file: a unit for each slot that holds more than white space.

    Args:
        slots: that can be gone through more than once.
        separator: that stands in no slot, for a part of a larger file; empty finds one.
    """
    separator = separator or _unused_separator(slots)
    numbers = array("Q")
    margins: list[tuple[str, str]] = []
    cores: list[str] = []
    units: list[Unit] = []
    blocks: list[Span] = []
    protected: list[Span] = []
    position = 0
    for number, slot in enumerate(slots):
        text = slot.text
        core = text.strip()
        if core:
            start, position = position, position + len(core)
            cores.append(core)
            units.append(Unit(_printable(slot.id), start, position, slot.source))
            blocks += _blocks(slot, core, start, position)
            protected += _moved(_protected(slot, text, core), start)
            position += len(separator)
            numbers.append(number)
            margins.append(_margins(text))
    shown = separator.join(cores)
    origin = Origin(container, numbers, margins, separator)
    return Document(name, shown, tuple(blocks), tuple(protected), encoding=encoding, units=tuple(units), origin=origin)


def unit_changes(document: Document, text: str) -> dict[int, str]:
    """Return the new text of each slot, by its number, that ``text`` in place of ``document.text`` changes.

    Raises:
        FormatError: `text` breaks the borders of a unit.
    """
    origin: Origin = document.origin
    return {
        number: new
        for (number, new), unit, (before, after) in zip(
            unit_texts(document, text), document.units, origin.margins, strict=True
        )
        if new != before + document.text[unit.start : unit.end] + after
    }


def unit_texts(document: Document, text: str) -> Iterator[tuple[int, str]]:
    """Yield the number of each unit's slot with its text where ``text`` stands in place of ``document.text``.

    Raises:
        FormatError: `text` breaks the borders of a unit.
    """
    origin: Origin = document.origin
    found = text.count(origin.separator) + 1
    if found != len(document.units):
        raise FormatError(f"{found} units where {len(document.units)} are meant; none may be joined or split")
    parts = _parts(text, origin.separator)
    for number, part, (before, after) in zip(origin.numbers, parts, origin.margins, strict=True):
        yield number, before + part + after


def _parts(text: str, separator: str) -> Iterator[str]:
    """Yield what stands between the separators, one part at a time."""
    position = 0
    while (end := text.find(separator, position)) >= 0:
        yield text[position:end]
        position = end + len(separator)
    yield text[position:]


def encode_units(document: Document, text: str) -> bytes:
    """Return the bytes of the document's file with `text` in place of `document.text`.

    Raises:
        FormatError: `text` breaks the borders of a unit or lacks markup, or the file has no room for a character.
    """
    origin: Origin = document.origin
    if text == document.text:
        return origin.container.data
    try:
        return origin.container.render(unit_changes(document, text))
    except ValueError as exc:
        raise FormatError(f"cannot be put back into the file: {exc}", document.name) from exc


def place(document: Document, start: int, end: int) -> Place | None:
    """Return where ``document.text[start:end]`` stands in its file; None for a document without units."""
    index = bisect_right(document.units, start, key=lambda unit: unit.start) - 1
    if index < 0 or end > document.units[index].end:
        return None
    unit, origin = document.units[index], document.origin
    if not isinstance(origin.container, TextContainer):
        return Place(unit, None, unit.id)
    shift = len(origin.margins[index][0]) - unit.start
    span = raw_span(origin.container.slots[origin.numbers[index]], start + shift, end + shift)
    return Place(unit, span, _position(origin.container.raw, span.start) if span else unit.id)


def _position(raw: str, offset: int) -> str:
    return f"{raw.count(chr(10), 0, offset) + 1}:{offset - raw.rfind(chr(10), 0, offset)}"


def _printable(name: str) -> str:
    """Return an id on one line, for messages and reports."""
    return name if name.isprintable() else "".join(char if char.isprintable() else " " for char in name)


def find_separator(is_used: Callable[[str], bool]) -> str:
    """Return what may stand between units: the first choice that `is_used` tells to be in none of them."""
    separator = _SEPARATOR + "\n"
    while is_used(separator):
        separator = _SEPARATOR + separator
    return separator


def _unused_separator(slots: Iterable[Slot]) -> str:
    odd = [text for slot in slots if _SEPARATOR in (text := slot.text)]
    return find_separator(lambda found: any(found in text for text in odd))


def _blocks(slot: Slot, core: str, start: int, end: int) -> Iterator[Span]:
    """Yield the blocks of a slot whose text without margins stands at [start, end)."""
    whole = Span(0, len(core))
    for span in line_blocks(core) if slot.by_line else (whole,):
        # The same numbers as the unit's, not equal ones: there may be hundreds of thousands.
        yield Span(start, end) if span == whole else Span(start + span.start, start + span.end)


def _margins(text: str) -> tuple[str, str]:
    if text == text.strip():
        return _NO_MARGINS
    begin = len(text) - len(text.lstrip())
    return text[:begin], text[len(text.rstrip()) :]


def _protected(slot: Slot, text: str, core: str) -> tuple[Span, ...]:
    """Return the markup of a slot and all that `protected_spans` finds, offsets into its text without margins."""
    skipped = len(text) - len(text.lstrip())
    spans = list(protected_spans(core))
    offset = -skipped
    for piece in slot.pieces:
        if piece.markup:
            first, last = max(offset, 0), min(offset + len(piece.text), len(core))
            if first < last:
                spans.append(Span(first, last))
        offset += len(piece.text)
    return merge(spans)


def _moved(spans: Sequence[Span], by: int) -> Iterator[Span]:
    return (Span(span.start + by, span.end + by) for span in spans)
