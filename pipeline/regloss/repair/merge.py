"""Keep offsets straight across passes: a later pass edits the result of an earlier one, users see the original."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from regloss.document import Edit, Segment, Span, Tier

__all__ = ["Shift", "merge_passes"]


@dataclass(frozen=True, slots=True)
class _Region:
    """An edit made so far: ``original[start:end]`` has become ``current[at:to]``."""

    edit: Edit
    at: int
    to: int


class Shift:
    """Where positions of a text lie once edits (sorted, not overlapping) are made."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._starts = [edit.start for edit in edits]
        self._ends = [edit.end for edit in edits]
        deltas = (len(edit.after) - len(edit.before) for edit in edits)
        self._shifts = list(accumulate(deltas, initial=0))

    def __call__(self, position: int) -> int:
        """Return the new place; a position inside a replaced stretch moves to the end of its replacement."""
        count = bisect_left(self._starts, position)
        inside = count > 0 and self._ends[count - 1] > position
        return (self._ends[count - 1] if inside else position) + self._shifts[count]

    def segment(self, segment: Segment, text: str) -> Segment:
        """Return `segment` with the offsets and the target that it has in `text`, the result of the edits."""
        start, end = self(segment.start), self(segment.end)
        return replace(segment, start=start, end=end, target=text[start:end])


def merge_passes(
    original: str, total: Sequence[Edit], found: Sequence[Edit], applied: frozenset[Tier]
) -> tuple[Edit, ...]:
    """Return the edits of all passes so far, with offsets into the original text.

    Args:
        original: the text before the first pass.
        total: what this function returned for the passes before.
        found: the edits of the latest pass, offsets into the text that the passes before made.
        applied: the tiers that are applied between passes; edits of other tiers are kept from the latest pass alone.
    """
    regions = _regions([edit for edit in total if edit.tier in applied])
    current = _result(original, regions)
    made = [edit for edit in found if edit.tier in applied]
    merged = list(_merged(original, current, regions, made))
    result_regions = [Span(edit.start, edit.end) for edit in merged]
    proposed = [
        back
        for edit in found
        if edit.tier not in applied
        for back in _mapped_back(edit, regions)
        if not any(back.span.overlaps(region) for region in result_regions)
    ]
    return tuple(sorted([*merged, *proposed], key=lambda edit: (edit.start, edit.end)))


def _regions(edits: Iterable[Edit]) -> list[_Region]:
    regions, shift = [], 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        at = edit.start + shift
        regions.append(_Region(edit, at, at + len(edit.after)))
        shift += len(edit.after) - len(edit.before)
    return regions


def _result(original: str, regions: Sequence[_Region]) -> str:
    pieces: list[str] = []
    position = 0
    for region in regions:
        pieces += (original[position : region.edit.start], region.edit.after)
        position = region.edit.end
    return "".join((*pieces, original[position:]))


def _back_start(position: int, regions: Sequence[_Region]) -> int:
    """Return the original position of the start of something: what was deleted right there lies before it."""
    return position + next((r.edit.end - r.to for r in reversed(regions) if r.to <= position), 0)


def _back_end(position: int, regions: Sequence[_Region]) -> int:
    """Return the original position of the end of something: what was deleted right there lies behind it."""
    return position + next((r.edit.end - r.to for r in reversed(regions) if r.to <= position and r.at < position), 0)


def _touched(edit: Edit, regions: Sequence[_Region]) -> list[_Region]:
    return [r for r in regions if (r.at < edit.end and edit.start < r.to) or edit.start < r.at == r.to < edit.end]


def _mapped_back(edit: Edit, regions: Sequence[_Region]) -> Iterable[Edit]:
    if not _touched(edit, regions):
        start = _back_start(edit.start, regions)
        yield replace(edit, start=start, end=start + len(edit.before))


def _merged(original: str, current: str, regions: Sequence[_Region], made: Sequence[Edit]) -> Iterable[Edit]:
    """Yield the old regions that no new edit touches, the new edits, and one edit for each group that touches."""
    groups: list[tuple[list[_Region], list[Edit]]] = [([region], []) for region in regions]
    for edit in made:
        mine = [
            group for group in groups if _touched(edit, group[0]) or any(e.span.overlaps(edit.span) for e in group[1])
        ]
        joined: tuple[list[_Region], list[Edit]] = (
            [r for g in mine for r in g[0]],
            [*(e for g in mine for e in g[1]), edit],
        )
        groups = [group for group in groups if group not in mine]
        groups.append(joined)
    for old, new in groups:
        if not new:
            yield old[0].edit
        elif not old:
            yield from _mapped_back(new[0], regions)
        else:
            yield _joined(original, current, regions, old, new)


def _joined(
    original: str, current: str, regions: Sequence[_Region], old: Sequence[_Region], new: Sequence[Edit]
) -> Edit:
    at = min(*(region.at for region in old), *(edit.start for edit in new))
    to = max(*(region.to for region in old), *(edit.end for edit in new))
    first, last = min(old, key=lambda r: r.at), max(old, key=lambda r: r.to)
    start = _back_start(at, regions) if at < first.at else first.edit.start
    end = _back_end(to, regions) if to > last.to else last.edit.end
    after, position = [], at
    for edit in sorted(new, key=lambda e: e.start):
        after += [current[position : edit.start], edit.after]
        position = edit.end
    text = "".join([*after, current[position:to]])
    lead = next((e for e in (*(r.edit for r in old), *new) if e.rule == "term"), new[0])
    reasons = dict.fromkeys(e.reason for e in (*(r.edit for r in old), *new))
    return replace(lead, start=start, end=end, before=original[start:end], after=text, reason="; ".join(reasons))
