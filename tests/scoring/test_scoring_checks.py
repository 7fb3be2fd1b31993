"""Sanity checks: cases with an explanation each, and properties over any text."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regloss.document import Finding
from regloss.errors import UsageError
from regloss.scoring.checks import CHECKS, check_named, run_checks
from regloss.scoring.checks.chinese_numbers import chinese_quantities, numeral_value

CASES = json.loads(Path(__file__).with_name("check_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['check']}: {case['explanation']}")
def test_check(case):
    check = check_named(case["check"])
    assert check.run(case["good"], case["source"]) is None
    if case["bad"] is not None:
        finding = check.run(case["bad"], case["source"])
        assert finding is not None
        assert finding.check == check.name
        assert finding.severity is check.severity
        assert finding.message.endswith(".")


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("一万二千三百", 12300),
        ("两千零八", 2008),
        ("二〇一九", 2019),
        ("1亿2千万", 120_000_000),
        ("2万亿", 2e12),
        ("三百五", 350),
        ("三百零五", 305),
        ("十", 10),
        ("廿三", 23),
        ("三点五", 3.5),
        ("1,234.5", 1234.5),
    ],
)
def test_numerals(numeral, value):
    assert numeral_value(numeral)[0] == value


@given(st.integers(0, 99_999_999))
def test_every_number_written_in_characters_is_read_back(number):
    assert number in numeral_value(_characters(number))


def _characters(number: int) -> str:
    """Write a number as Chinese does."""
    if number == 0:
        return "零"
    high, low = divmod(number, 10_000)
    if high:
        return _characters(high) + "万" + (("零" if low < 1000 else "") + _characters(low) if low else "")
    text, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if gap and text else "") + "零一二三四五六七八九"[digit] + name
        gap = not digit
    return text


@given(st.text("0123456789一二三十百千万亿点半多几年月日时.%,第至分之个 ", max_size=25), st.text(max_size=40))
def test_no_text_breaks_a_check(source, target):
    for check in CHECKS:
        for text, origin in ((target, source), (source, target), (target, None)):
            finding = check.run(text, origin)
            assert finding is None or isinstance(finding, Finding)
            if finding is not None and finding.span is not None:
                assert 0 <= finding.span.start < finding.span.end <= len(text)


@given(st.text("0123456789一二三十百千万亿点半.%,第至分之个 ", max_size=25))
def test_quantities_lie_inside_the_text(source):
    for quantity in chinese_quantities(source):
        assert 0 <= quantity.start < quantity.end <= len(source)
        assert quantity.values


def test_checks_that_need_a_source_are_silent_without_one():
    for check in CHECKS:
        if check.needs_source:
            assert all(check.run(text, None) is None for text in ("", "5 (", "很好", "a a a a a a a"))


def test_findings_name_their_segment_in_order():
    found = run_checks(["ok", "The 主播 has 5 (", ""], ["好", "主播有六", "坏"])
    assert [(f.segment, f.check) for f in found] == [
        ("s2", "cjk-residue"),
        ("s2", "number-mismatch"),
        ("s2", "unbalanced"),
        ("s3", "empty"),
    ]
    assert run_checks(["主播"], None, ["intro"])[0].segment == "intro"


def test_an_unknown_check_names_the_known_ones():
    with pytest.raises(UsageError, match=r"unknown check 'x'; available: empty, untranslated"):
        check_named("x")
