"""The slots of a file in little room: offsets into its raw text instead of objects, which are made when asked for.

A file of ten megabytes may have hundreds of thousands of slots. Kept as objects they take far more room than the text,
and all but the few that change are never looked at again.
"""

from array import array
from collections.abc import Iterable, Iterator

from regloss.formats.slots import Encoder, Piece, Slot

__all__ = ["PackedSlots"]

# What pieces share: encode, markup, and the text where it is not the raw stretch itself.
_Look = tuple[Encoder, bool, str | None]
# What slots share: by_line, whole, attribute, prepare.
_Kind = tuple[bool, Encoder | None, str, Encoder | None]


class PackedSlots:
    """Slots of one raw text, in the order in which they were given; read them by number or one after another."""

    def __init__(self, raw: str, slots: Iterable[Slot]) -> None:
        self._raw = raw
        self._ids: list[str] = []
        self._sources: list[str | None] = []
        self._kinds = array("L")
        self._firsts = array("Q", [0])  # of each slot the number of its first piece, and at last that of all
        self._starts, self._ends, self._looks, self._marks = array("Q"), array("Q"), array("L"), array("q")
        kinds: dict[_Kind, int] = {}
        looks: dict[_Look, int] = {}
        for slot in slots:
            self._ids.append(slot.id)
            self._sources.append(slot.source)
            kind = slot.by_line, slot.whole, slot.attribute, slot.prepare
            self._kinds.append(kinds.setdefault(kind, len(kinds)))
            for piece in slot.pieces:
                self._add(piece, looks)
            self._firsts.append(len(self._starts))
        self._kind_of, self._look_of = tuple(kinds), tuple(looks)

    def _add(self, piece: Piece, looks: dict[_Look, int]) -> None:
        is_raw = piece.is_plain and self._raw.startswith(piece.text, piece.start)
        look = piece.encode, piece.markup, None if is_raw else piece.text
        self._looks.append(looks.setdefault(look, len(looks)))
        self._starts.append(piece.start)
        self._ends.append(piece.end)
        self._marks.append(piece.mark)

    def __len__(self) -> int:
        return len(self._ids)

    def in_order(self) -> "PackedSlots":
        """Return the slots, none of which is empty, in the order of their places in the text."""
        order = sorted(range(len(self)), key=lambda number: self._starts[self._firsts[number]])
        return PackedSlots(self._raw, map(self.__getitem__, order))

    def __iter__(self) -> Iterator[Slot]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, number: int) -> Slot:
        by_line, whole, attribute, prepare = self._kind_of[self._kinds[number]]
        pieces = tuple(map(self._piece, range(self._firsts[number], self._firsts[number + 1])))
        return Slot(self._ids[number], pieces, self._sources[number], by_line, whole, attribute, prepare)

    def _piece(self, number: int) -> Piece:
        encode, markup, text = self._look_of[self._looks[number]]
        start, end = self._starts[number], self._ends[number]
        return Piece(start, end, self._raw[start:end] if text is None else text, encode, markup, self._marks[number])
