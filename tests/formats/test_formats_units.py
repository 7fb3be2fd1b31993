import codecs

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit_edits import DATA, SAMPLES, parse, replaced, rewrite, texts

from regloss.document import Span
from regloss.errors import FormatError
from regloss.formats import format_for
from regloss.formats.markup import escape_text, reference_pieces
from regloss.formats.slots import Change, Piece, Slot, changes, splice, trimmed
from regloss.formats.units import place

TEXTS = tuple(name for name in SAMPLES if not name.endswith((".docx", ".xlsx", ".parquet", ".xliff")))


@pytest.mark.parametrize("name", SAMPLES)
def test_an_unedited_file_keeps_its_bytes(name: str) -> None:
    data = (DATA / name).read_bytes()
    document = parse(data, name)
    assert document.units
    assert format_for(name).encode(document, document.text) == data


@pytest.mark.parametrize("name", SAMPLES)
def test_blocks_and_units_are_in_order_and_hold_no_margins(name: str) -> None:
    document = parse((DATA / name).read_bytes(), name)
    for spans in (document.units, document.blocks, document.protected):
        position = 0
        for span in spans:
            assert position <= span.start < span.end <= len(document.text)
            position = span.end
    assert all(text == text.strip() != "" for text in texts(document))
    for block in document.blocks:
        assert any(unit.start <= block.start and block.end <= unit.end for unit in document.units)


@pytest.mark.parametrize("new", ["K & \"S\" <3 'Ā' \\ 快", "x"])
@pytest.mark.parametrize("name", SAMPLES)
def test_an_edited_file_shows_the_new_text_and_nothing_else_new(name: str, new: str) -> None:
    document = parse((DATA / name).read_bytes(), name)
    text = replaced(document, "quick hands", new)
    assert text != document.text or name == "page-gb.html"
    again = parse(format_for(name).encode(document, text), name)
    assert again.text == text
    assert [unit.id for unit in again.units] == [unit.id for unit in document.units]
    assert [unit.source for unit in again.units] == [unit.source for unit in document.units]


@pytest.mark.parametrize("crlf", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("name", TEXTS)
def test_encoding_and_line_ends_stay(name: str, encoding: str, crlf: bool) -> None:
    raw = (DATA / name).read_bytes()
    text = (raw.decode("gb18030") if name == "page-gb.html" else raw.decode("utf-8-sig")).replace("\r\n", "\n")
    text = text.replace("\n", "\r\n") if crlf else text
    if encoding == "gb18030":
        # Without Chinese in it, a file cannot be told from other encodings; in HTML and XML the declaration decides.
        text = text.replace("utf-8", "gb18030").replace("UTF-8", "gb18030").replace("gb2312", "GBK")
        text = text.replace("profit", "利润").replace("irons", "铁")
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    data = mark + (text.replace("gb2312", "utf-8") if "utf" in encoding else text).encode(encoding)
    document = parse(data, name)
    assert format_for(name).encode(document, document.text) == data
    new = rewrite(data, name, "hands", "toes")
    # Every byte but the words is as before, so putting the words back gives the file.
    decoded = new.decode("utf-16") if "16" in encoding else new.decode(encoding)
    before = data.decode("utf-16") if "16" in encoding else data.decode(encoding)
    assert decoded != before
    assert decoded.replace("toes", "hands") == before


def test_a_separator_that_a_text_holds_is_made_longer() -> None:
    document = parse('[{"target": "a\\u2029\\nb"}, {"target": "c"}]', "a.json")
    assert texts(document) == ["a\u2029\nb", "c"]
    new = format_for("a.json").encode(document, document.text.replace("c", "d"))
    assert new == b'[{"target": "a\\u2029\\nb"}, {"target": "d"}]'


def test_a_text_without_its_units_is_refused() -> None:
    document = parse('[{"target": "a"}, {"target": "b"}]', "a.json")
    with pytest.raises(FormatError, match="1 units where 2 are meant"):
        format_for("a.json").encode(document, "a b")


def test_a_text_without_its_markup_is_refused() -> None:
    document = parse("<p>one <b>two</b> three</p>", "a.html")
    with pytest.raises(FormatError, match=r"a\.html: cannot be put back into the file: .* lacks the markup '</b>'"):
        format_for("a.html").encode(document, "one <b>two three")


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in ("page-gb.html",)])
def test_a_place_in_the_text_is_found_in_the_file(name: str) -> None:
    document = parse((DATA / name).read_bytes(), name)
    raw = document.origin.container.raw
    found = document.text.find("quick hands")
    while found >= 0:
        where = place(document, found, found + len("quick hands"))
        assert where is not None
        assert where.unit.start <= found < where.unit.end
        if not any(Span(found, found + 1).overlaps(span) for span in document.protected):
            assert where.file_span is not None
            written = raw[where.file_span.start : where.file_span.end]
            assert written.replace('"\n"', "") == "quick hands"
        found = document.text.find("quick hands", found + 1)


def test_a_place_between_units_and_in_a_package_is_no_place_in_a_file() -> None:
    document = parse("<p>one</p><p>two</p>", "a.html")
    assert place(document, 2, 6) is None
    package = parse((DATA / "letter.docx").read_bytes(), "letter.docx")
    where = place(package, 0, 3)
    assert where is not None
    assert (where.unit.id, where.file_span, where.position) == ("document:p1", None, "document:p1")


def test_a_position_is_line_and_column_of_the_file() -> None:
    document = parse("<p>one</p>\n<p>a &amp; two</p>", "a.html")
    where = place(document, document.text.index("two"), len(document.text))
    assert where is not None
    assert where.position == "2:12"


def slot_of(raw: str) -> Slot:
    return Slot("s", tuple(reference_pieces(raw, 0, len(raw))))


@given(st.lists(st.sampled_from(["a", "bc", " ", "&amp;", "&lt;", "&#x4e00;", ".", "\n"])), st.text("abc &<一.\n"))
@example(["bc"], "")
@example([], "a")
def test_any_new_text_can_be_written(parts: list[str], new: str) -> None:
    raw = "".join(parts)
    slot = slot_of(raw)
    if not slot.pieces:
        return
    written = splice(raw, changes(slot, new))
    assert slot_of(written).text == new


def test_only_the_words_that_differ_are_written() -> None:
    raw = "It&#39;s the &quot;quick hands&quot; &gt; vibrato &#38; more"
    slot = slot_of(raw)
    new = slot.text.replace("quick hands", "A & B").replace("vibrato", "Douyin")
    assert splice(raw, changes(slot, new)) == "It&#39;s the &quot;A &amp; B&quot; &gt; Douyin &#38; more"


def test_an_edit_over_several_pieces_goes_to_the_first() -> None:
    raw = "[quick ][hands won]"
    pieces = (Piece(1, 7, "quick ", escape_text), Piece(9, 18, "hands won", escape_text))
    assert splice(raw, changes(Slot("s", pieces), "Kuaishou won")) == "[Kuaishou][ won]"


def test_part_of_an_escape_can_change() -> None:
    piece = Piece(0, 8, "≂̸", escape_text)  # one reference that stands for two code points
    assert splice("&nesim; ", changes(Slot("s", (piece,)), "≂")) == "≂"
    assert splice("&nesim; ", changes(Slot("s", (piece,)), "x≂̸")) == "x&nesim; "


def test_markup_that_looks_like_text_is_told_apart() -> None:
    raw = "1 &lt;b&gt; 2 <b> 3"
    pieces = (
        *reference_pieces(raw, 0, 14),
        Piece(14, 17, "<b>", escape_text, markup=True),
        Piece(17, 19, " 3", escape_text),
    )
    assert splice(raw, changes(Slot("s", pieces), "1 <b> 2 <b> 4")) == "1 &lt;b&gt; 2 <b> 4"


def test_text_beside_markup_that_had_none_is_put_there() -> None:
    document = parse("<p>a <b></b><i>c</i> d</p>", "a.html")
    new = document.text.replace("</b><i>", "</b> <i>")
    assert format_for("a.html").encode(document, new) == b"<p>a <b></b> <i>c</i> d</p>"


def test_a_long_text_is_not_compared_word_by_word() -> None:
    raw = "a &amp; b " * 5000
    slot = slot_of(raw)
    new = "c d e f " * 5000
    assert splice(raw, changes(slot, new)) == new


def test_pieces_without_text_make_no_slot() -> None:
    assert trimmed([Piece(0, 3, "<b>", escape_text, markup=True), Piece(3, 4, " ", escape_text)]) == ()


def test_changes_that_overlap_are_a_defect() -> None:
    with pytest.raises(ValueError, match="overlap at 1"):
        splice("abc", [Change(0, 2, "x"), Change(1, 3, "y")])
