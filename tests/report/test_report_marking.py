"""Edits laid over the text: nothing is lost, nothing is shown twice, labels are unique."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_sample import TEXT, edit, sample, segments

from regloss.document import Edit, Segment, Tier
from regloss.report import RunReport
from regloss.report.marking import Fate, Paragraph, context_of, mark_edits, paragraphs


def made(start: int, end: int, text: str, tier: Tier = Tier.AUTO, after: str = "x") -> Edit:
    return Edit(start, end, text[start:end], after, "词", tier, "term", "because")


def laid_out(text: str, *edits: Edit) -> tuple[Paragraph, ...]:
    report = RunReport("t", text, edits)
    return paragraphs(report, mark_edits(report))


def test_labels_follow_the_text_and_tell_the_fate() -> None:
    marked = mark_edits(sample())
    assert [m.label for m in marked] == ["1", "2", "3", "4", "L1", "R1", "5"]
    assert [m.fate for m in marked][4:6] == [Fate.LEFT, Fate.REVIEW]


def test_an_applied_review_tier_counts_as_applied() -> None:
    report = replace(sample(), applied=frozenset({Tier.AUTO, Tier.REVIEW}))
    assert {m.fate for m in mark_edits(report)} == {Fate.APPLIED, Fate.LEFT}
    assert "mid-tier streamer" in report.fixed


def test_blank_lines_are_left_out_and_lines_keep_their_numbers() -> None:
    assert [p.number for p in laid_out(TEXT)] == [1, 3, 5, 6]
    assert [p.number for p in laid_out("a\r\n\r\nb\rc\n")] == [1, 3, 4]


def test_a_byte_order_mark_is_not_shown() -> None:
    (paragraph,) = laid_out("\ufeffabc\n")
    assert [p.text for p in paragraph.pieces] == ["abc"]


def test_an_edit_over_a_line_break_keeps_its_lines_together() -> None:
    text = "one two\nthree\nfour"
    first, second = laid_out(text, made(4, 13, text))
    assert [p.text for p in first.pieces] == ["one ", "two\nthree"]
    assert second.number == 3


def test_of_overlapping_marks_the_applied_one_is_shown() -> None:
    text = "the quick hands here"
    (paragraph,) = laid_out(text, made(0, 20, text, Tier.REVIEW), made(4, 15, text), made(4, 9, text, Tier.LEAVE))
    assert [p.text for p in paragraph.pieces if p.mark] == ["quick hands"]


def test_of_two_overlapping_proposals_the_longer_one_is_shown() -> None:
    text = "the quick hands here"
    (paragraph,) = laid_out(text, made(4, 9, text, Tier.REVIEW), made(4, 15, text, Tier.REVIEW))
    assert [p.text for p in paragraph.pieces if p.mark] == ["quick hands"]


def test_insertions_and_their_neighbours_are_all_shown() -> None:
    text = "ab"
    (paragraph,) = laid_out(text, made(1, 1, text), made(1, 2, text), made(0, 1, text))
    assert [p.text for p in paragraph.pieces if p.mark] == ["a", "", "b"]


def test_an_edit_that_does_not_fit_is_refused() -> None:
    wrong = replace(edit("vibrato", "Douyin", "抖音"), start=0, end=7)
    with pytest.raises(ValueError, match="does not fit the text"):
        laid_out(TEXT, wrong)


@st.composite
def texts_with_edits(draw: st.DrawFn) -> tuple[str, tuple[Edit, ...]]:
    text = draw(st.text(alphabet="ab \n\r快\ufeff", max_size=40))
    places = draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, 6), st.sampled_from(Tier)), max_size=8))
    edits, free = [], 0
    for start, size, tier in sorted(places):
        end = min(len(text), start + size)
        if tier is Tier.AUTO:
            if start < free:
                continue
            free = end
        edits.append(made(start, end, text, tier))
    return text, tuple(edits)


@given(texts_with_edits())
def test_nothing_of_the_text_is_lost(case: tuple[str, tuple[Edit, ...]]) -> None:
    text, edits = case
    shown = "".join(piece.text for p in laid_out(text, *edits) for piece in p.pieces)
    kept = str.maketrans("", "", "\n\r \ufeff")
    assert shown.translate(kept) == text.translate(kept)


@given(texts_with_edits())
def test_every_applied_edit_is_shown_once(case: tuple[str, tuple[Edit, ...]]) -> None:
    text, edits = case
    shown = [mark.label for p in laid_out(text, *edits) for mark in p.applied]
    assert shown == [m.label for m in mark_edits(RunReport("t", text, edits)) if m.fate is Fate.APPLIED]


def test_context_stays_within_the_segment_and_carries_its_source() -> None:
    segment = segments()[3]
    context = context_of(edit("vibrato", "Douyin", "抖音"), TEXT, segment)
    assert (context.before, context.after) == ("A waist anchor sold melons on ", ", and inThe evening sold more.")
    assert context.source == segment.source


def test_context_without_a_segment_is_the_line() -> None:
    context = context_of(edit("wrong", "right", "错"), TEXT, None)
    assert (context.before, context.after, context.source) == ("Nothing is ", " here.", None)


def test_long_context_is_cut_between_words() -> None:
    text = "alpha beta " * 50 + "HERE" + " gamma delta" * 50
    start = text.index("HERE")
    context = context_of(made(start, start + 4, text), text, Segment("s1", 0, len(text), text), width=20)
    assert context.before == "…alpha beta "[: len("…alpha beta ")] or context.before.startswith("…")
    assert set(context.before.strip("… ").split()) <= {"alpha", "beta"}
    assert set(context.after.strip("… ").split()) <= {"gamma", "delta"}
    assert context.after.endswith("…")
