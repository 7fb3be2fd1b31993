"""The engine of a batch that works on a Ray cluster."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from regloss.batch.cluster.assemble import Assembler
from regloss.batch.cluster.blocks import STRETCH, Block, Piece, count_starts, cut, numbered, pieces_of
from regloss.batch.cluster.collect import Collector
from regloss.batch.cluster.session import Session
from regloss.batch.cluster.store import Store
from regloss.batch.cluster.worker import BlockWorker, Order, Reply
from regloss.batch.items import Item
from regloss.batch.journal import Entry
from regloss.batch.setup import Setup
from regloss.batch.tasks import LOGS
from regloss.errors import InputError, UsageError
from regloss.translation.ct2 import is_ct2_folder
from regloss.translation.engines import ECHO, resolve_model

__all__ = ["RayEngine", "wants_gpu"]

_COUNTED = 128
"""Stretches whose lines one task counts: a quarter of a gigabyte."""

_BROKEN = "failed in a way that nobody foresaw; the log files of Ray say more"


@dataclass(frozen=True, slots=True)
class RayEngine:
    """An engine for `regloss.batch.local.run_batch`: the same work, on the machines of a Ray cluster.

    Attributes:
        session: the connection to the cluster.
        results: where results go, seen by all machines; the folder of the batch where that is shared.
        inputs, sources: stores that items are read from; None where items have paths that all machines see.
        on_block: told how many blocks are done, of how many.
        stretch: largest size of a block in bytes.
    """

    session: Session
    results: Store
    inputs: Store | None = None
    sources: Store | None = None
    on_block: Callable[[int, int], None] = field(default=lambda _done, _all: None)
    stretch: int = STRETCH

    def __call__(self, items: Iterable[tuple[int, Item]], setup: Setup, jobs: int) -> Iterator[Entry]:
        """Yield what became of each item, in any order.

        Args:
            jobs: workers at most, 0 for as many as the cluster has room for.

        Raises:
            UsageError: the machines of the cluster cannot do the work; says which and why.
            InputError: results cannot be written at all.
        """
        todo = [item for _, item in items]
        if not todo:
            return
        order = _order(self, setup)
        collector = Collector(setup.folder, LOGS[setup.task])
        yield from self._worked(order, self._blocks(order, todo), collector, jobs)
        yield from collector.failed()
        yield from _assembled(self.session, order, collector)

    def _blocks(self, order: Order, items: Sequence[Item]) -> list[Block]:
        sizes = _sizes(items, self.inputs)
        pieces = {
            item.file.name: pieces_of(item, sizes.get(item.file.name, 0), order.setup, self.stretch) for item in items
        }
        counted = _counted(self.session, order, pieces)
        flat = [piece for item in items for piece in counted[item.file.name]]
        return list(cut(flat, sizes, order.setup, self.stretch))

    def _worked(self, order: Order, blocks: Sequence[Block], collector: Collector, jobs: int) -> Iterator[Entry]:
        waiting = dict(enumerate(blocks))
        rows = [{"number": number, "block": block.to_json()} for number, block in waiting.items()]
        self.on_block(0, len(blocks))
        for row in self.session.actors(rows, BlockWorker, order, jobs, gpu=wants_gpu(order.setup)):
            reply = Reply.from_json(row["reply"])
            if reply.refusal:
                raise UsageError(reply.refusal)
            yield from collector.take(waiting.pop(row["number"]), reply)
            self.on_block(len(blocks) - len(waiting), len(blocks))
        for block in waiting.values():
            yield from collector.lose(block, _BROKEN)


def _order(engine: RayEngine, setup: Setup) -> Order:
    files = [name for name in setup.config.glossary if Path(name).is_file()]
    glossaries = {name: Path(name).read_bytes() for name in files}
    here, session = Path.cwd(), uuid4().hex
    return Order(setup, setup.request(), engine.results, engine.inputs, engine.sources, here, glossaries, session)


def _sizes(items: Sequence[Item], inputs: Store | None) -> dict[str, int]:
    if inputs is not None:
        sizes = inputs.sizes()
        return {item.file.name: sizes.get(str(item.file.path), 0) for item in items}
    return {item.file.name: item.file.path.stat().st_size for item in items if item.file.path.exists()}


def wants_gpu(setup: Setup) -> bool:
    """Tell whether the task's model runs on a GPU where there is one; CTranslate2 is used on the CPU."""
    return bool(setup.model) and setup.model != ECHO and not is_ct2_folder(resolve_model(setup.model))


def _counted(
    session: Session, order: Order, pieces: Mapping[str, tuple[Piece, ...]]
) -> Mapping[str, tuple[Piece, ...]]:
    """Return the pieces of each file with their line numbers; a file whose lines cannot be counted is left whole."""
    stretches = [piece for own in pieces.values() for piece in own if not piece.is_whole]
    some = (Block(tuple(stretches[first : first + _COUNTED])) for first in range(0, len(stretches), _COUNTED))
    rows = [{"block": block.to_json()} for block in some]
    found = [count for row in session.tasks(rows, _LineCounter(order)) for count in json.loads(row["counts"])]
    counts = {(name, start): count for name, start, count in found if count >= 0}
    uncounted = {piece.name for piece in stretches if (piece.name, piece.start) not in counts}
    return {
        name: (replace(own[0], start=0, end=0),) if name in uncounted else tuple(numbered(own, counts))
        for name, own in pieces.items()
    }


@dataclass(frozen=True, slots=True)
class _LineCounter:
    """Counts the lines that begin in some stretches, so that the next ones know their line numbers."""

    order: Order

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        pieces = Block.from_json(row["block"]).pieces
        return {"counts": json.dumps([(piece.name, piece.start, self._count(piece)) for piece in pieces])}

    def _count(self, piece: Piece) -> int:
        try:
            with self.order.opened(piece.target) as stream:
                return count_starts(stream, piece)
        except OSError:
            return -1


def _assembled(session: Session, order: Order, collector: Collector) -> Iterator[Entry]:
    """Yield the entries of the files that were worked on in pieces, put together by the cluster."""
    rows = [{"name": name, "target": target, "keys": json.dumps(keys)} for name, target, keys in collector.ready()]
    missing = {row["name"] for row in rows}
    for row in session.tasks(rows, Assembler(order)):
        if row["refusal"]:
            raise InputError(f"{row['refusal']}; continue later with --resume", row["name"])
        missing.discard(row["name"])
        yield collector.whole(row["name"], json.loads(row["record"]))
    for name in sorted(missing):
        yield Entry(name, ("", ""), f"{name}: {_BROKEN}")
