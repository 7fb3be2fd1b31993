"""Slots kept as offsets: what goes in comes out, and little room is taken for each."""

import tracemalloc

import pytest

from regloss.formats import format_for
from regloss.formats.markup import escape_text, reference_pieces
from regloss.formats.packed import PackedSlots
from regloss.formats.slots import Piece, Slot

RAW = "<p>One &amp; <b>two</b></p><p>three</p>"


def slots() -> list[Slot]:
    inline = Piece(13, 16, "<b>", escape_text, markup=True)
    shown = Piece(19, 23, "</>", escape_text, markup=True, mark=5)
    return [
        Slot("a", (*reference_pieces(RAW, 3, 13, escape_text), inline, shown), "源", by_line=True, attribute=" x"),
        Slot("b", (Piece(30, 35, "three", str),), None, whole=str.upper, prepare=str.strip),
        Slot("c", ()),
    ]


def test_packed_slots_come_out_as_they_went_in() -> None:
    packed = PackedSlots(RAW, slots())
    assert list(packed) == slots()
    assert [packed[number] for number in range(len(packed))] == slots()
    assert [slot.text for slot in packed] == ["One & <b></>", "three", ""]


def test_text_that_only_looks_like_the_raw_stretch_is_kept() -> None:
    """An escape may be as long as what it means, and say something else."""
    odd = Slot("x", (Piece(0, 3, "<q>", escape_text), Piece(3, 6, "One", str)))
    assert list(PackedSlots(RAW, [odd])) == [odd]


def test_slots_are_put_in_the_order_of_the_text() -> None:
    one, two, _ = slots()
    assert list(PackedSlots(RAW, [two, one]).in_order()) == [one, two]


UNITS = {
    "a.csv": ("source,target\n", '快手,"They sell fruit, {n}."\n', ""),
    "a.html": ("<body>", "<p>They sell fruit &amp; {n}.</p>\n", "</body>"),
    "a.json": ("[", '{{"source": "快手", "target": "They sell fruit, {n}."}},\n', "{}]"),
    "a.po": ("", 'msgid "快手{n}"\nmsgstr "They sell fruit, {n}."\n\n', ""),
    "a.srt": ("", "{n}\n00:00:01,000 --> 00:00:02,000\nThey sell fruit, {n}.\n\n", ""),
    "a.xlf": (
        '<xliff version="1.2"><file source-language="zh" target-language="en"><body>',
        '<trans-unit id="{n}"><source>快手</source><target>They sell fruit, {n}.</target></trans-unit>\n',
        "</body></file></xliff>",
    ),
    "a.tmx": (
        "<tmx>",
        '<tu><tuv xml:lang="zh"><seg>快手</seg></tuv><tuv xml:lang="en"><seg>They sell {n}.</seg></tuv></tu>\n',
        "</tmx>",
    ),
}


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_takes_little_room(name: str) -> None:
    """Each unit more takes at most 850 bytes while it is read, all copies of its text counted."""
    form = format_for(name)
    form.parse(content(name, 10), name)  # what is imported and compiled once does not count
    few, many = peak(name, 500), peak(name, 2_500)
    assert (many - few) / 2_000 <= 850


def content(name: str, count: int) -> bytes:
    head, unit, tail = UNITS[name]
    return "".join((head, *(unit.format(n=10_000 + number) for number in range(count)), tail)).encode()


def peak(name: str, count: int) -> int:
    """Return the bytes that reading a file of so many units takes at its highest."""
    data = content(name, count)
    tracemalloc.start()
    try:
        document = format_for(name).parse(data, name)
        assert len(document.units) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
