"""Alignment from the translation model's attention, alone and combined; the attention is written in the test."""

from collections.abc import Sequence

import numpy as np
import pytest

from regloss.alignment.lexicon import Entry, build_lexicon, target_words
from regloss.alignment.words import LexiconAligner, TermLinks
from regloss.document import Span
from regloss.translation.attention import AttentionAligner, CombinedAligner, token_spans
from regloss.translation.protocol import Attention

SOURCE = "快手增长。"
TARGET = "Kuaishou grew."


class Scripted:
    """Answers every pair with one attention matrix."""

    def __init__(self, attention: Attention | None) -> None:
        self.attention = attention

    def attend(self, pairs: Sequence[tuple[str, str]]) -> list[Attention] | None:
        return None if self.attention is None else [self.attention] * len(pairs)


class Fixed:
    """Links every target word as told."""

    def __init__(self, *strengths: float) -> None:
        self.strengths = np.array(strengths)

    def links(self, source: str, places: Sequence[Span], target: str) -> TermLinks:
        return TermLinks(tuple(target_words(target)), self.strengths, 1.0 - self.strengths)


@pytest.fixture
def attention() -> Attention:
    return Attention(
        source=("▁", "快", "手", "增长", "。"),
        target=("▁Ku", "aishou", "▁grew", "."),
        weights=(
            (0.0, 0.5, 0.4, 0.0, 0.1),
            (0.0, 0.3, 0.4, 0.1, 0.2),
            (0.0, 0.1, 0.0, 0.6, 0.3),
            (0.0, 0.0, 0.0, 0.1, 0.9),
        ),
    )


@pytest.mark.parametrize(
    ("text", "tokens", "expected"),
    [
        ("a bc d", ("▁a", "▁b", "c", "▁d"), ["a", "b", "c", "d"]),
        ("快手 增长", ("▁", "快手", "▁", "增长"), [None, "快手", None, "增长"]),
        ("ＪＤ，好", ("▁JD", ",", "好"), ["ＪＤ", "，", "好"]),
        ("Ⅳ季", ("▁I", "V", "季"), ["Ⅳ", "Ⅳ", "季"]),
        ("甲x", ("▁", "<0xE7>", "<0x94>", "<0xB2>", "x"), [None, "甲", "甲", "甲", "x"]),
        ("ab", ("▁a", "?", "b"), ["a", None, None]),
        ("", (), []),
    ],
)
def test_tokens_are_found_in_the_text(text: str, tokens: tuple[str, ...], expected: list[str | None]) -> None:
    found = [None if span is None else text[span.start : span.end] for span in token_spans(text, tokens)]
    assert found == expected


def test_a_word_belongs_to_the_term_that_its_tokens_looked_at(attention: Attention) -> None:
    aligner = AttentionAligner(Scripted(attention))
    assert [TARGET[a.span.start : a.span.end] for a in aligner.align_term(SOURCE, "快手", TARGET)] == ["Kuaishou"]
    assert [TARGET[a.span.start : a.span.end] for a in aligner.align_term(SOURCE, "增长", TARGET)] == ["grew"]


def test_links_are_shares_of_the_attention_to_words(attention: Attention) -> None:
    links = AttentionAligner(Scripted(attention)).links(SOURCE, (Span(0, 2),), TARGET)
    assert links.term + links.rest == pytest.approx([1.0, 1.0])
    assert links.term[0] > 0.8 > 0.2 > links.term[1]


def test_an_engine_that_cannot_tell_its_attention_finds_nothing() -> None:
    assert AttentionAligner(Scripted(None)).align_term(SOURCE, "快手", TARGET) == ()


@pytest.mark.parametrize(("term", "target"), [("抖音", TARGET), ("快手", "")])
def test_nothing_to_align_asks_no_model(term: str, target: str) -> None:
    assert AttentionAligner(Scripted(None)).align_term(SOURCE, term, target) == ()


def test_the_combination_is_the_weighted_mean() -> None:
    combined = CombinedAligner(Fixed(0.2, 0.8), Fixed(1.0, 0.0), weight=0.25)
    assert combined.links(SOURCE, (Span(0, 2),), TARGET).term == pytest.approx([0.4, 0.6])


def test_the_combination_falls_back_on_the_first_where_the_second_is_silent() -> None:
    combined = CombinedAligner(Fixed(0.0, 0.8), AttentionAligner(Scripted(None)), weight=0.9)
    (answer,) = combined.align_term(SOURCE, "增长", TARGET)
    assert TARGET[answer.span.start : answer.span.end] == "grew"


def test_attention_decides_where_the_lexicon_knows_nothing(attention: Attention) -> None:
    lexicon = LexiconAligner(build_lexicon({"的": [Entry("of", 0.5, 0.5)]}))
    combined = CombinedAligner(lexicon, AttentionAligner(Scripted(attention)), weight=0.8)
    best = combined.align_term(SOURCE, "增长", TARGET)[0]
    assert TARGET[best.span.start : best.span.end] == "grew"
