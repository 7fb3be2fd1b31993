"""Keep offsets straight across passes: a later pass edits the result of an earlier one, users see the original."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from regloss.document import Edit, Tier

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

    def each(self, positions: Sequence[int]) -> list[int]:
        """Return the new places of positions that are in order."""
        moved: list[int] = []
        done = 0
        for number, start in enumerate((*self._starts, None)):
            stop = len(positions) if start is None else bisect_right(positions, start, done)
            shift = self._shifts[number]
            inside = done
            if number:
                end = self._ends[number - 1]
                inside = bisect_left(positions, end, done, stop)
                moved += [end + shift] * (inside - done)
            moved += [position + shift for position in positions[inside:stop]] if shift else positions[inside:stop]
            done = stop
        return moved


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
    regions = _Regions([edit for edit in total if edit.tier in applied])
    made = [edit for edit in found if edit.tier in applied]
    merged = sorted(_merged(original, regions.result(original), regions, made), key=_place)
    ends = [edit.end for edit in merged]
    proposed = []
    for back in (back for edit in found if edit.tier not in applied for back in _mapped_back(edit, regions)):
        nearest = bisect_right(ends, back.start)
        if nearest == len(merged) or merged[nearest].start >= back.end:
            proposed.append(back)
    return tuple(sorted([*merged, *proposed], key=_place))


def _place(edit: Edit) -> tuple[int, int]:
    return edit.start, edit.end


class _Regions:
    """The edits made so far, in order, with where their results stand in the current text."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self.all: list[_Region] = []
        shift = 0
        for edit in sorted(edits, key=_place):
            at = edit.start + shift
            self.all.append(_Region(edit, at, at + len(edit.after)))
            shift += len(edit.after) - len(edit.before)
        self._ends = [region.to for region in self.all]

    def touch(self, edit: Edit) -> bool:
        """Tell whether the edit changes what an earlier one made."""
        nearest = bisect_right(self._ends, edit.start)
        return nearest < len(self.all) and self.all[nearest].at < edit.end

    def back_start(self, position: int) -> int:
        """Return the original position of the start of something: what was deleted right there lies before it."""
        return self._back(position, bisect_right(self._ends, position))

    def back_end(self, position: int) -> int:
        """Return the original position of the end of something: what was deleted right there lies behind it."""
        count = bisect_right(self._ends, position)
        while count and self.all[count - 1].at == position:
            count -= 1
        return self._back(position, count)

    def _back(self, position: int, count: int) -> int:
        return position + (self.all[count - 1].edit.end - self.all[count - 1].to if count else 0)

    def result(self, original: str) -> str:
        """Return the current text."""
        pieces: list[str] = []
        position = 0
        for region in self.all:
            pieces += (original[position : region.edit.start], region.edit.after)
            position = region.edit.end
        return "".join((*pieces, original[position:]))


def _mapped_back(edit: Edit, regions: _Regions) -> Iterable[Edit]:
    if not regions.touch(edit):
        start = regions.back_start(edit.start)
        yield edit if start == edit.start else replace(edit, start=start, end=start + len(edit.before))


def _merged(original: str, current: str, regions: _Regions, made: Sequence[Edit]) -> Iterable[Edit]:
    """Yield the old regions that no new edit touches, the new edits, and one edit for each group that touches."""
    for old, new in _groups(regions, made):
        if not new:
            yield old[0].edit
        elif not old:
            yield from _mapped_back(new[0], regions)
        else:
            yield _joined(original, current, regions, old, new)


def _groups(regions: _Regions, made: Sequence[Edit]) -> Iterator[tuple[list[_Region], list[Edit]]]:
    """Yield the regions and the new edits that touch one another, in order of position."""
    old: list[_Region] = []
    new: list[Edit] = []
    start, end = 0, -1
    items: list[tuple[int, int, _Region | Edit]] = [(r.at, r.to, r) for r in regions.all]
    items += [(e.start, e.end, e) for e in made]
    for at, to, item in sorted(items, key=lambda each: each[:2]):
        if not (at < end and start < to):
            if old or new:
                yield old, new
            old, new, start, end = [], [], at, to
        end = max(end, to)
        if isinstance(item, Edit):
            new.append(item)
        else:
            old.append(item)
    if old or new:
        yield old, new


def _joined(original: str, current: str, regions: _Regions, old: Sequence[_Region], new: Sequence[Edit]) -> Edit:
    at = min(*(region.at for region in old), *(edit.start for edit in new))
    to = max(*(region.to for region in old), *(edit.end for edit in new))
    first, last = min(old, key=lambda r: r.at), max(old, key=lambda r: r.to)
    start = regions.back_start(at) if at < first.at else first.edit.start
    end = regions.back_end(to) if to > last.to else last.edit.end
    after, position = [], at
    for edit in sorted(new, key=lambda e: e.start):
        after += [current[position : edit.start], edit.after]
        position = edit.end
    text = "".join([*after, current[position:to]])
    lead = next((e for e in (*(r.edit for r in old), *new) if e.rule == "term"), new[0])
    reasons = dict.fromkeys(e.reason for e in (*(r.edit for r in old), *new))
    return replace(lead, start=start, end=end, before=original[start:end], after=text, reason="; ".join(reasons))
