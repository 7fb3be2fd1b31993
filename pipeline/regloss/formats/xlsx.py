"""XLSX with named columns: in each sheet the first row names the columns, each cell of the target column is a unit.

Text stands in a table of strings that cells share. A string that only changed cells use, all with the same new text,
is changed where it stands, and its runs keep their formatting; else the new text is added at the end of the table and
the cell points to it. Strings that stand in the cell itself are changed there. Formulas and numbers are no text; a text
stays a text, so no cell can become a formula.

Source: ECMA-376, Office Open XML, part 1, section 18 (SpreadsheetML).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from regloss.document import Document, Span
from regloss.errors import FormatError
from regloss.formats.fields import USUAL, Fields, choose_columns
from regloss.formats.gaps import Gap, Pair, gaps_of, is_gap
from regloss.formats.markup import Node, escape_text, open_tag, reference_pieces, subtrees
from regloss.formats.office import XmlPart, name_prefix, read_tree, read_xml
from regloss.formats.package import Package
from regloss.formats.slots import Change, Piece, Slot, changes, splice
from regloss.formats.units import encode_units, unit_document

__all__ = ["XlsxFormat"]

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_UNIQUE = re.compile(r"(?<=\suniqueCount=[\"'])\d+")
_PRESERVE = ' xml:space="preserve"'
_STRINGS = "xl/sharedStrings.xml"
_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)


@dataclass(frozen=True, slots=True)
class XlsxFormat:
    """Workbooks of Office Open XML."""

    fields: Fields = USUAL
    name: str = "XLSX"
    suffixes: tuple[str, ...] = (".xlsx", ".xlsm")

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`.

        Raises:
            FormatError: it is no workbook, is damaged or refused, or no sheet has the target column.
        """
        package = Package.read(data, name)
        strings = read_xml(package, _STRINGS)
        shared = tuple(_strings(strings)) if strings else ()
        sheets = tuple(_sheets(package))
        cells = tuple(cell for number, sheet in enumerate(sheets) for cell in _cells(sheet, number, shared, name))
        wanted = tuple(_wanted(cells, sheets, self.fields, name))
        container = _Workbook(package, sheets, strings, shared, wanted, Counter(c.shared for c in cells))
        return unit_document(name, [each.slot for each in wanted], container)

    def gaps(self, data: bytes, name: str, *, overwrite: bool = False) -> Document | None:
        """Return the sources whose cells are to be filled; see `BilingualFormat.gaps`."""
        package = Package.read(data, name)
        strings = read_xml(package, _STRINGS)
        shared = tuple(_strings(strings)) if strings else ()
        sheets = tuple(_sheets(package))
        cells = tuple(cell for number, sheet in enumerate(sheets) for cell in _cells(sheet, number, shared, name))
        pairs = [
            (number, pair)
            for number, own, target, source in _with_columns(cells, self.fields, name)
            for pair in _pairs(sheets[number], own, target, source, overwrite=overwrite)
        ]
        gaps = gaps_of(pair for _, pair in pairs)
        if gaps is None:
            return None
        placed = tuple((number, pair.gap) for number, pair in pairs if pair.gap is not None)
        return unit_document(name, [gap.slot for gap in gaps], _GapWorkbook(package, sheets, placed))

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)


@dataclass(frozen=True, slots=True)
class _Sheet:
    title: str
    part: XmlPart


@dataclass(frozen=True, slots=True)
class _String:
    """An entry of the table: its place, with its tags, and its pieces."""

    start: int
    end: int
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell that holds text.

    Attributes:
        sheet: number of its sheet.
        column, row: counted from 0 and 1.
        name: such as ``C2``.
        shared: number of its string in the table, -1 where the string stands in the cell.
        value: where that number stands in the sheet.
        pieces: of its text, in the table or in the sheet.
    """

    sheet: int
    column: int
    row: int
    name: str
    shared: int
    value: Span
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class _Unit:
    cell: _Cell
    slot: Slot


@dataclass(frozen=True, slots=True)
class _Workbook:
    """The workbook and its units; `uses` counts the cells that point to each shared string."""

    package: Package
    sheets: tuple[_Sheet, ...]
    strings: XmlPart | None
    shared: tuple[_String, ...]
    units: tuple[_Unit, ...]
    uses: Counter[int]

    @property
    def data(self) -> bytes:
        """The file as it was read."""
        return self.package.data

    def render(self, texts: Mapping[int, str]) -> bytes:
        """Return the workbook with the new texts in it."""
        in_sheets: dict[int, list[Change]] = {}
        by_string: dict[int, list[tuple[_Cell, str]]] = {}
        for number, text in texts.items():
            unit = self.units[number]
            if unit.cell.shared < 0:
                in_sheets.setdefault(unit.cell.sheet, []).extend(changes(unit.slot, text))
            else:
                by_string.setdefault(unit.cell.shared, []).append((unit.cell, text))
        contents = self._table(by_string, in_sheets)
        for number, made in in_sheets.items():
            part = self.sheets[number].part
            contents[part.name] = part.encode(made)
        return self.package.replaced(contents)

    def _table(
        self, by_string: Mapping[int, list[tuple[_Cell, str]]], in_sheets: dict[int, list[Change]]
    ) -> dict[str, bytes]:
        """Return the new table of strings; adds to `in_sheets` the cells that point elsewhere now."""
        if not by_string or self.strings is None:
            return {}
        made: list[Change] = []
        added: dict[tuple[int, str], str] = {}
        for index, cells in sorted(by_string.items()):
            string = self.shared[index]
            if len(cells) == self.uses[index] and len({text for _, text in cells}) == 1:
                made += changes(_slot("", string.pieces, None), cells[0][1])
                continue
            for cell, text in cells:
                added.setdefault((index, text), self._changed_string(string, text))
                where = len(self.shared) + list(added).index((index, text))
                in_sheets.setdefault(cell.sheet, []).append(Change(cell.value.start, cell.value.end, str(where)))
        made += self._additions(list(added.values()))
        return {self.strings.name: self.strings.encode(made)}

    def _changed_string(self, string: _String, text: str) -> str:
        raw = self.strings.raw if self.strings else ""
        made = [
            Change(change.start - string.start, change.end - string.start, change.new)
            for change in changes(_slot("", string.pieces, None), text)
        ]
        return splice(raw[string.start : string.end], made)

    def _additions(self, added: list[str]) -> Iterator[Change]:
        if added and self.strings is not None:
            end = self.shared[-1].end
            yield Change(end, end, "".join(added))
            count = _UNIQUE.search(self.strings.raw, 0, self.shared[0].start)
            if count:
                yield Change(*count.span(), str(int(count[0]) + len(added)))


@dataclass(frozen=True, slots=True)
class _GapWorkbook:
    """The workbook and the cells to be filled, each with the number of its sheet."""

    package: Package
    sheets: tuple[_Sheet, ...]
    gaps: tuple[tuple[int, Gap], ...]

    @property
    def data(self) -> bytes:
        """The file as it was read."""
        return self.package.data

    def render(self, texts: Mapping[int, str]) -> bytes:
        """Return the workbook with these translations in it; sheets without any stay as they lie."""
        made: dict[int, list[Change]] = {}
        for number, text in texts.items():
            sheet, gap = self.gaps[number]
            made.setdefault(sheet, []).append(Change(gap.start, gap.end, gap.write(text)))
        parts = {number: self.sheets[number].part for number in made}
        return self.package.replaced({part.name: part.encode(made[number]) for number, part in parts.items()})


def _sheets(package: Package) -> Iterator[_Sheet]:
    """Yield the sheets in the order of the workbook."""
    workbook = read_tree(package, "xl/workbook.xml")
    relations = read_tree(package, "xl/_rels/workbook.xml.rels")
    if workbook is None or relations is None:
        raise FormatError("is a zip package, but no XLSX: it has no xl/workbook.xml", package.name)
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    for sheet in workbook.iter("{*}sheet"):
        target = targets.get(sheet.get(_RELATION) or sheet.get(_STRICT_RELATION), "")
        part = read_xml(package, target[1:] if target.startswith("/") else f"xl/{target}")
        if part is not None:
            yield _Sheet(sheet.get("name", ""), part)


def _strings(part: XmlPart) -> Iterator[_String]:
    for node, _ in subtrees(part.raw, frozenset({"si"})):
        close = part.raw.find(">", node.inner_end) + 1
        yield _String(node.token.start, close, tuple(_text_pieces(part.raw, node)))


def _text_pieces(raw: str, node: Node) -> Iterator[Piece]:
    """Yield the text of a string, plain or in runs; phonetic hints are no text."""
    for child in node.children:
        if child.name == "t" and child.token.kind == "open":
            mark = -1 if "xml:space" in child.attributes else child.token.end - 1
            yield from reference_pieces(raw, child.inner_start, child.inner_end, escape_text, mark=mark)
        elif child.name == "r":
            yield from _text_pieces(raw, child)


def _cells(sheet: _Sheet, number: int, shared: tuple[_String, ...], path: str) -> Iterator[_Cell]:
    """Yield the cells of a sheet that hold text."""
    for node, _ in subtrees(sheet.part.raw, frozenset({"c"})):
        found = node.attributes
        reference = _REFERENCE.fullmatch(found.get("r", ""))
        if reference is None:
            continue
        place = number, _column(reference[1]), int(reference[2]), reference[0]
        value, inline = node.first("v"), node.first("is")
        if found.get("t") == "s" and value is not None:
            digits = sheet.part.raw[value.inner_start : value.inner_end].strip()
            index = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else -1
            if not 0 <= index < len(shared):
                fault = f"cell {reference[0]} of sheet {sheet.title!r} points to a string that the table lacks"
                raise FormatError(f"is damaged: {fault}", path)
            yield _Cell(*place, index, Span(value.inner_start, value.inner_end), shared[index].pieces)
        elif found.get("t") == "inlineStr" and inline is not None:
            yield _Cell(*place, -1, Span(0, 0), tuple(_text_pieces(sheet.part.raw, inline)))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _wanted(cells: Iterable[_Cell], sheets: tuple[_Sheet, ...], fields: Fields, path: str) -> Iterator[_Unit]:
    """Yield the units: the cells below the name of the target column, in every sheet that has one."""
    for number, own, target, source in _with_columns(cells, fields, path):
        yield from _rows(own, target, source, sheets[number].title)


def _with_columns(
    cells: Iterable[_Cell], fields: Fields, path: str
) -> Iterator[tuple[int, list[_Cell], int, int | None]]:
    """Yield number, cells, target and source column of every sheet that has a target column.

    Raises:
        FormatError: none has.
    """
    faults: list[FormatError] = []
    found = False
    by_sheet: dict[int, list[_Cell]] = {}
    for cell in cells:
        by_sheet.setdefault(cell.sheet, []).append(cell)
    for number, own in by_sheet.items():
        try:
            target, source = _columns(own, fields, path)
        except FormatError as fault:
            faults.append(fault)
            continue
        found = True
        yield number, own, target, source
    if faults and not found:
        raise faults[0]


def _columns(cells: list[_Cell], fields: Fields, path: str) -> tuple[int, int | None]:
    header = {cell.column: cell.text for cell in cells if cell.row == cells[0].row}
    names = [header.get(column, "") for column in range(max(header) + 1)]
    return choose_columns(names, fields, path)


def _rows(cells: list[_Cell], target: int, source: int | None, title: str) -> Iterator[_Unit]:
    sources = {cell.row: cell.text.strip() for cell in cells if cell.column == source}
    for cell in cells:
        if cell.column == target and cell.row > cells[0].row and cell.text.strip():
            slot = _slot(f"{title}!{cell.name}", cell.pieces, sources.get(cell.row) or None)
            yield _Unit(cell, slot)


def _pairs(sheet: _Sheet, cells: list[_Cell], target: int, source: int | None, *, overwrite: bool) -> Iterator[Pair]:
    """Yield source and target of each row below the names; a cell that is missing is one to be made."""
    texts = {(cell.row, cell.column): cell.text for cell in cells if cell.row > cells[0].row}
    for row, _ in subtrees(sheet.part.raw, frozenset({"row"})):
        named = ((_REFERENCE.fullmatch(child.attributes.get("r", "")), child) for child in row.all("c"))
        found = [(_column(name[1]), int(name[2]), child) for name, child in named if name]
        number = found[0][1] if found else 0
        text = texts.get((number, source), "") if source is not None else ""
        own = next((child for column, _, child in found if column == target), None)
        behind = next((child.token.start for column, _, child in found if column > target), row.inner_end)
        held = texts.get((number, target), "")
        # Numbers and formulas are no text that could be missing.
        is_other = own is not None and not held and bool(own.first("v") or own.first("f"))
        wanted = not is_other and is_gap(text, held, overwrite=overwrite)
        yield Pair(text, _gap(sheet, own, f"{_letters(target)}{number}", behind, text) if wanted else None)


def _gap(sheet: _Sheet, cell: Node | None, name: str, behind: int, source: str) -> Gap:
    """Return the cell as one to be filled with a text of its own; where there is none, one to be made at `behind`."""
    raw = sheet.part.raw
    slot = Slot(f"{sheet.title}!{name}", (Piece(0, 0, source, str),), by_line=True)
    if cell is not None:
        start, end = cell.token.start, cell.end(raw)
        opening, prefix = open_tag(raw, cell.token, {"t": "inlineStr"}), cell.token.name.removesuffix("c")
    else:
        start = end = behind
        prefix = name_prefix(sheet.part, _NAMESPACES) or ""
        opening = f'<{prefix}c r="{name}" t="inlineStr">'

    def write(new: str) -> str:
        return f"{opening}<{prefix}is><{prefix}t{_PRESERVE}>{escape_text(new)}</{prefix}t></{prefix}is></{prefix}c>"

    return Gap(slot, start, end, write)


def _letters(column: int) -> str:
    letters = ""
    while column >= 0:
        column, rest = divmod(column, 26)
        letters = chr(ord("A") + rest) + letters
        column -= 1
    return letters


def _slot(name: str, pieces: tuple[Piece, ...], source: str | None) -> Slot:
    return Slot(name, pieces, source, by_line=True, attribute=_PRESERVE)
