"""One file put together from the pieces that workers made of it."""

import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from regloss.batch.cluster.store import Store
from regloss.batch.cluster.worker import BLOCKS, Order
from regloss.repair.undo import FileRecord

__all__ = ["Assembler"]


@dataclass(frozen=True, slots=True)
class Assembler:
    """Puts files together on any machine of the cluster, called by Ray Data with one row a file.

    A row has the ``name`` that the result is written under, the ``target`` file, and as JSON the ``keys`` of blocks.
    """

    order: Order

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the name of the file with what `run.json` keeps of it, or why it cannot be written."""
        try:
            record = self._assembled(row["name"], row["target"], json.loads(row["keys"]))
        except OSError as exc:
            return {"name": row["name"], "record": "", "refusal": f"cannot be written: {exc.strerror or exc}"}
        return {"name": row["name"], "record": json.dumps(record.as_record()), "refusal": ""}

    def _assembled(self, name: str, target: str, keys: Sequence[str]) -> FileRecord:
        results, original = self.order.results, f".originals/{name}.gz"
        with self.order.opened(target) as plain, results.create(original) as kept:
            before = _packed(plain, kept, original.rpartition("/")[2])
        with results.create(name) as out:
            after = _joined(results, [f"{BLOCKS}/{key}/{name}" for key in keys], out)
        return FileRecord(name, before, after, "utf-8", original)


def _packed(plain: BinaryIO, kept: BinaryIO, name: str) -> str:
    """Write a compressed copy to the byte as `keep_original` does, and return the SHA-256 of the content."""
    digest = hashlib.sha256()
    with gzip.GzipFile(name, "wb", fileobj=kept, mtime=0) as packed:
        while data := plain.read(1 << 20):
            digest.update(data)
            packed.write(data)
    return digest.hexdigest()


def _joined(results: Store, parts: Iterable[str], out: BinaryIO) -> str:
    digest = hashlib.sha256()
    for part in parts:
        with results.open(part) as stream:
            for data in iter(lambda: stream.read(1 << 20), b""):
                digest.update(data)
                out.write(data)
    return digest.hexdigest()
