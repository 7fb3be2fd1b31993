"""What a batch on a cluster reads and where it writes, in folders that all machines share or in object stores."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from regloss.batch.cluster.engine import RayEngine
from regloss.batch.cluster.store import Store, is_url
from regloss.batch.cluster.worker import BLOCKS, ROOMS
from regloss.batch.items import Item, read_items
from regloss.batch.journal import Entry
from regloss.batch.local import BatchOptions, OnEntry, run_batch
from regloss.batch.setup import Setup
from regloss.batch.summary import Summary
from regloss.batch.work import WORK
from regloss.errors import InputError, UsageError
from regloss.formats import Fields, pair_source
from regloss.formats.discover import InputFile
from regloss.formats.fields import USUAL

__all__ = ["Inputs", "find_items", "run_on_cluster"]

_JOURNAL = f"{WORK}/journal.jsonl"


@dataclass(frozen=True, slots=True)
class Inputs:
    """The items of a batch and the stores that they are read from, None where they lie in folders."""

    items: tuple[Item, ...]
    targets: Store | None = None
    sources: Store | None = None


def find_items(
    place: str,
    suffixes: Sequence[str],
    sources: str | None = None,
    fields: Fields = USUAL,
    results: Path | None = None,
) -> Inputs:
    """Return the items below a folder or a URL, or those that a manifest names.

    An object store is searched like a folder, but that tables without the target column are items too: to look into
    each would be to fetch it.

    Args:
        results: the folder that results go to, if it is one; it holds no items.

    Raises:
        InputError: the place does not exist or holds nothing.
        UsageError: a URL that is not known, or the target files at a URL and the source files in a folder.
    """
    folders = [Path(name) if not is_url(name) else Store.at(name).folder for name in (place, sources or place)]
    if folders[0] is not None and folders[1] is not None:
        return Inputs(read_items(folders[0], suffixes, folders[1] if sources else None, fields, results))
    if any(folder is not None for folder in folders):
        raise UsageError(
            "--source must be a URL where the translated files are at one, and a folder where they are not"
        )
    targets, origin = Store.at(place), Store.at(sources) if sources else None
    return Inputs(tuple(_stored(targets, suffixes, origin, fields)), targets, origin or targets)


def _stored(targets: Store, suffixes: Sequence[str], sources: Store | None, fields: Fields) -> Iterator[Item]:
    names = [name for name in targets.sizes() if Path(name).suffix.lower() in suffixes and not _hidden(name)]
    if not names:
        raise InputError(f"holds no file of a known format ({', '.join(suffixes)})", targets.url)
    known = frozenset(sources.sizes() if sources else names)
    # Two stores are two folders, so that a source may have the name of its target.
    folder = Path("sources") if sources else None
    paired = {name: pair_source(Path(name), folder, lambda path: _name(path, folder) in known) for name in names}
    used = {_name(source, folder) for source in paired.values() if source is not None} if sources is None else ()
    for name, source in paired.items():
        if name not in used:
            yield Item(InputFile(Path(name), name, fields), source and Path(_name(source, folder)))


def _name(path: Path, folder: Path | None) -> str:
    return (path.relative_to(folder) if folder else path).as_posix()


def _hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def run_on_cluster(
    items: Sequence[Item], setup: Setup, options: BatchOptions, on_entry: OnEntry, engine: RayEngine
) -> Summary:
    """Do what `regloss.batch.local.run_batch` does, on a cluster, with results in the engine's store.

    In an object store no file can be appended to, so there the records of the blocks are the journal, and what the
    batch writes beside the results is made in a temporary folder first.

    Raises:
        UsageError: the place is in use, or was begun with another request.
        InputError: it cannot be written to.
    """
    if engine.results.folder is not None:
        summary = run_batch(items, setup, options, on_entry, engine)
        if not summary.failed:
            # The journal knows what is done. Of a file of many pieces that failed, it does not know the good pieces.
            engine.results.remove(BLOCKS)
        engine.results.remove(ROOMS)
        return summary
    with _claimed(engine.results, options) as folder:

        def begun(todo: Iterable[tuple[int, Item]], asked: Setup, jobs: int) -> Iterator[Entry]:
            engine.results.put(folder / _JOURNAL, _JOURNAL)
            yield from engine(todo, asked, jobs)

        try:
            summary = run_batch(items, replace(setup, folder=folder), replace(options, force=False), on_entry, begun)
        except UsageError as fault:
            raise UsageError(str(fault).replace(str(folder), engine.results.url)) from fault
        for made in sorted(folder.iterdir()):
            if made.is_file():
                engine.results.put(made, made.name)
    return summary


@contextmanager
def _claimed(results: Store, options: BatchOptions) -> Iterator[Path]:
    """Yield a folder that stands for an object store: empty, or with the request that a batch there was begun with."""
    begun = results.exists(_JOURNAL)
    if not options.force and not (options.resume and begun) and not results.is_empty():
        hint = "--resume to go on with it, " if begun else ""
        raise UsageError(f"{results.url} is not empty; give another place, {hint}or --force to begin anew")
    if options.force:
        results.remove(WORK)
    with TemporaryDirectory(prefix="regloss-") as room:
        folder = Path(room) / "batch"
        if options.resume and begun:
            results.get(_JOURNAL, folder / _JOURNAL)
        yield folder
