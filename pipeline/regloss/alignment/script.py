"""Traditional Chinese read as Simplified, character by character, so that offsets stay.

The bilingual lexicon and the bundled glossaries are written in Simplified characters; a text in Traditional ones is
looked up through `simplified`. Words that the two scripts' regions call differently (軟件, 軟體) stay different.
"""

from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from regloss.text import is_han

__all__ = ["simplified"]


@cache
def _converter() -> Any:
    # Its dictionaries take a moment to load, so only a Chinese text pays for it.
    # By name, because the package has no type information.
    return import_module("opencc").OpenCC("t2s")


@lru_cache(maxsize=65536)
def _character(char: str) -> str:
    if not is_han(char):
        return char
    found: str = _converter().convert(char)
    return found if len(found) == 1 else char


@lru_cache(maxsize=4096)
def simplified(text: str) -> str:
    """Return `text` in Simplified characters; ``len(simplified(text)) == len(text)`` always holds."""
    return text if text.isascii() else "".join(map(_character, text))
