"""The sentences and counts that all formats share."""

from dataclasses import replace

from report_sample import sample, scores

from regloss.document import Relation, Tier
from regloss.report import Direction, RunReport, ScoreRow
from regloss.report.marking import Fate, Marked, mark_edits
from regloss.report.summary import best_systems, comparison, families, headline, relation_sentence, terms


def test_headline_tells_what_was_done_what_waits_and_what_was_left() -> None:
    assert headline(mark_edits(sample())) == (
        "5 edits were made (4 by the glossary, 1 by rules for text artefacts and grammar), "
        "1 proposal waits for a person and 1 look-alike was left alone."
    )


def test_headline_without_applied_edits() -> None:
    only = tuple(e for e in sample().edits if e.tier is Tier.REVIEW)
    assert (
        headline(mark_edits(replace(sample(), edits=only))) == "No edits were made and 1 proposal waits for a person."
    )
    assert headline(()) == "Nothing to repair was found."


def test_terms_come_by_frequency_and_rules_after_terms() -> None:
    found = terms(mark_edits(sample()))
    assert [(s.term or s.rule, s.count) for s in found] == [
        ("快手", 2),
        ("老铁", 1),
        ("抖音", 1),
        ("artefact.space-before-punctuation", 1),
    ]
    assert found[0].forms == (("the quick hands", "Kuaishou", 1), ("The quick hands have", "Kuaishou has", 1))
    assert found[0].first == "2"


def test_families_of_rules_with_their_measured_precision() -> None:
    unlisted = replace(sample().edits[0], rule="unlisted", start=0, end=1, before="x", tier=Tier.REVIEW)
    told = replace(
        sample().edits[0],
        evidence=(("the aligned source holds 快手", 0.6), ("it is written with capitals", 0.2)),
    )
    marked = [Marked(told, Fate.APPLIED, "1"), Marked(unlisted, Fate.REVIEW, "R1"), Marked(told, Fate.LEFT, "L1")]
    first, second = families(marked)
    assert (first.name, first.applied, first.review) == ("term.source", 1, 0)
    assert (second.name, second.applied, second.review) == ("unlisted", 0, 1)
    assert first.about
    assert first.measured is not None
    assert 0 < first.measured.right <= first.measured.edits


def test_relation_is_told_in_words() -> None:
    assert "is not the original" in relation_sentence(sample())
    assert "is the original" in relation_sentence(replace(sample(), relation=Relation.PARALLEL))
    assert "does not belong" in relation_sentence(replace(sample(), relation=Relation.UNRELATED))
    assert relation_sentence(RunReport("t", "x")) == ""


def test_best_is_marked_only_among_comparable_systems() -> None:
    forbidden, accuracy, ratio = scores()
    assert best_systems(forbidden) == {"fixed"}
    assert best_systems(accuracy) == {"fixed"}
    assert best_systems(ratio) == frozenset()


def test_equal_values_have_no_best() -> None:
    assert best_systems(ScoreRow("m", Direction.HIGHER, {"a": 1.0, "b": 1.0})) == frozenset()
    assert best_systems(ScoreRow("m", Direction.HIGHER, {"a": 1.0, "b": 1.0, "c": 0.5})) == {"a", "b"}


def test_comparison_follows_from_the_relation_unless_given() -> None:
    assert "renders another text" in comparison(sample())[1]
    assert "can be compared row by row" in comparison(replace(sample(), relation=Relation.PARALLEL))[0]
    assert comparison(replace(sample(), comparison=("So.",))) == ("So.",)
    assert comparison(replace(sample(), scores=())) == ()
