"""Reads pairs of sentences: lines of ``source<TAB>target<TAB>name of the source``, plain or xz-compressed."""

import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from trainer.recipe import Recipe, RecipeError

__all__ = ["Pair", "corpus_files", "draw", "read_corpus", "read_pairs", "read_validation", "seed_of"]


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of the corpus."""

    source: str
    target: str
    origin: str


def corpus_files(folder: Path, recipe: Recipe) -> list[Path]:
    """Return the training files of `folder`, by name.

    Raises:
        RecipeError: there are none.
    """
    held_out = set(recipe.validation.files.values())
    found = {path for pattern in recipe.corpus.files for path in folder.glob(pattern) if path.name not in held_out}
    if not found:
        raise RecipeError(f"{folder}: no corpus file (looked for {', '.join(recipe.corpus.files)})")
    return sorted(found)


def read_pairs(path: Path) -> Iterator[Pair]:
    """Yield the pairs of one file; lines without two filled columns are passed over.

    Raises:
        RecipeError: the file cannot be read.
    """
    try:
        with _open(path) as stream:
            for line in stream:
                columns = line.rstrip("\n").split("\t")
                if len(columns) >= 2 and columns[0].strip() and columns[1].strip():
                    yield Pair(columns[0], columns[1], columns[2] if len(columns) > 2 else path.name.split(".")[1])
    except (OSError, UnicodeDecodeError, lzma.LZMAError) as exc:
        raise RecipeError(f"{path}: cannot be read as text ({exc})") from exc


def read_corpus(folder: Path, recipe: Recipe, seed: int) -> Iterator[Pair]:
    """Yield the training pairs that the recipe keeps. Which ones depends on nothing but their text and `seed`.

    No pair is yielded that shares its source or its target with a validation pair.
    """
    held_out = {
        text
        for name in recipe.validation.files.values()
        for pair in read_pairs(folder / name)
        for text in (pair.source, pair.target)
    }
    limit = recipe.corpus.max_characters
    for path in corpus_files(folder, recipe):
        for pair in read_pairs(path):
            fits = len(pair.source) <= limit and len(pair.target) <= 4 * limit
            if fits and pair.source not in held_out and pair.target not in held_out:
                share = recipe.corpus.share(pair.origin)
                if share >= 1.0 or draw(pair, seed) < share:
                    yield pair


def read_validation(folder: Path, recipe: Recipe) -> dict[str, list[Pair]]:
    """Return the validation sets by name, each thinned evenly to the number of sentences the recipe asks for."""
    sets = {}
    for name, file in recipe.validation.files.items():
        pairs = list(read_pairs(folder / file))
        # The files are sorted by source: the first n would be of one kind.
        step = max(len(pairs) / recipe.validation.sentences, 1.0)
        sets[name] = [pairs[int(i * step)] for i in range(int(len(pairs) / step))]
    return sets


def seed_of(pair: Pair, seed: int) -> int:
    """Return a number in [0, 2³²) that the pair and `seed` determine, in whatever order pairs are worked on."""
    return zlib.crc32(f"{seed}\t{pair.source}\t{pair.target}".encode())


def draw(pair: Pair, seed: int) -> float:
    """Return the same in [0, 1)."""
    return seed_of(pair, seed) / 2**32


def _open(path: Path) -> IO[str]:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8", newline="\n")
    return path.open(encoding="utf-8", newline="\n")
