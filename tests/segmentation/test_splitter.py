from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from regloss.errors import UsageError
from regloss.segmentation import split

ENGLISH = {
    "titles": ["Mr. Li met Dr. Wang.", "They left."],
    "rep": ["He is a sales rep.", "Rep. Cox is not.", "St. Martin's stands on Wall St.", "The church is old."],
    "time of day": ["It begins at 5 p.m.", "The doors open earlier."],
    "country": ["The U.S. government said so.", "Nobody objected."],
    "country at the end": ["He flew to the U.S.", "The trip was long."],
    "company": ["She joined Acme Inc. Beijing in May.", "He joined Acme Inc.", "The firm grew."],
    "numbered": ["See Fig. 3 and No. 5.", "Both are wrong."],
    "e.g.": ["Buy fruit, e.g. Apples.", "Then cook."],
    "initials": ["J. K. Rowling wrote it.", "George W. Bush read it."],
    "decimal": ["It cost 3.5 million.", "He paid."],
    "number before the stop": ["It fell in 2019.", "30 people left."],
    "domain": ["Go to JD.com now.", "Or to JD.com.", "Buy it there."],
    "web address": ["See https://example.com/a.b?c=d for more.", "Thanks."],
    "ellipsis goes on": ["It was... fine in the end.", "Well…", "Maybe not."],
    "asked": ['"Is it real?" he asked.', "“Is it real?” Mr. Jones asked."],
    "quote closes": ["He said “It works.”", "Then he left."],
    "bracket closes": ["(He left.)", "Then it rained."],
    "question then small letter": ["do you need each?", "quick hands need friends."],
    "doubled stop": ["It changed. .", "Combined with this, it grew."],
    "spaced stop": ["The channel .", "It works !", "Good."],
    "stop before comma": ["The tonality is not equal. , This picture is."],
    "lost space": ["The team was forced.", "The feeling is strong."],
    "not a lost space": ["Node.js and ASP.Net and JD.com and Vue.Js run."],
    "heading number": ["1. Game of Rights: the platform", "2. Closed loop"],
    "camel case": ["It sold well.", "iPhone sales rose."],
    "plan": ["Choose plan B.", "The rest is easy."],
    "opening quote": ["He left.", "“Good,” she said."],
    "chinese stop": ["他走了。", "Then she left."],
}
JOINED_WITHOUT_SPACE = {"lost space", "chinese stop"}
ON_LINES = {"heading number"}

CHINESE = {
    "full width": ["他走了。", "她来了！", "真的吗？", "是的。"],
    "ascii stops": ["他走了!", "真的吗?", "是的。"],
    "quotes close": ["他说：“走吧。”", "她没动。"],
    "corner quotes": ["他說：「走吧。」", "她沒動。"],
    "brackets close": ["（他走了。）", "雨停了。"],
    "ellipsis": ["他想了想……", "然后走了。"],
    "decimal": ["增长3.5个百分点。", "下跌0.2点。"],
    "web address": ["见http://a.com/?id=1;b=2的说明。", "谢谢。"],
    "short list stays": ["品牌商有货；平台有流量。", "各取所需。"],
    "long list splits": ["品牌商与店铺掌握商品和货源，希望借助网红效应增加更多的销售渠道和收入；", "平台有流量。"],
    "ascii full stop": ["他走了.", "她没动."],
    "two marks": ["什么？！", "不会吧。"],
    "question inside": ["“去吗？”，他问。", "没人答。"],
}


@pytest.mark.parametrize("case", ENGLISH)
def test_english(case: str) -> None:
    glue = "\n" if case in ON_LINES else "" if case in JOINED_WITHOUT_SPACE else " "
    text = glue.join(ENGLISH[case])
    assert [text[s.start : s.end] for s in split(text, "en")] == ENGLISH[case]


@pytest.mark.parametrize("case", CHINESE)
@pytest.mark.parametrize("glue", ["", " ", "\u3000"])
def test_chinese(case: str, glue: str) -> None:
    text = glue.join(CHINESE[case])
    assert [text[s.start : s.end] for s in split(text, "zh")] == CHINESE[case]


def test_chinese_with_a_space_before_the_stop_and_a_straight_quote_over_two_sentences() -> None:
    text = '他说 , "流量有了 。 大家都好 。 " 她没动 。'
    assert [text[s.start : s.end] for s in split(text, "zh")] == ['他说 , "流量有了 。', '大家都好 。 "', "她没动 。"]


def test_a_line_is_a_boundary_unless_lines_are_wrapped() -> None:
    text = "A heading\r\nthat goes on\rstill. Done\n\nNext"
    assert [text[s.start : s.end] for s in split(text, "en")] == [
        "A heading",
        "that goes on",
        "still.",
        "Done",
        "Next",
    ]
    assert [text[s.start : s.end] for s in split(text, "en", wrapped=True)] == [
        "A heading\r\nthat goes on\rstill.",
        "Done",
        "Next",
    ]


def test_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'fr'.*available: en, zh"):
        split("Bonjour.", "fr")


PIECES = [*"aB1 .!?…。！？；;\"'”’)）」\n\r\t\u3000\u2028他 ", "Mr.", "J. ", "The "]
WRITING = st.lists(st.sampled_from(PIECES)).map("".join)


@given(st.one_of(st.text(), WRITING), st.sampled_from(["en", "zh"]), st.booleans())
@example("\u3000 \x1c.", "en", False)
def test_nothing_but_white_space_lies_outside_the_sentences(text: str, language: str, wrapped: bool) -> None:
    position = 0
    for span in split(text, language, wrapped=wrapped):
        gap, sentence = text[position : span.start], text[span.start : span.end]
        assert not gap.strip()
        assert sentence == sentence.strip()
        assert sentence
        position = span.end
    assert not text[position:].strip()


@given(WRITING, st.sampled_from(["en", "zh"]))
def test_sentences_never_cross_a_line(text: str, language: str) -> None:
    assert not any({"\n", "\r"} & set(text[s.start : s.end]) for s in split(text, language))


@pytest.mark.parametrize(
    ("unit", "language"),
    [("ab. ", "en"), ("a.b ", "en"), ('." ', "en"), ("U.S. ", "en"), ('好"。', "zh"), ("好;", "zh"), ("a?b", "zh")],
)
def test_time_grows_with_length_not_with_its_square(growth: Callable[..., float], unit: str, language: str) -> None:
    def work(length: int) -> None:
        split(unit * (length // len(unit)), language)

    assert growth(work, 100_000, 800_000) < 40
