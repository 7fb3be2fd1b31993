"""The lexicon-based word aligner: a toy lexicon on toy sentences, the shipped one on the hand-made gold."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from regloss.alignment.lexicon import Entry, Word, build_lexicon, load_lexicon, target_words
from regloss.alignment.words import AlignerOptions, LexiconAligner, TermLinks, best_spans, term_spans
from regloss.document import Span

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def aligner() -> LexiconAligner:
    def both(*words: str) -> list[Entry]:
        return [Entry(word, 0.8 / len(words), 0.8) for word in words]

    return LexiconAligner(
        build_lexicon(
            {
                "公司": both("company", "companies"),
                "增长": both("growth", "grow"),
                "主播": both("streamer"),
                "平台": both("platform"),
                "发货": both("ship"),
                "直播": both("live", "streaming"),
                "快": both("quick", "fast"),
                "手": both("hand"),
                "的": both("of", "the"),
                "说": both("said"),
            },
            readings={"董": ["dong"], "明": ["ming"], "珠": ["zhu"], "和": ["he", "huo"]},
        )
    )


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("word_alignment", ROOT / "benchmarks/word_alignment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def found(aligner: LexiconAligner, source: str, term: Span | str, target: str) -> list[str]:
    return [target[a.span.start : a.span.end] for a in aligner.align_term(source, term, target)]


def test_every_occurrence_of_a_term_is_found_without_overlap() -> None:
    assert term_spans("快手快手和快手", "快手") == (Span(0, 2), Span(2, 4), Span(5, 7))
    assert term_spans("用ＪＤ或jd", "JD") == (Span(4, 6),)
    assert term_spans("公司", "平台") == ()
    assert term_spans("公司", "") == ()


@pytest.mark.parametrize("span", [Span(0, 3), Span(1, 1), Span(-1, 1)])
def test_a_span_outside_the_source_is_a_mistake_of_the_caller(aligner: LexiconAligner, span: Span) -> None:
    with pytest.raises(ValueError, match="the source has 2 characters"):
        aligner.align_term("公司", span, "company")


def test_the_term_is_found_whatever_its_place(aligner: LexiconAligner) -> None:
    target = "The streamer said the company said so."
    assert found(aligner, "公司说主播", "公司", target)[0] == "company"
    assert found(aligner, "公司说主播", Span(3, 5), target)[0] == "streamer"


def test_an_inflected_translation_counts(aligner: LexiconAligner) -> None:
    assert found(aligner, "平台发货", "发货", "The platform shipped it.")[0] == "shipped"


def test_the_words_of_a_literal_rendering_are_found_by_the_parts_of_the_term(aligner: LexiconAligner) -> None:
    target = "The growth of the quick hands is slow."
    assert found(aligner, "快手的增长", "快手", target)[0] == "quick hands"


def test_a_hyphenated_rendering_is_taken_whole(aligner: LexiconAligner) -> None:
    assert found(aligner, "快手的主播", "快手", "a quick-hand streamer")[0] == "quick-hand"


def test_a_multi_word_translation_is_one_span(aligner: LexiconAligner) -> None:
    assert found(aligner, "公司的直播", "直播", "The live streaming of the company")[0] == "live streaming"


def test_an_unknown_name_gets_the_word_that_nothing_else_explains(aligner: LexiconAligner) -> None:
    assert found(aligner, "喜马拉雅公司的增长", "喜马拉雅", "The growth of the company Ximalayan.")[0] == "Ximalayan"


def test_a_name_spelled_in_pinyin_is_recognised(aligner: LexiconAligner) -> None:
    target = "Dong Mingzhu said the company shipped."
    assert found(aligner, "董明珠说公司发货", "董明珠", target) == ["Dong Mingzhu"]


def test_a_syllable_that_is_an_english_word_is_no_name(aligner: LexiconAligner) -> None:
    assert found(aligner, "公司说和平台", "和", "He said the company platform") == []


def test_latin_words_translate_themselves(aligner: LexiconAligner) -> None:
    assert found(aligner, "公司和JD.com的平台", "JD.com", "The platform of JD.com and the company")[0] == "JD.com"


def test_a_term_that_occurs_twice_may_be_translated_twice(aligner: LexiconAligner) -> None:
    target = "The streamer said the company has a streamer."
    answers = aligner.align_term("主播说公司的主播", "主播", target)
    assert sorted(a.span.start for a in answers) == [4, 36]


@pytest.mark.parametrize("target", ["", "…", "The company said so."])
def test_a_term_left_untranslated_is_not_found(aligner: LexiconAligner, target: str) -> None:
    assert aligner.align_term("公司说主播", "主播", target) == ()


def test_a_term_that_is_not_there_is_not_found(aligner: LexiconAligner) -> None:
    assert aligner.align_term("公司说", "主播", "The company said") == ()


def test_offsets_are_code_points_beyond_the_basic_plane(aligner: LexiconAligner) -> None:
    target = "😀😀 the streamer"
    (answer,) = aligner.align_term("😀主播", "主播", target)
    assert target[answer.span.start : answer.span.end] == "streamer"


def test_answers_are_probable_first_and_do_not_overlap(aligner: LexiconAligner) -> None:
    answers = aligner.align_term("快手的公司和快手", "快手", "The quick hand of the fast company, a fast hand")
    assert len(answers) > 1
    chances = [a.probability for a in answers]
    assert chances == sorted(chances, reverse=True)
    assert all(0.0 < chance <= 1.0 for chance in chances)
    assert not any(a.span.overlaps(b.span) for a in answers for b in answers if a is not b)


def links(target: str, *strengths: float) -> TermLinks:
    words: list[Word] = target_words(target)
    term = np.array(strengths)
    return TermLinks(tuple(words), term, np.where(term > 0, 0.0, 0.9))


def spans(target: str, *strengths: float) -> list[str]:
    answers = best_spans(target, links(target, *strengths), (Span(0, 4),), AlignerOptions())
    return [target[a.span.start : a.span.end] for a in answers]


def test_a_span_bridges_function_words_but_does_not_end_in_one() -> None:
    assert spans("cost of sales of it", 0.9, 0.0, 0.9, 0.0, 0.0) == ["cost of sales"]
    assert spans("has pulled it", 0.5, 0.9, 0.0) == ["pulled"]


def test_a_span_does_not_reach_across_punctuation() -> None:
    assert spans("method: pay", 0.6, 0.5) == ["method", "pay"]


def test_a_span_does_not_swallow_a_word_of_another_term() -> None:
    assert spans("gross platform margin", 0.6, 0.0, 0.5) == ["gross", "margin"]


# The figures reached are printed by benchmarks/word_alignment.py; these floors only catch a fall.
def test_the_gold_is_aligned_with_the_shipped_lexicon(benchmark: ModuleType) -> None:
    items = list(benchmark.read_gold(ROOT / "tests/alignment/word_gold.tsv", "all"))
    assert len(items) >= 100
    tally = benchmark.score(LexiconAligner(load_lexicon()), items, errors=False)
    assert tally.shared / tally.proposed >= 0.84
    assert tally.shared / tally.wanted >= 0.78
    assert tally.hit / tally.pairs >= 0.88


def test_wrong_renderings_are_found_as_well(benchmark: ModuleType) -> None:
    items = list(benchmark.read_wrong_renderings(ROOT / "tests/gold/positives.dev.jsonl"))
    tally = benchmark.score(LexiconAligner(load_lexicon()), items, errors=False)
    assert tally.shared / tally.proposed >= 0.85
    assert tally.shared / tally.wanted >= 0.85


def test_every_line_of_the_gold_is_well_formed(benchmark: ModuleType) -> None:
    parts = [list(benchmark.read_gold(ROOT / "tests/alignment/word_gold.tsv", part)) for part in ("dev", "test")]
    assert all(len(part) >= 100 for part in parts)
    for item in parts[0] + parts[1]:
        assert item.source[item.term.start : item.term.end].strip()
        assert all(item.target[span.start : span.end].strip() for span in item.spans)
    assert {item.source for item in parts[0]}.isdisjoint(item.source for item in parts[1])


def test_a_second_answer_gets_what_the_first_leaves_over() -> None:
    target = "hand, platform, fist"
    answers = best_spans(target, links(target, 0.8, 0.0, 0.6), (Span(0, 2),), AlignerOptions())
    assert [a.probability for a in answers] == pytest.approx([0.8, 0.12])
    twice = best_spans(target, links(target, 0.8, 0.0, 0.6), (Span(0, 2), Span(4, 6)), AlignerOptions())
    assert [a.probability for a in twice] == pytest.approx([0.8, 0.6])
