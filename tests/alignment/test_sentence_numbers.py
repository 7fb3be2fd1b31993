import pytest
from hypothesis import given
from hypothesis import strategies as st

from regloss.alignment.numbers import number_keys


@pytest.mark.parametrize(
    ("chinese", "english", "keys"),
    [
        ("10亿红包", "1 billion in red packets", ["1000000000"]),
        ("30万场直播", "300,000 live streams", ["300000"]),
        ("近4000万用户", "nearly 40 million users", ["40000000"]),
        ("占27.6%", "27.6 percent", ["27.6"]),
        ("5月26日", "May 26", ["month5", "26"]),
        ("1.5亿元", "150 million yuan", ["150000000"]),
        ("二十多家", "more than twenty", ["20"]),
        ("三百五十人", "350 people", ["350"]),
        ("两千万", "20 million", ["20000000"]),
        ("二〇一八年", "in 2018", ["2018"]),
        ("2018年3月", "in March 2018", ["2018", "month3"]),
        ("6·18期间", "the 618 festival", ["618"]),
        ("3萬億元", "3 trillion yuan", ["3000000000000"]),
        ("二十五岁", "twenty-five years old", ["25"]),
        ("1,200家", "1,200 shops", ["1200"]),
    ],
)
def test_both_languages_give_the_same_keys(chinese: str, english: str, keys: list[str]) -> None:
    assert sorted(number_keys(chinese, "zh")) == sorted(keys)
    assert sorted(number_keys(english, "en")) == sorted(keys)


def test_what_is_no_number() -> None:
    assert list(number_keys("一个人，一二，十分", "zh")) == []
    assert list(number_keys("one of them may march on", "en")) == []


@given(st.text(alphabet=st.sampled_from("0123456789,.万亿千百十一二三〇年月 ·")))
def test_any_row_of_figures_is_read(text: str) -> None:
    for key in number_keys(text, "zh"):
        assert key
        assert len(key) < 60
    assert all(number_keys(text, "en"))
