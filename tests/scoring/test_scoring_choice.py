"""Choosing among original, fixed and retranslated."""

import pytest
from scoring_data import ENTRIES

from regloss.document import Hypothesis
from regloss.scoring import ChoiceOptions, Chooser

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
    assert choice.margin == 15
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
    assert cautious.choose(SOURCE, candidates()).hypothesis.system == "fixed"
    assert "not better by a clear margin (8 of 10 points)" in cautious.choose(SOURCE, candidates()).reason
    assert bold.choose(SOURCE, candidates()).hypothesis.system == "retranslated"


def test_a_broken_original_gives_way(chooser):
    choice = chooser.choose(SOURCE, candidates("快手有300万用户。", "快手有300万用户。"))
    assert choice.hypothesis.system == "retranslated"


def test_many_segments_at_once_are_chosen_as_one_by_one(chooser):
    rows = [candidates(), candidates("Good.", "Good.", "Good."), candidates(ORIGINAL, ORIGINAL, RETRANSLATED)]
    sources = [SOURCE, "好。", SOURCE]
    together = chooser.choose_all(sources, rows)
    assert [c.hypothesis.text for c in together] == [
        chooser.choose(s, r).hypothesis.text for s, r in zip(sources, rows, strict=True)
    ]
    assert [len(c.ratings) for c in together] == [3, 3, 3]


def many(count, original, retranslated):
    sources = [f"快手有{n}00万用户。" for n in range(2, count + 2)]
    rows = [
        [Hypothesis("original", original.format(n)), Hypothesis("retranslated", retranslated.format(n))]
        for n in range(2, count + 2)
    ]
    return sources, rows


def test_a_trusted_translator_that_leads_over_the_document_gets_the_even_lines_too(finder):
    sources, rows = many(12, "The quick hands have {} million users.", "Kuaishou has {} million users.")
    sources.append("他们很高兴。")
    rows.append([Hypothesis("original", "They are glad."), Hypothesis("retranslated", "They are happy.")])
    cautious = Chooser(ENTRIES, finder).choose_all(sources, rows)
    trusting = Chooser(ENTRIES, finder, options=ChoiceOptions(trusted=True)).choose_all(sources, rows)
    assert cautious[-1].hypothesis.system == "original"
    assert trusting[-1].hypothesis.system == "retranslated"
    assert trusting[-1].reason == "No check prefers original, and retranslated is ahead over the whole document."


def test_trust_does_not_lift_a_veto_or_help_a_translator_that_trails(finder):
    trusting = Chooser(ENTRIES, finder, options=ChoiceOptions(trusted=True))
    sources, rows = many(12, "The quick hands have {} million users.", "Kuaishou has {} million users.")
    rows[0][1] = Hypothesis("retranslated", "快手有200万用户。")
    assert trusting.choose_all(sources, rows)[0].hypothesis.system == "original"
    sources, rows = many(12, "Kuaishou has {} million users.", "The quick hands have {} million users.")
    assert {c.hypothesis.system for c in trusting.choose_all(sources, rows)} == {"original"}
    sources, rows = many(3, "The quick hands have {} million users.", "Kuaishou has {} million users.")
    sources.append("他们很高兴。")
    rows.append([Hypothesis("original", "They are glad."), Hypothesis("retranslated", "They are happy.")])
    assert trusting.choose_all(sources, rows)[-1].hypothesis.system == "original", "three lines prove nothing"
