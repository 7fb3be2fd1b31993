"""The blocks that a batch is cut into: what one worker does in one go, and what is done again when it is lost.

A block holds some small files whole, or a stretch of one JSONL file, whose lines are worked on one by one anyway. The
cut depends on the items and on their sizes alone, not on the cluster, so that another cluster can go on with a batch.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import BinaryIO

from regloss.batch.items import Item
from regloss.batch.setup import Setup, TaskName
from regloss.formats import is_records

__all__ = ["Block", "Piece", "count_starts", "cut", "lines_of", "numbered", "pieces_of"]

STRETCH = 2 << 20
"""Size of a stretch of JSONL in bytes: about ten seconds of work."""

FILES, FILES_WITH_MODEL = 16, 2
"""Files of a block: some seconds of work each, for a task that only repairs and for one that translates."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or a stretch of one.

    Attributes:
        name: that the result is written under.
        target, source: the files, by the path that the user gave or by the name in a store; `source` may be empty.
        start, end: byte offsets; lines that begin in between belong to the piece. `end` is 0 for a whole file.
        line: number of the first of these lines in the file, counted from 1.
    """

    name: str
    target: str
    source: str = ""
    start: int = 0
    end: int = 0
    line: int = 1

    @property
    def is_whole(self) -> bool:
        """Tell whether the piece is a whole file."""
        return self.end == 0


@dataclass(frozen=True, slots=True)
class Block:
    """Pieces that are done together."""

    pieces: tuple[Piece, ...]

    def to_json(self) -> str:
        """Return the block in one line."""
        return json.dumps([asdict(piece) for piece in self.pieces])

    @classmethod
    def from_json(cls, text: str) -> "Block":
        """Return what `to_json` wrote."""
        return cls(tuple(Piece(**piece) for piece in json.loads(text)))


def pieces_of(item: Item, size: int, setup: Setup, stretch: int = STRETCH) -> tuple[Piece, ...]:
    """Return the pieces of an item of `size` bytes; the lines of a stretch are not yet counted."""
    whole = Piece(item.file.name, str(item.file.path), str(item.source or ""))
    if setup.task is not TaskName.FIX or not is_records(item.file.name) or size <= stretch:
        return (whole,)
    return tuple(
        replace(whole, source="", start=start, end=min(start + stretch, size)) for start in range(0, size, stretch)
    )


def cut(pieces: Iterable[Piece], sizes: Mapping[str, int], setup: Setup, stretch: int = STRETCH) -> Iterator[Block]:
    """Yield blocks of neighbouring files, none with more files or bytes than are meant to be done in one go.

    A stretch is a block of its own, so that it stays the same block whatever stands beside it.
    """
    most = FILES_WITH_MODEL if setup.model else FILES
    held: list[Piece] = []
    total = 0
    for piece in pieces:
        if not piece.is_whole:
            yield Block((piece,))
            continue
        size = sizes.get(piece.name, 0)
        if held and (len(held) == most or total + size > stretch):
            yield Block(tuple(held))
            held, total = [], 0
        held.append(piece)
        total += size
    if held:
        yield Block(tuple(held))


def count_starts(stream: BinaryIO, piece: Piece) -> int:
    """Return how many lines begin in a stretch of a file."""
    # A line begins at the start of the file and behind each line end.
    stream.seek(max(piece.start - 1, 0))
    left = piece.end - 1 - max(piece.start - 1, 0)
    count = int(piece.start == 0)
    while left > 0 and (data := stream.read(min(left, 1 << 20))):
        count += data.count(b"\n")
        left -= len(data)
    return count


def lines_of(stream: BinaryIO, piece: Piece) -> Iterator[bytes]:
    """Yield the lines that begin in a stretch of a file."""
    position = piece.start
    if position:
        stream.seek(position - 1)
        position += len(stream.readline()) - 1
    while position < piece.end and (line := stream.readline()):
        yield line
        position += len(line)


def numbered(pieces: Sequence[Piece], counts: Mapping[tuple[str, int], int]) -> Iterator[Piece]:
    """Yield the pieces of one file with their line numbers; `counts` has the lines of each by name and start."""
    line = 1
    for piece in pieces:
        yield replace(piece, line=line)
        line += counts.get((piece.name, piece.start), 0)
