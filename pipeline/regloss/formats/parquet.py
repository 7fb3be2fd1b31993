"""Parquet with named columns: each cell of the target column is a unit, the source column brings its source.

Each row is a document of its own, as a line of JSONL is, so a table of any size can be repaired a few rows at a time:
`ParquetRows` reads and writes a table by row groups. A changed file is written anew with the same schema, metadata,
compression and row groups of the same sizes; all other columns have the same values. An unchanged one keeps its bytes.
Needs the extra ``parquet``.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from typing import Any

from regloss.document import Document
from regloss.errors import FormatError, MissingExtraError
from regloss.formats.fields import USUAL, Fields, choose_columns
from regloss.formats.slots import Piece, Slot
from regloss.formats.units import encode_units, find_separator, unit_changes, unit_document

__all__ = ["ParquetFormat", "ParquetRows", "is_parquet"]

_ROWS = 256
"""Rows that are held as documents at once."""


def is_parquet(path: Path | str) -> bool:
    """Tell whether a file is a Parquet table, by its name."""
    return Path(path).suffix.lower() == ".parquet"


@dataclass(frozen=True, slots=True)
class ParquetFormat:
    """Tables of Apache Parquet."""

    fields: Fields = USUAL
    name: str = "Parquet"
    suffixes: tuple[str, ...] = (".parquet",)

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`.

        Raises:
            FormatError: it is no Parquet file, or lacks the column, or the column holds no strings.
            MissingExtraError: pyarrow is not installed.
        """
        table = _Table(_opened(data, name), name, self.fields)
        slots = [slot for group in table.groups() for slot in table.slots(group)]
        return replace(unit_document(name, slots, _Content(name, data, self.fields)), apart=True)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)


@dataclass(frozen=True, slots=True)
class _Content:
    name: str
    data: bytes
    fields: Fields

    def render(self, texts: Mapping[int, str]) -> bytes:
        """Return the file with the new texts in the target column."""
        table = _Table(_opened(self.data, self.name), self.name, self.fields)
        out = BytesIO()
        table.write(
            out, lambda group: {n: texts[group.start + n] for n in range(group.rows) if group.start + n in texts}
        )
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Group:
    """A row group: the number of its first row in the file, how many rows it has, and its content."""

    start: int
    rows: int
    table: Any


class _Table:
    """An open Parquet file with its target column."""

    def __init__(self, file: Any, name: str, fields: Fields) -> None:
        self._file = file
        self._name = name
        self._target, self._source = choose_columns(file.schema_arrow.names, fields, name)
        for number in (self._target, self._source):
            _check_strings(file.schema_arrow, number, name)

    def groups(self) -> Iterator[_Group]:
        """Yield the row groups, one in memory at a time."""
        sizes = [self._file.metadata.row_group(n).num_rows for n in range(self._file.metadata.num_row_groups)]
        for number, start in enumerate(accumulate(sizes[:-1], initial=0) if sizes else ()):
            with _said(self._name):
                table = self._file.read_row_group(number, use_threads=False)
                table.validate(full=True)
            yield _Group(start, sizes[number], table)

    def slots(self, group: _Group) -> Iterator[Slot]:
        """Yield a slot for each row of a group."""
        texts = group.table.column(self._target).to_pylist()
        sources = [None] * group.rows if self._source is None else group.table.column(self._source).to_pylist()
        for number, (text, own) in enumerate(zip(texts, sources, strict=True), group.start):
            yield _slot(number, text or "", own)

    def uses(self, text: str) -> bool:
        """Tell whether a text stands in any cell of the target column."""
        from pyarrow import compute

        return any(
            compute.any(compute.match_substring(group.table.column(self._target), text)).as_py()
            for group in self.groups()
        )

    def write(self, out: Any, texts: Callable[[_Group], Mapping[int, str]]) -> None:
        """Write the table to a path or stream, with new texts for some rows of each group, by their number in it."""
        import pyarrow
        from pyarrow import parquet

        metadata = self._file.metadata
        codec = metadata.row_group(0).column(self._target).compression.lower() if metadata.num_row_groups else "snappy"
        with parquet.ParquetWriter(out, self._file.schema_arrow, compression=_codec(codec)) as writer:
            for group in self.groups():
                table, new = group.table, texts(group)
                if new:
                    values = table.column(self._target).to_pylist()
                    for number, text in new.items():
                        values[number] = text
                    column = table.schema.field(self._target)
                    table = table.set_column(self._target, column, pyarrow.array(values, type=column.type))
                writer.write_table(table, row_group_size=max(group.rows, 1))


class ParquetRows:
    """A Parquet file of any size, to be repaired some rows at a time.

    Raises:
        FormatError: it is no Parquet file, or lacks the column, or the column holds no strings.
        MissingExtraError: pyarrow is not installed.
    """

    def __init__(self, path: Path, fields: Fields = USUAL) -> None:
        self._path = path
        self._table = _Table(_opened(path, str(path)), str(path), fields)
        self._separator = find_separator(self._table.uses)

    def rewrite(self, out: Path, repaired: Callable[[Document, int], str]) -> bool:
        """Write the table with new texts to `out`, and tell whether there was any text at all.

        Args:
            repaired: takes a document of some rows, each a unit, and how far on in the text of the whole file it
                stands, in code points; returns the new text of the document.
        """
        place = 0

        def texts(group: _Group) -> dict[int, str]:
            nonlocal place
            new: dict[int, str] = {}
            slots = list(self._table.slots(group))
            for first in range(0, len(slots), _ROWS):
                container = _Content(str(self._path), b"", USUAL)
                document = unit_document(
                    container.name, slots[first : first + _ROWS], container, "utf-8", self._separator
                )
                if document.units:
                    changes = unit_changes(document, repaired(document, place))
                    new |= {first + number: text for number, text in changes.items()}
                    place += len(document.text) + len(self._separator)
            return new

        self._table.write(out, texts)
        return place > 0


def _codec(name: str) -> str:
    return "none" if name == "uncompressed" else name


def _opened(source: bytes | Path, name: str) -> Any:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as exc:
        raise MissingExtraError("reading Parquet", "parquet") from exc
    with _said(name):
        # Without Python's own streams: on damaged files they and the threads were seen to wait for each other.
        stream = pyarrow.BufferReader(source) if isinstance(source, bytes) else pyarrow.OSFile(str(source))
        return parquet.ParquetFile(stream)


@contextmanager
def _said(name: str) -> Iterator[None]:
    """Say in one line what is wrong with a file."""
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError, ValueError) as exc:
        raise FormatError(f"is no Parquet file, or is damaged: {' '.join(str(exc).split())[:160]}", name) from exc


def _check_strings(schema: Any, number: int | None, name: str) -> None:
    import pyarrow

    if number is None:
        return
    kind = schema.field(number).type
    if not (pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)):
        raise FormatError(f"column {schema.names[number]!r} holds {kind}, not strings", name)


def _slot(number: int, text: str, source: str | None) -> Slot:
    pieces = (Piece(0, len(text), text, str),) if text else ()
    return Slot(f"row{number + 1}", pieces, (source or "").strip() or None, by_line=True, whole=str)
