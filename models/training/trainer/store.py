"""The corpus as numbers: tokenised once, then read from memory-mapped arrays as fast as a GPU asks for it.

A data folder holds

- ``tokens.u16``: all token ids one after the other, 16-bit unsigned; a row is its source, end mark, target, end mark;
- ``rows.npy``: (rows, 3) int64, where a row begins and how long its source and its target are;
- ``pairs.npy``: (pairs, 2) int64, the first row of a pair and how many it has: as it is, then with terms inline;
- ``meta.json``: where each group's pairs lie, and the fingerprint of all that the data was made from.
"""

import json
import multiprocessing
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.corpus import Pair, seed_of
from trainer.recipe import Recipe, RecipeError
from trainer.terms import TermBook, inline_versions, read_terms
from trainer.vocabulary import EOS

__all__ = ["PairStore", "build_store", "open_store", "store_fits"]

_META = "meta.json"
_CHUNK = 4000
Rows = list[tuple[list[int], list[int]]]


@dataclass(frozen=True, slots=True)
class PairStore:
    """Tokenised pairs; see the module's text for the shapes. `groups` gives each group's (first, past-last) pair."""

    tokens: NDArray[np.uint16]
    rows: NDArray[np.int64]
    pairs: NDArray[np.int64]
    groups: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Worker:
    """What a process needs to tokenise pairs."""

    source: Any
    target: Any
    book: TermBook
    recipe: Recipe
    seed: int

    def rows(self, pair: Pair) -> Rows:
        """Return the pair's rows, itself first; none where it is too long."""
        rng = random.Random(seed_of(pair, self.seed))
        longest = self.recipe.architecture.max_pieces
        texts = [(pair.source, pair.target)]
        if pair.origin not in self.recipe.corpus.dictionaries:
            texts += inline_versions(pair, self.book, self.recipe.terms, rng)
        coded = [([*self.source.encode(s), EOS], [*self.target.encode(t), EOS]) for s, t in texts]
        fitting = [(s, t) for s, t in coded if len(s) <= longest and len(t) <= longest]
        return fitting if fitting and fitting[0] == coded[0] else []


_workers: dict[str, _Worker] = {}


def store_fits(folder: Path, mark: str) -> bool:
    """Tell whether `folder` holds finished data made from what `mark` stands for."""
    try:
        return bool(json.loads((folder / _META).read_text(encoding="utf-8"))["made_from"] == mark)
    except (OSError, ValueError, KeyError):
        return False


def build_store(
    pairs: Iterable[Pair], recipe: Recipe, vocabulary: Path, folder: Path, *, seed: int, mark: str, processes: int = 0
) -> None:
    """Tokenise `pairs` with the models and terms in `vocabulary`, and write the data folder.

    The result does not depend on `processes` (0: one for each core, at most 16).
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _META).unlink(missing_ok=True)
    by_group: dict[str, list[Pair]] = {name: [] for name in recipe.groups}
    for pair in pairs:
        by_group[recipe.group(pair.origin)].append(pair)
    groups: dict[str, tuple[int, int]] = {}
    row_table: list[tuple[int, int, int]] = []
    pair_table: list[tuple[int, int]] = []
    position = 0
    with (folder / "tokens.u16").open("wb") as stream:
        for name, members in by_group.items():
            first = len(pair_table)
            for rows in _tokenised(members, recipe, vocabulary, seed, processes):
                if rows:
                    pair_table.append((len(row_table), len(rows)))
                for source, target in rows:
                    np.array(source + target, dtype=np.uint16).tofile(stream)
                    row_table.append((position, len(source), len(target)))
                    position += len(source) + len(target)
            groups[name] = (first, len(pair_table))
    np.save(folder / "rows.npy", np.array(row_table, dtype=np.int64).reshape(-1, 3))
    np.save(folder / "pairs.npy", np.array(pair_table, dtype=np.int64).reshape(-1, 2))
    temporary = folder / f".{_META}.part"
    temporary.write_text(json.dumps({"made_from": mark, "groups": groups}, indent=1) + "\n", encoding="utf-8")
    temporary.replace(folder / _META)


def open_store(folder: Path) -> PairStore:
    """Open a data folder.

    Raises:
        RecipeError: it is missing or unfinished.
    """
    try:
        meta = json.loads((folder / _META).read_text(encoding="utf-8"))
        tokens = np.memmap(folder / "tokens.u16", dtype=np.uint16, mode="r")
        rows, pairs = np.load(folder / "rows.npy"), np.load(folder / "pairs.npy")
    except (OSError, ValueError) as exc:
        raise RecipeError(f"{folder}: holds no finished data ({exc}); delete it and run again") from exc
    return PairStore(tokens, rows, pairs, {name: (int(a), int(b)) for name, (a, b) in meta["groups"].items()})


def _tokenised(pairs: list[Pair], recipe: Recipe, vocabulary: Path, seed: int, processes: int) -> Iterator[Rows]:
    chunks = [pairs[i : i + _CHUNK] for i in range(0, len(pairs), _CHUNK)]
    count = min(processes or multiprocessing.cpu_count(), 16, len(chunks))
    if count < 2:
        _start(recipe, vocabulary, seed)
        yield from chain.from_iterable(map(_work, chunks))
        return
    # Forking after torch has started its threads can hang.
    with multiprocessing.get_context("spawn").Pool(count, _start, (recipe, vocabulary, seed)) as pool:
        yield from chain.from_iterable(pool.imap(_work, chunks))


def _start(recipe: Recipe, vocabulary: Path, seed: int) -> None:
    import sentencepiece

    load = sentencepiece.SentencePieceProcessor
    _workers["worker"] = _Worker(
        load(model_file=str(vocabulary / "source.spm")),
        load(model_file=str(vocabulary / "target.spm")),
        read_terms(vocabulary / "terms.tsv"),
        recipe,
        seed,
    )


def _work(pairs: list[Pair]) -> list[Rows]:
    worker = _workers["worker"]
    return [worker.rows(pair) for pair in pairs]
