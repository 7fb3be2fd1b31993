"""JSONL to translate: each line a JSON object with a ``source``; its translation becomes its ``target``.

Lines are read and written one at a time, so a file of any size streams.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from regloss.errors import FormatError, InputError
from regloss.formats import dump_json

__all__ = ["SourceRecord", "read_sources"]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One line of a JSONL file.

    Attributes:
        line: its number, counted from 1.
        fields: its content.
    """

    line: int
    fields: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The record's own ``id``, else its line number."""
        return str(self.fields.get("id", self.line))

    @property
    def source(self) -> str:
        """The text to translate."""
        return str(self.fields["source"])

    def render(self, target: str) -> str:
        """Return the line with `target`, every other field as it was, without a line end."""
        return dump_json({**self.fields, "target": target})


def read_sources(lines: Iterable[bytes], name: str) -> Iterator[SourceRecord]:
    """Yield the records of a JSONL file; blank lines are passed over.

    Args:
        lines: the file's lines as bytes.
        name: what to call it in messages.

    Raises:
        FormatError: a line is not UTF-8.
        InputError: a line is no JSON object with a string ``source``; names file and line.
    """
    for number, data in enumerate(lines, 1):
        try:
            text = data.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as exc:
            raise FormatError("not UTF-8; save the file as UTF-8", name, number) from exc
        if text.strip():
            yield SourceRecord(number, _fields(text, name, number))


def _fields(text: str, name: str, number: int) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise InputError(f"not a JSON object ({exc})", name, number) from exc
    if not isinstance(fields, dict):
        raise InputError("not a JSON object", name, number)
    if not isinstance(fields.get("source"), str):
        raise InputError('each line needs the text to translate in the field "source", a string', name, number)
    return fields
