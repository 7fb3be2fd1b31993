"""Files of segments for scoring: one segment a line, or one JSON object a line.

Scoring is strict where repair is lenient: a figure over files that do not fit together is worse than none. Lines end
at LF or CRLF alone, as for sacrebleu; the characters that Python also takes for line ends stay inside a segment.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from regloss.errors import FormatError, InputError
from regloss.formats import read_bytes
from regloss.scoring.table import System
from regloss.text import has_han

__all__ = ["check_references", "check_sizes", "read_numbered", "read_segments"]

_JSON_FIELDS = ("target", "hyp", "text")
# A reference that agrees with the source in so many lines is the source.
_SAME_SHARE = 0.5


def read_segments(path: Path, fields: Sequence[str] = _JSON_FIELDS) -> tuple[str, ...]:
    """Return the segments of a text file (UTF-8, one a line) or a JSONL file.

    Args:
        fields: of a JSONL line; the first one that is there is taken.

    Raises:
        InputError: the file is missing, empty, not UTF-8, or a JSONL line lacks the field.
    """
    return tuple(text for _, text in read_numbered(path, fields))


def read_numbered(path: Path, fields: Sequence[str] = _JSON_FIELDS) -> list[tuple[int, str]]:
    """Return the segments as `read_segments` does, each with its line in the file, counted from 1."""
    text = _decoded(read_bytes(path), path)
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    if not any(line.strip() for line in lines):
        raise InputError("is empty; there is nothing to score", path)
    if path.suffix == ".jsonl":
        return [(number, _field(line, number, path, fields)) for number, line in enumerate(lines, 1) if line.strip()]
    return list(enumerate(lines, 1))


def _decoded(data: bytes, path: Path) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FormatError("is UTF-16; scores need UTF-8 in all files, convert it first", path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        message = f"byte 0x{data[exc.start]:02x} is not UTF-8; scores need UTF-8 in all files, convert it first"
        raise FormatError(message, path, line) from exc


def _field(line: str, number: int, path: Path, fields: Sequence[str]) -> str:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as exc:
        raise FormatError(f"not JSON: {exc.msg}", path, number) from exc
    if isinstance(record, dict):
        for field in fields:
            if isinstance(record.get(field), str):
                # Newlines inside a document must not count as more segments.
                return str(record[field])
    raise FormatError(f"no text in any of the fields {', '.join(fields)}", path, number)


def check_sizes(named: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Make sure that all files have as many segments as the first.

    Args:
        named: (name for messages, segments).

    Raises:
        InputError: two differ; names both, their counts, and the first line that has no partner.
    """
    first_name, first = named[0]
    for name, segments in named[1:]:
        if len(segments) != len(first):
            odd = _first_odd(first, segments)
            raise InputError(
                f"{first_name} has {len(first)} lines, {name} has {len(segments)}; the first odd line is {odd}"
            )


def _first_odd(one: Sequence[str], other: Sequence[str]) -> int:
    # A line that is blank on one side alone is where the files began to drift apart.
    for number, (mine, theirs) in enumerate(zip(one, other, strict=False), 1):
        if bool(mine.strip()) != bool(theirs.strip()):
            return number
    return min(len(one), len(other)) + 1


def check_references(
    systems: Sequence[System], references: Sequence[tuple[str, Sequence[str]]], source: Sequence[str] | None
) -> None:
    """Make sure that no reference is the source in disguise.

    Raises:
        InputError: it is.
    """
    for name, reference in references:
        filled = [(line, index) for index, line in enumerate(reference) if line.strip()]
        if not filled:
            raise InputError(f"{name} is empty; a reference needs a translation for each line")
        same = source is not None and sum(source[i] == line for line, i in filled) >= _SAME_SHARE * len(filled)
        chinese = sum(has_han(line) for line, _ in filled) >= _SAME_SHARE * len(filled)
        english = not any(has_han(segment) for system in systems for segment in system.segments[:50])
        if same or (chinese and english):
            raise InputError(
                f"{name} is the source, not a reference translation; give the translation with --reference"
            )
