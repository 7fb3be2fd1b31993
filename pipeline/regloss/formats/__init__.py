"""Files on one side, documents on the other, and back without changing a byte that no edit touched.

`read_document` reads a file that is one document, `read_records` streams a JSONL file whose every line is one.
`format_for` picks the format by file name; a new format is a class with the four members of `FileFormat`, added to
the table in `regloss.formats.registry`. Files with markup around their text are read as units (see
`regloss.formats.units`), and `Fields` says which columns or fields of a table hold the text.
"""

from regloss.formats.encoding import decode, encode
from regloss.formats.fields import Fields
from regloss.formats.files import read_bytes, read_document, read_text, write_atomic, write_document
from regloss.formats.jsonl import Record, dump_json, is_records, read_records
from regloss.formats.markdown import MarkdownFormat
from regloss.formats.naming import pair_source
from regloss.formats.plain import PlainFormat
from regloss.formats.protection import protected_spans
from regloss.formats.registry import FileFormat, format_for

__all__ = [
    "Fields",
    "FileFormat",
    "MarkdownFormat",
    "PlainFormat",
    "Record",
    "decode",
    "dump_json",
    "encode",
    "format_for",
    "is_records",
    "pair_source",
    "protected_spans",
    "read_bytes",
    "read_document",
    "read_records",
    "read_text",
    "write_atomic",
    "write_document",
]
