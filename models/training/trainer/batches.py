"""Mixes the groups by weight and packs pairs of like length into batches under a token budget.

Nothing here has a state. The batches of a *pool* (some ten thousand pairs) follow from the seed, the phase and the
pool's number alone, so that a training run goes on after an interruption exactly where it stood, by three numbers.
Within a group every pair is seen once before any is seen twice.

Some pairs are joined two by two, whatever groups they are of, to one long pair (Nguyen et al. 2021; Kondo et al. 2021):
in a small corpus a sentence then never comes back in the same place and company, and long sentences are not rare.
"""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.padding import padded
from trainer.recipe import Pace, Phase, RecipeError, TermPlan, VarietyPlan
from trainer.splitting import split_pieces
from trainer.store import PairStore

__all__ = ["Batch", "Mixer", "Position", "Prefetcher", "gather"]


class Position(NamedTuple):
    """Where a run stands in the data: phase, pool within the phase, next batch within the pool."""

    phase: int
    pool: int
    batch: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids, padded: `source` (pairs, source length), `target` (pairs, target length), int64.

    `tokens` counts the target's real tokens, `after` is the position of the batch that follows.
    """

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    tokens: int
    after: Position


@dataclass(frozen=True, slots=True)
class Mixer:
    """Draws pools from a store by the weights of a phase; `splits` is the table of `split_pieces`."""

    store: PairStore
    phases: tuple[Phase, ...]
    pace: Pace
    terms: TermPlan
    variety: VarietyPlan
    splits: NDArray[np.int64]
    seed: int

    def counts(self, phase: int) -> dict[str, int]:
        """Return how many pairs of each group a pool of the phase holds; empty groups leave their share to others.

        Raises:
            RecipeError: no group with a weight has any pair.
        """
        held = {
            name: weight
            for name, weight in self.phases[phase].weights.items()
            if weight > 0 and np.diff(self.store.groups.get(name, (0, 0)))[0] > 0
        }
        if not held:
            raise RecipeError(f"phase {self.phases[phase].name}: none of its groups has a pair in the corpus")
        return {name: max(round(self.pace.pool * w / sum(held.values())), 1) for name, w in held.items()}

    def batches(self, position: Position) -> Iterator[Batch]:
        """Yield the batches of the phase from `position` on, without end."""
        phase, pool, first = position
        while True:
            packed = self._packed(phase, pool)
            for number in range(first, len(packed)):
                last = number + 1 == len(packed)
                after = Position(phase, pool + 1, 0) if last else Position(phase, pool, number + 1)
                rng = np.random.default_rng([self.seed, phase, pool, number])
                yield self._batch(packed[number], after, rng)
            pool, first = pool + 1, 0

    def _packed(self, phase: int, pool: int) -> list[NDArray[np.int64]]:
        rng = np.random.default_rng([self.seed, phase, pool])
        rows = self._joined(self._rows(phase, pool, rng), rng)
        lengths = self._slices(rows)[1].sum(axis=1)
        # A random key first, so that pairs of one length do not always meet in the order of their groups.
        order = np.lexsort((rng.random(len(rows)), lengths[:, 0], -(-lengths[:, 1] // self.pace.pad_to)))
        rows, longest = rows[order], lengths.max(axis=1)[order]
        cuts = _cuts(-(-longest // self.pace.pad_to) * self.pace.pad_to, self.pace.batch_tokens)
        packed = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
        return [packed[i] for i in rng.permutation(len(packed))]

    def _rows(self, phase: int, pool: int, rng: np.random.Generator) -> NDArray[np.int64]:
        chosen = []
        for number, (name, count) in enumerate(self.counts(phase).items()):
            low, high = self.store.groups[name]
            chosen.append(low + _turns(high - low, pool * count, count, [self.seed, phase, number]))
        pairs = self.store.pairs[np.concatenate(chosen)]
        first, versions = pairs[:, 0], pairs[:, 1]
        with_terms = (versions > 1) & (rng.random(len(first)) < self.terms.share)
        version: NDArray[np.int64] = np.where(with_terms, 1 + rng.integers(0, np.maximum(versions - 1, 1)), 0)
        return first + version

    def _joined(self, rows: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """Return (n, 2) rows, the second of which is -1 where a pair stands alone."""
        rows = rng.permutation(rows)
        half = round(len(rows) * self.variety.joined / 2)
        both = rows[: 2 * half].reshape(half, 2)
        fits = (self._slices(both)[1].sum(axis=1) <= self.variety.longest).all(axis=1)
        alone = np.concatenate([both[~fits].ravel(), rows[2 * half :]])
        return np.concatenate([both[fits], np.stack([alone, np.full_like(alone, -1)], axis=1)])

    def _slices(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where the sources and targets of (n, 2) rows begin, and how long they are, both (n, 2, 2).

        The second axis counts the rows, the third is source and target. The end mark of a row that another follows is
        left out.
        """
        starts, lengths = np.empty((*rows.shape, 2), np.int64), np.empty((*rows.shape, 2), np.int64)
        lengths[:] = self.store.rows[rows, 1:]
        starts[..., 0] = self.store.rows[rows, 0]
        starts[..., 1] = starts[..., 0] + lengths[..., 0]
        followed = rows[:, 1] >= 0
        lengths[followed, 0] -= 1
        lengths[~followed, 1] = 0
        return starts, lengths

    def _batch(self, rows: NDArray[np.int64], after: Position, rng: np.random.Generator) -> Batch:
        starts, lengths = self._slices(rows)
        source, target = (
            gather(self.store.tokens, starts[..., side], lengths[..., side], self.pace.pad_to) for side in (0, 1)
        )
        source = split_pieces(source, self.splits, self.variety.split, self.pace.pad_to, rng)
        return Batch(source, target, int(lengths[..., 1].sum()), after)


def gather(
    tokens: NDArray[np.uint16], starts: NDArray[np.int64], lengths: NDArray[np.int64], pad_to: int
) -> NDArray[np.int64]:
    """Copy slices of `tokens` into one (n, width) array, padded on the right to a multiple of `pad_to`.

    `starts` and `lengths` are (n, slices): a row's slices follow each other.
    """
    each = lengths.ravel()
    ends = np.cumsum(each)
    flat = tokens[np.arange(ends[-1]) + np.repeat(starts.ravel() - (ends - each), each)]
    return padded(flat, lengths.sum(axis=1), pad_to)


def _cuts(widths: NDArray[np.int64], budget: int) -> list[int]:
    """Return where batches end, so that pairs × greatest width stays within the budget."""
    cuts, start, widest = [], 0, 0
    for place, width in enumerate(widths.tolist()):
        widest = max(widest, width)
        if place > start and widest * (place - start + 1) > budget:
            cuts.append(place)
            start, widest = place, width
    return cuts


def _turns(size: int, start: int, count: int, seed: list[int]) -> NDArray[np.int64]:
    """Return `count` members of range(`size`) from the `start`-th on, in an endless row of shuffled rounds."""
    parts = []
    while count > 0:
        turn, offset = divmod(start, size)
        part = np.random.default_rng([*seed, turn]).permutation(size)[offset : offset + count]
        parts.append(part)
        start, count = start + len(part), count - len(part)
    return np.concatenate(parts)


class Prefetcher:
    """Makes batches in a thread of its own, some ahead of the one that trains.

    Use it as a context manager; leaving it stops the thread.
    """

    def __init__(self, batches: Iterator[Batch], ahead: int = 16) -> None:
        self._queue: queue.Queue[Batch | BaseException] = queue.Queue(ahead)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._fill, args=(batches,), daemon=True)

    def __enter__(self) -> "Prefetcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def __iter__(self) -> Iterator[Batch]:
        while True:
            item = self._queue.get()
            if isinstance(item, BaseException):
                raise item
            yield item

    def _fill(self, batches: Iterator[Batch]) -> None:
        try:
            for batch in batches:
                if not self._put(batch):
                    return
        except Exception as exc:  # noqa: BLE001 - whatever it is, the training thread must hear of it
            self._put(exc)

    def _put(self, item: Batch | BaseException) -> bool:
        while not self._stopped.is_set():
            try:
                self._queue.put(item, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False
