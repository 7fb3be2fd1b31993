"""Checks of language: is the translation there, and is it English?"""

from difflib import SequenceMatcher

from regloss.document import Finding, Severity, Span
from regloss.text import has_han, is_han

__all__ = ["check_empty", "check_residue", "check_untranslated"]

# A translation that keeps this share of the source's characters in order is a copy with small changes.
_COPY_RATIO = 0.8
_HAN_SHARE = 0.5


def _is_cjk(char: str) -> bool:
    return is_han(char) or "\u3041" <= char <= "\u30ff" or "\uac00" <= char <= "\ud7a3" or "\u3105" <= char <= "\u312f"


def _has_word(text: str) -> bool:
    return any(char.isalnum() for char in text)


def check_empty(target: str, source: str | None) -> Finding | None:
    """Report a translation without a single letter or digit where the source has some."""
    if source is None or not _has_word(source) or _has_word(target):
        return None
    return Finding("empty", Severity.CRITICAL, "The translation is empty, but the source is not.")


def check_untranslated(target: str, source: str | None) -> Finding | None:
    """Report a translation that is the source again, or mostly Chinese."""
    letters = [char for char in target if char.isalpha()]
    if not letters:
        return None
    share = sum(map(_is_cjk, letters)) / len(letters)
    if share >= _HAN_SHARE or (source is not None and has_han(source) and _is_copy(target, source, share)):
        return Finding("untranslated", Severity.CRITICAL, "The text is not translated: it is still Chinese.")
    return None


def _is_copy(target: str, source: str, share: float) -> bool:
    return share > 0 and SequenceMatcher(None, source, target, autojunk=False).ratio() >= _COPY_RATIO


def check_residue(target: str, _source: str | None) -> Finding | None:
    """Report Chinese (or Japanese, Korean) characters left in the translation."""
    start = next((i for i, char in enumerate(target) if _is_cjk(char)), None)
    if start is None:
        return None
    end = start + 1
    while end < len(target) and _is_cjk(target[end]):
        end += 1
    message = f"“{target[start:end]}” is left in the translation."
    return Finding("cjk-residue", Severity.MAJOR, message, span=Span(start, end))
