"""N-gram statistics of a whole corpus at once.

sacrebleu counts the n-grams of each segment in a dictionary; here those of all segments are numbered and counted by
sorting, which gives the same integers in a fraction of the time. A corpus becomes a flat array of symbols (characters
or words); an n-gram's code is that of its (n-1)-gram and its last symbol, and its key adds the segment in front. Where
codes would outgrow 63 bits they are numbered afresh, so that any alphabet and any number of segments works.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["NgramCounts", "Symbols", "character_symbols", "count_ngrams", "matches", "word_symbols"]

Ints = NDArray[np.int64]

_LIMIT = 2**62


@dataclass(frozen=True, slots=True)
class Symbols:
    """n sequences of symbols, end to end.

    Attributes:
        numbers: the symbols, shape (total,).
        owners: the sequence that each belongs to, shape (total,), ascending.
        size: n.
    """

    numbers: Ints
    owners: Ints
    size: int


@dataclass(frozen=True, slots=True)
class NgramCounts:
    """The n-grams of one length in n sequences.

    Attributes:
        keys: (sequence, n-gram) as one ascending number each, shape (k,).
        counts: how often each occurs, shape (k,).
        totals: n-grams in each sequence, shape (n,).
        width: keys of sequence i lie from ``i * width`` to ``(i + 1) * width``.
    """

    keys: Ints
    counts: Ints
    totals: Ints
    width: int


def character_symbols(groups: Sequence[Sequence[str]]) -> tuple[list[Symbols], int]:
    """Return corpora as numbers of characters, numbered alike in all, and how many different ones there are.

    Args:
        groups: corpora of any number of texts each.
    """
    codes = [np.frombuffer("".join(g).encode("utf-32-le", "surrogatepass"), dtype=np.uint32) for g in groups]
    seen = np.zeros(0x110000, dtype=np.bool_)
    for each in codes:
        seen[each] = True
    rank = np.cumsum(seen, dtype=np.int64) - 1
    return [_symbols(rank[code], group) for code, group in zip(codes, groups, strict=True)], int(seen.sum())


def word_symbols(groups: Sequence[Sequence[Sequence[str]]]) -> tuple[list[Symbols], int]:
    """Return corpora of lists of words as numbers, numbered alike in all, and how many different words there are."""
    numbers: dict[str, int] = {}
    made: list[Symbols] = []
    for group in groups:
        flat = [numbers.setdefault(word, len(numbers)) for words in group for word in words]
        made.append(_symbols(np.array(flat, dtype=np.int64), group))
    return made, len(numbers)


def _symbols(numbers: Ints, group: Sequence[Sequence[str]]) -> Symbols:
    lengths = np.fromiter(map(len, group), dtype=np.int64, count=len(group))
    return Symbols(numbers, np.repeat(np.arange(len(group), dtype=np.int64), lengths), len(group))


def count_ngrams(groups: Sequence[Symbols], alphabet: int, order: int) -> Iterator[list[NgramCounts]]:
    """Yield the counts of each group, for each n-gram length from 1 to `order`; keys are common to all groups.

    Args:
        groups: corpora of n sequences each, numbered alike.
        alphabet: how many different symbols they have.
        order: the longest n-gram.
    """
    codes = [group.numbers for group in groups]
    span, sequences = max(alphabet, 1), max((group.size for group in groups), default=0) + 1
    for length in range(1, order + 1):
        if length > 1:
            if span * alphabet * sequences >= _LIMIT:
                codes, span = _renumbered(codes)
            codes = [_extended(code, group, alphabet) for code, group in zip(codes, groups, strict=True)]
            span *= max(alphabet, 1)
        yield [_counted(code, group, length, span) for code, group in zip(codes, groups, strict=True)]


def _extended(codes: Ints, group: Symbols, alphabet: int) -> Ints:
    extended = np.zeros_like(codes)
    extended[1:] = codes[:-1] * alphabet + group.numbers[1:]
    return extended


def _renumbered(codes: Sequence[Ints]) -> tuple[list[Ints], int]:
    names, inverse = np.unique(np.concatenate(codes), return_inverse=True)
    edges = np.cumsum([len(each) for each in codes])[:-1]
    return np.split(inverse.reshape(-1).astype(np.int64), edges), max(len(names), 1)


def _counted(codes: Ints, group: Symbols, length: int, width: int) -> NgramCounts:
    # A code near the start of a sequence reaches into the one before; those positions end no n-gram.
    whole = group.owners[length - 1 :] == group.owners[: len(codes) - length + 1] if len(codes) >= length else []
    owners = group.owners[length - 1 :][whole] if len(codes) >= length else group.owners[:0]
    keys = owners * width + codes[length - 1 :][whole] if len(codes) >= length else codes[:0]
    keys.sort()
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.zeros(0, np.int64)
    counts = np.diff(np.concatenate((starts, [len(keys)])))
    return NgramCounts(keys[starts], counts.astype(np.int64), np.bincount(owners, minlength=group.size), width)


def matches(system: NgramCounts, references: Sequence[NgramCounts]) -> Ints:
    """Return the matched n-grams of each sequence, shape (n,): each counts as often as it occurs in the system and in
    that reference which has it most often.
    """
    best = np.zeros(len(system.keys), dtype=np.int64)
    for reference in references:
        if not len(reference.keys):
            continue
        places = np.minimum(np.searchsorted(reference.keys, system.keys), len(reference.keys) - 1)
        theirs = np.where(reference.keys[places] == system.keys, reference.counts[places], 0)
        best = np.maximum(best, np.minimum(system.counts, theirs))
    owners = system.keys // system.width
    return np.bincount(owners, weights=best, minlength=len(system.totals)).astype(np.int64)
