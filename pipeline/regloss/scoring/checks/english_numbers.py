"""Numbers in English text: figures, scales, number words, ordinals, fractions, months, decades."""

import re
from collections.abc import Iterator

from regloss.scoring.checks.quantity import Quantity

__all__ = ["english_quantities"]

_ONES = {
    w: i
    for i, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        " seventeen eighteen nineteen".split()
    )
}
_TENS = {w: 10 * i for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_ORDINALS = {
    w: i
    for i, w in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
        " fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
} | {
    "thirtieth": 30,
    "fortieth": 40,
    "fiftieth": 50,
    "sixtieth": 60,
    "seventieth": 70,
    "eightieth": 80,
    "hundredth": 100,
}
_SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "bn": 1e9,
    "mn": 1e6,
    "tn": 1e12,
    "k": 1e3,
    "m": 1e6,
    "b": 1e9,
}
_MULTIPLES = {
    "half": (0.5, 50, 6, 30),
    "halves": (0.5,),
    "quarter": (0.25, 4, 3, 15, 25),
    "quarters": (0.25, 4),
    "double": (2,),
    "doubled": (2,),
    "twice": (2,),
    "twofold": (2,),
    "pair": (2,),
    "couple": (2,),
    "both": (2,),
    "triple": (3,),
    "tripled": (3,),
    "thrice": (3,),
    "once": (1,),
    "single": (1,),
    "dozen": (12,),
    "dozens": (20, 30, 40, 50),
    "decade": (10,),
    "decades": (10, 20, 30),
    "century": (100,),
    "centuries": (100, 200),
    "fortnight": (2, 14, 15),
    "noon": (12,),
    "midnight": (0, 12, 24),
    "quadruple": (4,),
    "tenfold": (10,),
}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
_FIGURE = re.compile(
    r"(?P<figure>\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\d.])\d+\.\d+(?!\.?\d)|\d+)"
    r"(?P<decade>'?s\b)?(?P<ordinal>(?:st|nd|rd|th)\b)?"
    r"(?:[\s-]?(?P<scale>hundred|thousand|million|billion|trillion|bn|mn|tn|[kmb](?![a-z]))(?![a-z]))?"
    r"(?:\s(?P<scale2>million|billion|trillion)\b)?",
    re.IGNORECASE,
)
_RANGE_TAIL = re.compile(
    r"\s?(?:-|–|—|to|or|and)\s?[$¥€£]?\d[\d,.]*[\s-]?(hundred|thousand|million|billion|trillion|bn|mn|tn)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]+")
_GAP = re.compile(r"[\s-]+(?:and[\s-]+)?(?:an?[\s-]+)?$")


def english_quantities(text: str) -> tuple[Quantity, ...]:
    """Return the numbers of an English text, by position. Only figures are required to have a counterpart."""
    found = [*_figures(text), *_words(text)]
    return tuple(sorted(found, key=lambda q: q.start))


def _figures(text: str) -> Iterator[Quantity]:
    for match in _FIGURE.finditer(text):
        value = float(match["figure"].replace(",", ""))
        scale = _SCALES[match["scale"].lower()] if match["scale"] else 1.0
        if match["scale2"]:
            scale *= _SCALES[match["scale2"].lower()]
        values = [value * scale]
        tail = _RANGE_TAIL.match(text, match.end())
        if tail and not match["scale"]:
            values.append(value * _SCALES[tail[1].lower()])
        start, end = match.span()
        if match["scale"] in ("m", "M", "b", "k", "K"):
            # 5 m may be metres; 4K a resolution.
            values.append(value)
        yield Quantity(start, end, match.group(), tuple(values), not _is_idle(text, start, end))


def _is_idle(text: str, start: int, end: int) -> bool:
    """Tell whether a figure counts nothing: part of a name (F-16), full hours (7:00), a bullet ("1) "), a time zone."""
    if text[start:end] == "00" and text[start - 1 : start] == ":":
        return True
    if re.match(r"\)|\.\s", text[end:]) and not re.search(
        r"[\w(]\W*$", text[max(0, start - 3) : start].replace(";", " ")
    ):
        return True
    return _glued(text, start, end) or text[max(0, start - 4) : start] in ("GMT+", "UTC+")


def _glued(text: str, start: int, end: int) -> bool:
    left = text[max(0, start - 2) : start].rstrip("-")
    right = text[end : end + 2]
    return left[-1:].isalpha() or (right[:1].isalpha() and right[:1].isascii()) or bool(re.match(r"-[A-Z]", right))


def _words(text: str) -> Iterator[Quantity]:
    """Yield number words: each maximal run of them as one number, and its single words too ("two-thirds")."""
    run: list[re.Match[str]] = []
    for match in _WORD.finditer(text):
        if run and not _GAP.match(text[run[-1].end() : match.start()] or "\0"):
            if match.group().lower() in ("and", "a", "an") and text[run[-1].end() : match.start()].isspace():
                continue
            yield from _run(text, run)
            run = []
        if _is_number_word(match.group()):
            run.append(match)
        elif match.group().lower() not in ("and", "a", "an"):
            yield from _run(text, run)
            run = []
        yield from _month(match)
    yield from _run(text, run)


def _is_number_word(word: str) -> bool:
    lower = word.lower()
    singular = lower.removesuffix("s")
    return (
        lower in _MULTIPLES
        or any(
            w in table
            for w in (lower, singular, lower.removesuffix("ies") + "y")
            for table in (_ONES, _TENS, _ORDINALS)
            if len(w) > 2
        )
        or (len(lower) > 2 and (lower in _SCALES or singular in _SCALES))
    )


def _month(match: re.Match[str]) -> Iterator[Quantity]:
    number = _MONTHS.get(match.group().lower())
    if number and match.group()[0].isupper():
        yield Quantity(match.start(), match.end(), match.group(), (float(number),), False)


def _run(text: str, run: list[re.Match[str]]) -> Iterator[Quantity]:
    if not run:
        return
    for match in run:
        values = _single_values(match.group().lower())
        if values:
            yield Quantity(match.start(), match.end(), match.group(), values, False)
    if len(run) > 1 or run[0].group().lower() in _SCALES:
        start, end = run[0].start(), run[-1].end()
        values = _compound_values([match.group().lower() for match in run])
        yield Quantity(start, end, text[start:end], values, False)


def _single_values(word: str) -> tuple[float, ...]:
    singular = word.removesuffix("s")
    if word in _MULTIPLES:
        return tuple(float(v) for v in _MULTIPLES[word])
    for table in (_ONES, _TENS, _ORDINALS):
        for form in (word, singular, word.removesuffix("ies") + "y"):
            if form in table:
                value = float(table[form])
                return (value, 1 / value, 100 / value) if table is _ORDINALS and value > 2 else (value,)
    return (_SCALES[singular],) if singular in _SCALES else ()


def _compound_values(run: list[str]) -> tuple[float, ...]:
    total = section = 0.0
    half = False
    for word in run:
        singular = word.removesuffix("s") if word.endswith("s") and word[:-1] in {**_SCALES, "third": 1} else word
        if singular == "hundred":
            section = (section or 1.0) * 100
        elif singular in _SCALES:
            total += ((section + 0.5 * half) or 1.0) * _SCALES[singular]
            section, half = 0.0, False
        elif singular == "dozen":
            section = (section or 1.0) * 12
        elif singular == "half":
            half = True
        else:
            section += _ONES.get(singular) or _TENS.get(singular) or _ORDINALS.get(singular) or 0
    value = total + section + 0.5 * half
    values = [value]
    if len(run) == 2 and run[1].removesuffix("s") in _ORDINALS and run[0] in _ONES:
        whole = _ORDINALS[run[1].removesuffix("s")]
        values += [_ONES[run[0]] / whole, round(100 * _ONES[run[0]] / whole)]
    if len(run) == 2 and run[0] in _TENS | _ONES and run[1] in _TENS:
        # nineteen eighty, twenty twenty
        values.append(100 * (_TENS.get(run[0]) or _ONES[run[0]]) + _TENS[run[1]])
    return tuple(float(v) for v in values)
