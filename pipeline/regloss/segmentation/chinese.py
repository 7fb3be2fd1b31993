"""Where a Chinese sentence ends.

Full-width and ASCII stops count, with spaces before them or not (text from the web often has ``流量 。``), and take
the closing quotes and brackets along. A semicolon ends a sentence only where much stands before it: short members of a
list stay together.
"""

import re
from collections.abc import Iterator

from regloss.text import is_han

__all__ = ["sentence_ends"]

_STOP = re.compile(r"[。！？!?；;…⋯.]++(?:[ \t\u3000]{1,2}[。！？!?…⋯]++)*+(?P<closers>[」』”’）)】》〉\]]*+)")
_STRAIGHT_QUOTE = re.compile(r"[ \t\u3000]?\"[」』”’）)】》〉\]]*+")
_FINAL = "。！？…⋯"
_CONTINUES = "，、,；;：:）)」』》〉】"
_SEMICOLON_AFTER = 30


def sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Yield the end of each sentence in ``text[start:end]`` but perhaps the last, in order."""
    begin = counted = start
    quotes = 0
    for stop in _STOP.finditer(text, start, end):
        if stop.start() < begin:
            continue
        quotes += text.count('"', counted, stop.start())
        counted = stop.start()
        if not _is_end(text, begin, stop, end):
            continue
        begin = _past_straight_quote(text, stop.end(), end) if quotes % 2 else stop.end()
        yield begin


def _past_straight_quote(text: str, position: int, end: int) -> int:
    """Return the place after a closing ``"``; an odd number of ``"`` before it in the line tells that it closes."""
    closing = _STRAIGHT_QUOTE.match(text, position, end)
    return closing.end() if closing else position


def _is_end(text: str, begin: int, stop: re.Match[str], end: int) -> bool:
    """Tell whether the sentence that begins at `begin` ends with the cluster `stop`."""
    marks = stop.group()
    before = text[stop.start() - 1] if stop.start() > begin else " "
    after = text[stop.end()] if stop.end() < end else "\n"
    if marks[0] in "；;":
        inside_ascii = marks[0] == ";" and before.isascii() and not before.isspace()
        return not inside_ascii and stop.start() - begin >= _SEMICOLON_AFTER
    if marks[0] == ".":
        return is_han(before) and (after.isspace() or is_han(after))
    if any(c in _FINAL for c in marks):
        return after not in _CONTINUES
    # An ASCII ? or ! inside a web address stands between ASCII characters.
    return not (before.isascii() and not before.isspace() and after.isascii() and not after.isspace() and after != '"')
