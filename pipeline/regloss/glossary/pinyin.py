"""Spellings of Chinese names in pinyin, and the slips that machines and people make in them.

Syllables are toneless and in lower case, as `Lexicon.readings` gives them.
"""

from collections.abc import Iterator, Sequence

__all__ = ["garblings", "joined", "spaced"]

# The sounds that are taken for one another, in the order in which it happens most.
_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("ch", "zh"), ("l", "n"))
_VOWELS = "aeiouü"


def joined(syllables: Sequence[str]) -> str:
    """Return the name as the standard writes it: ``Kuaishou``; an apostrophe parts what would be read otherwise."""
    text = syllables[0]
    for syllable in syllables[1:]:
        text += f"'{syllable}" if syllable[0] in "aeo" else syllable
    return text.capitalize()


def spaced(syllables: Sequence[str]) -> str:
    """Return the name syllable by syllable: ``Kuai Shou``."""
    return " ".join(syllable.capitalize() for syllable in syllables)


def garblings(syllables: Sequence[str]) -> Iterator[str]:
    """Yield spellings with one slip, no spelling twice: a lost vowel, one sound for another, a lost last syllable."""
    seen = {joined(syllables)}
    for changed in (*_lost_vowels(syllables), *_confused(syllables)):
        text = joined(changed)
        if text not in seen:
            seen.add(text)
            yield text
    if len(syllables) > 2:
        yield joined(syllables[:-1])


def _with(syllables: Sequence[str], number: int, syllable: str) -> list[str]:
    return [*syllables[:number], syllable, *syllables[number + 1 :]]


def _lost_vowels(syllables: Sequence[str]) -> Iterator[list[str]]:
    """Yield the name with the medial of a syllable left out: kuai as kai, dian as dan."""
    for number, syllable in enumerate(syllables):
        for place in range(1, len(syllable) - 1):
            if syllable[place] in "iuü" and syllable[place + 1] in _VOWELS and syllable[place - 1] not in _VOWELS:
                yield _with(syllables, number, syllable[:place] + syllable[place + 1 :])


def _confused(syllables: Sequence[str]) -> Iterator[list[str]]:
    for one, other in _CONFUSED:
        for number, syllable in enumerate(syllables):
            for before, after in ((one, other), (other, one)):
                if before == "n" and after == "ng" and not syllable.endswith("n"):
                    continue
                at_end = one == "ng"
                if at_end and syllable.endswith(before) and not (before == "n" and syllable.endswith("ng")):
                    yield _with(syllables, number, syllable.removesuffix(before) + after)
                elif not at_end and syllable.startswith(before) and not (len(before) == 1 and syllable[1:2] == "h"):
                    yield _with(syllables, number, after + syllable.removeprefix(before))
