"""Models built for this machine, kept between runs in the user's cache folder.

A build is made in a temporary folder and moved into place whole, with a list of its checksums inside. What is found
damaged is built again. Where the cache folder cannot be written to, the build lives only as long as it is in use.
"""

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from regloss.errors import ModelError
from regloss.translation.cards import file_digest

__all__ = ["built_model", "cache_folder"]

_MANIFEST = "built.json"


def cache_folder() -> Path:
    """Return the folder for what can be made again: ``REGLOSS_CACHE`` if set, else the platform's own place."""
    import platformdirs

    chosen = os.environ.get("REGLOSS_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("regloss", appauthor=False))


@contextmanager
def built_model(key: str, build: Callable[[Path], None]) -> Iterator[Path]:
    """Give the folder of the model called `key`, built with `build` unless an intact one is cached.

    Args:
        key: file name made of everything that the build depends on.
        build: writes the model into the empty folder that it is given.

    Raises:
        ModelError: the disk is full, or the build itself failed.
    """
    shelf = cache_folder() / "models"
    place = shelf / key
    if _intact(place):
        yield place
        return
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        workshop = tempfile.TemporaryDirectory(prefix=".building-", dir=shelf)
    except OSError as exc:
        warnings.warn(
            f"{shelf}: cannot be written to ({exc.strerror}); the model is built again in every run. "
            f"Set REGLOSS_CACHE to a folder of your own to keep it",
            RuntimeWarning,
            stacklevel=3,
        )
        workshop = tempfile.TemporaryDirectory(prefix="regloss-")
        place = Path(workshop.name) / "kept-nowhere"
    with workshop as folder:
        yield _move_into_place(_build_in(Path(folder) / key, build), place)


def _build_in(folder: Path, build: Callable[[Path], None]) -> Path:
    try:
        folder.mkdir()
        build(folder)
        digests = {path.name: file_digest(path) for path in sorted(folder.iterdir())}
        (folder / _MANIFEST).write_text(json.dumps(digests), encoding="utf-8")
    except OSError as exc:
        raise ModelError(f"{folder.parent}: the model cannot be built there ({exc.strerror})") from exc
    return folder


def _move_into_place(built: Path, place: Path) -> Path:
    """Rename `built` to `place`; where another process was faster its equal result is used."""
    if place.exists() and not _intact(place):
        shutil.rmtree(place, ignore_errors=True)
    try:
        built.rename(place)
    except OSError:
        return place if _intact(place) else built
    return place


def _intact(place: Path) -> bool:
    try:
        digests = json.loads((place / _MANIFEST).read_text(encoding="utf-8"))
        return bool(digests) and all(file_digest(place / name) == digest for name, digest in digests.items())
    except (OSError, ValueError, AttributeError, ModelError):
        return False
