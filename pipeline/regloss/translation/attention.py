"""Word alignment from the translation model itself, and from the model and the lexicon together.

`AttentionAligner` forces the given target through the decoder and reads the cross-attention, the mean of all heads of
the last layer: a target word translates the term to the degree that its tokens looked at the term's tokens when they
were predicted. (Compare Garg et al. 2019, "Jointly Learning to Align and Translate with Transformer Models".)
`CombinedAligner` takes the weighted mean of two aligners' links before it decides on spans.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from regloss.alignment.lexicon import Word, target_words
from regloss.alignment.words import AlignedSpan, AlignerOptions, TermLinker, TermLinks, best_spans, term_spans
from regloss.document import Span
from regloss.translation.protocol import Attention

__all__ = ["Attending", "AttentionAligner", "CombinedAligner", "token_spans"]

_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_SPACE_MARK = "\u2581"
# Punctuation and end marks soak up attention that belongs to no word.
_IDLE = frozenset("，。、；：！？“”‘’（）《》,.;:!?\"'()")


class Attending(Protocol):
    """The part of a translator that the aligner needs."""

    def attend(self, pairs: Sequence[tuple[str, str]]) -> list[Attention] | None:
        """Return the attention of each (source, forced target), or None if this engine cannot tell."""
        ...


class AttentionAligner:
    """A `WordAligner` that reads the translation model's attention.

    An engine that cannot tell its attention gives no links, so nothing is found.
    """

    def __init__(self, translator: Attending, options: AlignerOptions | None = None) -> None:
        self._translator = translator
        self._options = options or AlignerOptions(threshold=0.3, unclaimed=0.0)

    def align_term(self, source: str, term: Span | str, target: str) -> tuple[AlignedSpan, ...]:
        """Return where `target` translates the term of `source`, most probable first; see `WordAligner`.

        Raises:
            ModelError: the model refused its input.
        """
        places = term_spans(source, term)
        return best_spans(target, self.links(source, places, target), places, self._options) if places else ()

    def links(self, source: str, places: Sequence[Span], target: str) -> TermLinks:
        """Return, for each target word, the share of its attention that went to the term and to other source words."""
        words = tuple(target_words(target))
        found = self._translator.attend([(source, target)]) if words else None
        if not found or not found[0].weights:
            return TermLinks(words, np.zeros(len(words)), np.zeros(len(words)))
        (attention,) = found
        weights = np.array(attention.weights, dtype=np.float64)
        columns = token_spans(source, attention.source)
        rows = token_spans(target, attention.target[: len(weights)])
        idle = np.array([span is None or source[span.start : span.end] in _IDLE for span in columns])
        weights[:, idle] = 0.0
        weights /= np.maximum(weights.sum(1, keepdims=True), 1e-9)
        # A source token that every target token looks at a little is no better evidence than one seldom looked at.
        focus = weights / np.maximum(weights.sum(0, keepdims=True), 1e-9)
        inside = np.array([span is not None and any(span.overlaps(place) for place in places) for span in columns])
        table = _by_word(np.sqrt(weights * focus), rows, words)
        return TermLinks(words, _share(table, inside), _share(table, ~inside))


class CombinedAligner:
    """A `WordAligner` that weighs two aligners' links against each other.

    Args:
        first, second: what gives the links, such as a `LexiconAligner` and an `AttentionAligner`.
        weight: how much the second counts, in [0, 1].
        options: how spans are formed.
    """

    def __init__(
        self, first: TermLinker, second: TermLinker, weight: float = 0.3, options: AlignerOptions | None = None
    ) -> None:
        self._first = first
        self._second = second
        self._weight = weight
        self._options = options or AlignerOptions()

    def align_term(self, source: str, term: Span | str, target: str) -> tuple[AlignedSpan, ...]:
        """Return where `target` translates the term of `source`, most probable first; see `WordAligner`."""
        places = term_spans(source, term)
        return best_spans(target, self.links(source, places, target), places, self._options) if places else ()

    def links(self, source: str, places: Sequence[Span], target: str) -> TermLinks:
        """Return the weighted mean of both aligners' links."""
        one = self._first.links(source, places, target)
        other = self._second.links(source, places, target)
        if not other.term.any() and not other.rest.any():
            return one
        return replace(one, term=self._mean(one.term, other.term), rest=self._mean(one.rest, other.rest))

    def _mean(self, one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
        return (1 - self._weight) * one + self._weight * other


def _share(table: NDArray[np.float64], part: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the share of each word's attention, in [0, 1], that went to the given part of the source tokens."""
    whole = table.sum(1)
    return np.asarray(table[:, part].sum(1) / np.maximum(whole, 1e-9)) if part.any() else np.zeros(len(table))


def _by_word(table: NDArray[np.float64], tokens: Sequence[Span | None], words: Sequence[Word]) -> NDArray[np.float64]:
    """Return the mean row of each word's tokens, (J, S); zeros for a word whose tokens were not found."""
    rows = np.zeros((len(words), table.shape[1]))
    for j, word in enumerate(words):
        own = [k for k, span in enumerate(tokens) if span is not None and span.overlaps(word.span)]
        if own:
            rows[j] = table[own].mean(0)
    return rows


def token_spans(text: str, tokens: Sequence[str]) -> list[Span | None]:
    """Return where each SentencePiece token stands in `text` (code points); None for one that holds no character.

    Tokens are matched by their characters, white space aside, after the NFKC normalisation that SentencePiece applies.
    Byte tokens (``<0xE5>``) are joined into their character. From the first token that does not fit on, all are None.
    """
    letters = [(char, k) for k, raw in enumerate(text) for char in unicodedata.normalize("NFKC", raw) if char.strip()]
    spans: list[Span | None] = []
    place = 0
    pending = b""
    for token in tokens:
        byte = _BYTE.fullmatch(token)
        if byte:
            pending += bytes([int(byte[1], 16)])
            body = pending.decode("utf-8", errors="ignore")
            complete = bool(body) or place >= len(letters)
            spans.append(_at(letters, place, 1))
            place, pending = (place + 1, b"") if complete else (place, pending)
            continue
        body = token.replace(_SPACE_MARK, "")
        if "".join(char for char, _ in letters[place : place + len(body)]) != body:
            break
        spans.append(_at(letters, place, len(body)))
        place += len(body)
    return spans + [None] * (len(tokens) - len(spans))


def _at(letters: Sequence[tuple[str, int]], place: int, length: int) -> Span | None:
    if not length or place + length > len(letters):
        return None
    return Span(letters[place][1], letters[place + length - 1][1] + 1)
