"""Numbers of things, as sentences have them."""

import pytest

from regloss.text import number_of


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "no edits"), (1, "1 edit"), (2, "2 edits"), (1204, "1,204 edits")]
)
def test_a_number_of_things_agrees_with_its_noun(number: int, expected: str) -> None:
    assert number_of(number, "edit") == expected


def test_a_noun_may_bring_its_plural() -> None:
    assert [number_of(n, "entry", "entries") for n in (1, 2)] == ["1 entry", "2 entries"]
