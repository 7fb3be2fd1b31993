"""`regloss undo RUN`: the files of a run get their exact bytes back.

A file that was changed since the run is refused: taking our edits out of somebody's later work could break it.
"""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regloss.document import Edit, Tier
from regloss.errors import InputError
from regloss.formats import decode, write_atomic
from regloss.repair.undo import FileRecord, digest, take_back

__all__ = ["Restored", "undo_run"]


@dataclass(frozen=True, slots=True)
class Restored:
    """One file that was given back its bytes, and how many edits that took."""

    path: Path
    edits: int


def undo_run(run: Path) -> tuple[Restored, ...]:
    """Restore every file of a run; nothing is written unless all of them can be.

    Args:
        run: the folder that the run wrote, with `run.json` in it.

    Raises:
        InputError: no run lies there, or a file was changed or removed since.
    """
    record = _read_record(run)
    planned = [_plan(run, FileRecord(**file), _edits_of(run, file["name"])) for file in record["files"]]
    for path, data, _ in planned:
        write_atomic(path, data)
    return tuple(Restored(path, count) for path, _, count in planned)


def _read_record(run: Path) -> dict[str, Any]:
    path = run / "run.json"
    if not path.is_file():
        raise InputError("no run.json lies there; give the folder that a run wrote to", run)
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        known = record["format"] == 1 and all(set(file) >= {"name", "before", "after"} for file in record["files"])
    except (ValueError, KeyError, TypeError) as exc:
        raise InputError("is not the record of a run; it cannot be undone", path) from exc
    if not known:
        raise InputError("was written by another version of regloss; undo it with that one", path)
    checked: dict[str, Any] = record
    return checked


def _edits_of(run: Path, name: str) -> list[Edit]:
    path = run / "edits.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as exc:
        raise InputError(f"cannot be read: {exc.strerror}; without it the run cannot be undone", path) from exc
    return list(_parsed(lines, name))


def _parsed(lines: Iterable[str], name: str) -> Iterable[Edit]:
    for line in lines:
        record = json.loads(line)
        if record.get("file", name) == name:
            yield Edit(
                record["start"],
                record["end"],
                record["before"],
                record["after"],
                record["term"],
                Tier(record["tier"]),
                record["rule"],
                record["reason"],
            )


def _plan(run: Path, file: FileRecord, edits: list[Edit]) -> tuple[Path, bytes, int]:
    path = run / file.name
    if not path.is_file():
        raise InputError("is gone; nothing was undone", path)
    now = path.read_bytes()
    if digest(now) == file.before:
        return path, now, 0
    if digest(now) != file.after:
        raise InputError("was changed since the run; nothing was undone", path)
    data = _original(run, file, now, edits)
    if digest(data) != file.before:
        raise InputError("cannot be restored exactly; nothing was undone", path)
    return path, data, len(edits)


def _original(run: Path, file: FileRecord, now: bytes, edits: list[Edit]) -> bytes:
    if file.original:
        return gzip.decompress((run / file.original).read_bytes())
    text, _ = decode(now, run / file.name)
    try:
        return take_back(text, edits).encode(file.encoding)
    except ValueError as exc:
        raise InputError(f"does not show the edits of the run: {exc}; nothing was undone", run / file.name) from exc
