"""Where the words that an aligner found really begin and end: a rendering is a whole phrase and no half word.

A stretch is a pair (first, last) of places among the words of a sentence pair, both included.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from regloss.alignment.lexicon import Word, stem
from regloss.alignment.words import FUNCTION_WORDS, TermLinks
from regloss.glossary import inflection
from regloss.repair.grammar import AUXILIARIES
from regloss.repair.likeness import abbreviates, content_stems, is_abbreviation, word_stem

__all__ = ["Stretch", "completed", "literal", "spelled_out", "trimmed", "whole_name"]

Stretch = tuple[int, int]

_LONGEST = 8
"""Most words that a spelled-out abbreviation may have."""
_EXPLAINED = 0.6
"""From this strength on, other words of the source account for a word."""
_DETERMINERS = frozenset({"the", "a", "an", "its", "their", "this", "that"})
_CLAUSE_WORDS = AUXILIARIES | {"who", "which", "that", "while", "but", "they", "it", "we"}
_JOINTS = frozenset({"of", "and", "the", "for", "in", "on", "to", "a", "an"})


def trimmed(text: str, words: Sequence[Word], links: TermLinks, like: Sequence[bool], found: Stretch) -> Stretch | None:
    """Return the stretch without what does not belong to the term at its edges; None if nothing stays.

    Args:
        text: the document.
        words: of the pair, offsets into the document.
        links: of the term.
        like: which words the right rendering, or the document's usual one, holds too.
    """
    first, last = _heaviest_part(words, links, found)
    first = _past_determiner(words, links, like, (first, last))

    def belongs(place: int, *, at_end: bool) -> bool:
        if like[place]:
            return True
        form = words[place].form
        if form in FUNCTION_WORDS or links.rest[place] > links.term[place]:
            return False
        return not at_end or text[words[place].span.start].isupper() or not _only_verb(form)

    while first <= last and not belongs(last, at_end=True):
        last -= 1
    while first <= last and not belongs(first, at_end=False):
        first += 1
    return (first, last) if first <= last else None


def _heaviest_part(words: Sequence[Word], links: TermLinks, found: Stretch) -> Stretch:
    """Return the part of the stretch that is linked best: no noun phrase reaches across *is* or *which*."""
    parts: list[Stretch] = []
    first = found[0]
    for place in range(found[0], found[1] + 2):
        if place > found[1] or words[place].form in _CLAUSE_WORDS:
            if place > first:
                parts.append((first, place - 1))
            first = place + 1
    return max(parts, key=lambda part: float(links.term[part[0] : part[1] + 1].sum()), default=found)


def _only_verb(form: str) -> bool:
    return inflection.is_ordinary(form) and not any(inflection.can_be(form, part) for part in ("NOUN", "ADJ"))


def _past_determiner(words: Sequence[Word], links: TermLinks, like: Sequence[bool], found: Stretch) -> int:
    """Return where the phrase behind the last determiner begins, if the words before it are weakly linked."""
    first, last = found
    for place in range(last - 1, first, -1):
        if words[place].form in _DETERMINERS:
            before = [k for k in range(first, place) if words[k].form not in FUNCTION_WORDS]
            behind = [k for k in range(place, last + 1) if words[k].form not in FUNCTION_WORDS]
            if not any(like[k] for k in before) and (
                not before or not behind or _mean(links, before) < 0.8 * _mean(links, behind) or _verbs(words, before)
            ):
                return place + 1
    return first


def _mean(links: TermLinks, places: Sequence[int]) -> float:
    return float(np.mean(links.term[list(places)]))


def _verbs(words: Sequence[Word], places: Sequence[int]) -> bool:
    return all(not inflection.can_be(words[k].form, "NOUN") for k in places)


def completed(text: str, words: Sequence[Word], found: Stretch, target: str, free: Callable[[int], bool]) -> Stretch:
    """Return the stretch with the neighbours that the right rendering would repeat, and with the rest of a half word.

    Args:
        free: whether a place may be taken in.
    """
    first, last = found
    wanted = set(content_stems(target))
    while first > 0 and free(first - 1) and _joins(text, words, first - 1, first, wanted, target):
        first -= 1
    while last + 1 < len(words) and free(last + 1) and _joins(text, words, last + 1, last, wanted, target):
        last += 1
    return first, last


def _joins(text: str, words: Sequence[Word], new: int, edge: int, wanted: set[str], target: str) -> bool:
    left, right = sorted((new, edge))
    between = text[words[left].span.end : words[right].span.start]
    if between in ("-", "\u2010", "\u2011"):
        return True
    here = word_stem(words[new].form)
    if here not in wanted:
        return False
    return between in (" ", "\u00a0") or ("(" in target and between in (" (", ") "))


def whole_name(
    text: str, words: Sequence[Word], links: TermLinks, found: Stretch, free: Callable[[int], bool]
) -> Stretch:
    """Return the stretch with the capitalised neighbours of a capitalised edge that little else explains.

    A name is replaced as a whole: *Monetary* of *Hong Kong Monetary Authority* is no rendering of anything.
    """
    first, last = found

    def belongs(new: int, edge: int) -> bool:
        left, right = sorted((new, edge))
        return (
            free(new)
            and links.rest[new] < _EXPLAINED
            and words[new].form not in FUNCTION_WORDS
            and text[words[left].span.end : words[right].span.start] == " "
            and all(text[words[k].span.start].isupper() for k in (new, edge))
        )

    while first > 0 and belongs(first - 1, first):
        first -= 1
    while last + 1 < len(words) and belongs(last + 1, last):
        last += 1
    return first, last


def spelled_out(
    text: str, words: Sequence[Word], targets: Sequence[str], free: Callable[[int], bool]
) -> Iterator[Stretch]:
    """Yield the stretches that are the abbreviation of a right rendering, or that one of them abbreviates."""
    forms = [text[word.span.start : word.span.end] for word in words]
    for target in targets:
        full = target.replace("-", " ").split()
        for place, form in enumerate(forms):
            if free(place) and is_abbreviation(form) and abbreviates(form, full):
                yield place, place
        if is_abbreviation(target):
            yield from _expansions(text, words, forms, target, free)


def literal(
    text: str, words: Sequence[Word], parts: Sequence[frozenset[str]], free: Callable[[int], bool]
) -> Iterator[Stretch]:
    """Yield the stretches that render each part of a name by what it means, in the order of the parts.

    Grammar words may stand between them.

    Args:
        parts: stems of what each part means.
    """
    for first in range(len(words) if parts else 0):
        last = _spelled_by(text, words, parts, first)
        if last is not None and all(map(free, range(first, last + 1))):
            yield first, last


def _spelled_by(text: str, words: Sequence[Word], parts: Sequence[frozenset[str]], first: int) -> int | None:
    """Return the last place of the words that render the parts one by one from `first` on, None if they do not."""
    place = first
    for number, part in enumerate(parts):
        while number and place < len(words) and stem(words[place].form) not in part:
            if words[place].form not in FUNCTION_WORDS:
                return None
            place += 1
        if place == len(words) or stem(words[place].form) not in part:
            return None
        if number and text[words[place - 1].span.end : words[place].span.start] not in (" ", "-", "\u00a0"):
            return None
        place += 1
    return place - 1


def _nominal(form: str) -> bool:
    """Tell whether a word may stand in the full form of an abbreviation."""
    lower = form.lower()
    if lower in FUNCTION_WORDS:
        return lower in _JOINTS
    return (
        form[0].isupper()
        or not inflection.is_ordinary(lower)
        or not (_only_verb(lower) or (inflection.can_be(lower, "ADV") and not inflection.can_be(lower, "NOUN")))
    )


def _expansions(
    text: str, words: Sequence[Word], forms: Sequence[str], short: str, free: Callable[[int], bool]
) -> Iterator[Stretch]:
    for first, word in enumerate(words):
        if word.form in FUNCTION_WORDS or forms[first][0].upper() != short[0].upper():
            continue
        for last in range(first, min(len(words), first + _LONGEST)):
            if not free(last) or not _nominal(forms[last]):
                break
            if last > first and text[words[last - 1].span.end : words[last].span.start] not in (" ", "-"):
                break
            if last > first and words[last].form not in FUNCTION_WORDS and abbreviates(short, forms[first : last + 1]):
                yield first, last
