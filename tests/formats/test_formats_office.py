import io
import re
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packages import headers_of, parts_of, with_parts
from unit_edits import DATA, parse, rewrite, texts

from regloss.errors import FormatError
from regloss.formats import format_for
from regloss.formats.fields import Fields
from regloss.formats.package import Package

LETTER = (DATA / "letter.docx").read_bytes()
TABLE = (DATA / "table.xlsx").read_bytes()


def changed_parts(before: bytes, after: bytes) -> dict[str, tuple[str, str]]:
    old, new = parts_of(before), parts_of(after)
    assert list(old) == list(new)
    return {name: (old[name].decode(), new[name].decode()) for name in old if old[name] != new[name]}


@pytest.mark.parametrize(("name", "part"), [("letter.docx", "word/media/dot.png"), ("table.xlsx", "xl/workbook.xml")])
def test_what_does_not_change_is_copied_as_it_lies(name: str, part: str) -> None:
    before = (DATA / name).read_bytes()
    after = rewrite(before, name, "vibrato", "Douyin")
    assert headers_of(after) == headers_of(before)
    for data in (before, after):
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            assert file.testzip() is None
    old, new = Package.read(before, name), Package.read(after, name)
    for one, other in zip(old.parts, new.parts, strict=True):
        if old.content(one) == new.content(other):
            length = 30 + len(one.name) + one.packed
            assert before[one.offset :][:length] == after[other.offset :][:length]
    assert old.part(part) is not None


def test_runs_keep_their_formatting() -> None:
    after = rewrite(LETTER, "letter.docx", "quick hands", "K & S")
    changed = changed_parts(LETTER, after)
    assert list(changed) == ["word/document.xml", "word/header1.xml"]
    new = changed["word/document.xml"][1]
    assert '<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">K &amp; S</w:t></w:r>' in new
    assert '<w:r><w:t xml:space="preserve"> are</w:t></w:r><w:bookmarkStart w:id="0" w:name="here"/>' in new
    assert (
        '<w:rPr><w:b/></w:rPr><w:t xml:space="preserve">K &amp; S</w:t></w:r><w:r><w:t xml:space="preserve"></w:t>'
        in new
    )
    assert "<w:delText>quick hands</w:delText>" in new
    assert 'REF "quick hands"' in new
    tags = [re.sub(r' xml:space="preserve"', "", tag) for tag in re.findall(r"<[^>]*>", new)]
    assert tags == [
        re.sub(r' xml:space="preserve"', "", t) for t in re.findall(r"<[^>]*>", changed["word/document.xml"][0])
    ]


def test_paragraphs_of_a_docx() -> None:
    assert texts(parse(LETTER, "letter.docx")) == [
        "The old irons of quick hands",
        "The quick hands are back & well.",
        "quick hands won.",
        "Old irons watch\tvibrato\nevery day",
        "A cell with quick hands",
        "quick hands, page 1",
    ]


def test_a_paragraph_in_a_text_box_is_its_own() -> None:
    document = parts_of(LETTER)["word/document.xml"].replace(
        b"<w:tab/>", b"<w:txbxContent><w:p><w:r><w:t>In the box</w:t></w:r></w:p></w:txbxContent>"
    )
    found = texts(parse(with_parts(LETTER, {"word/document.xml": document}), "a.docx"))
    assert found[3:5] == ["In the box", "Old irons watchvibrato\nevery day"]


def test_another_prefix_and_the_strict_namespace() -> None:
    text = (
        '<x:document xmlns:x="http://purl.oclc.org/ooxml/wordprocessingml/main"><x:body><x:p><x:r>'
        "<x:t>quick hands</x:t></x:r></x:p></x:body></x:document>"
    )
    package = with_parts(LETTER, {"word/document.xml": text.encode()})
    assert texts(parse(package, "a.docx"))[0] == "quick hands"


def test_text_beside_a_break_without_a_run_is_refused() -> None:
    text = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r>'
        "<w:t>a</w:t><w:tab/><w:tab/><w:t>b</w:t></w:r></w:p></w:document>"
    )
    package = with_parts(LETTER, {"word/document.xml": text.encode()})
    document = parse(package, "a.docx")
    form = format_for("a.docx")
    spaced = form.encode(document, document.text.replace("a\t\t", "A\t \t"))
    assert texts(parse(spaced, "a.docx"))[0] == "A\t\tb"
    with pytest.raises(FormatError, match=r"a\.docx: cannot be put back into the file: there is no run"):
        form.encode(document, document.text.replace("\t\t", "\tx\t"))


def test_a_string_that_all_its_cells_change_alike_changes_in_place() -> None:
    after = rewrite(TABLE, "table.xlsx", "old irons", "loyal fans")
    changed = changed_parts(TABLE, after)
    assert list(changed) == ["xl/sharedStrings.xml"]
    assert changed["xl/sharedStrings.xml"][1] == changed["xl/sharedStrings.xml"][0].replace(
        "<t>old irons</t>", '<t xml:space="preserve">loyal fans</t>'
    )


def test_a_string_that_another_cell_uses_is_added_anew() -> None:
    changed = changed_parts(TABLE, rewrite(TABLE, "table.xlsx", "quick hands", "K & S"))
    assert list(changed) == ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"]
    strings = changed["xl/sharedStrings.xml"][1]
    # C2, in another column, keeps string 5; B3 gets the new string 9.
    assert 'uniqueCount="10"' in strings
    assert "<si><t>quick hands</t></si>" in strings
    assert strings.endswith('<si><t xml:space="preserve">K &amp; S</t></si></sst>')
    sheet = changed["xl/worksheets/sheet1.xml"][1]
    assert '<c r="C2" t="s"><v>5</v></c>' in sheet
    assert '<c r="B3" t="s"><v>9</v></c>' in sheet
    assert '<c r="B8" t="inlineStr"><is><t xml:space="preserve">K &amp; S inline</t></is></c>' in sheet
    assert (
        '<r><rPr><b/></rPr><t xml:space="preserve">K &amp; S</t></r><r><t xml:space="preserve"> &amp; vibrato</t></r>'
        in strings
    )


def test_cells_that_share_a_string_may_change_apart() -> None:
    document = parse(TABLE, "table.xlsx")
    first, second = (unit for unit in document.units if unit.id in ("Texts!B6", "Texts!B7"))
    text = f"{document.text[: first.start]}one{document.text[first.end : second.start]}two{document.text[second.end :]}"
    after = format_for("table.xlsx").encode(document, text)
    assert texts(parse(after, "table.xlsx"))[3:5] == ["one", "two"]
    changed = changed_parts(TABLE, after)
    assert "<si><t>old irons</t></si>" in changed["xl/sharedStrings.xml"][1]


def test_cells_of_an_xlsx() -> None:
    document = parse(TABLE, "table.xlsx")
    assert [(unit.id, unit.source) for unit in document.units] == [
        ("Texts!B2", "快手盈利了。"),
        ("Texts!B3", "快手"),
        ("Texts!B5", None),
        ("Texts!B6", None),
        ("Texts!B7", None),
        ("Texts!B8", None),
    ]
    assert texts(parse(TABLE, "table.xlsx", Fields("note"))) == ["quick hands", "inline"]


def test_a_cell_that_points_to_no_string_is_named() -> None:
    # Added strings would give it a text that nobody wrote.
    sheet = parts_of(TABLE)["xl/worksheets/sheet1.xml"].replace(b"<v>8</v>", b"<v>9</v>")
    with pytest.raises(FormatError, match=r"a\.xlsx: is damaged: cell B6 of sheet 'Texts' points to a string that"):
        parse(with_parts(TABLE, {"xl/worksheets/sheet1.xml": sheet}), "a.xlsx")


def test_a_column_that_no_sheet_has_is_named() -> None:
    with pytest.raises(FormatError, match=r"a\.xlsx: has no column 'x'; name one of its columns: source, target, note"):
        parse(TABLE, "a.xlsx", Fields("x"))


@pytest.mark.parametrize(
    ("name", "message"),
    [("a.docx", "no DOCX: it has no word/document.xml"), ("a.xlsx", "no XLSX: it has no xl/workbook.xml")],
)
def test_another_package_is_refused(name: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        parse(TABLE if name == "a.docx" else LETTER, name)


def test_a_part_with_an_entity_names_the_part() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'
    with pytest.raises(FormatError, match=r"a\.docx:word/document\.xml:1: declares an entity, which is refused"):
        parse(with_parts(LETTER, {"word/document.xml": bomb}), "a.docx")


def encrypted(data: bytes) -> bytes:
    place = data.index(b"PK\x01\x02")
    return data[: place + 8] + b"\x01\x00" + data[place + 10 :]


def overlapping(data: bytes) -> bytes:
    """Let the second part begin where the first one does."""
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 1)
    return data[: second + 42] + data[first + 42 : first + 46] + data[second + 46 :]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: b"hello", "is not a zip package"),
        (lambda data: data[:-30], "is not a zip package"),
        (lambda data: data[:100] + data[130:], "is damaged"),
        (lambda data: data + b"x", "is damaged: its directory is not where it should be"),
        (encrypted, "is encrypted; save the file without a password"),
        (overlapping, "overlaps the next one; it is refused"),
        (lambda data: data.replace(b"word/document.xml", b"../d/document.xml"), "would lie outside the package"),
        (lambda data: data.replace(b"word/document.xml", b"/etc/document.xml"), "would lie outside the package"),
        (lambda data: data.replace(b"word/header1.xml", b"word\\..\\..\\a.xml"), "would lie outside the package"),
        (lambda data: with_parts(data, {"word/document.xml": b"<a>" + b" " * 9_000_000}), "unpacks to 9000003 bytes"),
        (lambda data: data.replace(b"word/header1.xml", b"word/header\r.xml"), "with control characters in its name"),
    ],
)  # fmt: skip
def test_hostile_packages_are_refused(damage: Callable[[bytes], bytes], message: str) -> None:
    data = damage(LETTER)
    with pytest.raises(FormatError, match=rf"^a\.docx: .*{re.escape(message)}") as caught:
        parse(data, "a.docx")
    assert "\n" not in str(caught.value)


def test_a_directory_that_lies_about_a_size_is_found_out() -> None:
    package = with_parts(LETTER, {"word/document.xml": b"<a>" + b" " * 4_000_000 + b"</a>"})
    entry = package.index(b"word/document.xml", package.index(b"PK\x01\x02")) - 46
    lied = package[: entry + 24] + (1000).to_bytes(4, "little") + package[entry + 28 :]
    with pytest.raises(FormatError, match=r"part word/document\.xml is damaged: its size or checksum"):
        parse(lied, "a.docx")


CONTENT = st.binary(max_size=300)


@given(
    st.dictionaries(st.text("abc/é", min_size=1, max_size=8).map("x/".__add__), CONTENT, min_size=1, max_size=5),
    st.data(),
    st.booleans(),
    st.binary(max_size=20),
)
def test_any_package_takes_new_parts(
    contents: dict[str, bytes], data: st.DataObject, streamed: bool, comment: bytes
) -> None:
    comment = comment.replace(b"PK", b"")
    package = zipped(contents, comment, streamed=streamed)
    read = Package.read(package, "a.zip")
    assert {part.name: read.content(part) for part in read.parts} == contents
    assert read.replaced({}) == package
    new = data.draw(st.dictionaries(st.sampled_from(sorted(contents)), CONTENT))
    after = read.replaced(new)
    assert parts_of(after) == {**contents, **new}
    assert headers_of(after) == headers_of(package)
    with zipfile.ZipFile(io.BytesIO(after)) as file:
        assert file.testzip() is None
        assert file.comment == comment


class Pipe(io.BytesIO):
    """A stream that cannot seek, so that sizes are written behind the parts."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: object) -> int:
        raise io.UnsupportedOperation

    def tell(self) -> int:
        raise io.UnsupportedOperation


def zipped(contents: dict[str, bytes], comment: bytes, *, streamed: bool) -> bytes:
    out = Pipe() if streamed else io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = comment
        for number, (name, content) in enumerate(contents.items()):
            method = zipfile.ZIP_STORED if number % 2 else zipfile.ZIP_DEFLATED
            file.writestr(zipfile.ZipInfo(name, (1999, 1, 2, 3, 4, 6)), content, compress_type=method)
    return out.getvalue()
