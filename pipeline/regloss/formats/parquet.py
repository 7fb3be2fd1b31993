"""Parquet with named columns: each cell of the target column is a unit, the source column brings its source.

A changed file is written anew with the same schema, metadata, compression and row groups of the same sizes; all other
columns have the same values. An unchanged one keeps its bytes. Needs the extra ``parquet``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import accumulate
from typing import Any

from regloss.document import Document
from regloss.errors import FormatError, MissingExtraError
from regloss.formats.fields import USUAL, Fields, choose_columns
from regloss.formats.slots import Piece, Slot
from regloss.formats.units import encode_units, unit_document

__all__ = ["ParquetFormat"]


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
        _, table = _read(data, name)
        target, source = choose_columns(table.column_names, self.fields, name)
        texts = _strings(table, target, name)
        sources = _strings(table, source, name) if source is not None else [None] * len(texts)
        slots = [_slot(number, text or "", own) for number, (text, own) in enumerate(zip(texts, sources, strict=True))]
        return unit_document(name, slots, _Table(name, data, target))

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    data: bytes
    target: int

    def render(self, texts: Mapping[int, str]) -> bytes:
        """Return the file with the new texts in the target column."""
        import pyarrow
        from pyarrow import parquet

        file, table = _read(self.data, self.name)
        values = table.column(self.target).to_pylist()
        for number, text in texts.items():
            values[number] = text
        column = table.schema.field(self.target)
        table = table.set_column(self.target, column, pyarrow.array(values, type=column.type))
        groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
        compression = groups[0].column(self.target).compression.lower() if groups else "snappy"
        out = BytesIO()
        with parquet.ParquetWriter(out, table.schema, compression=_codec(compression)) as writer:
            starts = accumulate((group.num_rows for group in groups), initial=0)
            for start, group in zip(starts, groups, strict=False):
                writer.write_table(table.slice(start, group.num_rows), row_group_size=max(group.num_rows, 1))
        return out.getvalue()


def _codec(name: str) -> str:
    return "none" if name == "uncompressed" else name


def _read(data: bytes, name: str) -> tuple[Any, Any]:
    """Return the file, and the table in it."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as exc:
        raise MissingExtraError("reading Parquet", "parquet") from exc
    try:
        # Without threads and without Python's own streams: on damaged files the two were seen to wait for each other.
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        table = file.read(use_threads=False)
        table.validate(full=True)
    except (pyarrow.ArrowException, OSError, ValueError) as exc:
        raise FormatError(f"is no Parquet file, or is damaged: {' '.join(str(exc).split())[:160]}", name) from exc
    return file, table


def _strings(table: Any, number: int, name: str) -> list[str | None]:
    import pyarrow

    column = table.column(number)
    if not (pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type)):
        raise FormatError(f"column {table.column_names[number]!r} holds {column.type}, not strings", name)
    values: list[str | None] = column.to_pylist()
    return values


def _slot(number: int, text: str, source: str | None) -> Slot:
    pieces = (Piece(0, len(text), text, str),) if text else ()
    return Slot(f"row{number + 1}", pieces, (source or "").strip() or None, by_line=True, whole=str)
