"""Which format a file has."""

from pathlib import Path
from typing import Protocol

from regloss.document import Document
from regloss.errors import FormatError
from regloss.formats.delimited import DelimitedFormat
from regloss.formats.docx import DocxFormat
from regloss.formats.fields import USUAL, Fields
from regloss.formats.json_paths import JsonFormat
from regloss.formats.jsonl import SUFFIXES as RECORD_SUFFIXES
from regloss.formats.jsonl import is_records
from regloss.formats.markdown import MarkdownFormat
from regloss.formats.parquet import ParquetFormat
from regloss.formats.plain import PlainFormat
from regloss.formats.po import PoFormat
from regloss.formats.subtitles import SrtFormat, VttFormat
from regloss.formats.tmx import TmxFormat
from regloss.formats.webpage import HtmlFormat
from regloss.formats.xliff import XliffFormat
from regloss.formats.xlsx import XlsxFormat

__all__ = ["FileFormat", "format_for", "known_suffixes"]


class FileFormat(Protocol):
    """Turns the bytes of one file into a document, and a changed text back into bytes.

    For every file that it can read, ``encode(document, document.text)`` gives back the bytes that were parsed.
    """

    @property
    def name(self) -> str:
        """What to call the format in messages."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The file name suffixes that choose it, in lower case with their dot."""

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`; `name` is its file name. Raises FormatError if it is not of this format."""

    def encode(self, document: Document, text: str) -> bytes:
        """Return the file's bytes with `text` in place of `document.text`."""


_PLAIN = PlainFormat()


def _formats(fields: Fields) -> tuple[FileFormat, ...]:
    return (
        _PLAIN,
        MarkdownFormat(),
        HtmlFormat(),
        XliffFormat(),
        TmxFormat(),
        PoFormat(),
        SrtFormat(),
        VttFormat(),
        DocxFormat(),
        DelimitedFormat(fields),
        XlsxFormat(fields),
        JsonFormat(fields),
        ParquetFormat(fields),
    )


def format_for(path: Path | str, fields: Fields = USUAL) -> FileFormat:
    """Return the format of a file by its name; a suffix that no format claims is read as plain text.

    Args:
        fields: which columns or fields of a table to read; the other formats have none.

    Raises:
        FormatError: the name says that the file holds many documents (JSONL).
    """
    if is_records(path):
        raise FormatError("a JSONL file holds one document a line, where one document is meant", path)
    suffix = Path(path).suffix.lower()
    return next((form for form in _formats(fields) if suffix in form.suffixes), _PLAIN)


def known_suffixes() -> tuple[str, ...]:
    """Return the suffixes of the files that a folder is searched for."""
    return (*(suffix for form in _formats(USUAL) for suffix in form.suffixes), *RECORD_SUFFIXES)
