"""Significance: the same numbers as sacrebleu, and tests that say what they should."""

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest
from test_scoring_reference import corpus

from regloss.scoring.metric import Direction, Material, Statistics, ratio, sum_by_document
from regloss.scoring.reference import Bleu, ChrF
from regloss.scoring.significance import (
    Resampler,
    SignificanceTest,
    Verdict,
    bootstrap_weights,
    compare_pair,
    confidence_interval,
    holm,
)


def rates(flags):
    return Statistics(np.array([[flag, 1.0] for flag in flags]), ratio(100))


@pytest.fixture
def pair():
    one, other, reference = corpus(7, 80)
    return one, other, reference


@pytest.mark.parametrize("kind", ["bs", "ar"])
def test_p_values_are_those_of_sacrebleu(pair, kind, monkeypatch):
    monkeypatch.setenv("SACREBLEU_SEED", "12345")
    one, other, reference = pair
    named = [("base", list(one)), ("new", list(other))]
    theirs = PairedTest(
        named, {"BLEU": BLEU(references=[reference]), "chrF": CHRF(references=[reference])}, None, kind
    )()[1]
    resampler = Resampler(bootstrap_weights(80, 1000, 12345))
    for name, metric in (("BLEU", Bleu()), ("chrF", ChrF())):
        base, new = (metric.statistics(Material(text, None, (reference,))) for text in (one, other))
        test = SignificanceTest.BOOTSTRAP if kind == "bs" else SignificanceTest.RANDOMISATION
        got = compare_pair(new, base, Direction.HIGHER, resampler, test=test)
        expected = next(each for key, each in theirs.items() if key.startswith(name))[1]
        assert got.p == pytest.approx(expected.p_value, abs=0.002)
        assert new.total() == pytest.approx(expected.score)


def test_the_resampled_mean_is_that_of_sacrebleu(pair, monkeypatch):
    monkeypatch.setenv("SACREBLEU_SEED", "12345")
    one, _, reference = pair
    theirs = BLEU().corpus_score(list(one), [list(reference)], n_bootstrap=1000)
    statistics = Bleu().statistics(Material(one, None, (reference,)))
    scores = statistics.resampled(bootstrap_weights(80, 1000, 12345))
    assert scores.mean() == pytest.approx(theirs._mean, abs=1e-4)
    low, high = confidence_interval(scores)
    assert (high - low) / 2 == pytest.approx(theirs._ci, rel=0.05)


def test_a_clear_difference_is_found_and_has_the_right_sign():
    good, bad = rates([1.0] * 80 + [0.0] * 20), rates([1.0] * 40 + [0.0] * 60)
    resampler = Resampler(bootstrap_weights(100, 1000, 1))
    for test in SignificanceTest:
        assert compare_pair(good, bad, Direction.HIGHER, resampler, test=test).verdict is Verdict.BETTER
        assert compare_pair(bad, good, Direction.HIGHER, resampler, test=test).verdict is Verdict.WORSE
        assert compare_pair(good, bad, Direction.LOWER, resampler, test=test).verdict is Verdict.WORSE


def test_a_difference_of_one_segment_is_inconclusive():
    resampler = Resampler(bootstrap_weights(100, 1000, 1))
    one, other = rates([1.0] * 51 + [0.0] * 49), rates([1.0] * 50 + [0.0] * 50)
    for test in SignificanceTest:
        assert compare_pair(one, other, Direction.HIGHER, resampler, test=test).verdict is Verdict.INCONCLUSIVE


def test_equal_rows_are_the_same_and_not_a_coincidence():
    statistics = rates([1.0, 0.0, 1.0])
    got = compare_pair(statistics, rates([1.0, 0.0, 1.0]), Direction.HIGHER, Resampler(bootstrap_weights(3, 100, 1)))
    assert (got.verdict, got.p, got.delta) == (Verdict.SAME, 1.0, 0.0)


def test_a_metric_without_a_value_decides_nothing():
    nothing = Statistics(np.zeros((5, 2)), ratio(100))
    got = compare_pair(nothing, rates([1.0] * 5), Direction.HIGHER, Resampler(bootstrap_weights(5, 100, 1)))
    assert got.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("test", SignificanceTest)
def test_false_alarms_stay_at_the_level_of_the_test(test):
    rng = np.random.default_rng(5)
    resampler = Resampler(bootstrap_weights(200, 500, 1))
    alarms = 0
    for _ in range(200):
        one, other = rates(rng.integers(2, size=200).astype(float)), rates(rng.integers(2, size=200).astype(float))
        compared = compare_pair(one, other, Direction.HIGHER, resampler, test=test, trials=500)
        alarms += compared.verdict is not Verdict.INCONCLUSIVE
    assert alarms <= 20  # 5 % of 200 are 10; 20 lies three standard deviations above


def test_documents_are_resampled_whole():
    rng = np.random.default_rng(2)
    documents = np.repeat(np.arange(10), 20)
    quality = rng.random(10)[documents]
    flags = rates((quality > 0.5).astype(float))
    by_segment = confidence_interval(flags.resampled(bootstrap_weights(200, 2000, 1)))
    whole = sum_by_document(flags, [str(d) for d in documents])
    by_document = confidence_interval(whole.resampled(bootstrap_weights(10, 2000, 1)))
    assert whole.total() == flags.total()
    assert by_document[1] - by_document[0] > 2 * (by_segment[1] - by_segment[0])


def test_weights_count_draws():
    weights = bootstrap_weights(7, 50, 3)
    assert weights.shape == (50, 7)
    assert (weights.sum(axis=1) == 7).all()
    np.testing.assert_array_equal(weights, bootstrap_weights(7, 50, 3))


@pytest.mark.parametrize(
    ("raw", "adjusted"),
    [
        ((0.01,), (0.01,)),
        ((0.01, 0.04, 0.03), (0.03, 0.06, 0.06)),
        ((0.5, 0.9), (1.0, 1.0)),
        ((), ()),
    ],
)
def test_holm(raw, adjusted):
    assert holm(raw) == pytest.approx(adjusted)


@pytest.mark.parametrize(("differing", "verdict"), [(1, "inconclusive"), (5, "inconclusive"), (6, "better")])
def test_few_differing_segments_cannot_be_significant(differing, verdict):
    # An exact paired test of k differences on one side gives 2^(1-k); the bootstrap knows no such bound.
    one, other = rates([1.0] * 60), rates([0.0] * differing + [1.0] * (60 - differing))
    got = compare_pair(one, other, Direction.HIGHER, Resampler(bootstrap_weights(60, 1000, 1)))
    assert got.p >= 2.0 ** (1 - differing)
    assert str(got.verdict) == verdict


def test_a_single_segment_proves_nothing():
    got = compare_pair(rates([1.0]), rates([0.0]), Direction.HIGHER, Resampler(bootstrap_weights(1, 1000, 1)))
    assert (got.p, got.verdict) == (1.0, Verdict.INCONCLUSIVE)
