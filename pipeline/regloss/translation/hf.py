"""Any sequence-to-sequence checkpoint through transformers: Marian, M2M100, NLLB, T5 and their relatives.

Needs the extra ``regloss[transformers]``. Only local folders are read: nothing is downloaded, and no code that comes
with a checkpoint is ever run.
"""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regloss.document import Hypothesis
from regloss.errors import MissingExtraError, ModelError
from regloss.translation.cards import read_card
from regloss.translation.pieces import join_pieces, split_source, tidy_source
from regloss.translation.protocol import DEFAULT_DECODING, Attention, DecodingOptions

__all__ = ["HfTranslator", "import_transformers"]

_BATCH_TOKENS = 1536
_DEFAULT_POSITIONS = 512
_IGNORED = -100

# Language codes by the kind of model: (source, target).
_CODES = {"m2m_100": ("zh", "en"), "nllb": ("zho_Hans", "eng_Latn"), "mbart": ("zh_CN", "en_XX")}


@dataclass(frozen=True, slots=True)
class _Piece:
    owner: int
    text: str
    length: int
    prefix: str


def import_transformers() -> tuple[Any, Any]:
    """Return the modules (torch, transformers).

    Raises:
        MissingExtraError: one of them is not installed.
    """
    # Read when transformers is imported; it keeps every later call from asking a hub.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        import torch
        import transformers
    except ImportError as exc:
        raise MissingExtraError("the transformers engine", "transformers") from exc
    transformers.utils.logging.disable_progress_bar()
    return torch, transformers


class HfTranslator:
    """A Chinese-to-English checkpoint run by transformers on the CPU, or on a GPU if torch sees one.

    Args:
        folder: a local checkpoint folder; for a T5 model, `source_prefix` of its card (``<2en>`` for MADLAD) is the
            instruction that goes before every source.

    Raises:
        MissingExtraError: torch or transformers is not installed.
        ModelError: the folder holds no checkpoint that transformers can load as sequence-to-sequence.
    """

    def __init__(self, folder: Path) -> None:
        self._torch, transformers = import_transformers()
        self._card = read_card(folder)
        try:
            with warnings.catch_warnings():
                # It recommends a normaliser that the shipped vocabularies do without.
                warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses")
                self._tokeniser = transformers.AutoTokenizer.from_pretrained(
                    str(folder), local_files_only=True, trust_remote_code=False
                )
            model = transformers.AutoModelForSeq2SeqLM.from_pretrained(
                # Cast afterwards, a float16 checkpoint would keep its computed positions in float16.
                str(folder),
                local_files_only=True,
                trust_remote_code=False,
                dtype=self._torch.float32,
            )
        except (OSError, ValueError, KeyError, ImportError) as exc:
            raise ModelError(
                f"{folder}: transformers cannot load it as sequence-to-sequence ({_one_line(exc)})"
            ) from exc
        self._device = "cuda" if self._torch.cuda.is_available() else "cpu"
        self._model = model.to(self._device).eval()
        self._engine = f"transformers-{transformers.__version__}-float32"
        self._positions = int(getattr(model.config, "max_position_embeddings", _DEFAULT_POSITIONS))
        self._first_token = self._set_languages(model.config.model_type, folder)
        # Other kinds get their source's language from the tokeniser.
        self._instruction = " ".join(self._card.source_prefix) if "t5" in model.config.model_type else ""
        # Lengths count the end mark, which the instruction has none of.
        self._instruction_length = self._length(self._instruction) - self._length("")

    def _set_languages(self, kind: str, folder: Path) -> int | None:
        """Set the languages of a multilingual tokeniser; return the id that every target begins with, if any."""
        if kind == "m2m_100" and "nllb" in type(self._tokeniser).__name__.lower():
            kind = "nllb"
        if kind not in _CODES:
            return None
        source, target = _CODES[kind]
        self._tokeniser.src_lang = source
        token = f"__{target}__" if kind == "m2m_100" else target
        number = self._tokeniser.convert_tokens_to_ids(token)
        if number is None or number == self._tokeniser.unk_token_id:
            raise ModelError(f"{folder}: its tokeniser has no token {token}, so it cannot translate into English")
        return int(number)

    @property
    def name(self) -> str:
        """The model's name: its card's, else its folder's."""
        return self._card.name

    def signature(self) -> str:
        """Return ``name@digest+engine-version-type``."""
        return f"{self._card.name}@{self._card.short_digest}+{self._engine}"

    def split(self, source: str, *, spare: int = 0) -> tuple[str, ...]:
        """Return the pieces that `source` is translated in, one after the other."""
        room = (self._card.max_source or self._positions) - self._instruction_length - spare
        return split_source(tidy_source(source), self._length, max(room, 1))

    def translate(
        self,
        sources: Sequence[str],
        *,
        options: DecodingOptions = DEFAULT_DECODING,
        prefixes: Sequence[str] | None = None,
    ) -> list[tuple[Hypothesis, ...]]:
        """Return the candidates of each source, best first; see `Translator.translate`."""
        pieces = [
            _Piece(i, text, self._length(text), prefixes[i] if prefixes else "")
            for i, source in enumerate(sources)
            for text in self.split(source)
        ]
        results: dict[int, tuple[Hypothesis, ...]] = {}
        for batch in _batches(pieces):
            found = self._generate([pieces[i] for i in batch], options)
            results.update(zip(batch, found, strict=True))
        by_source: list[list[int]] = [[] for _ in sources]
        for i, piece in enumerate(pieces):
            by_source[piece.owner].append(i)
        return [self._joined([pieces[i] for i in own], [results[i] for i in own]) for own in by_source]

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the mean log-probability per token of each forced target; see `Translator.score`."""
        return [self._score_one(tidy_source(source), target) for source, target in pairs]

    def attend(self, pairs: Sequence[tuple[str, str]]) -> list[Attention] | None:  # noqa: ARG002 - the protocol's
        """Return None: the attention kernels that transformers uses keep no weights."""
        return None

    def _score_one(self, source: str, target: str) -> float:
        inputs = self._inputs([source])
        labels = self._tokeniser(
            text_target=[target], return_tensors="pt", truncation=True, max_length=self._positions
        ).input_ids.to(self._device)
        with self._torch.inference_mode():
            # The loss is the mean over the label tokens of the negative log-probability.
            return -float(self._model(**inputs, labels=labels).loss)

    def _length(self, text: str) -> int:
        return len(self._tokeniser(text).input_ids)

    def _inputs(self, texts: Sequence[str]) -> Any:
        texts = [f"{self._instruction} {text}".lstrip() for text in texts]
        return self._tokeniser(
            texts, return_tensors="pt", padding=True, truncation=True, max_length=self._positions
        ).to(self._device)

    def _generate(self, pieces: Sequence[_Piece], options: DecodingOptions) -> list[tuple[Hypothesis, ...]]:
        extra = {} if self._first_token is None else {"forced_bos_token_id": self._first_token}
        prefix = self._decoder_start(pieces[0].prefix)
        if prefix is not None:
            # The forced first token stands in the prefix already.
            extra = {"decoder_input_ids": prefix}
        with self._torch.inference_mode(), _faults():
            output = self._model.generate(
                **self._inputs([p.text for p in pieces]),
                num_beams=options.beam,
                num_return_sequences=options.n_best,
                max_length=self._longest(options),
                length_penalty=options.length_penalty,
                no_repeat_ngram_size=options.no_repeat_ngram,
                do_sample=False,
                return_dict_in_generate=True,
                output_scores=True,
                **extra,
            )
        texts = self._tokeniser.batch_decode(output.sequences, skip_special_tokens=True)
        scores = self._scores(output, options)
        made = [Hypothesis(self.name, text.strip(), score) for text, score in zip(texts, scores, strict=True)]
        return [tuple(made[i : i + options.n_best]) for i in range(0, len(made), options.n_best)]

    def _longest(self, options: DecodingOptions) -> int:
        """Return what transformers calls the longest target: the start token counts, and an end that is forced."""
        forced_end = self._model.generation_config.forced_eos_token_id is not None
        return min(options.max_length, self._positions - 1) + 1 + forced_end

    def _decoder_start(self, prefix: str) -> Any:
        if not prefix:
            return None
        ids = self._tokeniser(text_target=[prefix], return_tensors="pt").input_ids[:, :-1]
        start = self._torch.full((1, 1), self._model.config.decoder_start_token_id)
        return self._torch.cat([start, ids], dim=1).to(self._device)

    def _scores(self, output: Any, options: DecodingOptions) -> list[float]:
        if options.beam > 1:
            return [float(score) for score in output.sequences_scores]
        # transformers' own sum takes the source's vocabulary for the target's where the two differ.
        logits = self._torch.stack(output.scores, dim=1).float().log_softmax(-1)
        tokens = output.sequences[:, -logits.shape[1] :]
        steps = logits.gather(2, tokens.unsqueeze(-1)).squeeze(-1)
        # Past its end a sequence is padded, and padding counts for nothing.
        real = [row[: self._length_of(ids)] for row, ids in zip(steps, tokens, strict=True)]
        return [float(row.mean()) for row in real]

    def _length_of(self, ids: Any) -> int:
        """Return how many ids there are up to the end mark, that included."""
        ends = (ids == self._tokeniser.eos_token_id).nonzero()
        return int(ends[0]) + 1 if len(ends) else len(ids)

    def _joined(self, pieces: Sequence[_Piece], candidates: Sequence[tuple[Hypothesis, ...]]) -> tuple[Hypothesis, ...]:
        if not pieces:
            return (Hypothesis(self.name, "", None),)
        if len(pieces) == 1:
            return candidates[0]
        best = [c[0] for c in candidates]
        weights = [p.length for p in pieces]
        score = sum(w * (h.model_score or 0.0) for w, h in zip(weights, best, strict=True)) / sum(weights)
        return (Hypothesis(self.name, join_pieces([p.text for p in pieces], [h.text for h in best]), score),)


def _batches(pieces: Sequence[_Piece]) -> Iterator[list[int]]:
    """Yield the numbers of pieces of like length, under a budget of padded tokens; a prefixed piece goes alone."""
    batch: list[int] = []
    for i in sorted(range(len(pieces)), key=lambda i: (-pieces[i].length, i)):
        if pieces[i].prefix:
            yield [i]
            continue
        if batch and pieces[batch[0]].length * (len(batch) + 1) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, IndexError) as exc:
        raise ModelError(f"the translation model refused its input: {_one_line(exc)}") from exc


def _one_line(exc: BaseException) -> str:
    return " ".join(str(exc).split())[:300] or type(exc).__name__
