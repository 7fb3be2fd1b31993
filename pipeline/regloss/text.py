"""Words, boundaries, folding and letter case, for any Unicode text, and numbers of things as a sentence has them.

Offsets are code points throughout. Nothing here changes the length of a text unless it says so: matching works on a
folded copy whose every position is the same position of the original.
"""

import re
import unicodedata
from collections.abc import Iterator

__all__ = [
    "fold",
    "has_han",
    "is_han",
    "is_title_case",
    "is_upper",
    "is_word_char",
    "match_case",
    "number_of",
    "whole_word",
    "words",
]

_APOSTROPHES = "\u2019\u02bc\uff07"
_HYPHENS = "\u2010\u2011\ufe63\uff0d"
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_PLAIN = (
    *((c, "'") for c in _APOSTROPHES),
    *((c, "-") for c in _HYPHENS),
    *((c, " ") for c in _SPACES),
)
_ODD = frozenset(char for char, _ in _PLAIN)
_WORD_LENGTH = 40
"""Up to so many characters looking at each is quicker than looking for each of the odd ones."""
# `\w` lacks the combining marks; these are the blocks that hold them.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_WORD = re.compile(rf"[\w{_MARKS}]+(?:['\-\u2019\u2010\u2011][\w{_MARKS}]+)*")


def fold(text: str) -> str:
    """Return `text` in lower case with plain apostrophes, hyphens and spaces, position by position.

    ``len(fold(text)) == len(text)`` always holds; ``str.lower`` cannot promise that (İ becomes two code points).
    """
    if text.isascii():
        return text.lower()
    # The dotted capital I is the one letter whose lower case is longer.
    lower = text.replace("\u0130", "i").lower()
    if len(lower) <= _WORD_LENGTH and _ODD.isdisjoint(lower):
        return lower
    for char, plain in _PLAIN:
        lower = lower.replace(char, plain)
    return lower


def is_word_char(char: str) -> bool:
    """Tell whether `char` is part of a word: a letter, digit, underscore or combining mark (Unicode TR 29, roughly)."""
    return char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M"


def is_han(char: str) -> bool:
    """Tell whether `char` is a Chinese character (CJK unified ideographs and their extensions)."""
    code = ord(char)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x323AF
        or code == 0x3007
    )


def has_han(text: str) -> bool:
    """Tell whether `text` holds a Chinese character."""
    return any(map(is_han, text))


def whole_word(text: str, start: int, end: int) -> bool:
    """Tell whether ``text[start:end]`` neither begins nor ends inside a word.

    A Chinese character next to Latin letters does not join them into one word; a combining mark always belongs to
    the character before it.
    """
    if end < len(text):
        after = text[end]
        if unicodedata.category(after)[0] == "M":
            return False
        if is_word_char(after) and is_word_char(text[end - 1]) and not (is_han(after) or is_han(text[end - 1])):
            return False
    if start > 0:
        before = text[start - 1]
        if is_word_char(before) and is_word_char(text[start]) and not (is_han(before) or is_han(text[start])):
            return False
    return True


def words(text: str) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of each word; apostrophes and hyphens between word characters stay inside it."""
    return (match.span() for match in _WORD.finditer(text))


def is_upper(text: str) -> bool:
    """Tell whether `text` is set in capitals: at least two cased letters, all upper case."""
    cased = [c for c in text if c.lower() != c.upper()]
    return len(cased) > 1 and all(c == c.upper() for c in cased)


def is_title_case(text: str) -> bool:
    """Tell whether every word of four letters or more in `text` begins with a capital, and there are two or more."""
    long = [text[s:e] for s, e in words(text) if e - s >= 4 and text[s].isalpha()]
    return len(long) > 1 and all(w[0].isupper() for w in long)


def match_case(replacement: str, *, sentence_start: bool, capitals: bool, title: bool) -> str:
    """Return `replacement` (written as in mid-sentence) in the letter case of the place that it goes to.

    Args:
        sentence_start: a sentence or heading begins here.
        capitals: the words around are set in capitals.
        title: the line is a title in title case.
    """
    if capitals:
        return replacement.upper()
    if title:
        small = {
            "a",
            "an",
            "and",
            "as",
            "at",
            "by",
            "for",
            "from",
            "in",
            "its",
            "of",
            "on",
            "or",
            "the",
            "to",
            "with",
        }
        parts = replacement.split(" ")
        return " ".join(
            p if p in small and (i or not sentence_start) else p[:1].upper() + p[1:] for i, p in enumerate(parts)
        )
    if sentence_start:
        return replacement[:1].upper() + replacement[1:]
    return replacement


def number_of(number: int, singular: str, plural: str = "") -> str:
    """Return ``1 edit``, ``2 edits``, ``1,204 edits``, ``no edits``."""
    noun = singular if number == 1 else plural or f"{singular}s"
    return f"{number:,} {noun}" if number else f"no {noun}"
