"""The journal of a batch: what is done stays done, whatever happens next.

One JSON object a line, appended and flushed to disk after the results of an item are in place. The first line says what
was asked for; a journal of another request is refused. A torn last line, left by a crash, is passed over.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from regloss.errors import InputError, UsageError

__all__ = ["Entry", "Journal"]

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished item.

    Attributes:
        name: of the item.
        inputs: SHA-256 of the target file and of the source file, empty where there is none.
        error: why it failed, empty where it did not.
        documents, changed: how many documents it held, and how many of them repair changed.
        tiers: number of edits of each tier.
        terms: number of applied edits of each term.
        file: what `run.json` keeps of the written file; None for a failure.
        seconds: processing time.
        characters: of the target texts.
    """

    name: str
    inputs: tuple[str, str]
    error: str = ""
    documents: int = 0
    changed: int = 0
    tiers: Mapping[str, int] = field(default_factory=dict)
    terms: Mapping[str, int] = field(default_factory=dict)
    file: Mapping[str, Any] | None = None
    seconds: float = 0.0
    characters: int = 0


class Journal:
    """The journal at `path`, open for appending."""

    def __init__(self, path: Path, request: Mapping[str, Any]) -> None:
        """Open the journal, or begin it.

        Args:
            request: everything that the results depend on besides the input files.

        Raises:
            UsageError: the journal belongs to another request.
            InputError: it cannot be read or written.
        """
        self._path = path
        self.entries: dict[str, Entry] = {}
        head = {"format": FORMAT, **request}
        try:
            content = path.read_bytes() if path.exists() else b""
            # Without a whole first line the batch was stopped before it began.
            lines = content.split(b"\n") if b"\n" in content else []
            self._read(lines, head)
            self._stream = path.open("ab" if lines else "wb")
        except OSError as exc:
            raise InputError(f"cannot be written: {exc.strerror}", path) from exc
        if not lines:
            self._append(head)
        elif lines[-1]:
            self._stream.write(b"\n")

    def _read(self, lines: list[bytes], head: Mapping[str, Any]) -> None:
        for number, line in enumerate(lines):
            record = _parsed(line)
            if number == 0 and record != head:
                raise UsageError(
                    f"{self._path.parent.parent} was begun with another glossary, model or options; "
                    "finish it with those, or start anew with --force"
                )
            if number and record is not None:
                entry = Entry(**{**record, "inputs": tuple(record["inputs"])})
                self.entries[entry.name] = entry

    def add(self, entry: Entry) -> None:
        """Append one finished item and make sure that it is on disk."""
        self.entries[entry.name] = entry
        self._append(asdict(entry))

    def _append(self, record: Mapping[str, Any]) -> None:
        try:
            self._stream.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
            self._stream.flush()
            os.fsync(self._stream.fileno())
        except OSError as exc:
            raise InputError(f"cannot be written: {exc.strerror}; continue later with --resume", self._path) from exc

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
