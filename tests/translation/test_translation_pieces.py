"""Cutting long sources and joining their translations."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regloss.alignment.script import simplified
from regloss.translation.pieces import join_pieces, split_source, tidy_source

CHINESE = st.text(alphabet="快手京东公司今年增长，。；、！？“”（） a1,.\n", max_size=200)


def without_space(text: str) -> str:
    return re.sub(r"\s+", "", text)


@given(CHINESE, st.integers(min_value=1, max_value=30))
def test_pieces_hold_everything_and_fit(text: str, limit: int) -> None:
    pieces = split_source(text, len, limit)
    assert without_space("".join(pieces)) == without_space(text)
    assert all(piece.strip() and len(piece) <= limit for piece in pieces)


def test_sentences_are_kept_apart_and_whole() -> None:
    assert split_source("快手盈利。京东增长！", len, 100) == ("快手盈利。", "京东增长！")


def test_clauses_are_packed_as_far_as_they_fit() -> None:
    assert split_source("一二三，四五六，七八九，十。", len, 9) == ("一二三，四五六，", "七八九，十。")


def test_an_enumeration_is_cut_at_its_commas_and_numbers_are_not() -> None:
    assert split_source("苹果、香蕉、梨子", len, 6) == ("苹果、香蕉、", "梨子")
    assert "1,234,567" in split_source("销售额是1,234,567元左右吧", len, 13)[0]


def test_a_character_that_alone_is_too_long_is_still_taken() -> None:
    assert split_source("𠮷𠮷", lambda text: 4 * len(text), 3) == ("𠮷", "𠮷")


def test_a_very_long_line_takes_time_in_proportion() -> None:
    counted = 0

    def count(text: str) -> int:
        nonlocal counted
        counted += len(text)
        return len(text)

    split_source("快" * 100_000, count, 50)
    assert counted < 100 * 100_000


@pytest.mark.parametrize(
    ("loose", "tidy"),
    [
        ("京东 , 快手 。", "京东,快手。"),
        ("占总数的27.6% 。", "占总数的27.6%。"),
        ("短视频与电商 首例", "短视频与电商 首例"),
        ("  iPhone, iPad  ", "iPhone, iPad"),
        ("我们在 Douyin 上", "我们在 Douyin 上"),
        ("半\ud83d个", "半\ufffd个"),
        ("國際金融", "国际金融"),
    ],
)
def test_sources_are_tidied(loose: str, tidy: str) -> None:
    assert tidy_source(loose) == tidy


@given(st.text(max_size=50))
def test_simplifying_keeps_the_length(text: str) -> None:
    assert len(simplified(text)) == len(text)


def test_translations_are_joined_with_the_marks_of_their_sources() -> None:
    assert join_pieces(["一，", "二；", "三。"], ["One.", "two.", "three."]) == "One, two; three."
    assert join_pieces(["一、", "二"], ["One...", ""]) == "One..."
    assert join_pieces([], []) == ""


def test_a_piece_after_a_comma_goes_on_in_lower_case_unless_it_is_a_name() -> None:
    assert join_pieces(["一，", "二"], ["One.", "The two."]) == "One, the two."
    assert join_pieces(["一，", "二"], ["One.", "JD.com too."]) == "One, JD.com too."
    assert join_pieces(["一，", "二"], ["One.", "However, two."]) == "One, however, two."
    assert join_pieces(["一，", "二"], ["One.", "Used to be two."]) == "One, used to be two."
    assert join_pieces(["一。", "二"], ["One.", "The two."]) == "One. The two."
