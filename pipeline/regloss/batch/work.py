"""What a worker does with one item, in its own process with its own repairer.

Results are made in a folder of the worker's own and moved into place when they are complete; the journal is written by
the parent afterwards. An item that is interrupted anywhere in between is simply done again.
"""

import errno
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regloss.batch.fixing import EditLog, FileOutcome, fix_file
from regloss.batch.items import Item
from regloss.batch.journal import Entry
from regloss.document import Tier
from regloss.errors import InputError, ReglossError
from regloss.formats.files import file_digest
from regloss.formats.output import safe_join
from regloss.glossary.store import load_glossary
from regloss.repair import Repairer, RepairOptions

__all__ = ["WORK", "Setup", "Worker", "inputs_of"]

WORK = ".batch"
_FATAL = frozenset({errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES})


@dataclass(frozen=True, slots=True)
class Setup:
    """All that a worker needs to begin; small enough to be sent to another process.

    Attributes:
        folder: where results go.
        glossary: bundled names and paths.
        tier, artefacts_off: of the repair.
    """

    folder: Path
    glossary: tuple[str, ...] = ()
    tier: Tier = Tier.AUTO
    artefacts_off: frozenset[str] = frozenset()

    def repairer(self) -> Repairer:
        """Return a repairer as asked for."""
        return Repairer(load_glossary(self.glossary), RepairOptions(self.tier, self.artefacts_off))


def inputs_of(item: Item) -> tuple[str, str]:
    """Return the digests that tell whether an item is still what it was."""
    return file_digest(item.file.path), file_digest(item.source) if item.source else ""


class Worker:
    """Repairs items one after the other."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._repairer = setup.repairer()

    def __call__(self, number: int, item: Item) -> Entry:
        """Return what became of the item; `number` is its place in the batch.

        Raises:
            InputError: the results cannot be written at all (disk full, read-only), so that going on is pointless.
        """
        start = time.perf_counter()
        inputs = inputs_of(item)
        room = self._setup.folder / WORK / "work" / str(number)
        shutil.rmtree(room, ignore_errors=True)
        try:
            room.mkdir(parents=True)
            outcome, record = self._fix(item, room)
            self._put_in_place(room, item)
        except ReglossError as fault:
            _stop_if_unwritable(fault)
            return Entry(item.file.name, inputs, str(fault))
        except OSError as exc:
            raise InputError(f"cannot be written: {exc.strerror}; continue later with --resume", room.parent) from exc
        finally:
            shutil.rmtree(room, ignore_errors=True)
        return _entry(outcome, inputs, record.as_record(), time.perf_counter() - start, item)

    def _fix(self, item: Item, room: Path) -> tuple[FileOutcome, Any]:
        with (
            (room / "edits").open("w", encoding="utf-8") as edits,
            (room / "proposals").open("w", encoding="utf-8") as proposals,
        ):
            log = EditLog(edits, proposals, self._repairer.options.applied)
            return fix_file(item.file, room / "files", self._repairer, item.source, log)

    def _put_in_place(self, room: Path, item: Item) -> None:
        folder = self._setup.folder
        for made in sorted((room / "files").rglob("*")):
            if made.is_file():
                _move(made, folder / made.relative_to(room / "files"))
        for kind in ("edits", "proposals"):
            _move(room / kind, safe_join(folder / WORK / kind, item.file.name + ".jsonl"))


def _move(made: Path, final: Path) -> None:
    final.parent.mkdir(parents=True, exist_ok=True)
    made.replace(final)


def _stop_if_unwritable(fault: ReglossError) -> None:
    cause = fault.__cause__
    if isinstance(cause, OSError) and cause.errno in _FATAL and isinstance(fault, InputError):
        raise fault


def _entry(outcome: FileOutcome, inputs: tuple[str, str], record: dict[str, Any], seconds: float, item: Item) -> Entry:
    return Entry(
        outcome.name,
        inputs,
        "",
        outcome.documents,
        outcome.changed,
        dict(sorted(outcome.tiers.items())),
        dict(sorted(outcome.terms.items())),
        record,
        round(seconds, 4),
        item.file.path.stat().st_size,
    )
