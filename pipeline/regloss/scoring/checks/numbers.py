"""The check of numbers: what the source counts, the translation must count."""

import re

from regloss.document import Finding, Severity, Span
from regloss.scoring.checks.chinese_numbers import chinese_quantities
from regloss.scoring.checks.english_numbers import english_quantities
from regloss.scoring.checks.quantity import Quantity, unanswered, unmatched

__all__ = ["check_numbers", "holds_numbers"]

# Writers name the same day or year in absolute or relative words; the one may become the other.
_RELATIVE_YEAR = re.compile(r"今年|去年|明年|前年|后年|當年|当年|本年|年初|年底|年末|同比")
_RELATIVE_YEAR_EN = re.compile(r"\b(?:this|last|next|previous|past|same|the) year\b|\byear-on-year\b", re.IGNORECASE)
_RELATIVE_DAY = re.compile(r"当日|當日|今日|昨日|明日|今天|昨天|明天|同日|今（|今\(")
_RELATIVE_DAY_EN = re.compile(
    r"\b(?:today|yesterday|tomorrow|tonight|the same day|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
)
# News English adds what a sum is in dollars.
_CONVERSION = re.compile(r"\([^()]*(?:dollars?|US\$|USD|\$|euros?|yuan|RMB)[^()]*\)", re.IGNORECASE)


def holds_numbers(source: str) -> bool:
    """Tell whether a Chinese text has a number that its translation must show."""
    return any(quantity.required for quantity in chinese_quantities(source))


def check_numbers(target: str, source: str | None) -> Finding | None:
    """Report a number of the source that the translation lacks, or a figure that the source does not have."""
    if source is None:
        return None
    wanted, given = chinese_quantities(source), english_quantities(target)
    lost = tuple(q for q in unanswered(wanted, given) if not _is_said_otherwise(q, source, target))
    added = tuple(q for q in unmatched(given, wanted) if not _is_explanation(q, source, target))
    if not lost and not added:
        return None
    return Finding("number-mismatch", Severity.MAJOR, _sentence(lost, added), span=_span(added))


def _is_year(quantity: Quantity) -> bool:
    return 1900 <= quantity.values[0] <= 2100


def _is_said_otherwise(quantity: Quantity, source: str, target: str) -> bool:
    if _is_year(quantity) and source[quantity.end : quantity.end + 1] == "年":
        return bool(_RELATIVE_YEAR_EN.search(target))
    return source[quantity.end : quantity.end + 1] == "日" and bool(_RELATIVE_DAY_EN.search(target))


def _is_explanation(quantity: Quantity, source: str, target: str) -> bool:
    if _is_year(quantity) and _RELATIVE_YEAR.search(source):
        return True
    if quantity.values[0] <= 31 and _RELATIVE_DAY.search(source):
        return True
    return any(m.start() < quantity.start < m.end() for m in _CONVERSION.finditer(target))


def _sentence(lost: tuple[Quantity, ...], added: tuple[Quantity, ...]) -> str:
    missing = ", ".join(q.text.strip() for q in lost)
    surplus = ", ".join(q.text.strip() for q in added)
    if lost and added:
        return f"The source says {missing}; the translation says {surplus}."
    if lost:
        return f"The translation does not show {missing} of the source."
    return f"The translation says {surplus}, which the source does not."


def _span(added: tuple[Quantity, ...]) -> Span | None:
    return Span(added[0].start, added[0].end) if added else None
