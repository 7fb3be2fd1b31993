from collections.abc import Callable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from regloss.alignment.anchors import Matches
from regloss.alignment.trellis import Bead, Side, best_path


def side(lengths: list[float], lines: list[int] | None = None) -> Side:
    return Side(np.array(lengths, dtype=float), np.array(lines or [0] * len(lengths), dtype=np.int64))


def silent(count: int) -> list[Matches]:
    return [Matches(np.empty(0, dtype=np.int64), np.empty(0), 0.0)] * count


def spans(beads: list[Bead]) -> list[tuple[int, int, int, int]]:
    return [(b.i0, b.i1, b.j0, b.j1) for b in beads]


def test_equal_lengths_are_paired_one_to_one() -> None:
    lengths = [40.0, 120, 75, 200, 33]
    beads = best_path(side(lengths), side(lengths), silent(5))
    assert spans(beads) == [(n, n + 1, n, n + 1) for n in range(5)]


def test_two_sentences_that_became_one_are_one_bead() -> None:
    beads = best_path(side([200, 90, 110, 150]), side([200, 200, 150]), silent(4))
    assert spans(beads) == [(0, 1, 0, 1), (1, 3, 1, 2), (3, 4, 2, 3)]


def test_a_sentence_left_out_stays_alone() -> None:
    beads = best_path(side([200, 90, 20, 150]), side([200, 20, 150]), silent(4))
    assert spans(beads) == [(0, 1, 0, 1), (1, 2, 1, 1), (2, 3, 1, 2), (3, 4, 2, 3)]


def test_matches_outweigh_lengths() -> None:
    crossed = [Matches(np.array([n + 1]), np.array([12.0]), 0.0) for n in range(3)]
    beads = best_path(side([50.0] * 3), side([50.0] * 4), crossed)
    assert spans(beads) == [(0, 0, 0, 1), *((n, n + 1, n + 1, n + 2) for n in range(3))]


def test_no_bead_crosses_a_line_that_both_have() -> None:
    source, target = side([100, 20, 300], [0, 1, 1]), side([20, 100, 300], [0, 1, 1])
    beads = best_path(source, target, silent(3), same_lines=True)
    for bead in beads:
        if bead.is_pair:
            assert {*source.lines[bead.i0 : bead.i1]} == {*target.lines[bead.j0 : bead.j1]}


LENGTHS = st.lists(st.floats(1, 400), min_size=1, max_size=120)


@settings(deadline=None, max_examples=60)
@given(LENGTHS, LENGTHS, st.booleans())
def test_beads_cover_both_sides_once_and_in_order(source: list[float], target: list[float], lines: bool) -> None:
    sides = [side(lengths, [n // 3 for n in range(len(lengths))] if lines else None) for lengths in (source, target)]
    beads = best_path(*sides, silent(len(source)))
    i = j = 0
    for bead in beads:
        assert (bead.i0, bead.j0) == (i, j)
        i, j = bead.i1, bead.j1
        assert max(bead.i1 - bead.i0, bead.j1 - bead.j0) in range(1, 5)
    assert (i, j) == (len(source), len(target))


def test_one_sentence_against_very_many() -> None:
    assert len(best_path(side([30.0]), side([30.0] * 3000), silent(1))) >= 2997
    assert len(best_path(side([30.0] * 3000), side([30.0]), silent(3000))) >= 2997


def test_a_long_gap_is_found_by_widening_the_band() -> None:
    dice = np.random.default_rng(3)
    lengths = dice.integers(20, 300, size=900).astype(float)
    kept = np.concatenate((lengths[:100], lengths[500:]))
    matches = silent(100) + silent(400) + silent(400)
    beads = best_path(side(list(lengths)), side(list(kept)), matches)
    right = sum(b.is_pair and b.j0 == (b.i0 if b.i0 < 100 else b.i0 - 400) for b in beads)
    assert right >= 480


def test_time_grows_with_sentences_not_with_their_square(growth: Callable[..., float]) -> None:
    def work(count: int) -> None:
        lengths = list(np.random.default_rng(1).integers(20, 300, size=count).astype(float))
        best_path(side(lengths), side(lengths), silent(count))

    assert growth(work, 500, 2000) < 12
