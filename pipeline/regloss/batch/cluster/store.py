"""A folder that all machines of a cluster see: on a shared file system, or in an object store by fsspec.

A file appears whole or not at all: in a file system it is written beside its place and renamed, and an object store
shows an object only when it is complete.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from regloss.errors import MissingExtraError, UsageError

__all__ = ["Store", "is_url"]


def is_url(place: str) -> bool:
    """Tell whether a place is written as a URL, such as ``s3://bucket/folder``."""
    return "://" in place


@dataclass(frozen=True, slots=True)
class Store:
    """A folder, named by an absolute path or by a URL that fsspec understands.

    Methods take names below the folder, with forward slashes. They raise OSError as file systems do.
    """

    url: str

    @classmethod
    def at(cls, place: str) -> "Store":
        """Return the store at a place, a relative path taken from the current folder.

        Raises:
            UsageError: no file system is known for the URL, or its package is not installed.
            MissingExtraError: fsspec is not installed.
        """
        if not is_url(place):
            return cls(os.path.abspath(place))  # noqa: PTH100 - a path is made absolute, and links stay as they are
        file_system, root = _resolved(place)
        return cls(root) if _is_local(file_system) else cls(place.rstrip("/"))

    @property
    def folder(self) -> Path | None:
        """The folder, where it lies in a file system; None for an object store."""
        return None if is_url(self.url) else Path(self.url)

    def place(self, name: str) -> str:
        """Return the full path or URL of a file."""
        return f"{self.url}/{name}"

    def sizes(self) -> dict[str, int]:
        """Return the size of every file below, in bytes, by name, in alphabetical order; empty where nothing is."""
        file_system, root = self._opened()
        found = file_system.find(root, detail=True)
        below = {path.removeprefix(root).lstrip("/"): int(info["size"] or 0) for path, info in found.items()}
        return {name: below[name] for name in sorted(below) if name}

    def is_empty(self) -> bool:
        """Tell whether nothing is there."""
        file_system, root = self._opened()
        try:
            return not any(True for _ in file_system.ls(root, detail=False))
        except FileNotFoundError:
            return True

    def exists(self, name: str) -> bool:
        """Tell whether there is such a file."""
        file_system, root = self._opened()
        return bool(file_system.exists(f"{root}/{name}"))

    def open(self, name: str) -> BinaryIO:
        """Open a file to read it from any offset."""
        file_system, root = self._opened()
        stream: BinaryIO = file_system.open(f"{root}/{name}", "rb")
        return stream

    def read(self, name: str) -> bytes:
        """Return the content of a file."""
        with self.open(name) as stream:
            return stream.read()

    @contextmanager
    def create(self, name: str) -> Iterator[BinaryIO]:
        """Yield a stream to write a file with; the file appears at the end, unless something was raised."""
        if self.folder is None:
            with tempfile.TemporaryDirectory(prefix="regloss-") as room:
                made = Path(room) / "made"
                with made.open("xb") as stream:
                    yield stream
                self.put(made, name)
            return
        final = self.folder / name
        final.parent.mkdir(parents=True, exist_ok=True)
        torn = final.with_name(f".{final.name[:40]}.{uuid4().hex[:8]}.part")
        try:
            with torn.open("xb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            torn.replace(final)
        finally:
            torn.unlink(missing_ok=True)

    def write(self, name: str, data: bytes) -> None:
        """Write a file."""
        with self.create(name) as stream:
            stream.write(data)

    def put(self, made: Path, name: str) -> None:
        """Write a file with the content of a local one; one that lies in this very store is moved away."""
        if self.folder is None:
            file_system, root = self._opened()
            file_system.makedirs(f"{root}/{name}".rpartition("/")[0], exist_ok=True)
            file_system.put_file(str(made), f"{root}/{name}")
        elif made.is_relative_to(self.folder):
            final = self.folder / name
            final.parent.mkdir(parents=True, exist_ok=True)
            made.replace(final)
        else:
            with made.open("rb") as source, self.create(name) as stream:
                shutil.copyfileobj(source, stream)

    def get(self, name: str, place: Path) -> None:
        """Copy a file to a local place."""
        file_system, root = self._opened()
        place.parent.mkdir(parents=True, exist_ok=True)
        file_system.get_file(f"{root}/{name}", str(place))

    def remove(self, name: str) -> None:
        """Remove a file, or a folder and all that is in it, if it exists."""
        file_system, root = self._opened()
        # It may be gone, or go just now by another's hand.
        with suppress(FileNotFoundError):
            file_system.rm(f"{root}/{name}", recursive=True)

    def _opened(self) -> tuple[Any, str]:
        return _resolved(self.url)


def _resolved(place: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as exc:
        raise MissingExtraError("a batch on a cluster", "ray") from exc
    try:
        file_system, root = url_to_fs(place)
    except ImportError as exc:
        raise UsageError(f"{place}: {' '.join(str(exc).split())}; install the package that fsspec names") from exc
    except ValueError as exc:
        raise UsageError(
            f"{place}: {exc}; give a path, or a URL that fsspec knows, such as s3://bucket/folder"
        ) from exc
    # A listing that was kept does not know what other machines have written since.
    file_system.invalidate_cache()
    return file_system, str(root).rstrip("/")


def _is_local(file_system: Any) -> bool:
    from fsspec.implementations.local import LocalFileSystem

    return isinstance(file_system, LocalFileSystem)
