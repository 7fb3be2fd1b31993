"""What every translation engine promises, and the options that it is asked with.

An engine takes source sentences and gives, for each, its candidate translations, best first. Count in is count out:
the i-th result belongs to the i-th source, whatever the engine did about batching.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from regloss.document import Hypothesis
from regloss.errors import UsageError

__all__ = ["DEFAULT_DECODING", "Attention", "DecodingOptions", "Translator"]


@dataclass(frozen=True, slots=True)
class DecodingOptions:
    """How a translation is searched for.

    Attributes:
        beam: beam size, ≥ 1; 1 is greedy search.
        n_best: how many candidates to return for each source, 1 ≤ n_best ≤ beam.
        max_length: longest target of one piece of source, in target tokens.
        length_penalty: exponent of the target length that a candidate's log-probability is divided by; 1 is the mean
            per token, larger values favour longer translations.
        no_repeat_ngram: no sequence of this many target tokens may come twice in a translation; 0 allows all.

    Raises:
        UsageError: a value is out of range.
    """

    beam: int = 4
    n_best: int = 1
    max_length: int = 256
    length_penalty: float = 1.0
    no_repeat_ngram: int = 8

    def __post_init__(self) -> None:
        if self.beam < 1:
            raise UsageError(f"beam size must be 1 or more, not {self.beam}")
        if not 1 <= self.n_best <= self.beam:
            raise UsageError(f"n_best must be between 1 and the beam size {self.beam}, not {self.n_best}")
        if self.max_length < 1:
            raise UsageError(f"max_length must be 1 or more, not {self.max_length}")


DEFAULT_DECODING = DecodingOptions()


@dataclass(frozen=True, slots=True)
class Attention:
    """Which source tokens each target token was made from, as cross-attention says.

    Attributes:
        source: the source tokens, S of them, end mark left out.
        target: the target tokens, T of them.
        weights: T rows of S weights in [0, 1], the mean of the heads of the last decoder layer; row t is what the
            model looked at as it predicted target token t.

    Tokens are SentencePiece pieces: ``▁`` begins a word.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]


class Translator(Protocol):
    """One engine with one model loaded."""

    @property
    def name(self) -> str:
        """What reports call it, such as ``zh-en-small``."""
        ...

    def signature(self) -> str:
        """Return name, short hash of the model files, and engine with its version: what the output depends on."""
        ...

    def split(self, source: str, *, spare: int = 0) -> tuple[str, ...]:
        """Return the pieces that a long `source` is translated in; one for most, none for a blank one.

        Args:
            source: one or more sentences.
            spare: tokens of the model's budget to leave free for what will be put into the pieces.
        """
        ...

    def translate(
        self,
        sources: Sequence[str],
        *,
        options: DecodingOptions = DEFAULT_DECODING,
        prefixes: Sequence[str] | None = None,
    ) -> list[tuple[Hypothesis, ...]]:
        """Return the candidates of each source, best first, between 1 and ``options.n_best`` of them.

        Each candidate of source i begins with the words of ``prefixes[i]``, if prefixes are given; a prefix is for a
        source of one piece. An empty source gives one empty hypothesis. `Hypothesis.model_score` is what the search
        ranked by: the log-probability divided by ``length ** length_penalty`` (natural logarithm, ≤ 0), of what
        follows the prefix, less a model's own penalty for what it leaves untranslated.
        """
        ...

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return for each (source, target) the mean log-probability per target token, end mark included (≤ 0).

        The target is forced, not searched for (Thompson and Post 2020 use it so as a measure of adequacy).
        """
        ...

    def attend(self, pairs: Sequence[tuple[str, str]]) -> list[Attention] | None:
        """Return the attention of each (source, forced target), or None if this engine cannot tell."""
        ...
