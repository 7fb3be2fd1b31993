"""What a batch works on: the files of a folder, or those that a manifest names, each with its source if there is one.

A manifest is a text file with one path a line; behind a tab may stand the path of the source file. Paths are relative
to the manifest. Empty lines and lines that begin with ``#`` are passed over. A file of another known format than plain
text is no manifest but the one file of the batch.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from regloss.errors import InputError, UsageError
from regloss.formats import Fields, pair_source, read_text
from regloss.formats.discover import InputFile, discover
from regloss.formats.fields import USUAL

__all__ = ["Item", "read_items"]

_LISTS = frozenset({".txt", ".text", ".tsv", ".tab"})


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a batch.

    Attributes:
        file: the target file and the name that its result is written under.
        source: the file with its source text, None where none was named or found.
    """

    file: InputFile
    source: Path | None


def read_items(
    place: Path,
    suffixes: Sequence[str],
    sources: Path | None = None,
    fields: Fields = USUAL,
    results: Path | None = None,
) -> tuple[Item, ...]:
    """Return the items of a batch in a fixed order.

    Args:
        place: a folder, a manifest, or one file.
        suffixes: of the files that a folder is searched for.
        sources: folder of the sources; None looks beside the targets (``article.en.md`` ↔ ``article.zh.md``).
        fields: which columns or fields of tables to read.
        results: the folder that results go to, which holds no items.

    Raises:
        InputError: the place does not exist, holds nothing, or the manifest names a file that does not exist.
        UsageError: two results would be written under the same name.
    """
    if not place.exists():
        raise InputError("does not exist; give a folder or a manifest", place)
    if not place.is_dir() and (place.suffix.lower() in _LISTS or place.suffix.lower() not in suffixes):
        return _from_manifest(place, fields)
    items = [Item(file, pair_source(file.path, sources)) for file in discover([place], suffixes, fields, results)]
    used = {os.path.realpath(item.source) for item in items if item.source is not None}
    # The Chinese side of a pair is a source, and no text to repair.
    return tuple(item for item in items if os.path.realpath(item.file.path) not in used)


def _from_manifest(manifest: Path, fields: Fields) -> tuple[Item, ...]:
    items: dict[str, Item] = {}
    for number, line in enumerate(read_text(manifest).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        paths = [manifest.parent / part.strip() for part in line.split("\t")]
        for path in paths:
            if not path.is_file():
                raise InputError(f"names {path}, which is no file", manifest, number)
        item = Item(InputFile(paths[0], _name(paths[0], manifest), fields), paths[1] if len(paths) > 1 else None)
        if item.file.name in items:
            raise UsageError(f"{manifest}:{number}: {item.file.name} would be written twice; rename one of the files")
        items[item.file.name] = item
    if not items:
        raise InputError("names no file", manifest)
    return tuple(items.values())


def _name(path: Path, manifest: Path) -> str:
    try:
        return path.resolve().relative_to(manifest.parent.resolve()).as_posix()
    except ValueError:
        return path.name
