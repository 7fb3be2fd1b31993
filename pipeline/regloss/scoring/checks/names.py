"""The check of names that need no translation: Latin names, addresses of the web and of mail."""

import itertools
import re

from regloss.document import Finding, Severity
from regloss.text import fold

__all__ = ["check_names", "names_in"]

_ADDRESS = re.compile(r"(?:https?://|www\.)[\w./?=&%#~+-]*[\w/]|[\w.+-]+@[\w-]+\.[\w.-]*\w", re.ASCII)
# Two letters at least, one of them a capital; digits may stand inside (G20, H1N1, iPhone, COVID-19).
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[.'&+_-][A-Za-z0-9]+)*", re.ASCII)
# Units and shorthand that English writes out, or that chat uses for emphasis.
_WRITTEN_OUT = frozenset(
    "app ktv vs ppt kg km cm mm ml mah gb mb tb kb hz ghz mhz kw kwh mw db rmb usd cny eur hkd pm am ok no id it tv pc"
    " vip up qq lol xs xl xxl wifi ceo cfo cto coo gdp cpi ipo hr pr diy logo spa pos cd dvd cba hp buff gmt".split()
)
_WORDS = re.compile(r"[a-z0-9]+")


def _is_name(token: str) -> bool:
    return len(token) >= 2 and any(c.isupper() for c in token) and token.lower() not in _WRITTEN_OUT


def names_in(source: str) -> tuple[str, ...]:
    """Return the addresses and Latin names that a translation of `source` must show, each once."""
    addresses = [m.group() for m in _ADDRESS.finditer(source)]
    names = [m.group() for m in _NAME.finditer(_ADDRESS.sub(" ", source)) if _is_name(m.group())]
    return tuple(dict.fromkeys([*addresses, *names]))


def check_names(target: str, source: str | None) -> Finding | None:
    """Report web and mail addresses and Latin names of the source that the translation lacks.

    Spelling is compared by letters and digits alone: COVID-19, Covid 19 and covid19 are one name.
    """
    if source is None:
        return None
    given = _Words(target)
    missing = [name for name in names_in(source) if not given.hold(_key(name))]
    if not missing:
        return None
    listed = ", ".join(missing)
    return Finding("missing-name", Severity.MAJOR, f"The translation does not show {listed} of the source.")


def _key(text: str) -> str:
    return "".join(_WORDS.findall(fold(text)))


class _Words:
    """A text as letters and digits alone, with the places where its words begin and end."""

    def __init__(self, text: str) -> None:
        words = _WORDS.findall(fold(text))
        self._joined = "".join(words)
        edges = [0, *itertools.accumulate(map(len, words))]
        self._edges = frozenset(edges)

    def hold(self, key: str) -> bool:
        """Tell whether whole words, put together, spell `key`; a plural or possessive s may follow."""
        start = self._joined.find(key)
        while start >= 0:
            end = start + len(key)
            plural = self._joined[end : end + 1] == "s" and end + 1 in self._edges
            if start in self._edges and (end in self._edges or plural):
                return True
            start = self._joined.find(key, start + 1)
        return False
