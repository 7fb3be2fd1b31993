"""A batch on this machine: one process for each worker, a journal, and a summary at the end."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from regloss.batch.items import Item
from regloss.batch.journal import Entry, Journal
from regloss.batch.summary import Summary, render_summary
from regloss.batch.work import WORK, Setup, Worker, inputs_of
from regloss.errors import InputError, UsageError
from regloss.formats import write_atomic
from regloss.repair.undo import FileRecord
from regloss.run import repair_signature
from regloss.run.record import run_record

__all__ = ["BatchOptions", "run_batch"]

OnEntry = Callable[[Entry], None]
_worker: Worker | None = None


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How a batch is run.

    Attributes:
        jobs: worker processes; 1 works in this process.
        resume: go on where an earlier batch into the same folder stopped.
        force: begin anew in a folder that holds files already.
    """

    jobs: int = 1
    resume: bool = False
    force: bool = False


def run_batch(items: Sequence[Item], setup: Setup, options: BatchOptions, on_entry: OnEntry) -> Summary:
    """Repair all items into `setup.folder` and return the summary, which is written there too.

    Args:
        on_entry: told of every item as it is finished, of those finished earlier first.

    Raises:
        UsageError: the folder is in use, or was begun with another request.
        InputError: the folder cannot be written to.
    """
    folder = setup.folder
    _claim(folder, options)
    signature = repair_signature(setup.repairer())
    journal = Journal(folder / WORK / "journal.jsonl", {"signature": signature})
    try:
        todo = []
        for number, item in enumerate(items):
            done = journal.entries.get(item.file.name)
            if done is not None and not done.error and done.inputs == inputs_of(item):
                on_entry(done)
            else:
                todo.append((number, item))
        for entry in _work(todo, setup, options.jobs):
            journal.add(entry)
            on_entry(entry)
        entries = [journal.entries[item.file.name] for item in items]
    finally:
        journal.close()
    return _finish(folder, entries, signature, setup)


def _claim(folder: Path, options: BatchOptions) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; give a folder to write to with -o")
    begun = (folder / WORK).is_dir()
    if folder.is_dir() and any(folder.iterdir()) and not options.force and not (options.resume and begun):
        hint = "--resume to go on with it, " if begun else ""
        raise UsageError(f"{folder} is not empty; give another folder, {hint}or --force to begin anew")
    try:
        if options.force:
            shutil.rmtree(folder / WORK, ignore_errors=True)
        (folder / WORK).mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder / WORK / "work", ignore_errors=True)
        for torn in folder.glob(".*.part"):
            torn.unlink(missing_ok=True)
    except OSError as exc:
        raise InputError(f"cannot be written: {exc.strerror}; choose another folder", folder) from exc


def _work(todo: Sequence[tuple[int, Item]], setup: Setup, jobs: int) -> Iterator[Entry]:
    if jobs == 1 or len(todo) < 2:
        if todo:
            worker = Worker(setup)
            yield from (worker(number, item) for number, item in todo)
        return
    # Spawned, not forked: the native libraries behind a worker do not survive a fork.
    with ProcessPoolExecutor(min(jobs, len(todo)), get_context("spawn"), _begin, (setup,)) as pool:
        try:
            yield from _as_finished(pool, todo, 2 * jobs)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _as_finished(pool: ProcessPoolExecutor, todo: Iterable[tuple[int, Item]], ahead: int) -> Iterator[Entry]:
    """Yield entries as they are finished, with no more than `ahead` items handed out."""
    rest = iter(todo)
    running: set[Future[Entry]] = set()
    while True:
        while len(running) < ahead and (task := next(rest, None)) is not None:
            running.add(pool.submit(_one, *task))
        if not running:
            return
        finished, running = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            yield future.result()


def _begin(setup: Setup) -> None:
    global _worker
    _worker = Worker(setup)


def _one(number: int, item: Item) -> Entry:
    assert _worker is not None  # noqa: S101 - the pool has called `_begin`
    return _worker(number, item)


def _finish(folder: Path, entries: Sequence[Entry], signature: str, setup: Setup) -> Summary:
    for kind in ("edits", "proposals"):
        _gather(folder, kind, entries)
    summary = Summary.of(entries, signature)
    files = [FileRecord(**entry.file) for entry in entries if entry.file is not None]
    configuration: dict[str, Any] = {"tier": str(setup.tier), "artefacts_off": sorted(setup.artefacts_off)}
    record = run_record("batch", signature, files, configuration)
    for name, text in (
        *render_summary(summary).items(),
        ("run.json", json.dumps(record, ensure_ascii=False, indent=2)),
    ):
        write_atomic(folder / name, (text.rstrip("\n") + "\n").encode())
    return summary


def _gather(folder: Path, kind: str, entries: Sequence[Entry]) -> None:
    """Write the edits of all items into one file, in the order of the items."""
    made = folder / WORK / f"{kind}.jsonl"
    with made.open("wb") as out:
        for entry in entries:
            part = folder / WORK / kind / f"{entry.name}.jsonl"
            if not entry.error and part.exists():
                with part.open("rb") as stream:
                    shutil.copyfileobj(stream, out)
    made.replace(folder / f"{kind}.jsonl")
