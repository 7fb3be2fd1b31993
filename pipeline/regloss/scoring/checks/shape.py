"""Checks of shape: length, repetition, pairs of quotes and brackets."""

import math
import re
from collections.abc import Iterator

from regloss.document import Finding, Severity, Span
from regloss.text import fold, is_han, is_word_char, words

__all__ = ["check_length", "check_pairs", "check_repetition", "length_ratio"]

# English letters for each Chinese character: the median of the references of WMT20 and WMT22, and how far a faithful
# translation strays from it, as a difference of logarithms that narrows with the length of the source. Downwards the
# bound is wider: where the English came first, the Chinese is more wordy (median 2.8 to 3.0 in FLORES and NTREX).
_TYPICAL_RATIO = 3.75
_SPREAD, _SPREAD_OF_SHORT = 0.35, 1.6
_DOWN, _UP = 1.15, 0.85
_SHORTEST = 6


def _source_length(source: str) -> float:
    # What is not Chinese (numbers, Latin names, URLs) keeps its length in translation.
    return sum(1.0 if is_han(char) else 0.25 for char in source if is_word_char(char))


def length_ratio(target: str, source: str) -> float:
    """Return letters of the translation for each Chinese character of the source; 0 where the source has none."""
    length = _source_length(source)
    return sum(map(is_word_char, target)) / length if length else 0.0


def check_length(target: str, source: str | None) -> Finding | None:
    """Report a translation much shorter or longer than its source leads to expect."""
    if source is None or not any(map(is_word_char, target)):
        return None
    length, ratio = _source_length(source), length_ratio(target, source)
    if length < _SHORTEST:
        return None
    spread = _SPREAD + _SPREAD_OF_SHORT / math.sqrt(length)
    distance = math.log(ratio / _TYPICAL_RATIO)
    if -_DOWN * spread <= distance <= _UP * spread:
        return None
    return _length_finding("short" if distance < 0 else "long")


def _length_finding(what: str) -> Finding:
    suspicion = "missing" if what == "short" else "invented"
    message = f"The translation is far too {what} for its source; part of it may be {suspicion}."
    return Finding("length-ratio", Severity.MAJOR, message)


# How often a run of 1, 2, 3, … words may stand in a row: "no, no, no" is style, "the the" alone a slip.
_ROW_LIMITS = {1: 4, 2: 3, 3: 3}
_LONGEST_RUN = 12
_STUTTER = re.compile(r"([^\W\d_]{1,8}?)\1{5,}|([!-/:-@\[-`{-~])\2{24,}")


def check_repetition(target: str, source: str | None) -> Finding | None:
    """Report a loop: the same words three times and more in a row, as decoders produce when they lose the thread.

    A source that repeats itself as well (哈哈哈哈, a refrain) excuses it.
    """
    loop = _loop(target) or _stutter(target)
    if loop is None or (source is not None and _repeats(source)):
        return None
    excerpt = target[loop.start : loop.end]
    shown = excerpt if len(excerpt) <= 40 else excerpt[:39] + "…"
    return Finding("repetition", Severity.CRITICAL, f"The translation repeats itself: “{shown}”.", span=loop)


def _loop(text: str) -> Span | None:
    spans = list(words(text))
    tokens = [fold(text[start:end]) for start, end in spans]
    for size in range(1, min(_LONGEST_RUN, len(tokens) // 2) + 1):
        limit = _ROW_LIMITS.get(size, 2)
        for start, count in _rows(tokens, size):
            if count > limit - (size > 3) and not all(t.isdigit() for t in tokens[start : start + size]):
                return Span(spans[start][0], spans[start + size * count - 1][1])
    return None


def _rows(tokens: list[str], size: int) -> Iterator[tuple[int, int]]:
    """Yield (start, repetitions) of each maximal row of equal runs of `size` tokens."""
    position, run = 0, 0
    for index in range(size, len(tokens)):
        if tokens[index] == tokens[index - size]:
            if run == 0:
                position = index - size
            run += 1
        else:
            if run >= size:
                yield position, run // size + 1
            run = 0
    if run >= size:
        yield position, run // size + 1


def _stutter(text: str) -> Span | None:
    match = _STUTTER.search(text)
    return Span(*match.span()) if match else None


def _repeats(source: str) -> bool:
    # 哈哈哈, 一步一步一步, a refrain; digits and single doubled words are no excuse.
    return bool(re.search(r"([^\W\d_]{1,12}?)(?:[\W_]*\1){2,}|(.{6,40})[\W_]*\2", source))


_BRACKETS = {")": "(", "]": "[", "}": "{", "）": "（", "】": "【"}
_QUOTES = {"”": "“", "»": "«", "」": "「"}


def check_pairs(target: str, source: str | None) -> Finding | None:
    """Report a bracket or double quote without its partner, unless the source is as lopsided.

    A quotation may run over several segments, so quotes are only held against a source; brackets always are.
    """
    fault = _open_bracket(target)
    if fault is None and source is not None:
        fault = _open_quote(target)
    if fault is None or (source is not None and _is_lopsided(source)):
        return None
    message = f"“{target[fault]}” has no partner." if target[fault] != '"' else 'A quotation mark (") has no partner.'
    return Finding("unbalanced", Severity.MINOR, message, span=Span(fault, fault + 1))


def _open_bracket(text: str) -> int | None:
    return _open_pair(text, _BRACKETS)


def _open_quote(text: str) -> int | None:
    marks = [index for index, char in enumerate(text) if char in '"“”']
    if '"' not in text:
        return _open_pair(text, _QUOTES)
    # Straight and curly marks mixed are a matter of style; only an odd number means that one is missing. 6" is a size.
    return marks[-1] if len(marks) % 2 and not re.search(r'\d"', text) else None


def _open_pair(text: str, pairs: dict[str, str]) -> int | None:
    opened: list[int] = []
    openers = set(pairs.values())
    for index, char in enumerate(text):
        if char in openers:
            opened.append(index)
        elif char in pairs:
            if opened and text[opened[-1]] == pairs[char]:
                opened.pop()
            elif not (char == ")" and _is_bullet(text, index)):
                return index
    return next((i for i in opened if not _is_smiley(text, i)), None)


def _is_bullet(text: str, index: int) -> bool:
    # "1) first, b) second" and ":)"
    return bool(re.search(r"(?:^|[\s;,.(])(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})$", text[:index])) or _is_smiley(text, index)


def _is_smiley(text: str, index: int) -> bool:
    return text[max(0, index - 2) : index].rstrip("-")[-1:] in (":", ";", "=")


def _is_lopsided(source: str) -> bool:
    folded = source.replace("（", "(").replace("）", ")").replace("【", "[").replace("】", "]")
    return (
        _open_pair(folded, _BRACKETS) is not None
        or _open_pair(source, {**_QUOTES, "』": "『", "》": "《"}) is not None
        or bool((source.count('"') + source.count("＂")) % 2)
    )
