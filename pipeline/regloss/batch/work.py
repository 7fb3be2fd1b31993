"""What a worker does with one item, in its own process with its own glossary and model.

Results are made in a folder of the worker's own and moved into place when they are complete; the journal is written by
the parent afterwards. An item that is interrupted anywhere in between is simply done again.
"""

import errno
import os
import shutil
import time
from pathlib import Path

from regloss.batch.items import Item
from regloss.batch.journal import Entry
from regloss.batch.setup import Setup
from regloss.batch.tasks import LOGS, Made, build_task
from regloss.errors import InputError, ReglossError
from regloss.formats.files import file_digest
from regloss.formats.output import safe_join

__all__ = ["WORK", "Worker", "inputs_of", "log_part"]

WORK = ".batch"
_FATAL = frozenset({errno.ENOSPC, errno.EROFS, errno.EDQUOT})


def inputs_of(item: Item) -> tuple[str, str]:
    """Return the digests that tell whether an item is still what it was; empty for a file that cannot be read."""
    return _digest(item.file.path), _digest(item.source) if item.source else ""


def _digest(path: Path) -> str:
    try:
        return file_digest(path)
    except OSError:
        # The task says what is wrong with it, as the reason why the item failed.
        return ""


def log_part(folder: Path, kind: str, name: str) -> Path:
    """Return where the log of one kind of one item is kept; there is no file where the log is empty."""
    return safe_join(folder / WORK / kind, name + ".jsonl")


class Worker:
    """Works on items one after the other."""

    def __init__(self, setup: Setup) -> None:
        self._folder = setup.folder
        self._logs = LOGS[setup.task]
        self._task = build_task(setup)

    def __call__(self, number: int, item: Item) -> Entry:
        """Return what became of the item; `number` is its place in the batch.

        Raises:
            InputError: the results cannot be written at all (disk full, read-only), so that going on is pointless.
        """
        start = time.perf_counter()
        inputs = inputs_of(item)
        room = self._folder / WORK / "work" / str(number)
        shutil.rmtree(room, ignore_errors=True)
        try:
            room.mkdir(parents=True)
            made = self._task(item, room)
            self._put_in_place(room, item)
        except ReglossError as fault:
            self._stop_if_unwritable(fault)
            return Entry(item.file.name, inputs, str(fault))
        except OSError as exc:
            raise InputError(f"cannot be written: {exc.strerror}; continue later with --resume", room.parent) from exc
        except Exception as exc:  # noqa: BLE001 - a defect that one file in a million meets must not cost the night
            return Entry(item.file.name, inputs, f"{item.file.path}: a defect ({_said(exc)}); please report it")
        finally:
            shutil.rmtree(room, ignore_errors=True)
        return _entry(item, inputs, made, time.perf_counter() - start)

    def _put_in_place(self, room: Path, item: Item) -> None:
        for made in sorted((room / "files").rglob("*")):
            if made.is_file():
                _move(made, self._folder / made.relative_to(room / "files"))
        for kind in self._logs:
            made, final = room / "logs" / f"{kind}.jsonl", log_part(self._folder, kind, item.file.name)
            if made.stat().st_size:
                _move(made, final)
            else:
                final.unlink(missing_ok=True)

    def _stop_if_unwritable(self, fault: ReglossError) -> None:
        cause = fault.__cause__
        if not isinstance(cause, OSError):
            return
        # A file that may not be read fails alone; a folder that may not be written to stops all.
        if cause.errno in _FATAL or (cause.errno == errno.EACCES and not os.access(self._folder, os.W_OK)):
            raise fault


def _said(exc: Exception) -> str:
    return " ".join(f"{type(exc).__name__}: {exc}".split())[:200]


def _move(made: Path, final: Path) -> None:
    final.parent.mkdir(parents=True, exist_ok=True)
    made.replace(final)


def _entry(item: Item, inputs: tuple[str, str], made: Made, seconds: float) -> Entry:
    return Entry(
        item.file.name,
        inputs,
        counts=made.counts,
        terms=made.terms,
        files=tuple(record.as_record() for record in made.files),
        seconds=round(seconds, 4),
    )
