"""CSV and TSV with named columns: each cell of the target column is a unit, the source column brings its source.

The first row names the columns. A changed cell is quoted only where it was, or where it must be now. No cell that an
edit changes begins with ``= + - @`` unless it did before: a spreadsheet would run it as a formula, so an apostrophe is
put before it, which spreadsheets do not show.

Source: RFC 4180; OWASP, "CSV Injection".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from regloss.document import Document
from regloss.errors import FormatError
from regloss.formats.encoding import BOM, decode
from regloss.formats.fields import USUAL, Fields, choose_columns
from regloss.formats.gaps import Gap, Pair, gap_document, is_gap
from regloss.formats.packed import PackedSlots
from regloss.formats.slots import Encoder, Piece, Slot
from regloss.formats.units import TextContainer, encode_units, unit_document

__all__ = ["DelimitedFormat"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DOUBLED = re.compile('""')
_DELIMITERS = {".csv": ",;\t", ".tsv": "\t", ".tab": "\t"}


@dataclass(frozen=True, slots=True)
class DelimitedFormat:
    """Tables as text; a CSV file may be delimited by comma, semicolon or tab."""

    fields: Fields = USUAL
    name: str = "CSV"
    suffixes: tuple[str, ...] = (".csv", ".tsv", ".tab")

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`; raises FormatError where it is no table or lacks the column."""
        text, encoding = decode(data, name)
        slots = PackedSlots(text, _slots(_Table.of(text, self.fields, name)))
        return unit_document(name, slots, TextContainer(name, data, text, encoding, slots), encoding)

    def gaps(self, data: bytes, name: str, *, overwrite: bool = False) -> Document | None:
        """Return the sources whose cells are to be filled; see `BilingualFormat.gaps`."""
        text, encoding = decode(data, name)
        pairs = _pairs(_Table.of(text, self.fields, name), overwrite=overwrite)
        return gap_document(name, data, text, encoding, pairs)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)


@dataclass(frozen=True, slots=True)
class _Cell:
    start: int
    end: int
    quoted: bool

    def text(self, raw: str) -> str:
        """Return what the cell holds."""
        return raw[self.start : self.end].replace('""', '"') if self.quoted else raw[self.start : self.end]


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows below the header, which can be gone through once, and the columns that count."""

    raw: str
    rows: Iterator[list[_Cell]]
    delimiter: str
    target: int = 0
    source: int | None = None

    @classmethod
    def of(cls, raw: str, fields: Fields, path: str) -> "_Table":
        """Return the table in a text; raises FormatError where it lacks a column."""
        if not raw.removeprefix(BOM).strip():
            return cls(raw, iter(()), ",")
        suffix = path[path.rfind(".") :].lower() if "." in path else ".csv"
        delimiters = _DELIMITERS.get(suffix, ",;\t")
        delimiter = _delimiter(raw, delimiters)
        rows = _rows(raw, delimiter, path, strict="," in delimiters)
        columns = choose_columns([cell.text(raw) for cell in next(rows)], fields, path)
        return cls(raw, rows, delimiter, *columns)

    def source_of(self, cells: Sequence[_Cell]) -> str:
        """Return the source in a row, empty where it has none."""
        return cells[self.source].text(self.raw) if self.source is not None and self.source < len(cells) else ""


def _slots(table: _Table) -> Iterator[Slot]:
    writers = {begins: _bare_cell(table.delimiter, begins_with_quote=begins) for begins in (False, True)}
    for number, cells in enumerate(table.rows, 2):
        if table.target < len(cells) and cells[table.target].start < cells[table.target].end:
            source = table.source_of(cells).strip() or None
            yield _slot(table.raw, f"row{number}", cells[table.target], writers, source)


def _pairs(table: _Table, *, overwrite: bool) -> Iterator[Pair]:
    """Yield source and target of each row; a row that ends before its target is made longer."""
    bare = _bare_cell(table.delimiter, begins_with_quote=False)
    for number, cells in enumerate(table.rows, 2):
        source = table.source_of(cells)
        cell = cells[table.target] if table.target < len(cells) else _Cell(cells[-1].end, cells[-1].end, quoted=False)
        if not is_gap(source, cell.text(table.raw), overwrite=overwrite):
            yield Pair(source, None)
            continue
        # Behind the quote of a quoted last cell.
        start = cell.start if table.target < len(cells) else cell.end + cells[-1].quoted
        missing = table.delimiter * max(0, table.target - len(cells) + 1)
        write = _double if cell.quoted else bare
        slot = Slot(f"row{number}", (Piece(start, start, source, str),), by_line=True)
        yield Pair(source, Gap(slot, start, max(start, cell.end), _safe_cell(missing, write)))


def _safe_cell(before: str, write: Encoder) -> Encoder:
    return lambda text: before + write(_without_formula(text))


def _delimiter(raw: str, delimiters: str) -> str:
    """Return the delimiter that stands most often in the first line."""
    first = re.split(r"[\r\n]", raw.removeprefix(BOM), maxsplit=1)[0]
    return max(delimiters, key=first.count)


def _rows(raw: str, delimiter: str, path: str, *, strict: bool) -> Iterator[list[_Cell]]:
    """Yield the cells of each row; empty lines are no rows.

    Args:
        strict: a cell that begins with a quote is a quoted cell. False, as in a TSV, where a quote is mostly just a
            quote: it is one only if it ends in its line.
    """
    inner = r"[^\"]" if strict else r"[^\"\r\n]"
    quoted = re.compile(rf"\"((?:{inner}|\"\")*+)\"(?=[{delimiter}\r\n]|\Z)")
    bare = re.compile(rf"([^{delimiter}\r\n]*+)")
    position = len(BOM) if raw.startswith(BOM) else 0
    cells: list[_Cell] = []
    while position <= len(raw):
        match = quoted.match(raw, position)
        if match is None and strict and raw.startswith('"', position):
            line = raw.count("\n", 0, position) + 1
            raise FormatError("a quoted cell does not end, or goes on after its quote; mend the quotes", path, line)
        found = match or bare.match(raw, position)
        if found is None:
            return
        cells.append(_Cell(*found.span(1), match is not None))
        position = found.end()
        if raw.startswith(delimiter, position):
            position += 1
            continue
        if len(cells) > 1 or cells[0].quoted or cells[0].start < cells[0].end:
            yield cells
        cells = []
        position += 2 if raw.startswith("\r\n", position) else 1


def _slot(raw: str, name: str, cell: _Cell, writers: Mapping[bool, Encoder], source: str | None) -> Slot:
    prepare = None if _is_formula(cell.text(raw)) else _without_formula
    if cell.quoted:
        return Slot(name, tuple(_quoted_pieces(raw, cell)), source, by_line=True, prepare=prepare)
    piece = Piece(cell.start, cell.end, raw[cell.start : cell.end], str)
    whole = writers[piece.text.startswith('"')]
    return Slot(name, (piece,), source, by_line=True, whole=whole, prepare=prepare)


def _quoted_pieces(raw: str, cell: _Cell) -> Iterator[Piece]:
    position = cell.start
    for match in _DOUBLED.finditer(raw, cell.start, cell.end):
        if position < match.start():
            yield Piece(position, match.start(), raw[position : match.start()], _double)
        yield Piece(*match.span(), '"', _double)
        position = match.end()
    if position < cell.end:
        yield Piece(position, cell.end, raw[position : cell.end], _double)


def _double(text: str) -> str:
    return text.replace('"', '""')


def _bare_cell(delimiter: str, *, begins_with_quote: bool) -> Encoder:
    """Return what writes a cell that had no quotes around it, with quotes where it needs them now."""

    def write(text: str) -> str:
        new_quote = text.startswith('"') and not begins_with_quote
        needs_quotes = new_quote or any(char in text for char in (delimiter, "\r", "\n"))
        return f'"{_double(text)}"' if needs_quotes else text

    return write


def _is_formula(text: str) -> bool:
    return text.lstrip(" ").startswith(_FORMULA)


def _without_formula(text: str) -> str:
    return f"'{text}" if _is_formula(text) else text
