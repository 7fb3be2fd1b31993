"""The check of names that need no translation: Latin names, addresses of the web and of mail."""

import re

from regloss.document import Finding, Severity
from regloss.text import fold

__all__ = ["check_names"]

_ADDRESS = re.compile(r"(?:https?://|www\.)[\w./?=&%#~+-]*[\w/]|[\w.+-]+@[\w-]+\.[\w.-]*\w", re.ASCII)
# Two letters at least, one of them a capital; digits may stand inside (G20, H1N1, iPhone, COVID-19).
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[.'&+_-][A-Za-z0-9]+)*", re.ASCII)
# Units and shorthand that English writes out, or that chat uses for emphasis.
_WRITTEN_OUT = frozenset(
    "app ktv vs ppt kg km cm mm ml mah gb mb tb kb hz ghz mhz kw kwh mw db rmb usd cny eur hkd pm am ok no id it tv pc"
    " vip up qq lol xs xl xxl wifi ceo cfo cto coo gdp cpi ipo hr pr diy logo spa pos cd dvd cba hp buff gmt".split()
)
_LETTERS = re.compile(r"[^a-z0-9]+")


def _is_name(token: str) -> bool:
    return len(token) >= 2 and any(c.isupper() for c in token) and token.lower() not in _WRITTEN_OUT


def check_names(target: str, source: str | None) -> Finding | None:
    """Report web and mail addresses and Latin names of the source that the translation lacks.

    Spelling is compared by letters and digits alone: COVID-19, Covid 19 and covid19 are one name.
    """
    if source is None:
        return None
    addresses = [m.group() for m in _ADDRESS.finditer(source)]
    names = [m.group() for m in _NAME.finditer(_ADDRESS.sub(" ", source)) if _is_name(m.group())]
    given = _key(target)
    missing = [name for name in dict.fromkeys([*addresses, *names]) if not _stands(name, given)]
    if not missing:
        return None
    listed = ", ".join(missing)
    return Finding("missing-name", Severity.MAJOR, f"The translation does not show {listed} of the source.")


def _key(text: str) -> str:
    return _LETTERS.sub("", fold(text))


def _stands(name: str, given: str) -> bool:
    # A long line of words in Latin letters may be rephrased; its single names still count.
    return _key(name) in given
