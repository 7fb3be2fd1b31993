"""Numbers in Chinese text: Arabic and Chinese numerals, units of ten thousand, percentages, fractions, dates, times."""

import re
import unicodedata
from collections.abc import Iterator

from regloss.scoring.checks.quantity import Quantity

__all__ = ["chinese_quantities", "numeral_value"]

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
    "俩": 2,
    "廿": 20,
    "卅": 30,
}
_DIGITS |= {c: i for i, c in enumerate("壹贰叁肆伍陆柒捌玖", 1)} | {"貳": 2, "參": 3, "陸": 6}
_TWENTY_THIRTY = "廿卅"
_UNITS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
_HAN = "".join((*_DIGITS, *_UNITS, *_LARGE))
# Dotted dates and versions (2021.6.11) are several numbers, not one with decimals.
_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\d.])\d+\.\d+(?!\.?\d)|\d+"
_VAGUE = "多余餘几幾来來"
# A number as written: Arabic digits and Chinese numerals in any mixture, with a vague word inside or behind.
_NUMBER = re.compile(
    rf"(?P<number>(?:{_ARABIC}|[{_HAN}])(?:{_ARABIC}|\s?[{''.join(_LARGE)}]|[{_HAN}]|点(?=[零〇一二三四五六七八九])"
    rf"|[{_VAGUE}](?=[十百千{''.join(_LARGE)}]))*)(?P<vague>[{_VAGUE}](?!少|次三番))?"
)
_FRACTION = re.compile(rf"(?P<whole>百|千|万)?分之(?P<part>(?:{_ARABIC}|[{_HAN}点])+)|(?P<full>百分[百二])")
# Two neighbouring digits before a unit are a guess: 四五十 is forty to fifty, 三五 three to five.
_GUESS = re.compile(r"([一二三四五六七八九])([一二三四五六七八九])([十百千万亿]?)")
# What may follow a number and changes its reading.
_YEAR = re.compile(r"\s*年(?!代|前|后|後|内|內|来|來|间|間|多|余|以)")
_DECADE = re.compile(r"\s*(?:年代|[后後])")
_MONTH = re.compile(r"\s*月(?!球|亮|饼|餅)")
_HOUR = re.compile(r"\s*(?:[时時](?![代期间間刻候])|点(?![半]?[个的名赞评子])|點(?![的名子])|:\d\d)")
_HALF_AFTER = re.compile(r"(?:多|个|個)?([点點时時年月天日倍小]?)(?:小?时)?半")
_FESTIVAL = re.compile(r"(?<![\d.])(1[0-2]|[1-9])[·・](0?[1-9]|[12]\d|3[01])(?![\d.])")
_FESTIVAL_DIGITS = re.compile(r"(?<![\d.])(1[0-2]|[1-9])(0[1-9]|[12]\d|3[01])(?![\d.年月])")
_TENTHS = re.compile(r"\s*成(?![为為立员員功果长長绩績就本都了品人年套交])")
_DISCOUNT = re.compile(r"\s*折(?![叠腾射断])")
_TIMES = re.compile(r"\s*倍")
_CENTURY = re.compile(r"\s*世[纪紀](?P<decade>[^，。,]{0,4}年代)?")
_ROUGHLY = re.compile(r"[逾超近约達达]\s?$|超过$|接近$|将近$|不足$|高达$")
_MEASURE = re.compile(r"(?:ml|mm|cm|kg|km|mg|m|g|l|kw|w|kb|mb|gb|tb|hz|ghz|mhz|v|mah)(?![a-z])", re.IGNORECASE)
_JIN = re.compile(r"\s*[市]?斤")
_UNIT_OF_THOUSAND = "米克瓦伏卡兆字赫焦帕周"
_ENUMERATION = re.compile(r"\s*(?:[、)）]|\.(?!\d))")


def numeral_value(numeral: str) -> tuple[float, ...]:
    """Return the values that a numeral such as ``1亿2千万``, ``三百五`` or ``二〇一九`` may stand for.

    ``三百五`` is 350, as people say, and 305, as nobody should write; both are returned, the likelier one first.
    """
    total = section = 0.0
    current: float | None = None
    last_unit = 1.0
    whole, _, decimals = numeral.partition("点")
    for sign in re.findall(rf"{_ARABIC}|.", whole):
        if sign in _UNITS:
            last_unit = float(_UNITS[sign])
            section += (1.0 if current is None else current) * last_unit
            current = None
        elif sign in _LARGE:
            last_unit = float(_LARGE[sign])
            section += current or 0.0
            # 2万亿: the second unit multiplies what the first has made; 3亿5000万: it does not.
            if section:
                total += section * last_unit
            else:
                total = (total or 1.0) * last_unit
            section, current = 0.0, None
        else:
            digit = float(_DIGITS[sign]) if sign in _DIGITS else float(sign.replace(",", ""))
            if sign in "零〇":
                last_unit = 1.0
            if sign in _TWENTY_THIRTY:
                section, current = section + digit, None
            else:
                current = digit if current is None else current * 10 + digit
    value = total + section + (current or 0.0)
    if decimals:
        value += _decimals(decimals)
    if current and current < 10 and last_unit >= 100 and not decimals:
        return value - current + current * last_unit / 10, value
    return (value,)


def _decimals(text: str) -> float:
    digits = "".join(str(int(_DIGITS[c])) if c in _DIGITS else c for c in text)
    return float(f"0.{digits}") if digits.isdigit() else 0.0


_PLAIN = {ord(c): n for c in "０１２３４５６７８９．％：" if (n := unicodedata.normalize("NFKC", c))}


def chinese_quantities(text: str) -> tuple[Quantity, ...]:
    """Return the numbers of a Chinese text, by position."""
    plain = text.translate(_PLAIN)
    found = [*_fractions(plain), *(_festival(match) for match in _FESTIVAL.finditer(plain))]
    for quantity in found:
        plain = plain[: quantity.start] + "\0" * (quantity.end - quantity.start) + plain[quantity.end :]
    found += _numbers(plain)
    found += (Quantity(m.start(), m.end(), m.group(), (0.5, 6.0, 30.0, 50.0), False) for m in re.finditer("半", plain))
    return tuple(sorted(found, key=lambda q: q.start))


def _festival(match: re.Match[str]) -> Quantity:
    # 6·18 and 618 name the same day of sales; English writes 618, 6.18 or 6/18.
    values = (float(match[1] + match[2]), float(f"{match[1]}.{match[2]}"), float(match[1]), float(match[2]))
    return Quantity(match.start(), match.end(), match.group(), values, True)


def _fractions(text: str) -> Iterator[Quantity]:
    for match in _FRACTION.finditer(text):
        start, end = match.span()
        if match["full"]:
            yield Quantity(start, end, match.group(), (100.0, 200.0), False)
            continue
        part = numeral_value(match["part"])[0]
        guess = _GUESS.fullmatch(match["part"])
        if match["whole"] == "百" and guess:
            low, high = _guess_range(guess)
            yield Quantity(start, end, match.group(), (low, high), True, low, high)
        elif match["whole"] == "百":
            yield Quantity(start, end, match.group(), (part,), True)
        elif match["whole"]:
            yield Quantity(start, end, match.group(), (part, part / 10, part / 100), False)
        else:
            denominator = re.search(rf"(?:\d+|[{_HAN}])+$", text[:start])
            if denominator:
                yield from _fraction(text, denominator.start(), end, part, numeral_value(denominator.group())[0])


def _fraction(text: str, start: int, end: int, part: float, whole: float) -> Iterator[Quantity]:
    if whole:
        share = part / whole
        percent = tuple(round(100 * share, digits) for digits in (0, 1, 2))
        yield Quantity(start, end, text[start:end], (share, part, whole, *percent), True)


def _guess_range(guess: re.Match[str]) -> tuple[float, float]:
    unit = float(({**_UNITS, **_LARGE}).get(guess[3], 1))
    return _DIGITS[guess[1]] * unit, _DIGITS[guess[2]] * unit


def _numbers(text: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        yield from _number(text, match)


def _number(text: str, match: re.Match[str]) -> Iterator[Quantity]:
    surface, start, end = match["number"], match.start(), match.end()
    if surface[-1] == "千" and text[end : end + 1] and text[end] in _UNIT_OF_THOUSAND and surface[:-1]:
        # 1000千伏 counts kilovolts.
        surface, end = surface[:-1], end - 1
    bare = re.sub(rf"[{_VAGUE}\s]", "", surface)
    values = (*numeral_value(bare), *_readings(numeral_value(bare)[0], text, start, end))
    exact = _is_exact(bare, values[0], text, start, end)
    if match["vague"] or re.search(f"[{_VAGUE}]", surface):
        low, high = _vague_range(bare, values[0])
        yield Quantity(start, end, match.group(), values, exact, low, high)
    elif guess := _GUESS.search(bare):
        yield from _guessed(match.group(), start, end, values, guess, text)
    else:
        yield Quantity(start, end, surface, values, exact)
        yield from _half(surface, values[0], text, start, end)


def _guessed(
    surface: str, start: int, end: int, values: tuple[float, ...], guess: re.Match[str], text: str
) -> Iterator[Quantity]:
    low, high = _guess_range(guess)
    decades = (1900 + low, 1900 + high) if _DECADE.match(text, end) else ()
    yield Quantity(start, end, surface, (*values, low, high, *decades, *_plan(surface)), False, low, high)
    # 三四五六年级, 六四: each digit may stand for itself.
    for offset, char in enumerate(surface):
        if char in _DIGITS:
            yield Quantity(start + offset, start + offset + 1, char, (float(_DIGITS[char]),), False)


def _plan(surface: str) -> tuple[float, ...]:
    # 十四五 is the fourteenth of the five-year plans.
    plan = re.fullmatch("十([一二三四五])五", surface)
    return (10.0 + _DIGITS[plan[1]],) if plan else ()


def _half(surface: str, value: float, text: str, start: int, end: int) -> Iterator[Quantity]:
    """Yield what 半 adds: 3点半 is 3:30, 一年半 eighteen months or one and a half, 半年 six months."""
    if match := _HALF_AFTER.match(text, end):
        inside = {"点": (30.0,), "點": (30.0,), "时": (30.0,), "年": (value * 12 + 6,), "天": (value * 24 + 12,)}
        values = (value + 0.5, *inside.get(match[1], ()))
        yield Quantity(start, match.end(), surface + match.group(), values, False)


def _vague_range(surface: str, value: float) -> tuple[float, float]:
    # 二十多 is 20 to 30, 三百多 300 to 400, 2000余 to 3000: up to the next step of the last unit named.
    step = 10.0
    while value % (step * 10) == 0 and value:
        step *= 10
    if surface[-1] in _LARGE:
        step = max(step, float(_LARGE[surface[-1]]))
    return value, value + step


def _readings(value: float, text: str, start: int, end: int) -> tuple[float, ...]:
    """Return other values that the words around a number allow."""
    readings: list[float] = []
    if festival := _FESTIVAL_DIGITS.match(text, start):
        readings.append(float(f"{festival[1]}.{festival[2]}"))
    if value < 100 and (_YEAR.match(text, end) or (_DECADE.match(text, end) and value % 5 == 0)):
        readings += (1900 + value, 2000 + value)
    if text[end : end + 1] == "年" and value % 10 == 0:
        readings += (value / 10, value / 100)
    if text[end : end + 1] == "天" and value % 7 == 0:
        readings.append(value / 7)
    if _TENTHS.match(text, end):
        readings.append(value * 10)
    if _DISCOUNT.match(text, end):
        readings += (100 - value * 10, 100 - value)
    if _TIMES.match(text, end):
        readings += (value * 100, value - 1, value + 1)
    if _HOUR.match(text, end) and value <= 24:
        readings += (value - 12, value + 12)
    if _JIN.match(text, end):
        readings += (value / 2, value * 500, value * 1.1)
    if _CENTURY.match(text, end):
        readings.append((value - 1) * 100)
    if tail := re.match(rf"\s?(?:[至到~～—–-]|或)+\s?\d[\d,.]*\s?([{''.join(_LARGE)}]+)", text[end:]):
        # 600至850亿 shares its unit.
        readings.append(value * numeral_value("1" + tail[1])[0])
    return tuple(readings)


def _is_exact(bare: str, value: float, text: str, start: int, end: int) -> bool:
    """Tell whether a translation must show this number.

    Arabic digits are meant to be read as figures, but "1" is often only an article and "2、" only a bullet. Chinese
    numerals below twenty live in idioms and articles; from twenty on, with a unit, they count something.
    """
    century = _CENTURY.match(text, end)
    if century and century["decade"]:
        return False
    if bare[0].isascii():
        bullet = not text[:start].strip() and _ENUMERATION.match(text, end)
        return value != 1 and not bullet and not _glued(text, start, end)
    if value >= 20 and len(bare) >= 2 and bare[0] in _DIGITS and any(c in _UNITS or c in _LARGE for c in bare):
        return True
    if _TENTHS.match(text, end):
        return value >= 2
    return value >= 10 and bool(_ROUGHLY.search(text[:start]))


def _glued(text: str, start: int, end: int) -> bool:
    # F-16, 5G, H1N1 are names; the check of names looks after them. 500ML and 8g are measures.
    if _MEASURE.match(text, end):
        return False
    left = text[max(0, start - 2) : start].rstrip("-")
    right = text[end : end + 2].lstrip("-")
    return (left[-1:].isascii() and left[-1:].isalpha()) or (right[:1].isascii() and right[:1].isalpha())
