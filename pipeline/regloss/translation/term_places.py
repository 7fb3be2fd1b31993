"""Where in a translation a missing term belongs, and how its target is set there."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from regloss.document import Span
from regloss.glossary.entry import CaseRule, Kind, TermEntry
from regloss.repair.grammar import article_for
from regloss.text import fold, words
from regloss.translation.protocol import Attention

__all__ = ["find_place", "with_target"]

# A word at least this like the target (share of matching characters) is taken for a garbled copy of it.
_GARBLED = 0.6
# A target word is taken for the term's place if at least this share of its attention rests on the term.
_ATTENDED = 0.3
_ARTICLE = re.compile(r"(?:^|(?<=\s))(an?|the)$", re.IGNORECASE)


def find_place(text: str, entry: TermEntry, attention: Attention | None) -> Span | None:
    """Return the words of `text` that stand for the target of `entry`, or None where nothing points to them.

    Args:
        text: a translation that lacks the target.
        entry: the term.
        attention: attention of `text` to its source with the target inline, if the engine can tell.
    """
    garbled = _garbled_copy(text, entry.target)
    if garbled is not None or attention is None:
        return garbled
    return _attended(text, attention, entry.target)


def _garbled_copy(text: str, target: str) -> Span | None:
    """Return the word that looks most like the first word of `target`, if it looks much like it."""
    spelled = fold(target)
    head = next((spelled[start:end] for start, end in words(spelled)), "")
    if not head:
        return None
    # set_seq2 is the costly half of a comparison, so the fixed word goes there.
    matcher = SequenceMatcher(None, "", head, autojunk=False)
    best, likeness = None, _GARBLED
    for start, end in words(text):
        matcher.set_seq1(fold(text[start:end]))
        if matcher.ratio() > likeness:
            best, likeness = Span(start, end), matcher.ratio()
    return best


def _attended(text: str, attention: Attention, target: str) -> Span | None:
    """Return the whole words whose attention rests most on the inline `target`."""
    term = _token_range(attention.source, target)
    if term is None or not attention.weights or _spelled(attention.target).strip() != text:
        return None
    mass = [sum(row[term.start : term.stop]) for row in attention.weights]
    first = last = max(range(len(mass)), key=lambda t: mass[t])
    if mass[first] < _ATTENDED:
        return None
    enough = max(_ATTENDED, mass[first] / 2)
    while first > 0 and (mass[first - 1] >= enough or not attention.target[first].startswith("▁")):
        first -= 1
    while last + 1 < len(mass) and (mass[last + 1] >= enough or not attention.target[last + 1].startswith("▁")):
        last += 1
    start = len(_spelled(attention.target[: first + 1])) - len(attention.target[first]) + 1
    return _words_within(text, start - 1, len(_spelled(attention.target[: last + 1])) - 1)


def _words_within(text: str, start: int, end: int) -> Span | None:
    """Return the stretch from the first to the last word of ``text[start:end]``: no punctuation at its ends."""
    inside = [(max(start, s), e) for s, e in words(text) if e > start and s < end]
    return Span(inside[0][0], inside[-1][1]) if inside else None


def _spelled(tokens: Sequence[str]) -> str:
    return "".join(tokens).replace("▁", " ")


def _token_range(tokens: Sequence[str], phrase: str) -> range | None:
    """Return which of the SentencePiece `tokens` spell `phrase`."""
    at = fold(_spelled(tokens)).find(fold(phrase))
    if at < 0:
        return None
    inside, position = [], 0
    for i, token in enumerate(tokens):
        if position < at + len(phrase) and position + len(token) > at:
            inside.append(i)
        position += len(token)
    return range(inside[0], inside[-1] + 1)


def with_target(before: str, entry: TermEntry) -> str:
    """Return `before` followed by the target, with its article and its first letter made to fit."""
    before = before.rstrip()
    article = _ARTICLE.search(before)
    if article and entry.kind is Kind.NAME:
        before = before[: article.start()].rstrip()
    elif article and article[1].lower() != "the":
        before = before[: article.start()] + article_for(entry.target, like=article[1])
    if before:
        return f"{before} {entry.target}"
    return entry.target[:1].upper() + entry.target[1:] if entry.case is CaseRule.SENTENCE else entry.target
