"""Trains the two SentencePiece models (Kudo 2018, unigram with byte fallback) and writes the token lists.

Ids are those of the shipped models: padding 0, end 1, unknown 2.
"""

import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from trainer.corpus import Pair, draw
from trainer.recipe import Recipe, RecipeError, VocabularyPlan

__all__ = ["EOS", "PAD", "UNK", "VOCABULARY_FILES", "copy_vocabulary", "sample", "token_ids", "train_vocabulary"]

PAD, EOS, UNK = 0, 1, 2
VOCABULARY_FILES = ("source.spm", "target.spm")


def sample(pairs: Iterable[Pair], recipe: Recipe, seed: int) -> Iterator[Pair]:
    """Yield each pair as often as the first phase weighs its group, against how large the group is."""
    held = list(pairs)
    groups = [recipe.group(pair.origin) for pair in held]
    sizes = {name: groups.count(name) for name in recipe.groups}
    weights = recipe.phases[0].weights
    for pair, name in zip(held, groups, strict=True):
        wanted = recipe.vocabulary.sentences * weights.get(name, 0.0) / sum(weights.values())
        # A repeated sentence teaches SentencePiece little: eight copies are enough for the smallest group.
        times = min(wanted / sizes[name], 8.0)
        for _ in range(int(times) + (draw(pair, seed + 1) < times % 1)):
            yield pair


def train_vocabulary(pairs: list[Pair], plan: VocabularyPlan, folder: Path, seed: int) -> None:
    """Train ``source.spm`` and ``target.spm`` on both sides of `pairs` and write them into `folder`."""
    import sentencepiece

    sentencepiece.set_random_generator_seed(seed)
    sides: tuple[tuple[str, Iterable[str], int, float], ...] = (
        ("source.spm", (pair.source for pair in pairs), plan.source_pieces, plan.source_coverage),
        ("target.spm", (pair.target for pair in pairs), plan.target_pieces, plan.target_coverage),
    )
    for name, sentences, pieces, coverage in sides:
        _write(folder / name, _trained(sentences, pieces, coverage))


def _trained(sentences: Iterable[str], pieces: int, coverage: float) -> bytes:
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences),
        model_writer=model,
        model_type="unigram",
        vocab_size=pieces,
        hard_vocab_limit=False,
        character_coverage=coverage,
        byte_fallback=True,
        split_digits=True,
        pad_id=PAD,
        eos_id=EOS,
        unk_id=UNK,
        bos_id=-1,
        num_threads=min(os.cpu_count() or 1, 16),
        minloglevel=2,
    )
    return model.getvalue()


def copy_vocabulary(origin: Path, folder: Path) -> None:
    """Take over the vocabulary of another model.

    Raises:
        RecipeError: `origin` lacks a file of it.
    """
    for name in VOCABULARY_FILES:
        if not (origin / name).is_file():
            raise RecipeError(f"{origin}: has no {name}; a model folder with its SentencePiece models is wanted")
        _write(folder / name, (origin / name).read_bytes())


def token_ids(model: Path) -> str:
    """Return the ``{token: id}`` JSON that transformers and CTranslate2 read, for one SentencePiece model."""
    import sentencepiece

    pieces: Any = sentencepiece.SentencePieceProcessor(model_file=str(model))
    return json.dumps({pieces.id_to_piece(i): i for i in range(pieces.get_piece_size())}, ensure_ascii=False)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("wb") as stream:
        shutil.copyfileobj(io.BytesIO(content), stream)
    temporary.replace(path)
