"""A batch on this machine: one process for each worker, a journal, and a summary at the end.

A worker that dies (the system ran out of memory, a native library crashed) takes down the pool that it is in. The items
that were being worked on are then tried one by one, each in a process of its own, which shows who is to blame; all
others go on in a new pool.
"""

import os
import shutil
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import active_children, get_context, parent_process
from pathlib import Path

from regloss.batch.finish import check_names, finish
from regloss.batch.items import Item
from regloss.batch.journal import Entry, Journal
from regloss.batch.setup import Setup
from regloss.batch.summary import Summary
from regloss.batch.work import WORK, Worker, inputs_of
from regloss.errors import InputError, UsageError

__all__ = ["BatchOptions", "Engine", "run_batch", "work_locally"]

_DIED = "die of it (out of memory?)"
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
    while suspects := (yield from _in_pool(todo, setup, jobs)):
        alone = [_alone(number, item, setup) for number, item in suspects]
        yield from alone
        if len(alone) > 1 and all(entry.error.endswith(_DIED) for entry in alone):
            raise InputError("workers die, whatever they do; continue with --resume and fewer --jobs", setup.folder)


def run_batch(
    items: Sequence[Item], setup: Setup, options: BatchOptions, on_entry: OnEntry, engine: Engine = work_locally
) -> Summary:
    """Do the task with all items, write the results into `setup.folder`, and return the summary.

    Args:
        on_entry: told of every item, in the order in which they are finished or found to be.
        engine: does the work.

    Raises:
        UsageError: the folder is in use, or was begun with another request; the glossary or model is not known;
            a result would be written over a text that is read.
        InputError: the folder cannot be written to.
    """
    check_names(items, setup)
    request = setup.request()
    _claim(setup.folder, options)
    with _held(setup.folder):
        _clear(setup.folder, options)
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
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise InputError(f"cannot be written: {exc.strerror}; choose another folder", folder) from exc


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep the folder from any other batch, where the system can: two at once would take away each other's work.

    The system lets go of it when this process ends, however it ends.

    Raises:
        UsageError: another batch is at work there.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    holder = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        os.close(holder)
        raise UsageError(f"another batch is at work in {folder}; wait until it has ended") from exc
    except OSError:
        pass  # a file system without locks
    try:
        yield
    finally:
        os.close(holder)


def _clear(folder: Path, options: BatchOptions) -> None:
    """Take away what an earlier batch left behind: what it had in hand, and with `force` all that it knew."""
    try:
        if options.force:
            shutil.rmtree(folder / WORK, ignore_errors=True)
        (folder / WORK).mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder / WORK / "work", ignore_errors=True)
        for torn in folder.glob(".*.part"):
            torn.unlink(missing_ok=True)
    except OSError as exc:
        raise InputError(f"cannot be written: {exc.strerror}; choose another folder", folder) from exc


@contextmanager
def _pool(setup: Setup, jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of workers; when work is broken off, they are ended at once instead of finishing what they do."""
    before = set(active_children())
    # Spawned, not forked: the native libraries behind a worker do not survive a fork.
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (setup,)) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in set(active_children()) - before:
                child.terminate()
            raise


def _in_pool(
    todo: Iterator[tuple[int, Item]], setup: Setup, jobs: int
) -> Generator[Entry, None, list[tuple[int, Item]]]:
    """Yield entries as they are finished; return the items that were handed out when a worker died, if one does."""
    running: dict[Future[Entry], tuple[int, Item]] = {}
    handed: list[tuple[int, Item]] = []
    with _pool(setup, jobs) as pool:
        try:
            while True:
                for numbered in islice(todo, 2 * jobs - len(running)):
                    # Handing out fails too where a worker has died.
                    handed = [numbered]
                    running[pool.submit(_one, *numbered)] = numbered
                    handed = []
                if not running:
                    return []
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    entry = future.result()
                    del running[future]
                    yield entry
        except BrokenProcessPool:
            return [*running.values(), *handed]


def _alone(number: int, item: Item, setup: Setup) -> Entry:
    with _pool(setup, 1) as pool:
        try:
            return pool.submit(_one, number, item).result()
        except BrokenProcessPool:
            return Entry(item.file.name, inputs_of(item), f"{item.file.path}: workers {_DIED}")


def _begin(setup: Setup) -> None:
    # Ctrl-C reaches the whole group; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    global _worker
    _worker = Worker(setup)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone: a worker whose parent was killed would wait for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _one(number: int, item: Item) -> Entry:
    assert _worker is not None  # noqa: S101 - the pool has called `_begin`
    return _worker(number, item)
