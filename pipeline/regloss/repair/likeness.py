"""How much the words that were found resemble the right rendering of a term."""

import re
from collections.abc import Sequence
from functools import lru_cache

from regloss.alignment.lexicon import stem, target_words
from regloss.alignment.words import FUNCTION_WORDS
from regloss.text import fold

__all__ = ["abbreviates", "content_stems", "is_abbreviation", "likeness", "word_stem"]

_BRITISH = (("isation", "ization"), ("ising", "izing"), ("ised", "ized"), ("ise", "ize"), ("yse", "yze"))
_ENDINGS = (("our", "or"), ("ours", "ors"), ("tre", "ter"), ("tres", "ters"), ("ence", "ense"), ("ogramme", "ogram"))


def _american(word: str) -> str:
    """Return a folded word in a spelling that British and American English share, for comparison alone."""
    for british, american in _BRITISH:
        word = word.replace(british, american)
    for british, american in _ENDINGS:
        if len(word) > len(british) + 1 and word.endswith(british):
            return word.removesuffix(british) + american
    return word.replace("grammes", "grams")


@lru_cache(maxsize=65536)
def word_stem(form: str) -> str:
    """Return what a folded word shares with its other inflections and spellings; empty for a grammar word."""
    return "" if form in FUNCTION_WORDS else stem(_american(form))


@lru_cache(maxsize=65536)
def content_stems(phrase: str) -> tuple[str, ...]:
    """Return the stems of the words that carry meaning, in order."""
    return tuple(filter(None, (word_stem(word.form) for word in target_words(phrase))))


def likeness(found: str, right: str) -> float:
    """Return in [0, 1] how much of both phrases is the same: the F1 measure of their stems, 1.0 for mere spelling."""
    if _letters(found) == _letters(right):
        return 1.0
    ours, theirs = content_stems(found), content_stems(right)
    if not ours or not theirs:
        return 0.0
    left = list(theirs)
    for word in ours:
        if word in left:
            left.remove(word)
    return 2 * (len(theirs) - len(left)) / (len(ours) + len(theirs))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", fold(text))


def is_abbreviation(text: str) -> bool:
    """Tell whether `text` is one word of two capitals or more; a plural *s* and small letters inside may be there."""
    letters = re.sub(r"[^A-Za-z]", "", text).removesuffix("s")
    capitals = sum(letter.isupper() for letter in letters)
    return " " not in text.strip() and capitals > 1 and capitals * 2 > len(letters)


def abbreviates(short: str, words: Sequence[str]) -> bool:
    """Tell whether `short` consists of the letters that begin the words, in order; grammar words may be passed over."""
    letters = re.sub(r"[^A-Za-z]", "", short)
    letters = (letters.removesuffix("s") if letters[:-1].isupper() else letters).upper()
    if len(letters) < 2 or not is_abbreviation(short):
        return False
    every = "".join(word[:1].upper() for word in words)
    content = "".join(word[:1].upper() for word in words if fold(word) not in FUNCTION_WORDS)
    return letters in (every, content)
