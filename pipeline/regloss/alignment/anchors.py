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
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from regloss.alignment.lexicon import Lexicon, stem, target_words
from regloss.alignment.numbers import number_keys
from regloss.text import fold, is_han

__all__ = ["Anchor", "Lexicons", "TargetIndex", "WordTranslations", "source_anchors"]

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
    renderings: tuple[tuple[tuple[str, ...], float], ...]


class TargetIndex:
    """Which sentences of the target hold a number, a word or a phrase."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self.size = len(sentences)
        postings: dict[str, list[int]] = defaultdict(list)
        for number, sentence in enumerate(sentences):
            for key in dict.fromkeys(_target_keys(sentence)):
                postings[key].append(number)
        self._postings = {key: np.array(found, dtype=np.int64) for key, found in postings.items()}
        self._nowhere = np.empty(0, dtype=np.int64)

    def where(self, keys: tuple[str, ...]) -> NDArray[np.int64]:
        """Return the numbers of the sentences that hold all of `keys`, ascending."""
        found = self._postings.get(keys[0], self._nowhere)
        for key in keys[1:]:
            found = np.intersect1d(found, self._postings.get(key, self._nowhere), assume_unique=True)
        return found

    def weight(self, found: int, probability: float) -> float:
        """Return the log-odds that a match speaks for the pair; `found` sentences of all hold the rendering."""
        return max(0.0, math.log(probability * (self.size + 2) / (found + 1))) if found else 0.0


def source_anchors(sentence: str, lexicon: WordTranslations | None) -> list[Anchor]:
    """Return the anchors of a source sentence, each once."""
    found = [Anchor("number", key, ((("#" + key,), _RELIABLE),)) for key in number_keys(sentence, "zh")]
    for word in target_words(sentence):
        if len(word.form) > 1 and not word.form[0].isdigit() and not is_han(word.form[0]):
            found.append(Anchor("latin", word.form, (((stem(word.form),), _RELIABLE),)))
    if lexicon is not None:
        found.extend(_word_anchors(sentence, lexicon))
    return list(dict.fromkeys(found))


def _word_anchors(sentence: str, lexicon: WordTranslations) -> Iterator[Anchor]:
    """Yield the words of the sentence that the lexicon knows, longest first from the left."""
    for run in _HAN_RUN.findall(sentence):
        position = 0
        while position < len(run):
            for end in range(min(len(run), position + _LONGEST_WORD), position, -1):
                renderings = _renderings(_exact(lexicon, run[position:end]))
                if renderings:
                    yield Anchor("word", run[position:end], renderings)
                    break
            position = end


def _renderings(translations: Mapping[str, float]) -> tuple[tuple[tuple[str, ...], float], ...]:
    """Return the likely renderings as keys, those of grammar words left out."""
    likely = sorted(translations.items(), key=lambda item: -item[1])[:_RENDERINGS]
    keyed = ((_phrase_keys(text), p) for text, p in likely if p >= _LEAST_PROBABILITY)
    return tuple((keys, min(p, _RELIABLE)) for keys, p in keyed if keys)


def _exact(lexicon: WordTranslations, word: str) -> Mapping[str, float]:
    """Return what is known about exactly this word: the bundled lexicon would answer for its parts, too."""
    if isinstance(lexicon, Lexicon):
        return {entry.target: entry.forward for entry in lexicon.entries(word)}
    return lexicon.translations(word)


@lru_cache(maxsize=65536)
def _phrase_keys(text: str) -> tuple[str, ...]:
    return tuple(stem(word.form) for word in target_words(text) if word.form not in _FUNCTION_WORDS)


def _target_keys(sentence: str) -> Iterator[str]:
    yield from (stem(word.form) for word in target_words(fold(sentence)))
    yield from ("#" + key for key in number_keys(sentence, "en"))
