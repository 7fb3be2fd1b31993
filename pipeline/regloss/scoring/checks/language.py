"""Checks of language: is the translation there, and is it English?"""

import re
from difflib import SequenceMatcher

from regloss.document import Finding, Severity, Span
from regloss.text import has_han

__all__ = ["check_empty", "check_residue", "check_untranslated"]

# A translation that keeps this share of the source's characters in order is a copy with small changes.
_COPY_RATIO = 0.8
_HAN_SHARE = 0.5


# Ideographs with their extensions, kana, hangul syllables, bopomofo.
_CJK = re.compile(
    "[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u3007\U00020000-\U000323af\u3041-\u30ff\uac00-\ud7a3\u3105-\u312f]+"
)


def _has_word(text: str) -> bool:
    return any(char.isalnum() for char in text)


def check_empty(target: str, source: str | None) -> Finding | None:
    """Report a translation without a single letter or digit where the source has some."""
    if source is None or not _has_word(source) or _has_word(target):
        return None
    return Finding("empty", Severity.CRITICAL, "The translation is empty, but the source is not.")


def check_untranslated(target: str, source: str | None) -> Finding | None:
    """Report a translation that is the source again, or mostly Chinese."""
    foreign = sum(len(match.group()) for match in _CJK.finditer(target))
    if not foreign:
        return None
    share = foreign / max(sum(map(str.isalpha, target)), foreign)
    if share >= _HAN_SHARE or (source is not None and has_han(source) and _is_copy(target, source)):
        return Finding("untranslated", Severity.CRITICAL, "The text is not translated: it is still Chinese.")
    return None


def _is_copy(target: str, source: str) -> bool:
    return SequenceMatcher(None, source, target, autojunk=False).ratio() >= _COPY_RATIO


def check_residue(target: str, _source: str | None) -> Finding | None:
    """Report Chinese (or Japanese, Korean) characters left in the translation."""
    match = _CJK.search(target)
    if match is None:
        return None
    message = f"“{match.group()}” is left in the translation."
    return Finding("cjk-residue", Severity.MAJOR, message, span=Span(*match.span()))
