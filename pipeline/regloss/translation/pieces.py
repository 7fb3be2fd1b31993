"""A source too long for the model, cut where it hurts least, and its translations joined again.

Nothing is dropped: the pieces hold every word of the source. The cut is looked for at ends of sentences, then at
clauses, then at enumeration commas and spaces, and only then anywhere.
"""

import re
from collections.abc import Callable, Sequence

from regloss.alignment.script import simplified
from regloss.segmentation import split

__all__ = ["join_pieces", "split_source", "tidy_source"]

# SentencePiece makes no token longer than this many code points unless told to.
_LONGEST_TOKEN = 16

_CLAUSE = re.compile(r"(?<=[，；：,;:—…])(?!\d)")
_PHRASE = re.compile(r"(?<=[、 \u3000）)」』”》])")
_HAN_SIDE = r"\u3400-\u9fff，。！？；：、（）《》「」『』“”…"
_LOOSE_BEFORE = re.compile(rf"(?<=[{_HAN_SIDE}\"%\d])\s+(?=[，。！？；：、）》」』”,;:!?])")
_LOOSE_AFTER = re.compile(r"(?<=[，。！？；：、（《「『“])\s+|(?<=[,;:!?])\s+(?=[\u3400-\u9fff])")
# Half of a surrogate pair, as broken JSON can hold, is no character that a tokeniser could take.
_HALF_PAIR = re.compile(r"[\ud800-\udfff]")
_COMMA_END = re.compile(r"[，、,]$")
# What sentences begin with and names do not.
_STARTERS = frozenset(
    "A After All Although Among An And As At Because Before Being Both But By During Each Even Every For From "
    "Having He His How However If In Including Is It Its More Most No Not Of On Only Or Our She Since So Some "
    "Such That The Their Then There Therefore These They This Those Through Thus To Under Until Used Using Was We "
    "Were What When Whether Where Which While Who Whose With Without You Your".split()
)
_SEMICOLON_END = re.compile(r"[；;]$")


def tidy_source(text: str) -> str:
    """Return `text` as models are used to see Chinese: simplified, no space around punctuation, else single spaces.

    Spaces between two Chinese characters stay: headlines are divided by them.
    """
    text = simplified(text)
    text = _LOOSE_AFTER.sub("", _LOOSE_BEFORE.sub("", _HALF_PAIR.sub("\ufffd", text)))
    return " ".join(text.split())


def split_source(text: str, count: Callable[[str], int], limit: int) -> tuple[str, ...]:
    """Cut `text` into sentences, and sentences longer than the limit into pieces of at most `limit` tokens.

    Args:
        text: one or more Chinese sentences.
        count: gives the length of a text in the model's source tokens.
        limit: longest piece, in tokens; at least 1.

    Returns:
        The pieces in order, without the white space between them; none for a blank text.
    """
    sentences = [text[span.start : span.end].strip() for span in split(text, "zh")]
    return tuple(piece for sentence in sentences if sentence for piece in _fit(sentence, count, limit))


def _fit(text: str, count: Callable[[str], int], limit: int) -> list[str]:
    if count(text) <= limit:
        return [text]
    for boundary in (_CLAUSE, _PHRASE):
        parts = [part for part in boundary.split(text) if part.strip()]
        if len(parts) > 1:
            return [p.strip() for packed in _pack(parts, count, limit) for p in _fit(packed.strip(), count, limit)]
    return _cut(text, count, limit)


def _pack(parts: Sequence[str], count: Callable[[str], int], limit: int) -> list[str]:
    """Join neighbours as long as they fit, so that pieces are few and keep their context."""
    packed = [parts[0]]
    for part in parts[1:]:
        if count(packed[-1] + part) <= limit:
            packed[-1] += part
        else:
            packed.append(part)
    return packed


def _cut(text: str, count: Callable[[str], int], limit: int) -> list[str]:
    """Cut at the last code point that still fits; one code point is taken even if its bytes alone are too many."""
    pieces = []
    # Looking only at a window keeps the time linear in the length of the text.
    window = limit * _LONGEST_TOKEN
    while len(text) > 1 and (len(text) > window or count(text) > limit):
        fits, too_long = 1, min(len(text), window) + 1
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            fits, too_long = (middle, too_long) if count(text[:middle]) <= limit else (fits, middle)
        pieces.append(text[:fits])
        text = text[fits:]
    return [*pieces, text] if text else pieces


def join_pieces(sources: Sequence[str], translations: Sequence[str]) -> str:
    """Join the translations of consecutive pieces of one source with spaces.

    A piece that was cut at a comma is translated as if it were a sentence: its full stop becomes the comma again, and
    the next piece goes on in lower case if it begins with a word that is no name.
    """
    joined: list[str] = []
    for i, (source, translation) in enumerate(zip(sources, translations, strict=True)):
        text = translation.strip()
        if i + 1 < len(sources):
            text = _restore_mark(source, text)
        if text:
            joined.append(_continued(text) if joined and joined[-1][-1] in ",;" else text)
    return " ".join(joined)


def _continued(text: str) -> str:
    first = text.split(maxsplit=1)[0].rstrip(",")
    return text[0].lower() + text[1:] if first in _STARTERS else text


def _restore_mark(source: str, translation: str) -> str:
    mark = "," if _COMMA_END.search(source) else ";" if _SEMICOLON_END.search(source) else ""
    if mark and translation.endswith(".") and not translation.endswith(".."):
        return translation[:-1] + mark
    return translation
