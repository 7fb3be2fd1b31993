from hypothesis import given, settings
from hypothesis import strategies as st

from regloss.document import Edit, Tier, apply_edits
from regloss.repair.merge import Shift, merge_passes

AUTO = frozenset({Tier.AUTO})


def _edit(text: str, start: int, end: int, after: str, tier: Tier = Tier.AUTO) -> Edit:
    return Edit(start, end, text[start:end], after, "t", tier, "term", "r")


@st.composite
def _passes(draw: st.DrawFn) -> tuple[str, list[list[tuple[int, int, str]]]]:
    text = draw(st.text("abcdef ", min_size=1, max_size=20))
    return text, draw(
        st.lists(
            st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4), st.text("xyz", max_size=3)), max_size=4),
            max_size=4,
        )
    )


@given(_passes())
@settings(max_examples=300, deadline=None)
def test_passes_merge_into_edits_of_the_original(case) -> None:
    original, plan = case
    current, total = original, ()
    for wanted in plan:
        found, position = [], 0
        for start, length, after in sorted(wanted):
            end = min(start + length, len(current))
            if position <= start < end and current[start:end] != after:
                found.append(_edit(current, start, end, after))
                position = end + 1
        total = merge_passes(original, total, found, AUTO)
        current = apply_edits(current, found)
        assert apply_edits(original, total) == current


def test_a_proposal_keeps_its_place_after_earlier_edits() -> None:
    original = "aa bb cc"
    first = merge_passes(original, (), [_edit(original, 0, 2, "xxxx")], AUTO)
    second = merge_passes(original, first, [_edit("xxxx bb cc", 5, 7, "y", Tier.REVIEW)], AUTO)
    assert [(e.start, e.end, e.before) for e in second] == [(0, 2, "aa"), (3, 5, "bb")]


def test_moved_positions() -> None:
    edits = [_edit("aa bb cc", 3, 5, "bbbb")]
    assert [Shift(edits)(position) for position in (0, 3, 4, 5, 8)] == [0, 3, 7, 7, 10]
