"""Choosing among original, fixed and retranslated."""

import pytest
from scoring_data import ENTRIES

from regloss.document import Hypothesis
from regloss.scoring import ChoiceOptions, Chooser, decide

SOURCE = "快手有300万用户。"
ORIGINAL = "The quick hands have 3 million users."
FIXED = "Kuaishou has 3 million users."
RETRANSLATED = "There are 3 million users on Kuaishou."


@pytest.fixture
def chooser(finder):
    return Chooser(ENTRIES, finder)


def candidates(original=ORIGINAL, fixed=FIXED, retranslated=RETRANSLATED):
    return [Hypothesis("original", original), Hypothesis("fixed", fixed), Hypothesis("retranslated", retranslated)]


def test_the_repair_beats_the_original(chooser):
    choice = chooser.choose(SOURCE, candidates(retranslated=ORIGINAL))
    assert choice.hypothesis.system == "fixed"
    assert choice.margin > 0
    assert choice.reason.startswith("fixed renders more terms (1 of 1 against 0) and has fewer wrong renderings")


def test_among_equals_the_smallest_change_wins(chooser):
    choice = chooser.choose(SOURCE, candidates())
    assert choice.hypothesis.system == "fixed"
    assert choice.margin == 0
    assert choice.reason.endswith("No check prefers retranslated, and fixed changes less.")


def test_equal_texts_stay_the_original(chooser):
    choice = chooser.choose("好。", candidates("Good.", "Good.", "Good."))
    assert choice.hypothesis.system == "original"
    assert choice.reason == "All candidates are the same."


def test_the_retranslation_wins_where_the_original_lost_a_number(chooser):
    choice = chooser.choose(SOURCE, candidates("Kuaishou has 30 million users.", "Kuaishou has 30 million users."))
    assert choice.hypothesis.system == "retranslated"
    assert choice.margin > 15
    assert "has fewer faults (0 against 1)" in choice.reason


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Kuaishou Kuaishou Kuaishou Kuaishou Kuaishou Kuaishou Kuaishou", "repeats itself"),
        ("快手有300万用户。", "still Chinese"),
        ("", "is empty"),
    ],
)
def test_a_critical_finding_is_a_veto_whatever_else_speaks_for_it(finder, text, told):
    class Enthusiast:
        def estimate(self, sources, targets):
            return [100.0 if target == text else 0.0 for target in targets]

    choice = Chooser(ENTRIES, finder, Enthusiast()).choose(SOURCE, candidates(retranslated=text))
    assert choice.hypothesis.system == "fixed"
    assert told in choice.reason


def test_a_better_estimate_wins_only_beyond_the_margin(finder):
    class Estimate:
        def estimate(self, sources, targets):
            return [58.0 if target == RETRANSLATED else 50.0 for target in targets]

    cautious = Chooser(ENTRIES, finder, Estimate(), ChoiceOptions(margin=10))
    bold = Chooser(ENTRIES, finder, Estimate(), ChoiceOptions(margin=5))
    # One segment of eleven (ten are expectation), a lead of eight that counts twice, and four times in a segment.
    assert cautious.choose(SOURCE, candidates()).ratings[-1].document == pytest.approx(4 * 2 * 8 / 11)
    assert cautious.choose(SOURCE, candidates()).hypothesis.system == "fixed"
    assert "not better by a clear margin (6 of 10 points)" in cautious.choose(SOURCE, candidates()).reason
    assert bold.choose(SOURCE, candidates()).hypothesis.system == "retranslated"


def test_a_broken_original_gives_way(chooser):
    choice = chooser.choose(SOURCE, candidates("快手有300万用户。", "快手有300万用户。"))
    assert choice.hypothesis.system == "retranslated"


def test_rows_of_any_number_of_candidates_are_rated_each_once(chooser):
    rows = [candidates(), [Hypothesis("original", "Good.")], candidates(ORIGINAL, ORIGINAL, RETRANSLATED)]
    choices = chooser.choose_all([SOURCE, "好。", SOURCE], rows)
    assert [len(choice.ratings) for choice in choices] == [3, 1, 3]
    assert [choice.ratings[-1].document == 0 for choice in choices] == [False, True, False]
    assert chooser.choose_all([], []) == ()


def many(count, original, retranslated):
    sources = [f"快手有{n}00万用户。" for n in range(2, count + 2)]
    rows = [
        [Hypothesis("original", original.format(n)), Hypothesis("retranslated", retranslated.format(n))]
        for n in range(2, count + 2)
    ]
    return sources, rows


WRONG, RIGHT = "The quick hands have {} million users.", "Kuaishou has {} million users."
EVEN_SOURCE = "他们很高兴。"
EVEN_ROW = [Hypothesis("original", "They are glad."), Hypothesis("retranslated", "They are happy.")]


def test_who_leads_over_the_document_gets_the_lines_that_say_nothing(chooser):
    sources, rows = many(12, WRONG, RIGHT)
    choice = chooser.choose_all([*sources, EVEN_SOURCE], [*rows, EVEN_ROW])[-1]
    assert choice.hypothesis.system == "retranslated"
    assert choice.reason == "retranslated is ahead of original over the whole document."
    sources, rows = many(12, RIGHT, WRONG)
    choice = chooser.choose_all([*sources, EVEN_SOURCE], [*rows, EVEN_ROW])[-1]
    assert choice.hypothesis.system == "original"


def test_a_lead_over_the_document_outweighs_a_fault_in_one_line_but_no_veto(chooser):
    sources, rows = many(12, WRONG, RIGHT)
    rows[0] = [Hypothesis("original", RIGHT.format(2)), Hypothesis("retranslated", RIGHT.format(3))]
    rows[1][1] = Hypothesis("retranslated", "快手有300万用户。")
    choices = chooser.choose_all(sources, rows)
    assert choices[0].hypothesis.system == "retranslated"
    assert "over the whole document, and the 15 points against it here do not outweigh that" in choices[0].reason
    assert choices[1].hypothesis.system == "original"


def test_the_less_is_seen_the_more_the_expectation_counts(finder):
    short, long = many(1, WRONG, RIGHT), many(30, WRONG, RIGHT)
    for pair, system in ((short, "original"), (long, "retranslated")):
        doubtful = Chooser(ENTRIES, finder, options=ChoiceOptions(expected=-20))
        assert doubtful.choose_all(*pair)[0].hypothesis.system == system
        assert Chooser(ENTRIES, finder).choose_all(*pair)[0].hypothesis.system == "retranslated"


def test_a_known_weakness_counts_in_a_document_of_any_length(finder):
    def lead(expected):
        options = ChoiceOptions(expected=expected)
        return Chooser(ENTRIES, finder, options=options).choose_all(*many(300, WRONG, RIGHT))[0].ratings[-1].document

    assert lead(0.0) - lead(-20.0) == pytest.approx(20.0 * ChoiceOptions().document_weight)
    assert lead(20.0) - lead(0.0) == pytest.approx(10 / 310 * 20.0 * ChoiceOptions().document_weight)


def test_the_retranslation_is_held_against_the_repair_not_against_the_text_before_it(chooser):
    sources, pairs = many(12, WRONG, RIGHT)
    rows = [
        [original, Hypothesis("fixed", right.text), Hypothesis("retranslated", f"Today {right.text}")]
        for original, right in pairs
    ]
    sources.append(EVEN_SOURCE)
    rows.append([EVEN_ROW[0], Hypothesis("fixed", EVEN_ROW[0].text), EVEN_ROW[1]])
    choices = chooser.choose_all(sources, rows)
    assert [choice.hypothesis.system for choice in choices] == ["fixed"] * 12 + ["original"]
    assert {rating.document for choice in choices for rating in choice.ratings} == {0.0}


def test_longer_segments_say_more_about_the_document(chooser):
    sources, rows = many(2, WRONG, RIGHT)
    rows[1] = [Hypothesis("original", RIGHT.format(3)), Hypothesis("retranslated", WRONG.format(3))]
    assert chooser.choose_all(sources, rows)[0].ratings[-1].document == 0
    sources[0] += "他们今天很高兴，明天也很高兴。"
    assert chooser.choose_all(sources, rows)[0].ratings[-1].document > 0


def test_without_a_margin_no_side_is_preferred_and_ties_stay(chooser, finder):
    sources, rows = many(3, RIGHT, "Today {} million people use Kuaishou.")
    even = Chooser(ENTRIES, finder, options=ChoiceOptions(margin=0))
    assert {choice.hypothesis.system for choice in even.choose_all(sources, rows)} == {"original"}
    sources, rows = many(3, "Today {} million people use quick hands.", RIGHT)
    assert {choice.hypothesis.system for choice in even.choose_all(sources, rows)} == {"retranslated"}


def test_rating_first_and_deciding_later_is_the_same(chooser):
    sources, rows = many(4, WRONG, RIGHT)
    rated = [chooser.rate(sources, [row[rank] for row in rows]) for rank in (0, 1)]
    assert decide(sources, rows, list(zip(*rated, strict=True))) == chooser.choose_all(sources, rows)
