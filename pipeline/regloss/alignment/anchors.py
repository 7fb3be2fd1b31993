"""What a source sentence and a target sentence have in common that chance does not explain.

Anchors are numbers, Latin words that stand in the Chinese text too, and words whose translation is known, from a
lexicon or a glossary. An anchor that stands in few target sentences says much, one that stands in most says nothing:
its weight is the logarithm of how much likelier it is to meet it in the translation than anywhere.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from regloss.alignment.lexicon import Lexicon, stem, target_words
from regloss.alignment.numbers import number_keys
from regloss.alignment.script import simplified
from regloss.text import is_han

__all__ = ["Anchor", "Lexicons", "Matches", "TargetIndex", "WordTranslations", "match_anchors", "source_anchors"]

_HAN_RUN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
_LONGEST_WORD = 8
_RENDERINGS = 8
_LEAST_PROBABILITY = 0.04
_FUNCTION_WORDS = frozenset(
    "a an the of to in on at by for from with as and or but nor that which who whom whose this these those it its is "
    "are was were be been being am do does did have has had having will would shall should can could may might must "
    "not no than then there their they them you your he his him she her we our us i my me so if into also".split()
)
_RELIABLE = 0.85
# Anchors of one sentence depend on one another, so their odds must not simply add up.
_TRUST = {"number": 0.6, "latin": 0.6, "word": 0.3}
_NOWHERE = np.empty(0, dtype=np.int64)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Renderings = tuple[tuple[tuple[str, ...], float], ...]


class WordTranslations(Protocol):
    """Knows how words or terms of the source language may be rendered."""

    def translations(self, source_word: str) -> Mapping[str, float]:
        """Return the renderings, each with its probability in (0, 1]; empty if the word is unknown."""


@dataclass(frozen=True, slots=True)
class Lexicons:
    """Several sources of translations asked in turn; the first that knows a word answers."""

    members: tuple[WordTranslations, ...]

    def translations(self, source_word: str) -> Mapping[str, float]:
        """Return the renderings of exactly this word; empty if no member knows it."""
        for member in self.members:
            found = _exact(member, source_word)
            if found:
                return found
        return {}


@dataclass(frozen=True, slots=True)
class Anchor:
    """Something in a source sentence that a translation should show.

    Attributes:
        kind: ``number``, ``latin`` or ``word``.
        source: as it stands in the source: a number's key, a Latin word, a Chinese word.
        renderings: what may stand in the target, as `TargetIndex` keys, with probabilities in (0, 1].
    """

    kind: str
    source: str
    renderings: Renderings


class TargetIndex:
    """Which sentences of the target hold a number, a word or a phrase."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self.size = len(sentences)
        postings: dict[str, list[int]] = defaultdict(list)
        for number, sentence in enumerate(sentences):
            for key in dict.fromkeys(_target_keys(sentence)):
                postings[key].append(number)
        self._postings = {key: np.array(found, dtype=np.int64) for key, found in postings.items()}

    def where(self, keys: tuple[str, ...]) -> Integers:
        """Return the numbers of the sentences that hold all of `keys`, ascending."""
        found = self._postings.get(keys[0], _NOWHERE)
        for key in keys[1:]:
            found = np.intersect1d(found, self._postings.get(key, _NOWHERE), assume_unique=True)
        return found

    def has(self, anchor: Anchor, low: int, high: int) -> bool:
        """Tell whether one of the sentences [low, high) shows the anchor."""
        found = (self.where(keys) for keys, _ in anchor.renderings)
        return any(np.searchsorted(where, low) < np.searchsorted(where, high) for where in found)


@dataclass(frozen=True, slots=True)
class Matches:
    """How strongly the anchors of one source sentence speak for each target sentence.

    Attributes:
        columns: (k,) target sentences, ascending, that show an anchor.
        weights: (k,) the logarithm of the odds, summed over the anchors.
        chance: what a target sentence that is not the translation weighs on average.
    """

    columns: Integers
    weights: Floats
    chance: float

    def backwards(self, size: int) -> "Matches":
        """Return the same where the `size` target sentences stand in the opposite order."""
        return Matches(size - 1 - self.columns[::-1], self.weights[::-1], self.chance)


def match_anchors(anchors: Sequence[Sequence[Anchor]], index: TargetIndex) -> list[Matches]:
    """Return the matches of each source sentence."""
    found: dict[Anchor, Matches] = {}
    for anchor in dict.fromkeys(chain.from_iterable(anchors)):
        found[anchor] = _match(anchor, index)
    return [_sum([found[anchor] for anchor in own], index.size) for own in anchors]


def _match(anchor: Anchor, index: TargetIndex) -> Matches:
    """Return where the anchor's renderings stand; where several stand, the strongest counts."""
    row, chance = np.zeros(index.size), 0.0
    for keys, probability in anchor.renderings:
        where = index.where(keys)
        if not len(where):
            continue
        weight = _TRUST[anchor.kind] * math.log(probability * (index.size + 2) / (len(where) + 1))
        if weight > 0:
            row[where] = np.maximum(row[where], weight)
            chance += weight * (len(where) - 1) / index.size
    columns = np.flatnonzero(row)
    return Matches(columns, row[columns], chance)


def _sum(matches: Sequence[Matches], size: int) -> Matches:
    if not matches:
        return Matches(_NOWHERE, np.empty(0), 0.0)
    columns = np.concatenate([match.columns for match in matches])
    row = np.zeros(size)
    np.add.at(row, columns, np.concatenate([match.weights for match in matches]))
    found = np.flatnonzero(row)
    return Matches(found, row[found], sum(match.chance for match in matches))


def source_anchors(sentences: Sequence[str], lexicon: WordTranslations | None) -> list[tuple[Anchor, ...]]:
    """Return the anchors of each source sentence, each once a sentence; Traditional characters read as Simplified."""
    known: dict[str, Renderings] = {}
    return [tuple(dict.fromkeys(_anchors(sentence, lexicon, known))) for sentence in sentences]


def _anchors(sentence: str, lexicon: WordTranslations | None, known: dict[str, Renderings]) -> Iterator[Anchor]:
    for key in number_keys(sentence, "zh"):
        yield Anchor("number", key, ((("#" + key,), _RELIABLE),))
    for word in target_words(sentence):
        if len(word.form) > 1 and not word.form[0].isdigit() and not is_han(word.form[0]):
            yield Anchor("latin", sentence[word.span.start : word.span.end], (((stem(word.form),), _RELIABLE),))
    if lexicon is not None:
        for run in _HAN_RUN.findall(simplified(sentence)):
            yield from _word_anchors(run, lexicon, known)


def _word_anchors(run: str, lexicon: WordTranslations, known: dict[str, Renderings]) -> Iterator[Anchor]:
    """Yield the words in a run of Chinese characters that the lexicon knows, longest first from the left.

    Args:
        known: what was looked up before; grows.
    """
    position = 0
    while position < len(run):
        for end in range(min(len(run), position + _LONGEST_WORD), position, -1):
            word = run[position:end]
            if word not in known:
                known[word] = _renderings(_exact(lexicon, word))
            if known[word]:
                yield Anchor("word", word, known[word])
                break
        position = end


def _renderings(translations: Mapping[str, float]) -> Renderings:
    """Return the likely renderings as keys, those of grammar words left out."""
    if not translations:
        return ()
    likely = sorted(translations.items(), key=lambda item: -item[1])[:_RENDERINGS]
    keyed = ((_phrase_keys(text), p) for text, p in likely if p >= _LEAST_PROBABILITY)
    return tuple((keys, min(p, _RELIABLE)) for keys, p in keyed if keys)


def _exact(lexicon: WordTranslations, word: str) -> Mapping[str, float]:
    """Return what is known about exactly this word: the bundled lexicon would answer for its parts, too."""
    if isinstance(lexicon, Lexicon):
        return {entry.target: entry.forward for entry in lexicon.entries(word)}
    return lexicon.translations(word)


@lru_cache(maxsize=1 << 15)
def _phrase_keys(text: str) -> tuple[str, ...]:
    return tuple(stem(word.form) for word in target_words(text) if word.form not in _FUNCTION_WORDS)


def _target_keys(sentence: str) -> Iterator[str]:
    yield from (stem(word.form) for word in target_words(sentence))
    yield from ("#" + key for key in number_keys(sentence, "en"))
