"""What systems agree on."""

import numpy as np
import pytest

from regloss.errors import UsageError
from regloss.scoring import System, build_metrics, compare
from regloss.scoring.consensus import chrf_between
from regloss.scoring.metric import Material
from regloss.scoring.outputs import render
from regloss.scoring.reference import ChrF

TEXTS = (
    ("The cat sat on the mat.", "It rains in London today."),
    ("The cat is sitting on the mat.", "It is raining in London today."),
    ("A dog ate my shoes", ""),
)


def test_each_pair_is_scored_as_chrf_scores_it():
    scores = chrf_between(TEXTS)
    for one, text in enumerate(TEXTS):
        for other, reference in enumerate(TEXTS):
            if one != other:
                expected = ChrF().statistics(Material(text, None, (reference,))).by_segment()
                np.testing.assert_allclose(scores[one, other], expected)
    assert not scores[0, 0].any()


def test_the_stranger_is_found_without_a_reference():
    systems = [System(name, text) for name, text in zip("abc", TEXTS, strict=True)]
    table = compare(systems, build_metrics(["consensus"], systems=3), baseline="a")
    values = [table.value(name, "consensus") for name in "abc"]
    assert min(values) == values[2]
    expected = chrf_between(TEXTS)[0].sum(axis=0).mean() / 2
    assert values[0] == pytest.approx(expected)
    assert "consensus[chrF2|against:others|systems:3]" in table.signature


@pytest.mark.parametrize("texts", [TEXTS[:1], TEXTS[:2], (*TEXTS[:2], ("one segment",))])
def test_too_few_systems_or_other_segments_are_refused(texts):
    systems = [System(str(number), text) for number, text in enumerate(texts)]
    with pytest.raises(UsageError, match="consensus needs three systems or more on the same segments"):
        compare(systems, build_metrics(["consensus"], systems=len(texts)))


def test_nobody_gets_it_unasked():
    names = {metric.info.name for metric in build_metrics(references=1, systems=5)}
    assert "chrF" in names
    assert "consensus" not in names


def test_many_systems_and_few_metrics_fit_into_a_terminal():
    systems = [System(f"system-{number}", TEXTS[number % 3]) for number in range(6)]
    printed = render(compare(systems, build_metrics(["consensus"], systems=6), baseline="system-0"), "table")
    lines = printed.split("\n")
    assert lines[0].split() == ["system", "consensus", "↑"]
    assert [line.split()[0] for line in lines[2:8]] == [system.name for system in systems]
    assert max(map(len, lines[:8])) < 60


def test_many_systems_and_many_metrics_come_in_bands():
    systems = [System(f"system-{number}", TEXTS[number % 3]) for number in range(6)]
    printed = render(compare(systems, build_metrics(references=1, systems=6, sources=False)), "table").split("\n\n")
    assert printed[0].split("\n")[0].split() == ["metric", *(f"system-{number}" for number in range(4))]
    assert printed[1].split("\n")[0].split() == ["metric", "system-4", "system-5"]
    assert printed[0].count("\n") == printed[1].count("\n")
