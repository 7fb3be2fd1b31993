"""What one worker of a cluster does: blocks, one after another, with the very worker that a batch on one machine has.

What became of a block is kept in the store of the results, under a key made of the content of its files and of all else
that the results depend on. A block that has such a record is never done again, whoever asks: a batch that goes on, or
Ray, which lost the answer with a machine.
"""

import hashlib
import json
import shutil
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, BinaryIO
from uuid import uuid4

from regloss.batch.cluster.blocks import Block, Piece, lines_of
from regloss.batch.cluster.store import Store
from regloss.batch.items import Item
from regloss.batch.journal import Entry
from regloss.batch.setup import Setup
from regloss.batch.tasks import LOGS
from regloss.batch.work import WORK, Worker, inputs_of, log_part
from regloss.errors import ReglossError, UsageError
from regloss.formats.discover import InputFile

__all__ = ["BLOCKS", "ROOMS", "TRIES", "BlockWorker", "Order", "Reply"]

BLOCKS = f"{WORK}/blocks"
ROOMS = f"{WORK}/work"

TRIES = 4
"""How often a block is begun whose worker is lost, with its machine or for want of memory, before it is given up."""


@dataclass(frozen=True, slots=True)
class Order:
    """All that a worker on another machine needs to begin.

    Attributes:
        setup: of the batch; its folder means nothing on another machine.
        request: what the results depend on besides the files.
        results: where they go.
        inputs, sources: where the files are read from; None where pieces name them by path.
        here: the folder that relative paths are taken from.
        glossaries: content of the glossary files that were named, by name.
        session: tells this time from the other times that the batch was gone on with.
    """

    setup: Setup
    request: Mapping[str, object]
    results: Store
    inputs: Store | None
    sources: Store | None
    here: Path
    glossaries: Mapping[str, bytes]
    session: str

    def opened(self, target: str) -> BinaryIO:
        """Open a target file to read it from any offset."""
        return self.inputs.open(target) if self.inputs else (self.here / target).open("rb")


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a block.

    Attributes:
        key: of the block; partial results lie in the folder of this name.
        entries: one for each piece.
        logs: for each piece the lines of each kind of log, in the order of `LOGS`.
        refusal: why the worker cannot work at all; then there is nothing else.
    """

    key: str = ""
    entries: tuple[Entry, ...] = ()
    logs: tuple[tuple[str, ...], ...] = ()
    refusal: str = ""

    def to_json(self) -> str:
        """Return the reply in one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> "Reply":
        """Return what `to_json` wrote."""
        record = json.loads(text)
        entries = tuple(
            Entry(**{**entry, "inputs": tuple(entry["inputs"]), "files": tuple(entry["files"])})
            for entry in record["entries"]
        )
        return cls(**{**record, "entries": entries})


class BlockWorker:
    """Works on blocks, one after another; Ray Data keeps one in each of its actors and hands it rows."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._refusal = ""
        try:
            self._room = _room(order.results)
            with TemporaryDirectory(prefix="regloss-") as place:
                setup = _moved(order, self._room, Path(place))
                _check(order, setup)
                self._worker = Worker(setup)
        except (ReglossError, OSError) as fault:
            self._refusal = f"{socket.gethostname()}: {fault}"

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the number of a block with the reply to it."""
        reply = Reply(refusal=self._refusal) if self._refusal else self._reply(Block.from_json(row["block"]))
        return {"number": row["number"], "reply": reply.to_json()}

    def _reply(self, block: Block) -> Reply:
        try:
            items = [self._fetched(number, piece) for number, piece in enumerate(block.pieces)]
            key = _key(self._order.request, block.pieces, items)
            return self._known(key) or self._tried(key, block.pieces, items)
        except ReglossError as fault:
            return Reply(refusal=f"{socket.gethostname()}: {fault}")
        except OSError as exc:
            cause = exc.strerror or exc
            return Reply(refusal=f"{self._order.results.url}: cannot be written: {cause}; continue later with --resume")
        finally:
            shutil.rmtree(self._room, ignore_errors=True)

    def _known(self, key: str) -> Reply | None:
        name = f"{BLOCKS}/{key}.json"
        if not self._order.results.exists(name):
            return None
        try:
            reply = Reply.from_json(self._order.results.read(name))
        except ValueError:
            # A power cut may leave an empty file.
            return None
        # What failed is tried again.
        return None if any(entry.error for entry in reply.entries) else reply

    def _tried(self, key: str, pieces: Sequence[Piece], items: Sequence[Item | str]) -> Reply:
        """Return what is made of the block, unless too many workers were lost over it."""
        results, name = self._order.results, f"{BLOCKS}/{key}.{self._order.session}"
        tries = int(results.read(name)) if results.exists(name) else 0
        if tries < TRIES:
            results.write(name, str(tries + 1).encode())
            reply = self._made(key, pieces, items)
        else:
            lost = f"{TRIES} workers were lost over it or its neighbours; too little memory?"
            errors = (Entry(piece.name, ("", ""), f"{piece.target}: {lost}") for piece in pieces)
            reply = Reply(key, tuple(errors), (("",) * len(LOGS[self._order.setup.task]),) * len(pieces))
        results.remove(name)
        return reply

    def _made(self, key: str, pieces: Sequence[Piece], items: Sequence[Item | str]) -> Reply:
        entries = tuple(self._entry(*each) for each in enumerate(zip(pieces, items, strict=True)))
        kinds = LOGS[self._order.setup.task]
        out = self._room / "out"
        logs = tuple(tuple(_text(log_part(out, kind, piece.name)) for kind in kinds) for piece in pieces)
        self._put(key, pieces, out)
        reply = Reply(key, entries, logs)
        self._order.results.write(f"{BLOCKS}/{key}.json", reply.to_json().encode())
        return reply

    def _entry(self, number: int, pair: tuple[Piece, Item | str]) -> Entry:
        piece, item = pair
        if isinstance(item, str):
            return Entry(piece.name, ("", ""), item)
        entry = self._worker(number, item)
        error = entry.error.replace(str(item.file.path), self._shown(piece.target, self._order.inputs))
        if item.source is not None:
            error = error.replace(str(item.source), self._shown(piece.source, self._order.sources))
        return replace(entry, error=error)

    def _shown(self, name: str, store: Store | None) -> str:
        return store.place(name) if store else name

    def _put(self, key: str, pieces: Sequence[Piece], out: Path) -> None:
        """Move results to where they belong: of whole files into place, of a stretch beside the record."""
        for path in sorted(out.rglob("*")):
            name = path.relative_to(out).as_posix()
            if not path.is_file() or name.startswith(f"{WORK}/"):
                continue
            if pieces[0].is_whole:
                self._order.results.put(path, name)
            elif name == pieces[0].name:
                self._order.results.put(path, f"{BLOCKS}/{key}/{name}")

    def _fetched(self, number: int, piece: Piece) -> Item | str:
        """Return the item with files that this machine sees as its own, or why there is none."""
        room, order = self._room / "in" / str(number), self._order
        try:
            target = self._local(piece.target, order.inputs, room / "target", None if piece.is_whole else piece)
            source = self._local(piece.source, order.sources, room / "source") if piece.source else None
        except OSError as exc:
            return f"{self._shown(piece.target, order.inputs)}: cannot be read ({(exc.strerror or str(exc)).lower()})"
        return Item(InputFile(target, piece.name, order.setup.fields, first_line=piece.line), source)

    def _local(self, name: str, store: Store | None, room: Path, stretch: Piece | None = None) -> Path:
        """Return where a file lies on this machine; of a stretch its lines alone."""
        if store is None and stretch is None:
            return self._order.here / name
        place = room / Path(name).name
        if store is not None and stretch is None:
            store.get(name, place)
        elif stretch is not None:
            place.parent.mkdir(parents=True)
            with self._order.opened(name) as stream, place.open("wb") as out:
                out.writelines(lines_of(stream, stretch))
        return place


def _room(results: Store) -> Path:
    """Return the worker's own folder: beside the results, so that they need only be renamed, or a temporary one."""
    if results.folder is None:
        return Path(gettempdir()) / f"regloss-{uuid4().hex}"
    if not (results.folder / WORK).is_dir():
        raise UsageError(f"does not see {results.folder}; write to a folder that all machines share, or to a URL")
    return results.folder / ROOMS / uuid4().hex


def _moved(order: Order, room: Path, place: Path) -> Setup:
    """Return the setup for this machine: results in the worker's room, glossary files of the order below `place`."""
    moved = {name: place / str(number) / Path(name).name for number, name in enumerate(order.glossaries)}
    for name, path in moved.items():
        path.parent.mkdir()
        path.write_bytes(order.glossaries[name])
    setup = replace(order.setup, folder=room / "out", threads=1)
    return replace(setup, moved={name: str(path) for name, path in moved.items()})


def _check(order: Order, setup: Setup) -> None:
    """Refuse to work with other means than the machine that the batch was begun on."""
    own = setup.request()
    if own != order.request:
        raise UsageError(
            f"has another version of regloss, glossary or model ({own['signature']}) than the machine that asks "
            f"({order.request['signature']}); install the same on all, and name glossaries with --glossary"
        )


def _key(request: Mapping[str, object], pieces: Sequence[Piece], items: Sequence[Item | str]) -> str:
    digests = [(item, "") if isinstance(item, str) else inputs_of(item) for item in items]
    parts = [[each.name, each.start, each.line, *inputs] for each, inputs in zip(pieces, digests, strict=True)]
    return hashlib.sha256(json.dumps([request, parts]).encode()).hexdigest()


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogatepass") if path.exists() else ""
