"""The journal of a batch: what is done stays done, whatever happens next.

One JSON object a line, appended and flushed to disk after the results of an item are in place. The first line says what
was asked for; a journal of another request is refused. A torn last line, left by a crash, is passed over.

In memory are only the names of the items and where their lines stand.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from regloss.errors import InputError, ReglossError, UsageError
from regloss.formats import dump_json

__all__ = ["Entry", "Journal"]

FORMAT = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished item.

    Attributes:
        name: of the item.
        inputs: SHA-256 of the target file and of the source file, empty where there is none.
        error: why it failed, empty where it did not.
        counts: figures by name, of the kinds that the task counts.
        terms: for `fix` and `run` applied edits, for `score` forbidden renderings, by source term.
        files: what `run.json` keeps of each repaired file.
        seconds: processing time.
    """

    name: str
    inputs: tuple[str, str]
    error: str = ""
    counts: Mapping[str, float] = field(default_factory=dict)
    terms: Mapping[str, int] = field(default_factory=dict)
    files: tuple[Mapping[str, Any], ...] = ()
    seconds: float = 0.0


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
        self._places: dict[str, int] = {}
        head = {"format": FORMAT, **request}
        try:
            # Without a whole first line the batch was stopped before it began.
            begun = _has_head(path)
            self._stream = path.open("r+b" if begun else "w+b")
        except OSError as exc:
            raise InputError(f"cannot be written: {exc.strerror}", path) from exc
        try:
            if begun:
                self._read(head)
            else:
                self._append(head)
        except ReglossError:
            self.close()
            raise

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __len__(self) -> int:
        return len(self._places)

    def _read(self, head: Mapping[str, Any]) -> None:
        self._check_head(_parsed(self._stream.readline()), head)
        place, line = self._stream.tell(), b""
        for line in iter(self._stream.readline, b""):
            record = _parsed(line)
            if record is not None:
                self._places[record["name"]] = place
            place += len(line)
        if line and not line.endswith(b"\n"):
            self._stream.write(b"\n")

    def _check_head(self, found: Mapping[str, Any] | None, head: Mapping[str, Any]) -> None:
        if found == head:
            return
        folder = self._path.parent.parent
        task = (found or {}).get("task")
        if task is not None and task != head.get("task"):
            raise UsageError(f"{folder} was begun with --task {task}; finish it with that, or start anew with --force")
        raise UsageError(
            f"{folder} was begun with another glossary, model or options; "
            "finish it with those, or start anew with --force"
        )

    def entry(self, name: str) -> Entry:
        """Return the last entry of an item that is in the journal."""
        try:
            self._stream.seek(self._places[name])
            record = json.loads(self._stream.readline())
        except OSError as exc:
            raise InputError(f"cannot be read: {exc.strerror}", self._path) from exc
        return Entry(**{**record, "inputs": tuple(record["inputs"]), "files": tuple(record["files"])})

    def add(self, entry: Entry) -> None:
        """Append one finished item and make sure that it is on disk."""
        self._places[entry.name] = self._append(asdict(entry))

    def _append(self, record: Mapping[str, Any]) -> int:
        try:
            place = self._stream.seek(0, os.SEEK_END)
            self._stream.write(dump_json(record).encode() + b"\n")
            self._stream.flush()
            os.fsync(self._stream.fileno())
        except OSError as exc:
            raise InputError(f"cannot be written: {exc.strerror}; continue later with --resume", self._path) from exc
        return place

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def _has_head(path: Path) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as stream:
        return stream.readline().endswith(b"\n")


def _parsed(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
