"""Folders that results are written to: all or nothing.

Everything is written into a hidden folder beside the final place and moved there at the end, so that an error, a full
disk or Ctrl-C leaves the final folder as it was.
"""

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path, PurePosixPath

from regloss.errors import InputError, UsageError
from regloss.formats.discover import InputFile

__all__ = ["output_folder", "refuse_clashes", "safe_join"]


@contextmanager
def output_folder(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """Yield an empty folder to write into; on success its files replace those of the same names in `folder`.

    Args:
        force: write into a folder that holds files already; files of other names stay.

    Raises:
        UsageError: the folder holds files and `force` is not given, it is a file, or a folder is in a file's way.
        InputError: the place cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; give a folder to write to with -o")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise UsageError(f"{folder} is not empty; give another folder, or --force to write into it")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as exc:
        raise InputError(f"cannot be written to: {exc.strerror}; choose another folder", folder) from exc
    try:
        yield staging
        moves = _moves(staging, folder)
    except OSError as exc:
        raise InputError(f"cannot be written to: {exc.strerror}; nothing was changed", folder) from exc
    else:
        _move(moves, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _moves(staging: Path, folder: Path) -> list[tuple[Path, Path]]:
    """Return what goes where; refuses what could not go there, so that none is moved unless all can be."""
    moves = [(made, folder / made.relative_to(staging)) for made in sorted(staging.rglob("*")) if made.is_file()]
    for _, final in moves:
        if final.is_dir():
            raise UsageError(f"{final} is a folder, and a file is to be written there; give another folder with -o")
        blocked = next((up for up in final.relative_to(folder).parents if (folder / up).is_file()), None)
        if blocked is not None:
            raise UsageError(f"{folder / blocked} is a file where a folder is needed; give another folder with -o")
    return moves


def _move(moves: Iterable[tuple[Path, Path]], folder: Path) -> None:
    try:
        for made, final in moves:
            final.parent.mkdir(parents=True, exist_ok=True)
            made.replace(final)
    except OSError as exc:
        raise InputError(f"was written to in part only: {exc.strerror}; run it again with --force", folder) from exc


def refuse_clashes(files: Iterable[InputFile], folder: Path, own: Collection[str]) -> None:
    """Refuse to write results over a text that is read, or over what is written beside the results.

    Args:
        files: what is read; results are written below `folder` under their names.
        own: names in `folder` of what is written beside them.

    Raises:
        UsageError: names the first such file.
    """
    known = tuple(files)
    real = cache(os.path.realpath)
    read_in = {real(file.path.parent) for file in known}
    # Most results lie in a folder that nothing is read from; only the others are looked at one by one.
    near = {file.name for file in known if real((folder / file.name).parent) in read_in}
    read = {os.path.realpath(file.path) for file in known} if near else frozenset()
    for file in known:
        first, result = file.name.partition("/")[0], folder / file.name
        if first in own:
            raise UsageError(f"{file.path}: regloss itself writes {first} there; rename the file, or leave it out")
        if file.name in near and result.exists() and os.path.realpath(result) in read:
            raise UsageError(f"{result} would be written over, and it is a text to read; give another folder with -o")


def safe_join(folder: Path, name: str) -> Path:
    """Return ``folder/name``, refusing a name that leads out of the folder.

    Raises:
        UsageError: the name is absolute or climbs with ``..``.
    """
    parts = PurePosixPath(name).parts
    if not parts or PurePosixPath(name).is_absolute() or ".." in parts:
        raise UsageError(f"{name!r} would be written outside {folder}; give paths below one folder")
    return folder.joinpath(*parts)
