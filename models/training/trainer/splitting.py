"""Splits pieces of the source at random, so that a sentence is not cut into the same pieces each time it comes back.

That keeps a model from learning the sentences of a small corpus by heart, and teaches it what words are made of, as
subword regularisation (Kudo 2018) and BPE dropout (Provilkov et al. 2020) do; a table of splits needs no tokeniser and
no random state but the one it is given.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.padding import padded
from trainer.vocabulary import PAD

__all__ = ["split_pieces", "split_table"]

_SPACE = "▁"


def split_table(model: Path) -> NDArray[np.int64]:
    """Return (pieces, 2): the most likely two pieces that a piece of the SentencePiece model consists of, or -1, -1."""
    import sentencepiece

    pieces = sentencepiece.SentencePieceProcessor(model_file=str(model))
    size = pieces.get_piece_size()
    plain = [i for i in range(size) if not (pieces.is_control(i) or pieces.is_byte(i) or pieces.is_unknown(i))]
    ids = {pieces.id_to_piece(i): i for i in plain if pieces.id_to_piece(i) != _SPACE}
    table = np.full((size, 2), -1, dtype=np.int64)
    for text, number in ids.items():
        halves = [(text[:k], text[k:]) for k in range(1, len(text)) if text[:k] in ids and text[k:] in ids]
        found = [(ids[left], ids[right]) for left, right in halves]
        if found:
            table[number] = max(found, key=lambda both: pieces.get_score(both[0]) + pieces.get_score(both[1]))
    return table


def split_pieces(
    rows: NDArray[np.int64], table: NDArray[np.int64], share: float, pad_to: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return padded rows (n, width) with a share in [0, 1] of the pieces that can be split in two, split in two."""
    real = rows != PAD
    tokens = rows[real]
    chosen = (table[tokens, 0] >= 0) & (rng.random(len(tokens)) < share)
    ends = np.cumsum(1 + chosen)
    made = np.repeat(tokens, 1 + chosen)
    made[ends[chosen] - 2], made[ends[chosen] - 1] = table[tokens[chosen]].T
    lengths = np.diff(ends[np.cumsum(real.sum(axis=1)) - 1], prepend=0)
    return padded(made, lengths, pad_to)
