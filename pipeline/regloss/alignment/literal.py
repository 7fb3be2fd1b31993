"""What a Chinese name means as a word, whole or part by part, so that a name taken literally can be recognised.

快手 is 快 (fast, quick, swift) and 手 (hand); machine translation that does not know the company writes "swift hands".
"""

from regloss.alignment.lexicon import Lexicon, stem, target_words
from regloss.alignment.script import simplified
from regloss.text import fold, is_han

__all__ = ["is_word", "literal_parts"]

_RARE = 0.004
"""Renderings of a part less probable than this are chance."""
_WORD = 0.3
"""A name is a word too if its ordinary renderings have more than this share of its probability."""


def literal_parts(lexicon: Lexicon, name: str, right: str) -> tuple[frozenset[str], ...]:
    """Return the stems of the words that each part of a name means, in order of the parts.

    Empty where the lexicon knows the name as a word with renderings of its own (荣耀, glory), since they may be right;
    where a part is unknown or no Chinese; and where there is only one part.

    Args:
        name: the source term.
        right: its right renderings, which are no literal ones.
    """
    plain = simplified(name)
    known = {word.form for word in target_words(right)}
    if not all(map(is_han, plain)) or is_word(lexicon, name, right):
        return ()
    parts = lexicon.parts(plain) if len(plain) > 1 else []
    meanings = tuple(_meanings(lexicon, part) - {stem(word) for word in known} for part in parts)
    return meanings if len(meanings) > 1 and all(meanings) else ()


def is_word(lexicon: Lexicon, name: str, right: str) -> bool:
    """Tell whether the lexicon knows a name as a word with renderings other than the right ones of the name."""
    plain = simplified(name)
    known = {word.form for word in target_words(right)}
    syllables = [lexicon.readings(character) for character in plain]
    ordinary = sum(
        entry.forward
        for entry in lexicon.entries(plain)
        if entry.target not in known and not _spells(entry.target, syllables)
    )
    return ordinary > _WORD


def _spells(word: str, syllables: list[tuple[str, ...]]) -> bool:
    spelled = [""]
    for readings in syllables:
        spelled = [start + reading for start in spelled for reading in readings if word.startswith(start + reading)]
    return word in spelled


def _meanings(lexicon: Lexicon, part: str) -> frozenset[str]:
    entries = (entry.target for entry in lexicon.entries(part) if entry.forward >= _RARE)
    glosses = (word.form for gloss in lexicon.glosses(part) for word in target_words(gloss))
    return frozenset(stem(fold(word)) for word in (*entries, *glosses))
