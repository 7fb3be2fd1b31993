"""Where an English sentence ends.

The rules are for edited prose and for what machine translation makes of it: stops after a lost or a surplus space
(``satisfy. .``, ``channel .``, ``forced.The``), typographic quotes, numbered headings, names such as JD.com.
"""

import re
from collections.abc import Iterator

__all__ = ["ends_abbreviation", "sentence_ends"]

_CLOSERS = "\"'”’»)\\]}」』"
# A cluster of stops; `satisfy. .` and `. . .` count as one. Possessive, so that a long row of stops costs one pass.
_STOP = re.compile(rf"[.!?…。！？]++(?:[ \t]{{1,2}}[.!?…。！？]++)*+(?P<closers>[{_CLOSERS}]*+)")
_OPENERS = "\"'“‘«([{「『*_"

# Never the end of a sentence where it is capitalised: a name follows.
_TITLES = frozenset("mr mrs ms dr prof gen sen rep lt col sgt capt cmdr maj adm rev hon gov pres supt messrs".split())
_NEVER = frozenset("vs e.g i.e cf viz approx ca".split())
# Not the end where a number or a capital numeral follows.
_BEFORE_NUMBER = frozenset("no nos fig figs vol p pp art arts sec secs ch eq para paras ex tel ext ver v".split())
# May end a sentence or not; the next word decides.
_EITHER = frozenset(
    "inc ltd co corp plc llc bros jr sr etc al a.m p.m am pm u.s u.k u.n e.u d.c u.s.a p.r.c s.a.r ph.d m.d b.a m.a "
    "jan feb mar apr jun jul aug sep sept oct nov dec ave blvd rd st mt ft dept univ est assn intl dist".split()
)
_STARTERS = frozenset(
    "a about according after all also although among an and another as at because before besides both but by compared "
    "currently despite during each even every finally first for from furthermore given had has have he her here his "
    "how however i if in instead is it its last later let many may maybe meanwhile moreover most my nearly "
    "nevertheless no not now of on once one only or other our over perhaps recently second several she since "
    "so some still such take than that the their then there therefore these they this those though through "
    "thus to today under unlike until we what when where whether which while who whoever why will with "
    "without yet you your".split()
)
_SAYING = re.compile(
    r"\s+(?:(?:Mr|Mrs|Ms|Dr|Prof)\.\s+)?(?:[^\W\d_][\w'’-]*\s+){0,3}"
    r"(?:said|says|asked|asks|replied|replies|wrote|writes|added|adds|shouted|cried|answered|told|wondered|exclaimed)\b"
)
_WORD_BEFORE = re.compile(r"(?<!\w)(?:[^\W\d_]\.)*[^\W\d_]+$")
_WORD_AFTER = re.compile(r"[^\W\d_]+")
_LOST_SPACE = re.compile(r"[A-Z][a-z]*+(?![\w.@/-])")
_ENUMERATOR = re.compile(r"\s*[(\[]?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,5})$")
_QUOTES = "\"'”’»」』"
_LOOK_BACK, _LOOK_AHEAD = 24, 48


def sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Yield the end of each sentence in ``text[start:end]`` but perhaps the last, in order."""
    begin = start
    for stop in _STOP.finditer(text, start, end):
        if stop.end() == end or _is_end(text, begin, stop, end):
            begin = stop.end()
            yield begin


def _is_end(text: str, begin: int, stop: re.Match[str], end: int) -> bool:
    """Tell whether the sentence that begins at `begin` ends with the cluster `stop`."""
    after = text[stop.end() : min(end, stop.end() + _LOOK_AHEAD)]
    marks = stop.group().removesuffix(stop["closers"])
    if not after or any(c in "。！？" for c in marks):
        return True
    if not after[0].isspace():
        return _lost_space(text, begin, stop, after)
    if any(c in "!?" for c in marks):
        return _ends_question(stop["closers"], after)
    return _ends_statement(text, begin, stop, marks, after)


def _lost_space(text: str, begin: int, stop: re.Match[str], after: str) -> bool:
    """Tell whether a space was lost between two sentences (``forced.The``), which JD.com and Node.js are not."""
    before = text[max(begin, stop.start() - 2) : stop.start()]
    if len(stop.group()) > 1 or not (len(before) == 2 and before.isalpha() and before.islower()):
        return False
    word = _LOST_SPACE.match(after)
    return word is not None and word.group().lower() in _STARTERS


def _ends_question(closers: str, after: str) -> bool:
    """Decide on ``?`` and ``!``: a closing quote before "he asked" leaves the sentence open."""
    if not any(c in _QUOTES for c in closers):
        return True
    first = after.lstrip().lstrip(_OPENERS)[:1]
    return not first.islower() and _SAYING.match(after) is None


def _ends_statement(text: str, begin: int, stop: re.Match[str], marks: str, after: str) -> bool:
    """Decide on full stops and ellipses."""
    following = after.lstrip().lstrip(_OPENERS)
    if not following:
        return True
    word = _WORD_AFTER.match(following)
    if word is not None and word.group()[0].islower() and not _is_camel(word.group()):
        return False
    if following[0] in ",;:)":
        return False
    if marks != "." or stop["closers"]:
        return True
    return _ends_after_word(text, begin, stop.start(), following, word.group().lower() if word else "")


def _ends_after_word(text: str, begin: int, position: int, following: str, next_word: str) -> bool:
    """Decide on a single full stop at `position` by the word before it."""
    window = text[max(begin, position - _LOOK_BACK) : position]
    if position - begin <= _LOOK_BACK and _ENUMERATOR.match(window):
        return False
    match = _WORD_BEFORE.search(window)
    if match is None:
        return True
    word = match.group()
    folded = word.lower()
    if folded in _NEVER or (folded in _TITLES and word[0].isupper()):
        return False
    if folded in _BEFORE_NUMBER:
        return not following[0].isdigit()
    if folded in _EITHER or "." in folded or (len(word) == 1 and word.isupper()):
        return next_word in _STARTERS
    return True


def ends_abbreviation(text: str, position: int) -> bool:
    """Tell whether the word that ends at `position` is an abbreviation, to which a full stop there belongs."""
    match = _WORD_BEFORE.search(text[max(0, position - _LOOK_BACK) : position])
    word = match.group().lower() if match else ""
    return word in _NEVER | _TITLES | _EITHER or "." in word


def _is_camel(word: str) -> bool:
    """Tell whether a word is a name that begins small, such as iPhone or eBay."""
    return any(c.isupper() for c in word[1:3])
