"""How much of a source a lexicon finds in its translation."""

import math

import pytest

from regloss.alignment.lexicon import Entry, build_lexicon
from regloss.scoring.coverage import Coverage, coverage


@pytest.fixture
def lexicon():
    return build_lexicon({"网络": [Entry("network", 0.5, 0.25)], "安全": [Entry("safety", 0.5, 0.5)]})


def test_each_side_is_looked_for_on_the_other(lexicon):
    forward, backward = coverage("网络安全", "Network safety", lexicon)
    assert forward == pytest.approx(math.log(0.5), abs=0.05)
    assert backward == pytest.approx((math.log(0.25) + math.log(0.5)) / 2, abs=0.05)
    assert coverage("网络安全", "Something else", lexicon)[0] == pytest.approx(math.log(0.001))


def test_either_script_is_read(lexicon):
    assert coverage("網絡安全", "Network safety", lexicon) == coverage("网络安全", "Network safety", lexicon)


def test_an_empty_side_has_nothing_to_find(lexicon):
    assert coverage("", "", lexicon) == (0.0, 0.0)
    assert coverage("网络", "", lexicon)[0] == pytest.approx(math.log(0.001))


def test_as_an_estimate_it_lies_between_nothing_and_certainty(lexicon):
    nothing, half, copied = Coverage(lexicon).estimate(["网络安全", "网络安全", "IBM"], ["Cats", "Network cats", "IBM"])
    assert nothing == pytest.approx(0.0)
    assert 0 < half < copied
    assert copied == 100.0
