"""Places in a raw text, what a reader sees there, and how a changed text goes back with all else untouched.

A slot is one text of a file: a paragraph, a cell, a string. It consists of pieces, each a stretch of the raw text and
the decoded text that it stands for: a plain piece stands for itself, an escape (``&amp;``, ``\\n``, ``""``) for what it
means, markup, which never changes, for itself or a short form. What lies between two pieces belongs to the file and
stays. A new text is compared with the old one word by word, and only the words that differ are written, encoded for the
place where they stand; where they span several pieces, the first takes the new words and the others lose the old ones.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Change", "Encoder", "Piece", "Slot", "changes", "join_visible", "splice", "trimmed"]

Encoder = Callable[[str], str]
_TOKEN = re.compile(r"\w+|\r\n|\W")
_WITHIN_WORD = re.compile(r"\w\w")
# Two texts go on alike where this many tokens agree (about two words); looked for no farther than the window.
_AGREE, _WINDOW = 4, 60


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of raw text and what it stands for.

    Attributes:
        start, end: where it stands in the raw text.
        text: what a reader sees; equal to the raw stretch unless that is an escape, or markup shown in a short form.
        encode: turns text into what may be written here.
        markup: it must stay as it is.
        mark: where in the raw text `Slot.attribute` goes if this piece changes; -1 where it is not needed.
    """

    start: int
    end: int
    text: str
    encode: Encoder
    markup: bool = False
    mark: int = -1

    @property
    def is_plain(self) -> bool:
        """Tell whether the raw stretch is the text itself; every escape is longer than what it means."""
        return self.end - self.start == len(self.text)


@dataclass(frozen=True, slots=True)
class Slot:
    """One text of a file.

    Attributes:
        id: what to call it.
        pieces: its raw stretches, in order.
        source: its own source text, if the file brings one.
        by_line: its line breaks mean something, so that each line is a block.
        whole: if given, a changed slot is written as a whole by it, from its new text.
        attribute: what a changed piece with a `mark` needs there.
        prepare: if given, a new text goes through it first.
    """

    id: str
    pieces: tuple[Piece, ...]
    source: str | None = None
    by_line: bool = False
    whole: Encoder | None = None
    attribute: str = ""
    prepare: Encoder | None = None

    @property
    def text(self) -> str:
        """What a reader sees, markup included."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One change to a raw text: ``raw[start:end]`` becomes `new`."""

    start: int
    end: int
    new: str


def trimmed(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the pieces without markup at either end; nothing where no visible text is left."""
    if not any(piece.text.strip() and not piece.markup for piece in pieces):
        return ()
    first = next(n for n, piece in enumerate(pieces) if not piece.markup)
    last = next(n for n in range(len(pieces), 0, -1) if not pieces[n - 1].markup)
    return tuple(pieces[first:last])


def join_visible(pieces: Iterable[Piece]) -> str:
    """Return the text of the pieces without markup."""
    return "".join(piece.text for piece in pieces if not piece.markup)


def splice(raw: str, made: Iterable[Change]) -> str:
    """Return `raw` with changes made, which must not overlap."""
    parts: list[str] = []
    position = 0
    for change in sorted(set(made)):
        if change.start < position:
            raise ValueError(f"two changes overlap at {change.start}")
        parts += (raw[position : change.start], change.new)
        position = change.end
    return "".join((*parts, raw[position:]))


def changes(slot: Slot, new: str) -> tuple[Change, ...]:
    """Return what makes `new` of the slot's text.

    Raises:
        ValueError: `new` lacks some of the markup (a defect of the caller, who must not edit it).
    """
    if new == slot.text:
        return ()
    new = slot.prepare(new) if slot.prepare else new
    if slot.whole is not None:
        return (Change(slot.pieces[0].start, slot.pieces[-1].end, slot.whole(new)),)
    made: list[Change] = []
    for run, before, after in _runs(slot.pieces, new):
        made += _run_changes(slot, run, before, after)
    return tuple(made)


def _runs(pieces: Sequence[Piece], new: str) -> Iterator[tuple[list[Piece], Piece | None, str]]:
    """Yield each run of pieces between markup, the markup before it, and its new text."""
    run: list[Piece] = []
    before: Piece | None = None
    position = 0
    for piece in pieces:
        if not piece.markup:
            run.append(piece)
            continue
        place = _find_markup(new, position, piece.text, "".join(p.text for p in run).count(piece.text))
        yield run, before, new[position:place]
        run, before, position = [], piece, place + len(piece.text)
    yield run, before, new[position:]


def _find_markup(new: str, position: int, wanted: str, lookalikes: int) -> int:
    """Return where markup stands in the new text; as many of its like as stood before it are text."""
    place = new.find(wanted, position)
    for _ in range(lookalikes):
        place = new.find(wanted, place + len(wanted)) if place >= 0 else -1
    if place < 0:
        raise ValueError(f"the new text lacks the markup {wanted!r}")
    return place


def _run_changes(slot: Slot, run: Sequence[Piece], before: Piece | None, new: str) -> Iterator[Change]:
    if not run:
        if new and before is not None:
            yield Change(before.end, before.end, before.encode(new))
        return
    for start, end, words in _differences("".join(piece.text for piece in run), new):
        for piece, change in _spread(run, start, end, words):
            yield change
            if piece.mark >= 0 and slot.attribute:
                yield Change(piece.mark, piece.mark, slot.attribute)


def _differences(old: str, new: str) -> Iterator[tuple[int, int, str]]:
    """Yield the stretches of `old` that differ, and what stands there in `new`, word by word.

    Edits are short and far between, so one walk through both texts finds them: where the texts part, the nearest place
    is taken where they go on alike. Where there is none nearby, all that is left counts as changed.
    """
    head, tail = _alike(old, new)
    ours, theirs = _TOKEN.findall(old, head, len(old) - tail), _TOKEN.findall(new, head, len(new) - tail)
    position, i, j = head, 0, 0
    while i < len(ours) or j < len(theirs):
        if i < len(ours) and j < len(theirs) and ours[i] == theirs[j]:
            position += len(ours[i])
            i, j = i + 1, j + 1
            continue
        k, m = _meeting(ours, i, theirs, j)
        end = position + sum(map(len, ours[i:k]))
        yield position, end, "".join(theirs[j:m])
        position, i, j = end, k, m


def _meeting(ours: Sequence[str], i: int, theirs: Sequence[str], j: int) -> tuple[int, int]:
    """Return the nearest places from which both go on alike; the ends where there are none."""
    for total in range(1, 2 * _WINDOW + 1):
        for step in range(max(0, total - _WINDOW), min(total, _WINDOW) + 1):
            k, m = i + step, j + total - step
            if k <= len(ours) and m <= len(theirs) and ours[k : k + _AGREE] == theirs[m : m + _AGREE]:
                return k, m
    return len(ours), len(theirs)


def _alike(old: str, new: str) -> tuple[int, int]:
    """Return how many characters at the start and at the end are the same, in whole words."""
    head = _same(old, new)
    while head and not (_is_border(old, head) and _is_border(new, head)):
        head -= 1
    limit = min(len(old), len(new)) - head
    tail = min(_same(old[head:][::-1], new[head:][::-1]), limit)
    while tail and not (_is_border(old, len(old) - tail) and _is_border(new, len(new) - tail)):
        tail -= 1
    return head, tail


def _same(one: str, other: str) -> int:
    """Return the length of the common start, found by halving."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _is_border(text: str, position: int) -> bool:
    """Tell whether no token goes on across a position."""
    around = text[max(position - 1, 0) : position + 1]
    return len(around) < 2 or position == 0 or (around != "\r\n" and _WITHIN_WORD.fullmatch(around) is None)


def _spread(run: Sequence[Piece], start: int, end: int, new: str) -> Iterator[tuple[Piece, Change]]:
    """Yield the changes that put `new` in place of the run's text from `start` to `end`."""
    offset = 0
    for number, piece in enumerate(run):
        first, last = start - offset, end - offset
        size = len(piece.text)
        offset += size
        # An insertion goes behind the character before it; the first piece takes what comes before all.
        if start == end and (0 < first <= size or (first == 0 and number == 0)):
            yield piece, _in_piece(piece, first, last, new)
            return
        if start < end and first < size and last > 0:
            yield piece, _in_piece(piece, max(first, 0), min(last, size), new)
            new = ""


def _in_piece(piece: Piece, start: int, end: int, new: str) -> Change:
    written = piece.encode(new) if new else ""
    if piece.is_plain:
        return Change(piece.start + start, piece.start + end, written)
    # Of an escape, what is kept is written anew.
    kept = (
        piece.encode(piece.text[:start]) if start else "",
        piece.encode(piece.text[end:]) if end < len(piece.text) else "",
    )
    if start == end == len(piece.text):
        return Change(piece.end, piece.end, written)
    if start == end == 0:
        return Change(piece.start, piece.start, written)
    return Change(piece.start, piece.end, kept[0] + written + kept[1])
