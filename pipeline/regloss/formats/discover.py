"""Which files a list of paths stands for, and under which relative name each result is written."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from regloss.errors import InputError, UsageError
from regloss.formats.encoding import BOM, decode
from regloss.formats.fields import USUAL, Fields, has_target

__all__ = ["InputFile", "discover", "real_files"]


_DELIMITED = (".csv", ".tsv", ".tab")
_LONGEST_HEADER = 100_000


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to work on.

    Attributes:
        path: where it is.
        name: its name relative to what the user gave, with forward slashes; results are written under it.
        fields: which columns or fields to read, where it is a table.
        first_line: number of its first line, where it is a stretch of a longer JSONL file; counted from 1.
    """

    path: Path
    name: str
    fields: Fields = USUAL
    first_line: int = 1


def discover(
    paths: Sequence[Path], suffixes: Sequence[str], fields: Fields = USUAL, results: Path | None = None
) -> tuple[InputFile, ...]:
    """Return the files that `paths` stand for: a file is itself, a folder all files below it with known suffixes.

    Folders are read in alphabetical order; links to folders are not followed, so a loop of links cannot be endless;
    hidden files and folders are left out, and so are tables and JSON files without the target column or field: in a
    folder of texts they are data and settings.

    Args:
        results: the folder that results go to; where it lies below one that is read, it is left out.

    Raises:
        InputError: a path does not exist, or a folder holds no file of a known format.
        UsageError: two files would be written under the same name.
    """
    found: dict[str, InputFile] = {}
    for path in paths:
        for file in _files(path, suffixes, fields, results):
            if file.name in found:
                raise UsageError(f"{file.path} and {found[file.name].path} would both be written as {file.name}")
            found[file.name] = file
    return tuple(found.values())


def real_files(files: Sequence[InputFile]) -> tuple[InputFile, ...]:
    """Return the files that are really there: instead of a link the file that it leads to, and each file once."""
    found: dict[Path, InputFile] = {}
    for file in files:
        path = file.path.resolve()
        found.setdefault(path, replace(file, path=path))
    return tuple(found.values())


def _files(path: Path, suffixes: Sequence[str], fields: Fields, results: Path | None) -> Iterator[InputFile]:
    if not path.exists():
        raise InputError("does not exist; check the name", path)
    if not path.is_dir():
        yield InputFile(path, path.name, fields)
        return
    own = os.path.realpath(results) if results is not None else ""
    below = [
        InputFile(file, file.relative_to(path).as_posix(), fields)
        for folder, folders, names in os.walk(path)
        if _visible(folder, folders, own)
        for file in (Path(folder) / name for name in sorted(names))
        if file.suffix.lower() in suffixes and not file.name.startswith(".") and _is_meant(file, fields)
    ]
    if not below:
        raise InputError(f"holds no file of a known format ({', '.join(suffixes)})", path)
    yield from sorted(below, key=lambda file: file.name)


def _is_meant(path: Path, fields: Fields) -> bool:
    """Tell whether a file that nobody named may hold text to repair; looks at the start of CSV, and into JSON."""
    suffix = path.suffix.lower()
    try:
        if suffix == ".json":
            return bool(fields.target) or '"target"' in decode(path.read_bytes(), path)[0]
        if suffix in _DELIMITED:
            with path.open("rb") as file:
                header = decode(file.readline(_LONGEST_HEADER), path)[0].removeprefix(BOM)
            return has_target([name.strip().strip('"') for name in re.split(r"[,;\t]", header)], fields)
    except (OSError, InputError):
        # Its reader says what is wrong with it.
        return True
    return True


def _visible(folder: str, folders: list[str], own: str) -> bool:
    # os.walk goes only into what is left in this list.
    folders[:] = sorted(
        name for name in folders if not (name.startswith(".") or (own and os.path.realpath(Path(folder, name)) == own))
    )
    return True
