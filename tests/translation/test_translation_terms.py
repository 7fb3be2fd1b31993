"""The ladder of measures that get a glossary's terms into a translation, rung by rung."""

import pytest

from regloss.document import Hypothesis
from regloss.glossary.entry import CaseRule, Kind, TermEntry
from regloss.glossary.store import Glossary
from regloss.translation.ct2 import Ct2Translator
from regloss.translation.echo import EchoTranslator
from regloss.translation.protocol import Attention
from regloss.translation.term_index import TermIndex, renders
from regloss.translation.term_places import find_place, with_target
from regloss.translation.terms import translate_with_terms

KUAISHOU = TermEntry("快手", "Kuaishou", kind=Kind.NAME, case=CaseRule.FIXED)
STREAM = TermEntry("直播", "live streaming", admitted=("livestream",))
JD = TermEntry("京东", "JD.com", kind=Kind.NAME, case=CaseRule.FIXED)
GLOSSARY = Glossary.of([KUAISHOU, STREAM, JD])


def outcomes(table: dict[str, list[str]], source: str, **more: object) -> tuple[str, list[str]]:
    made = translate_with_terms([source], EchoTranslator(table), GLOSSARY, **more)  # type: ignore[arg-type]
    return made.hypotheses[0].text, [o.outcome for o in made.outcomes]


def test_a_term_put_inline_comes_out() -> None:
    assert outcomes({"Kuaishou 盈利。": ["Kuaishou is in profit."]}, "快手盈利。") == (
        "Kuaishou is in profit.",
        ["inline"],
    )


def test_a_lower_candidate_that_has_the_term_is_taken() -> None:
    table = {"Kuaishou 盈利。": ["Kuhou is in profit.", "Kuaishou earns."]}
    assert outcomes(table, "快手盈利。") == ("Kuaishou earns.", ["nbest"])


def test_the_plain_source_is_tried() -> None:
    table = {
        "看 live streaming 吧": ["watch life"],
        "看 livestream 吧": ["watch it"],
        "看直播吧": ["watch the live streaming"],
    }
    text, log = outcomes(table, "看直播吧")
    assert (text, log) == ("watch the live streaming", ["redecoded"])


def test_an_admitted_target_is_tried_inline() -> None:
    table = {"看 live streaming 吧": ["watch life"], "看 livestream 吧": ["watch a livestream"], "看直播吧": ["look"]}
    assert outcomes(table, "看直播吧") == ("watch a livestream", ["redecoded"])


def test_a_garbled_copy_is_where_the_target_is_forced() -> None:
    table = {"今年 Kuaishou 盈利。": ["This year Kuaisho profits."], "今年快手盈利。": ["This year we profit."]}
    text, log = outcomes(table, "今年快手盈利。")
    # The echo engine repeats what it knows after a prefix that its table does not begin with.
    assert text.startswith("This year Kuaishou")
    assert log == ["redecoded"]


def test_what_decoding_leaves_out_is_repaired_by_the_function_handed_in() -> None:
    table = {"Kuaishou 盈利。": ["Quick hands profit."], "快手盈利。": ["Quick hands profit."]}
    seen = []

    def repair(text: str, glossary: Glossary, source: str | None = None) -> str:
        seen.append((text, source))
        return text.replace("Quick hands", "Kuaishou")

    assert outcomes(table, "快手盈利。", repair=repair) == ("Kuaishou profit.", ["repaired"])
    assert seen == [("Quick hands profit.", "快手盈利。")]


def test_a_repair_that_does_not_help_changes_nothing() -> None:
    table = {"Kuaishou 盈利。": ["It earns."], "快手盈利。": ["It earns."]}
    assert outcomes(table, "快手盈利。", repair=lambda text, glossary, source=None: "nonsense") == (
        "It earns.",
        ["missing"],
    )


def test_nothing_is_repaired_where_nothing_is_missing() -> None:
    def refuse(text: str, glossary: Glossary, source: str | None = None) -> str:
        raise AssertionError("called")

    assert outcomes({"Kuaishou 盈利。": ["Kuaishou earns."]}, "快手盈利。", repair=refuse)[1] == ["inline"]


def test_of_candidates_the_one_with_most_terms_wins_then_the_likelier() -> None:
    table = {"JD.com 和 Kuaishou": ["JD.com and Kuh", "Kuaishou with JD.com", "JD.com and Kuaishou"]}
    text, log = outcomes(table, "京东和快手")
    assert text == "Kuaishou with JD.com"
    assert log == ["inline", "nbest"]


def test_the_log_has_one_line_for_each_term_of_each_segment_in_order() -> None:
    table = {"Kuaishou 和 JD.com ，还是 Kuaishou": ["Kuaishou and something"]}
    made = translate_with_terms(
        ["快手和京东，还是快手", "无", "京东"], EchoTranslator(table), GLOSSARY, ids=["a", "b", "c"]
    )
    assert [(o.segment, o.term) for o in made.outcomes] == [("a", "快手"), ("a", "京东"), ("c", "京东")]
    assert made.outcomes[0].as_record() == {
        "segment": "a",
        "term": "快手",
        "target": "Kuaishou",
        "outcome": made.outcomes[0].outcome,
    }
    assert len(made.hypotheses) == 3


def test_a_source_that_is_a_term_and_nothing_else_is_its_target() -> None:
    made = translate_with_terms(["快手"], EchoTranslator({"Kuaishou": ["The Kuaishou company"]}), GLOSSARY)
    assert made.hypotheses[0].text == "Kuaishou"


def test_without_terms_the_translation_is_the_engine_s_own(model: Ct2Translator) -> None:
    sources = ["公司去年的收入增长了。", "", "你好。"]
    made = translate_with_terms(sources, model, Glossary.of([]))
    assert [h.text for h in made.hypotheses] == [c[0].text for c in model.translate(sources)]
    assert made.outcomes == ()


def test_the_real_model_is_held_to_the_terms(model: Ct2Translator) -> None:
    # Names that no training pair has, so that only the glossary can have put them there.
    names = {"快手": "Brantova", "京东": "Kellmark", "拼多多": "Sondrello"}
    glossary = Glossary.of([TermEntry(s, t, kind=Kind.NAME, case=CaseRule.FIXED) for s, t in names.items()])
    sources = [
        "快手今年第一季度实现盈利。",
        "京东和快手达成合作。",
        "用户可以在拼多多上购买商品。",
        "拼多多和京东是竞争对手。",
    ]
    plain = " ".join(c[0].text for c in model.translate(sources))
    made = translate_with_terms(sources, model, glossary)
    honoured = sum(o.outcome != "missing" for o in made.outcomes)
    assert len(made.outcomes) == 6
    assert honoured >= 5
    assert not any(name in plain for name in names.values())
    for hypothesis, source in zip(made.hypotheses, sources, strict=True):
        for outcome in (o for o in made.outcomes if o.segment == f"s{sources.index(source) + 1}"):
            assert (outcome.outcome != "missing") == (outcome.target.lower() in hypothesis.text.lower())


def test_together_is_the_same_as_one_by_one(model: Ct2Translator) -> None:
    sources = ["快手今年第一季度实现盈利。", "京东和快手达成合作。", "我喜欢看直播。"]
    together = translate_with_terms(sources, model, GLOSSARY).hypotheses
    alone = [translate_with_terms([source], model, GLOSSARY).hypotheses[0] for source in sources]
    assert [h.text for h in together] == [h.text for h in alone]


class TestTermIndex:
    def test_longer_terms_win_and_do_not_overlap(self) -> None:
        index = TermIndex(
            [TermEntry("直播", "live"), TermEntry("直播带货", "live commerce"), TermEntry("货车", "lorry")]
        )
        found = index.find("看直播带货车")
        assert [(m.start, m.end, m.entry.source) for m in found] == [(1, 5, "直播带货")]

    def test_latin_terms_are_whole_words_in_any_case(self) -> None:
        index = TermIndex([TermEntry("GMV", "GMV"), TermEntry("ai", "AI")])
        assert [m.entry.source for m in index.find("gmv增长，said GMVs AI技术")] == ["GMV", "ai"]

    def test_traditional_and_simplified_are_one_term(self) -> None:
        assert TermIndex([TermEntry("联系汇率", "LERS")]).find("聯繫匯率制度")[0].end == 4
        assert TermIndex([TermEntry("聯繫匯率", "LERS")]).find("联系汇率制度")[0].end == 4

    def test_an_empty_glossary_finds_nothing(self) -> None:
        assert TermIndex([]).find("快手") == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("They do Live-Streaming daily", True),
        ("two livestreams", True),
        ("liveliness streaming", False),
        ("live-streamed", True),
        ("alive streaming", False),
        ("", False),
    ],
)
def test_renderings_are_known_in_any_inflection(text: str, found: bool) -> None:
    assert renders(text, STREAM) is found


class TestPlaces:
    def test_a_garbled_copy_is_found(self) -> None:
        text = "The Kuhshou's profit"
        place = find_place(text, KUAISHOU, None)
        assert place is not None
        assert text[place.start : place.end].startswith("Kuhshou")

    def test_attention_points_to_whole_words(self) -> None:
        attention = Attention(
            ("▁Kuai", "shou", "▁盈利"), ("▁The", "▁quick", "▁ha", "nds", "▁earn"),
            ((0.1, 0.0, 0.2), (0.5, 0.3, 0.1), (0.6, 0.2, 0.0), (0.1, 0.1, 0.1), (0.0, 0.1, 0.8)),
        )  # fmt: skip
        text = "The quick hands earn"
        place = find_place(text, KUAISHOU, attention)
        assert place is not None
        assert text[place.start : place.end] == "quick hands"

    def test_attention_of_another_text_is_not_believed(self) -> None:
        attention = Attention(("▁Kuai", "shou"), ("▁It", "▁earns"), ((0.9, 0.1), (0.5, 0.5)))
        assert find_place("They earn", KUAISHOU, attention) is None

    def test_nothing_is_found_where_nothing_points(self) -> None:
        flat = Attention(("▁Kuai", "shou", "▁a", "▁b"), ("▁It",), ((0.1, 0.1, 0.4, 0.4),))
        assert find_place("It", KUAISHOU, flat) is None
        assert find_place("It", KUAISHOU, None) is None

    @pytest.mark.parametrize(
        ("before", "entry", "made"),
        [
            ("We like the ", KUAISHOU, "We like Kuaishou"),
            ("It is a ", TermEntry("主播", "influencer"), "It is an influencer"),
            ("It is the ", TermEntry("主播", "streamer"), "It is the streamer"),
            ("", TermEntry("主播", "streamer"), "Streamer"),
            ("", TermEntry("苹果", "iPhone", kind=Kind.NAME, case=CaseRule.FIXED), "iPhone"),
        ],
    )
    def test_the_target_is_set_with_a_fitting_article(self, before: str, entry: TermEntry, made: str) -> None:
        assert with_target(before, entry) == made


def test_hypotheses_carry_the_engine_s_name() -> None:
    made = translate_with_terms(["快手盈利。"], EchoTranslator(), GLOSSARY)
    assert made.hypotheses[0] == Hypothesis("echo", "Kuaishou 盈利。", 0.0)
