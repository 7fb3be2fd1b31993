"""A batch on this machine: one process for each worker, a journal, and a summary at the end."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path

from regloss.batch.finish import check_names, finish
from regloss.batch.items import Item
from regloss.batch.journal import Entry, Journal
from regloss.batch.setup import Setup
from regloss.batch.summary import Summary
from regloss.batch.work import WORK, Worker, inputs_of
from regloss.errors import InputError, UsageError

__all__ = ["BatchOptions", "Engine", "run_batch", "work_locally"]

OnEntry = Callable[[Entry, bool], None]
"""Is told of each finished item, and whether this batch has just done it or an earlier one had."""

Engine = Callable[[Iterable[tuple[int, Item]], Setup, int], Iterator[Entry]]
"""Takes numbered items, what to do and the number of workers; yields an entry for each item, in any order."""

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


def work_locally(items: Iterable[tuple[int, Item]], setup: Setup, jobs: int) -> Iterator[Entry]:
    """Work on the items in `jobs` processes of this machine; one process, or one item alone, is this one's own affair.

    Raises:
        InputError: results cannot be written at all.
    """
    rest = iter(items)
    first = list(islice(rest, 2))
    todo = chain(first, rest)
    if jobs == 1 or len(first) < 2:
        worker = Worker(setup) if first else None
        yield from (worker(number, item) for number, item in todo if worker)
        return
    # Spawned, not forked: the native libraries behind a worker do not survive a fork.
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (setup,)) as pool:
        try:
            yield from _as_finished(pool, todo, 2 * jobs)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def run_batch(
    items: Sequence[Item], setup: Setup, options: BatchOptions, on_entry: OnEntry, engine: Engine = work_locally
) -> Summary:
    """Do the task with all items, write the results into `setup.folder`, and return the summary.

    Args:
        on_entry: told of every item, in the order in which they are finished or found to be.
        engine: does the work.

    Raises:
        UsageError: the folder is in use, or was begun with another request; the glossary or model is not known.
        InputError: the folder cannot be written to.
    """
    check_names(items, setup)
    request = setup.request()
    _claim(setup.folder, options)
    journal = Journal(setup.folder / WORK / "journal.jsonl", request)
    try:
        for entry in engine(_unfinished(items, journal, on_entry), setup, options.jobs):
            journal.add(entry)
            on_entry(entry, True)
        return finish((journal.entry(item.file.name) for item in items), setup, str(request["signature"]))
    finally:
        journal.close()


def _unfinished(items: Sequence[Item], journal: Journal, on_entry: OnEntry) -> Iterator[tuple[int, Item]]:
    for number, item in enumerate(items):
        if item.file.name in journal:
            done = journal.entry(item.file.name)
            if not done.error and done.inputs == inputs_of(item):
                on_entry(done, False)
                continue
        yield number, item


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
