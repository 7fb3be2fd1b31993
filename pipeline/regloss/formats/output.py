"""Folders that results are written to: all or nothing.

Everything is written into a hidden folder beside the final place and moved there at the end, so that an error, a full
disk or Ctrl-C leaves the final folder as it was.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from regloss.errors import InputError, UsageError

__all__ = ["output_folder", "safe_join"]


@contextmanager
def output_folder(folder: Path, *, force: bool = False) -> Iterator[Path]:
    """Yield an empty folder to write into; on success its files replace those of the same names in `folder`.

    Args:
        force: write into a folder that holds files already; files of other names stay.

    Raises:
        UsageError: the folder holds files and `force` is not given, or it is a file.
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
        _move_into(staging, folder)
    except OSError as exc:
        raise InputError(f"cannot be written to: {exc.strerror}; nothing was changed", folder) from exc
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _move_into(staging: Path, folder: Path) -> None:
    for made in sorted(staging.rglob("*")):
        if made.is_file():
            final = folder / made.relative_to(staging)
            final.parent.mkdir(parents=True, exist_ok=True)
            made.replace(final)


def safe_join(folder: Path, name: str) -> Path:
    """Return ``folder/name``, refusing a name that leads out of the folder.

    Raises:
        UsageError: the name is absolute or climbs with ``..``.
    """
    parts = PurePosixPath(name).parts
    if not parts or PurePosixPath(name).is_absolute() or ".." in parts:
        raise UsageError(f"{name!r} would be written outside {folder}; give paths below one folder")
    return folder.joinpath(*parts)
