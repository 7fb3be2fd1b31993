"""Numbers as both languages write them, reduced to one spelling, so that 10亿 and "1 billion" are the same.

Only what serves to recognise a sentence is found: figures with their units of magnitude, Chinese numerals of two
characters and more, English number words from ten up, months by name or number.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

__all__ = ["number_keys"]

_FIGURE = r"(?P<figure>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,25}(?:\.\d{1,12})?)"
_DIGITS = {
    c: n for n, row in enumerate(("零〇", "一壹", "二两兩", "三", "四", "五", "六", "七", "八", "九")) for c in row
}
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE_UNITS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_MAGNITUDE = "".join((*_SMALL_UNITS, *_LARGE_UNITS))
_NUMERAL = "".join((*_DIGITS, *_SMALL_UNITS, *_LARGE_UNITS))
_CHINESE = re.compile(
    rf"(?P<month>\d{{1,2}})\s?月|(?P<date>6[·•.]18|11[·•.]11|12[·•.]12)(?![\d.])"
    rf"|{_FIGURE}\s?(?P<unit>[{_MAGNITUDE}]{{0,3}})|(?P<numeral>[{_NUMERAL}]{{2,16}})"
)

_SCALES = {
    "hundred": 100,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "mn": 10**6,
    "bn": 10**9,
}
_TENS = {w: 10 * n for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_TEENS = {
    w: n
    for n, w in enumerate("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), 10)
}
_ONES = {w: n for n, w in enumerate("one two three four five six seven eight nine".split(), 1)}
_MONTHS = {
    name: number
    for number, names in enumerate(
        "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sept|sep october|oct "
        "november|nov december|dec".split(),
        1,
    )
    for name in names.split("|")
}
_WORDS = "|".join((*_TENS, *_TEENS, *_ONES))
_SCALE = "|".join(_SCALES)
_ENGLISH = re.compile(
    # "May" and "March" are months only beside a figure or after a preposition.
    rf"\b(?P<month>(?:{'|'.join(m for m in _MONTHS if m not in {'may', 'march', 'mar'})})\b|"
    rf"(?:may|march|mar)\b(?=\.?\s\d)|(?<=\d\s)(?:may|march)\b|(?<=\bin\s)(?:may|march)\b)"
    rf"|(?<![\w.,]){_FIGURE}(?:[\s-]?(?P<scale>{_SCALE})\b)?"
    rf"|\b(?P<word>{_WORDS})\b(?:-(?P<one>{'|'.join(_ONES)})\b)?(?:[\s-](?P<wordscale>{_SCALE})\b)?",
    re.IGNORECASE,
)


def number_keys(text: str, language: str) -> Iterator[str]:
    """Yield a key for each number in `text` (``zh`` or ``en``): its decimal digits, or ``month5`` for May."""
    if language == "zh":
        yield from (key for match in _CHINESE.finditer(text) if (key := _chinese_key(match)))
    else:
        yield from (key for match in _ENGLISH.finditer(text) if (key := _english_key(match)))


def _chinese_key(match: re.Match[str]) -> str | None:
    if match["month"]:
        return f"month{int(match['month'])}"
    if match["date"]:
        return re.sub(r"\D", "", match["date"])
    if match["figure"]:
        scale = 1
        for unit in match["unit"]:
            scale *= _SMALL_UNITS.get(unit) or _LARGE_UNITS[unit]
        return _key(Decimal(match["figure"].replace(",", "")) * scale)
    value = _numeral_value(match["numeral"])
    return None if value is None else _key(Decimal(value))


def _numeral_value(numeral: str) -> int | None:
    """Return the value of a Chinese numeral such as 三百五十万 or 二〇一八; None if it is no well-formed one."""
    if all(c in _DIGITS for c in numeral):
        # A row of digits is a year or a code; two of them (一二) are "one or two".
        return int("".join(str(_DIGITS[c]) for c in numeral)) if len(numeral) > 2 else None
    total = section = digit = 0
    for char in numeral:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _SMALL_UNITS:
            section, digit = section + (digit or 1) * _SMALL_UNITS[char], 0
        else:
            total, section, digit = (total + section + digit or 1) * _LARGE_UNITS[char], 0, 0
    return total + section + digit


def _english_key(match: re.Match[str]) -> str | None:
    if match["month"]:
        return f"month{_MONTHS[match['month'].lower()]}"
    if match["figure"]:
        return _key(Decimal(match["figure"].replace(",", "")) * _scale(match["scale"]))
    word = match["word"].lower()
    value = _TENS.get(word) or _TEENS.get(word) or _ONES[word]
    value += _ONES[match["one"].lower()] if match["one"] else 0
    scale = _scale(match["wordscale"])
    # "one", "two" and the like are too common to recognise a sentence by.
    return None if value < 10 and scale == 1 else _key(Decimal(value) * scale)


def _scale(word: str | None) -> int:
    return _SCALES[word.lower()] if word else 1


def _key(value: Decimal) -> str:
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
