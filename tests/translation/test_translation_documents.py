"""Whole documents: lines, markup and everything that is not Chinese prose stay."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regloss.document import Document
from regloss.errors import FormatError, InputError
from regloss.formats.files import parse_document
from regloss.glossary.entry import TermEntry
from regloss.glossary.store import Glossary
from regloss.translation.ct2 import Ct2Translator
from regloss.translation.documents import translate_document, translate_texts
from regloss.translation.echo import EchoTranslator
from regloss.translation.records import read_sources

NO_TERMS = Glossary.of([])


def translated(text: str, name: str = "a.txt", **table: str) -> str:
    engine = EchoTranslator({source: [target] for source, target in table.items()})
    return translate_document(parse_document(text.encode(), name), engine, NO_TERMS).text


def test_lines_and_white_space_stay() -> None:
    text = "\ufeff标题\r\n\r\n  正文 \r\n\tabc 123\r\n结尾"
    assert translated(text, 标题="Title", 正文="Body", 结尾="End") == "\ufeffTitle\r\n\r\n  Body \r\n\tabc 123\r\nEnd"


@given(
    st.lists(st.text(alphabet="快手，。 a\t", max_size=12), min_size=1, max_size=8).filter(lambda x: "".join(x).strip())
)
def test_n_lines_give_n_lines(lines: list[str]) -> None:
    class Wordy(EchoTranslator):
        def _candidates(self, source: str, prefix: str, n_best: int):  # type: ignore[no-untyped-def]
            return tuple(type(c)(c.system, "a\nb\r c", c.model_score) for c in super()._candidates(source, prefix, 1))

    document = parse_document("\n".join(lines).encode(), "a.txt")
    assert len(translate_document(document, Wordy(), NO_TERMS).text.split("\n")) == len(lines)


def test_protected_stretches_stay_and_get_spaces_as_english_has_them() -> None:
    text = "请访问https://a.cn/x查看{name}的价格。"
    assert translated(text, 请访问="Visit", 查看="to see", **{"的价格。": "price."}) == (
        "Visit https://a.cn/x to see {name} price."
    )


def test_tags_hug_what_they_enclose() -> None:
    text = "在<b>快手</b>上<i>直播</i><br/>吧"
    table = {"在": "On", "快手": "Kuaishou", "上": "you", "直播": "stream", "吧": "now"}
    assert translated(text, **table) == "On <b>Kuaishou</b> you <i>stream</i><br/> now"


def test_markdown_keeps_its_marks() -> None:
    text = (
        "---\ntitle: 标题\n---\n# 标题\n\n**快手**盈利，见[官网](https://k.cn \"快\")。用`运行()`吧\n\n"
        "```\n代码\n```\n\n| 甲 | 乙 |\n|---|---|\n| 丙 | x |\n"
    )  # fmt: skip
    table = {"标题": "Title", "快手": "Kuaishou", "盈利，见": "earns, see", "官网": "site", "用": "Use", "吧": "now"}
    table |= {"甲": "A", "乙": "B", "丙": "C", "。用": ". Use"}
    assert translated(text, "a.md", **table) == (
        "---\ntitle: 标题\n---\n# Title\n\n**Kuaishou** earns, see [site](https://k.cn \"快\"). Use `运行()` now\n\n"
        "```\n代码\n```\n\n| A | B |\n|---|---|\n| C | x |\n"
    )  # fmt: skip


def test_emphasis_in_the_middle_of_a_line_is_set_off() -> None:
    assert translated("今年**快手**盈利", "a.md", 今年="This year", 快手="Kuaishou", 盈利="earned") == (
        "This year **Kuaishou** earned"
    )


def test_lone_punctuation_becomes_english() -> None:
    assert translated("用`a`、`b`。吧", "a.md", 用="Use", **{"。吧": "."}) == "Use `a`, `b`."


def test_a_document_without_chinese_is_returned_as_it_is() -> None:
    text = "Already English, “quoted”。\n1，2\n"
    assert translated(text) == text


def test_the_log_counts_stretches() -> None:
    document = parse_document("好\n快手赚了\nabc\n看快手吧\n".encode(), "a.txt")
    made = translate_document(document, EchoTranslator(), Glossary.of([TermEntry("快手", "Kuaishou")]))
    assert [(o.segment, o.outcome) for o in made.outcomes] == [("s2", "inline"), ("s3", "inline")]
    assert made.text == "好\nKuaishou 赚了\nabc\n看 Kuaishou 吧\n"
    assert [document.text[s.start : s.end] for s in made.spans] == ["好", "快手赚了", "看快手吧"]


def test_progress_reaches_the_end() -> None:
    seen: list[tuple[int, int]] = []
    sources = [f"句{i}" for i in range(300)]
    hypotheses, _ = translate_texts(sources, EchoTranslator(), NO_TERMS, progress=lambda *x: seen.append(x))
    assert [h.text for h in hypotheses] == sources
    assert seen[-1] == (300, 300)
    assert len(seen) == 3


def test_a_real_document_keeps_its_lines(model: Ct2Translator) -> None:
    text = "公司盈利。\n\n第一，收入增长了。第二，利润增长了。\nOK\n"
    document = Document("a.txt", text, parse_document(text.encode(), "a.txt").blocks)
    made = translate_document(document, model, NO_TERMS).text
    lines = made.split("\n")
    assert (len(lines), lines[1], lines[3], lines[4]) == (5, "", "OK", "")
    assert all(lines[i] and not any("\u4e00" <= c <= "\u9fff" for c in lines[i]) for i in (0, 2))


class TestRecords:
    def test_fields_travel_and_the_target_is_filled_in(self) -> None:
        (record,) = read_sources(
            [b'\xef\xbb\xbf{"id": 7, "source": "\xe5\xbf\xab", "x": [1.50, null]}\r\n', b"\n"], "f"
        )
        assert (record.id, record.source) == ("7", "快")
        assert record.render("fast") == '{"id": 7, "source": "快", "x": [1.5, null], "target": "fast"}'

    def test_half_a_surrogate_pair_stays_an_escape(self) -> None:
        (record,) = read_sources([b'{"source": "\\ud800"}'], "f")
        assert record.render("x") == '{"source": "\\ud800", "target": "x"}'

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            (b"{", r"f:2: not a JSON object"),
            (b"[1]", r"f:2: not a JSON object"),
            (b'{"target": "x"}', r"f:2: each line needs .* \"source\""),
            (b'{"source": 1}', r"f:2: each line needs .* \"source\""),
            (b"[" * 100_000, r"f:2: not a JSON object"),
        ],
    )
    def test_a_bad_line_is_named(self, line: bytes, message: str) -> None:
        with pytest.raises(InputError, match=message):
            list(read_sources([b'{"source": "x"}', line], "f"))

    def test_bytes_that_are_not_utf8_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(FormatError, match="f:1: not UTF-8"):
            list(read_sources(["快".encode("gbk")], "f"))
