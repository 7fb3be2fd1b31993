"""What a model is worth on held-out pairs: its loss, and chrF and BLEU of greedy translations."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from trainer.corpus import Pair
from trainer.loss import loss_sum
from trainer.vocabulary import EOS, PAD

__all__ = ["Quality", "Validator", "selection"]


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures on one set: cross-entropy in nats a token, chrF and BLEU from 0 to 100."""

    loss: float
    chrf: float
    bleu: float


def selection(found: Mapping[str, Quality], weights: Mapping[str, float]) -> float:
    """Return the weighted mean chrF by which the model to ship is chosen."""
    return sum(found[name].chrf * weight for name, weight in weights.items()) / sum(weights.values())


class Validator:
    """Judges networks on validation sets.

    Args:
        sets: pairs by the name of their set.
        vocabulary: holds ``source.spm`` and ``target.spm``.
        max_pieces: sentences are cut to that many pieces.
        device: where the network is.
    """

    def __init__(self, sets: Mapping[str, Sequence[Pair]], vocabulary: Path, max_pieces: int, device: str) -> None:
        import sentencepiece

        load = sentencepiece.SentencePieceProcessor
        self._sets = sets
        self._source = load(model_file=str(vocabulary / "source.spm"))
        self._target = load(model_file=str(vocabulary / "target.spm"))
        self._longest = max_pieces
        self._device = device

    def judge(self, model: Any) -> dict[str, Quality]:
        """Return the figures of each set. The network is left in evaluation mode."""
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF

        model.eval()
        found = {}
        for name, pairs in self._sets.items():
            references = [[pair.target for pair in pairs]]
            with torch.no_grad(), _quiet("sacrebleu"):
                translations = self._translate(model, [pair.source for pair in pairs])
                found[name] = Quality(
                    self._loss(model, pairs),
                    CHRF().corpus_score(translations, references).score,
                    BLEU(force=True).corpus_score(translations, references).score,
                )
        return found

    def _loss(self, model: Any, pairs: Sequence[Pair]) -> float:
        total = tokens = 0.0
        for part in _parts(pairs, 64):
            source = self._padded([self._source.encode(pair.source) for pair in part])
            target = self._padded([self._target.encode(pair.target) for pair in part])
            total += float(loss_sum(model, source, target, 0.0))
            tokens += float((target != PAD).sum())
        return total / max(tokens, 1.0)

    def _translate(self, model: Any, sentences: Sequence[str]) -> list[str]:
        order = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
        out = [""] * len(sentences)
        for part in _parts(order, 256):
            source = self._padded([self._source.encode(sentences[i]) for i in part])
            # `generate` wants its settings for beam search unset where it searches greedily.
            made = model.generate(
                input_ids=source,
                attention_mask=(source != PAD).long(),
                num_beams=1,
                do_sample=False,
                max_new_tokens=min(2 * source.shape[1] + 10, model.config.max_position_embeddings - 1),
                suppress_tokens=[PAD],
            )
            for i, row in zip(part, made.tolist(), strict=True):
                out[i] = self._target.decode([token for token in row if token not in (PAD, EOS)])
        return out

    def _padded(self, rows: Sequence[list[int]]) -> torch.Tensor:
        ended = [[*row[: self._longest - 1], EOS] for row in rows]
        table = np.full((len(ended), max(map(len, ended))), PAD, dtype=np.int64)
        for i, row in enumerate(ended):
            table[i, : len(row)] = row
        return torch.from_numpy(table).to(self._device)


def _parts(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[i : i + size] for i in range(0, len(items), size)]


class _quiet:  # noqa: N801 - reads as a word at its only place
    """Silence one logger: sacrebleu warns that very bad translations look tokenised."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)
        self._level = self._logger.level

    def __enter__(self) -> None:
        self._logger.setLevel(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        self._logger.setLevel(self._level)
