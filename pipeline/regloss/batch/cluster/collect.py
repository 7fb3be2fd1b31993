"""What the machine that asks makes of the replies: entries of whole files, and of files whose pieces are all there."""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regloss.batch.cluster.blocks import Block, Piece
from regloss.batch.cluster.worker import Reply
from regloss.batch.journal import Entry
from regloss.batch.work import log_part

__all__ = ["Collector"]


@dataclass(slots=True)
class _Parts:
    """The pieces of one file by their start: the entry of each, and the key of the block that its result lies with."""

    target: str
    entries: dict[int, Entry] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)


class Collector:
    """Keeps the logs of items in the folder of a batch, and the entries of those that came in pieces."""

    def __init__(self, folder: Path, kinds: Sequence[str]) -> None:
        """`kinds` are those of the logs that the task writes."""
        self._folder = folder
        self._kinds = kinds
        self._parts: dict[str, _Parts] = {}

    def take(self, block: Block, reply: Reply) -> Iterator[Entry]:
        """Yield the entries of the whole files in a block that was done."""
        for piece, entry, logs in zip(block.pieces, reply.entries, reply.logs, strict=True):
            for kind, text in zip(self._kinds, logs, strict=True):
                _write(self._log(kind, piece), text)
            yield from self._entry(piece, entry, reply.key)

    def lose(self, block: Block, reason: str) -> Iterator[Entry]:
        """Yield the entries of the whole files in a block that nobody could do."""
        for piece in block.pieces:
            yield from self._entry(piece, Entry(piece.name, ("", ""), f"{piece.target}: {reason}"), "")

    def _entry(self, piece: Piece, entry: Entry, key: str) -> Iterator[Entry]:
        if piece.is_whole:
            yield entry
            return
        parts = self._parts.setdefault(piece.name, _Parts(piece.target))
        parts.entries[piece.start] = entry
        parts.keys[piece.start] = key

    def failed(self) -> Iterator[Entry]:
        """Yield the entries of the files that came in pieces of which one failed; the first such one says why."""
        for name, parts in self._parts.items():
            errors = [parts.entries[start].error for start in sorted(parts.entries) if parts.entries[start].error]
            if errors:
                yield Entry(name, ("", ""), errors[0])

    def ready(self) -> Iterator[tuple[str, str, list[str]]]:
        """Yield the name, the target and, in order, the keys of the files that can be put together."""
        for name, parts in self._parts.items():
            if not any(entry.error for entry in parts.entries.values()):
                yield name, parts.target, [parts.keys[start] for start in sorted(parts.keys)]

    def whole(self, name: str, file: Mapping[str, Any]) -> Entry:
        """Return the entry of a file that was put together, and put its logs together.

        Args:
            file: what `run.json` keeps of it.
        """
        for kind in self._kinds:
            _join(log_part(self._folder, kind, name))
        pieces = self._parts[name].entries
        entries = [pieces[start] for start in sorted(pieces)]
        counts: Counter[str] = Counter()
        terms: Counter[str] = Counter()
        for entry in entries:
            counts.update(entry.counts)
            terms.update(entry.terms)
        seconds = round(sum(entry.seconds for entry in entries), 4)
        return Entry(name, (file["before"], ""), "", dict(counts), dict(sorted(terms.items())), (file,), seconds)

    def _log(self, kind: str, piece: Piece) -> Path:
        log = log_part(self._folder, kind, piece.name)
        return log if piece.is_whole else _room(log) / f"{piece.start:020d}"


def _room(log: Path) -> Path:
    """Return the folder for the logs of the pieces of one file."""
    return log.with_name(f"{log.name}.pieces")


def _write(path: Path, text: str) -> None:
    if text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
    else:
        path.unlink(missing_ok=True)


def _join(log: Path) -> None:
    room = _room(log)
    log.unlink(missing_ok=True)
    if not room.is_dir():
        return
    with log.open("wb") as out:
        for part in sorted(room.iterdir()):
            with part.open("rb") as stream:
                shutil.copyfileobj(stream, out)
    shutil.rmtree(room)
