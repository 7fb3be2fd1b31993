"""Term metrics: what counts as answered, as a mention, as consistent."""

import pytest
from scoring_data import ENTRIES, GLOSSARY

from regloss.scoring.metric import Direction, Material, Need
from regloss.scoring.registry import build_metrics
from regloss.scoring.terms import ForbiddenRate, TermAccuracy, TermConsistency, TermSuccess


def success(source, hypothesis, *, inflected=False):
    return TermSuccess(ENTRIES, inflected).statistics(Material((hypothesis,), (source,))).rows[0].tolist()


@pytest.mark.parametrize(
    ("source", "hypothesis", "answered", "wanted", "explanation"),
    [
        ("快手增长", "Kuaishou grew", 1, 1, "the target stands there"),
        ("快手增长", "KUAISHOU grew", 1, 1, "case does not matter"),
        ("快手增长", "Kuaishou's users grew", 1, 1, "a possessive is the word itself"),
        ("快手增长", "Kuaishougram grew", 0, 1, "a part of a word is not the word"),
        ("快手和快手", "Kuaishou and it", 1, 2, "each occurrence wants an answer"),
        ("快手增长", "Kuaishou, Kuaishou", 1, 1, "more answers than questions count no more"),
        ("直播间", "a live room", 1, 1, "an admitted target answers"),
        ("直播间", "a livestream", 0, 1, "the longest source term is asked for, not the term inside it"),
        ("直播间里直播", "to livestream in the livestream room", 2, 2, "the longer target takes its words first"),
        ("直播", "livestreams", 0, 1, "exact forms only"),
        ("天气", "weather", 0, 0, "nothing to ask"),
        ("直播間裡", "a live room", 1, 1, "a source in traditional characters asks the same"),
    ],
)
def test_exact_success(source, hypothesis, answered, wanted, explanation):
    assert success(source, hypothesis) == [answered, wanted], explanation


@pytest.mark.parametrize("hypothesis", ["livestreams", "Livestream", "two\u00a0livestreams"])
def test_inflected_success(hypothesis):
    assert success("直播", hypothesis, inflected=True) == [1, 1]


def test_inflected_success_accepts_hyphens():
    assert success("直播间", "live-room sales", inflected=True) == [1, 1]
    assert success("直播间", "live-room sales") == [0, 1]


def test_forbidden_renderings_are_counted_per_thousand_words(finder):
    material = Material(("The quick hands have grown.", "Kuaishou has grown and grown."))
    metric = ForbiddenRate(finder)
    assert metric.statistics(material).rows.tolist() == [[1, 5], [0, 5]]
    assert metric.statistics(material).total() == pytest.approx(100)
    assert metric.info.direction is Direction.LOWER


def test_guards_decide_what_is_forbidden(finder):
    metric = ForbiddenRate(finder)
    app = Material(("The livestream app vibrato has users.",))
    violin = Material(("Her violin vibrato is warm.",))
    assert metric.statistics(app).rows[0][0] == 1
    assert metric.statistics(violin).rows[0][0] == 0


def test_an_aligned_source_without_the_term_excuses_the_words(finder):
    metric = ForbiddenRate(finder)
    assert metric.statistics(Material(("The app has vibrato.",), ("这个应用有颤音。",))).rows[0][0] == 0


def test_accuracy_is_the_share_of_accepted_mentions(finder):
    material = Material(("The quick hands and Kuaishou met.", "No term here.", "Livestreams sell."))
    statistics = TermAccuracy(finder).statistics(material)
    assert statistics.rows.tolist() == [[1, 2], [0, 0], [1, 1]]
    assert statistics.total() == pytest.approx(200 / 3)


def test_consistency_compares_with_the_first_rendering_of_the_document(finder):
    metric = TermConsistency(finder)
    texts = ("Kuaishou grew.", "The quick hands have grown.", "Kuaishou won.")
    assert metric.statistics(Material(texts)).rows.tolist() == [[0, 0], [0, 1], [1, 1]]
    separate = metric.statistics(Material(texts, None, (), ("a", "b", "b")))
    assert separate.rows.tolist() == [[0, 0], [0, 0], [0, 1]]


def test_singular_and_plural_are_one_rendering(finder):
    material = Material(("A livestream began.", "Livestreams ended."))
    assert TermConsistency(finder).statistics(material).total() == 100


def test_no_term_gives_no_figure(finder):
    assert (
        TermAccuracy(finder).statistics(Material(("Nothing.",))).total()
        != TermAccuracy(finder).statistics(Material(("Nothing.",))).total()
    ), "NaN, not a perfect score"


def test_every_metric_declares_name_range_and_needs():
    metrics = build_metrics(references=1, glossary=GLOSSARY)
    names = [metric.info.name for metric in metrics]
    assert len(set(names)) == len(names)
    for metric in metrics:
        info = metric.info
        assert info.low < info.high
        assert info.signature
        assert set(info.needs) <= set(Need)
