"""English inflection: plural, verb forms, and which parts of speech a word can be.

A thin layer over lemminflect, which knows the dictionary and has rules for words outside it. Tags are those of the
Penn Treebank: NN, NNS, VB, VBZ, VBG, VBD, VBN.
"""

from functools import cache, lru_cache
from typing import Any

__all__ = [
    "can_be",
    "inflect_head",
    "is_mass",
    "is_ordinary",
    "is_plural_noun",
    "noun_lemma",
    "plural",
    "verb_lemma",
    "verb_tag",
]

# Nouns that English does not count; a wrong plural in front of them ("flows") still becomes the bare noun ("traffic").
_MASS = frozenset(
    "access advertising advice ammunition attention awareness backing bandwidth capital cash chemistry commerce content"
    " culture data education engagement entertainment equipment equity evidence exposure feedback finance furniture"
    " gossip hardware help hype information infrastructure innovation involution knowledge labour labor liquidity"
    " logistics machinery management marketing media merchandise momentum money monetization monetisation news music"
    " output paperwork power progress publicity research retail revenue selling shopping slang software staff"
    " streaming livestreaming support technology traffic training transparency travel trust warmth wealth work"
    " youth".split()
)


@cache
def _lemminflect() -> Any:
    # Its dictionaries take a third of a second to load, so only those who inflect pay for it.
    import lemminflect

    return lemminflect


@lru_cache(maxsize=65536)
def _lemmas(word: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = _lemminflect().getAllLemmas(word)
    return found


@lru_cache(maxsize=65536)
def _inflected(lemma: str, tag: str) -> str:
    forms: tuple[str, ...] = _lemminflect().getInflection(lemma, tag)
    return forms[0] if forms else lemma


def is_ordinary(word: str) -> bool:
    """Tell whether `word`, in lower case, is in the English dictionary."""
    return word.islower() and bool(_lemmas(word))


def can_be(word: str, part: str) -> bool:
    """Tell whether `word` can be a NOUN, VERB, ADJ, ADV or AUX according to the dictionary."""
    return part in _lemmas(word.lower())


def noun_lemma(word: str) -> str | None:
    """Return the singular of `word` if it can be a noun, else None."""
    lemmas = _lemmas(word).get("NOUN")
    return lemmas[0] if lemmas else None


def verb_lemma(word: str) -> str | None:
    """Return the infinitive of `word` if it can be a verb, else None."""
    lemmas = _lemmas(word).get("VERB") or _lemmas(word).get("AUX")
    return lemmas[0] if lemmas else None


def is_plural_noun(word: str) -> bool:
    """Tell whether `word` can be read as a plural noun; mass nouns such as *media* cannot."""
    if word.lower() in _MASS:
        return False
    lemma = noun_lemma(word.lower())
    return lemma is not None and (lemma != word.lower() or word.lower() in {"goods", "people"})


def verb_tag(word: str) -> str | None:
    """Return the tag of the first verb form that `word` can be (VB before VBZ, VBG, VBD, VBN), None if none."""
    lemma = verb_lemma(word.lower())
    if lemma is None:
        return None
    if lemma == word.lower():
        return "VB"
    return next((tag for tag in ("VBZ", "VBG", "VBD", "VBN") if _inflected(lemma, tag) == word.lower()), None)


def is_mass(noun: str) -> bool:
    """Tell whether the last word of `noun` is one that English does not count."""
    return noun.rsplit(" ", 1)[-1].lower() in _MASS


def plural(noun: str) -> str:
    """Return the plural of a noun phrase: its head is the last word, or the word before " of " or " for ".

    Mass nouns and phrases that are plural already stay as they are.
    """
    for joint in (" of ", " for ", " from "):
        if joint in noun:
            head, rest = noun.split(joint, 1)
            return plural(head) + joint + rest
    start, _, last = noun.rpartition(" ")
    prefix = f"{start} " if start else ""
    stem, hyphen, tail = last.rpartition("-")
    if is_mass(last) or is_plural_noun(tail) or not tail[-1:].isalpha():
        return noun
    return f"{prefix}{stem}{hyphen}{_inflected(tail, 'NNS')}"


def inflect_head(phrase: str, tag: str) -> str:
    """Return a verb phrase with its first word inflected: ``inflect_head("send gifts", "VBD")`` is ``sent gifts``."""
    head, space, rest = phrase.partition(" ")
    return _inflected(head, tag) + space + rest
