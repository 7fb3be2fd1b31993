"""JSONL: each line a JSON object with the text to repair in ``target`` and, if there is one, its source in ``source``.

Lines are read and written one at a time, so a file of any size streams. Of a line, only the value of ``target`` (and
of ``edits``, if it is there) is replaced: order, spacing, numbers and escapes of all other fields stay as written.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from json.decoder import JSONDecoder
from pathlib import Path
from typing import Any, BinaryIO

from regloss.document import Document, Edit, Span
from regloss.errors import FormatError, InputError
from regloss.formats.plain import line_blocks
from regloss.formats.protection import protected_spans

__all__ = ["SUFFIXES", "Record", "dump_json", "is_records", "read_records"]

SUFFIXES = (".jsonl", ".ndjson")
_SPACE = re.compile(r"[ \t\r\n]*+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DECODER = JSONDecoder()


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a JSONL file.

    Attributes:
        path, line: where it stands, the line counted from 1.
        raw: the line as written, without its line end.
        fields: its content.
        values: where the value of each field stands in `raw`.
    """

    path: str
    line: int
    raw: str
    fields: Mapping[str, Any]
    values: Mapping[str, Span]

    @property
    def id(self) -> str:
        """The record's own ``id``, or its line number if it has none."""
        return str(self.fields.get("id", self.line))

    @property
    def target(self) -> str:
        """The text to repair."""
        return str(self.fields["target"])

    @property
    def source(self) -> str | None:
        """The source text, None where the record has none."""
        source = self.fields.get("source")
        return source if isinstance(source, str) else None

    def document(self) -> Document:
        """Return the record as a document; each line of its target is a block."""
        text = self.target
        return Document(self.id, text, line_blocks(text), protected_spans(text), self.source, fields=self.fields)

    def render(self, target: str, edits: Sequence[Edit]) -> str:
        """Return the line with a new target and the edits that led to it, without a line end.

        A character that UTF-8 cannot hold (a lone surrogate) is written as an escape.
        """
        new: dict[str, object] = {"edits": [edit.as_record() for edit in edits]}
        if target != self.target:
            # Else it stays as written: the same text has many escapes.
            new["target"] = target
        spans = sorted((span, name) for name, span in self.values.items() if name in new)
        pieces, position = [], 0
        for span, name in spans:
            pieces += [self.raw[position : span.start], dump_json(new[name])]
            position = span.end
        rest = self.raw[position:]
        if "edits" not in self.values:
            brace = rest.rindex("}")
            rest = f'{rest[:brace].rstrip()}, "edits": {dump_json(new["edits"])}{rest[brace:]}'
        return "".join((*pieces, rest))


def is_records(path: Path | str) -> bool:
    """Tell whether a file is JSONL, by its name."""
    return Path(path).suffix.lower() in SUFFIXES


def read_records(source: Path | BinaryIO, name: str = "-", first: int = 1) -> Iterator[Record]:
    """Yield the records of a file or of an open binary stream, in constant memory; blank lines are passed over.

    Args:
        name: what to call a stream in messages.
        first: number of the first line, for a stretch of a longer file.

    Raises:
        InputError: the file cannot be read, or a line is no record; names file and line.
        FormatError: a line is not UTF-8.
    """
    if not isinstance(source, Path):
        yield from _records(source, name, first)
        return
    try:
        with source.open("rb") as stream:
            yield from _records(stream, str(source), first)
    except FileNotFoundError as exc:
        raise InputError("no such file; check the name", source) from exc
    except IsADirectoryError as exc:
        raise InputError("a folder, where a file is meant; name a file in it", source) from exc
    except OSError as exc:
        raise InputError(f"cannot be read ({(exc.strerror or str(exc)).lower()})", source) from exc


def _records(stream: BinaryIO, path: str, first: int) -> Iterator[Record]:
    for number, data in enumerate(stream, first):
        raw = _line(data, path, number)
        if raw.strip():
            yield _record(raw, path, number)


def _line(data: bytes, path: str, number: int) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise FormatError(
            f"not UTF-8 (byte {exc.start + 1} of the line); save the file as UTF-8", path, number
        ) from exc
    return text.removeprefix("\ufeff" if number == 1 else "").removesuffix("\n").removesuffix("\r")


def _record(raw: str, path: str, number: int) -> Record:
    try:
        fields, values = _parse_object(raw)
    except json.JSONDecodeError as exc:
        raise InputError(f"not a JSON object: {exc.msg} at column {exc.pos + 1}", path, number) from exc
    except RecursionError as exc:
        raise InputError("JSON nested too deeply", path, number) from exc
    except ValueError as exc:
        raise InputError(f"JSON that cannot be used: {exc}", path, number) from exc
    if not isinstance(fields.get("target"), str):
        fault = 'the field "target" is not a string' if "target" in fields else 'no field "target"'
        raise InputError(f"{fault}; each line needs the text to repair in it", path, number)
    if not isinstance(fields.get("source"), str | None):
        raise InputError('the field "source" is not a string', path, number)
    return Record(path, number, raw, fields, values)


def _parse_object(raw: str) -> tuple[dict[str, Any], dict[str, Span]]:
    """Return the members of a JSON object, and where each value stands; of a repeated name the last counts."""
    fields: dict[str, Any] = {}
    values: dict[str, Span] = {}
    position = _expect(raw, 0, "{")
    while raw[position : position + 1] != "}":
        if fields:
            position = _expect(raw, position, ",")
        name, position = _DECODER.raw_decode(raw, position)
        if not isinstance(name, str):
            raise json.JSONDecodeError("field name is not a string", raw, position)
        start = _expect(raw, position, ":")
        fields[name], end = _DECODER.raw_decode(raw, start)
        values[name] = Span(start, end)
        position = _skip(raw, end)
    if _skip(raw, position + 1) != len(raw):
        raise json.JSONDecodeError("more after the object", raw, position + 1)
    return fields, values


def _expect(raw: str, position: int, char: str) -> int:
    """Return the place of what follows `char`, which must come next."""
    position = _skip(raw, position)
    if raw[position : position + 1] != char:
        raise json.JSONDecodeError(f"expected {char!r}", raw, position)
    return _skip(raw, position + 1)


def _skip(raw: str, position: int) -> int:
    match = _SPACE.match(raw, position)
    return match.end() if match else position


def dump_json(value: object, indent: int | None = None) -> str:
    """Return `value` as JSON that UTF-8 can hold: a lone surrogate is written as an escape.

    Such come from texts that were cut in the middle of an emoji, and from names of files that are not UTF-8.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
