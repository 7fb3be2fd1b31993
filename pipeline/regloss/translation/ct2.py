"""The default engine: CTranslate2 on the CPU, 8-bit integer weights, SentencePiece, no torch.

It takes a Marian checkpoint (built for CTranslate2 on first use and cached) or a folder that already holds a
CTranslate2 model in ``ct2-int8/`` beside its tokenisers. Sources are cut at `pieces.split_source` before they are too
long, and batched by length under a token budget; results come back in the order of the sources and do not depend on
what else stood in the batch.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regloss.document import Hypothesis
from regloss.errors import ModelError
from regloss.translation.cache import built_model
from regloss.translation.cards import ModelCard, read_card
from regloss.translation.marian import build_model, is_checkpoint
from regloss.translation.pieces import join_pieces, split_source, tidy_source
from regloss.translation.protocol import DEFAULT_DECODING, Attention, DecodingOptions

__all__ = ["BUILT_FOLDER", "Ct2Translator", "is_ct2_folder"]

BUILT_FOLDER = "ct2-int8"
_END = "</s>"
# Small enough that a document of a page keeps all cores busy, large enough for the caches.
_BATCH_TOKENS = 512
_DEFAULT_POSITIONS = 256
# Part of the cache key: raise it when `marian.build_model` writes something else for the same checkpoint.
_BUILD_VERSION = 1


def is_ct2_folder(folder: Path) -> bool:
    """Tell whether this engine can load the model in `folder`."""
    return (folder / BUILT_FOLDER / "model.bin").is_file() or is_checkpoint(folder)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One piece of one source: which source, its text, its tokens."""

    owner: int
    text: str
    tokens: list[str]


class Ct2Translator:
    """A Chinese-to-English model on CTranslate2.

    Args:
        folder: the model folder.
        compute_type: ``int8``, or ``float32`` for output equal to that of transformers; a ready-built folder is int8.
        workers: batches translated at the same time, one thread each; 0 takes one worker a processor core, at most 8.

    Raises:
        ModelError: the folder holds no such model, or a file is damaged.
    """

    def __init__(self, folder: Path, *, compute_type: str = "int8", workers: int = 0) -> None:
        import ctranslate2

        self._card = read_card(folder)
        self._engine = f"ctranslate2-{ctranslate2.__version__}-{compute_type}"
        self._source_pieces = _load_tokeniser(folder, "source.spm", "sentencepiece.bpe.model", "spiece.model")
        self._target_pieces = _load_tokeniser(folder, "target.spm", "sentencepiece.bpe.model", "spiece.model")
        self._positions = _positions(folder)
        with _model_folder(self._card, compute_type, ctranslate2.__version__) as built:
            try:
                self._model = ctranslate2.Translator(
                    str(built), compute_type=compute_type, inter_threads=workers or _cores(), intra_threads=1
                )
            except (RuntimeError, ValueError) as exc:
                raise ModelError(f"{folder}: CTranslate2 cannot load the model ({_one_line(exc)})") from exc

    @property
    def name(self) -> str:
        """The model's name, from its card."""
        return self._card.name

    def signature(self) -> str:
        """Return ``name@digest+engine-version-type``."""
        return f"{self._card.name}@{self._card.short_digest}+{self._engine}"

    def split(self, source: str, *, spare: int = 0) -> tuple[str, ...]:
        """Return the pieces that `source` is translated in, one after the other."""
        # The end mark and the prefix take room as well.
        room = (self._card.max_source or self._positions) - 1 - len(self._card.source_prefix) - spare
        return split_source(tidy_source(source), lambda text: len(self._source_pieces.encode(text)), max(room, 1))

    def translate(
        self,
        sources: Sequence[str],
        *,
        options: DecodingOptions = DEFAULT_DECODING,
        prefixes: Sequence[str] | None = None,
    ) -> list[tuple[Hypothesis, ...]]:
        """Return the candidates of each source, best first; see `Translator.translate`.

        Raises:
            ModelError: CTranslate2 refused the input.
        """
        pieces = [
            _Piece(i, text, self._source_tokens(text))
            for i, source in enumerate(sources)
            for text in self.split(source)
        ]
        starts = [self._target_start(prefixes[p.owner] if prefixes else "") for p in pieces]
        results = self._search([p.tokens for p in pieces], starts, options)
        by_source: list[list[tuple[_Piece, tuple[Hypothesis, ...]]]] = [[] for _ in sources]
        for piece, result in zip(pieces, results, strict=True):
            by_source[piece.owner].append((piece, self._hypotheses(result)))
        return [_joined(self.name, found) for found in by_source]

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the mean log-probability per token of each forced target; see `Translator.score`.

        A source or target beyond the model's positions is scored on its beginning.
        """
        if not pairs:
            return []
        sources = [self._source_tokens(tidy_source(source), self._positions) for source, _ in pairs]
        skip = len(self._card.target_prefix)
        targets = [self._target_tokens(target) for _, target in pairs]
        with _faults():
            results = self._model.score_batch(
                sources, targets, max_batch_size=_BATCH_TOKENS, batch_type="tokens", max_input_length=0, offset=skip
            )
        return [sum(r.log_probs) / max(len(r.log_probs), 1) for r in results]

    def attend(self, pairs: Sequence[tuple[str, str]]) -> list[Attention]:
        """Return for each (source, target) how much each target token looks at each source token; see `Attention`."""
        if not pairs:
            return []
        sources = [self._source_tokens(tidy_source(source), self._positions) for source, _ in pairs]
        targets = [self._target_tokens(target) for _, target in pairs]
        with _faults():
            results = self._model.translate_batch(
                sources,
                target_prefix=targets,
                beam_size=1,
                max_batch_size=_BATCH_TOKENS,
                batch_type="tokens",
                max_input_length=0,
                max_decoding_length=max(map(len, targets)),
                return_attention=True,
            )
        skip = len(self._card.target_prefix)
        return [
            Attention(
                tuple(s[:-1]), tuple(t[skip:]), tuple(tuple(row[: len(s) - 1]) for row in r.attention[0][: len(t)])
            )
            for s, t, r in zip(sources, targets, results, strict=True)
        ]

    def _source_tokens(self, text: str, limit: int = 0) -> list[str]:
        tokens = [*self._card.source_prefix, *self._source_pieces.encode(text, out_type=str)]
        return [*(tokens[: limit - 1] if limit else tokens), _END]

    def _target_tokens(self, text: str) -> list[str]:
        tokens = [*self._card.target_prefix, *self._target_pieces.encode(text, out_type=str)]
        return tokens[: self._positions - 1]

    def _target_start(self, prefix: str) -> list[str]:
        return self._target_tokens(prefix) if prefix else list(self._card.target_prefix)

    def _search(self, sources: list[list[str]], starts: list[list[str]], options: DecodingOptions) -> list[Any]:
        if not sources:
            return []
        with _faults():
            results: list[Any] = self._model.translate_batch(
                sources,
                target_prefix=starts,
                max_batch_size=_BATCH_TOKENS,
                batch_type="tokens",
                beam_size=options.beam,
                num_hypotheses=options.n_best,
                length_penalty=options.length_penalty,
                # CTranslate2 4.8 crashes where greedy search, which compares nothing, is asked to mark anything down.
                coverage_penalty=self._card.coverage_penalty if options.beam > 1 else 0.0,
                no_repeat_ngram_size=options.no_repeat_ngram,
                # The sources have been cut already; 0 forbids CTranslate2 to cut them silently.
                max_input_length=0,
                max_decoding_length=min(options.max_length, self._positions - 1),
                return_scores=True,
            )
        return results

    def _hypotheses(self, result: Any) -> tuple[Hypothesis, ...]:
        skip = len(self._card.target_prefix)
        return tuple(
            Hypothesis(self.name, self._target_pieces.decode(tokens[skip:]).strip(), score)
            for tokens, score in zip(result.hypotheses, result.scores, strict=True)
        )


def _joined(name: str, found: Sequence[tuple[_Piece, tuple[Hypothesis, ...]]]) -> tuple[Hypothesis, ...]:
    """Join the pieces of one source: the first candidate of each, the second of each, and so on."""
    if not found:
        return (Hypothesis(name, "", None),)
    if len(found) == 1:
        return found[0][1]
    texts = [piece.text for piece, _ in found]
    weights = [len(piece.tokens) for piece, _ in found]
    joined = []
    for rank in range(max(len(candidates) for _, candidates in found)):
        chosen = [candidates[min(rank, len(candidates) - 1)] for _, candidates in found]
        score = sum(w * (c.model_score or 0.0) for w, c in zip(weights, chosen, strict=True)) / sum(weights)
        joined.append(Hypothesis(name, join_pieces(texts, [c.text for c in chosen]), score))
    return tuple(joined)


@contextmanager
def _model_folder(card: ModelCard, compute_type: str, version: str) -> Iterator[Path]:
    ready = card.path / BUILT_FOLDER
    if ready.is_dir():
        yield ready
        return
    if not is_checkpoint(card.path):
        raise ModelError(f"{card.path}: holds neither a Marian checkpoint nor a {BUILT_FOLDER} folder")
    key = f"{card.name}-{card.digest[:16]}-ct2-{version}-{compute_type}-{_BUILD_VERSION}"
    quantization = None if compute_type == "float32" else compute_type
    with built_model(key, lambda folder: build_model(card.path, folder, quantization=quantization)) as built:
        yield built


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError) as exc:
        raise ModelError(f"the translation model refused its input: {_one_line(exc)}") from exc


def _load_tokeniser(folder: Path, *names: str) -> Any:
    import sentencepiece

    for name in names:
        if (folder / name).is_file():
            try:
                return sentencepiece.SentencePieceProcessor(model_file=str(folder / name))
            except (RuntimeError, OSError) as exc:
                raise ModelError(f"{folder / name}: cannot be read as a SentencePiece model; it is damaged") from exc
    raise ModelError(f"{folder}: has no tokeniser (looked for {', '.join(names)})")


def _positions(folder: Path) -> int:
    """Return how many tokens the model has positions for."""
    import json

    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return int(config.get("max_position_embeddings", _DEFAULT_POSITIONS))
    except (OSError, ValueError, TypeError, AttributeError) as exc:
        raise ModelError(f"{folder / 'config.json'}: cannot be read ({_one_line(exc)}); the model is damaged") from exc


def _cores() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 8)


def _one_line(exc: BaseException) -> str:
    return " ".join(str(exc).split()) or type(exc).__name__
