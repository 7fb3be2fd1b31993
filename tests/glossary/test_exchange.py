"""What goes out comes back the same, as far as the format can hold it; what it cannot hold is said."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from regloss.errors import GlossaryError, UsageError
from regloss.glossary.entry import CaseRule, Example, Forbidden, Guard, Kind, TermEntry
from regloss.glossary.store import load_glossary, read_file
from regloss.glossary.tabular import export_table
from regloss.glossary.tbx_export import export_tbx
from regloss.glossary.workbook import export_workbook
from regloss.glossary.yaml_edit import write_yaml
from regloss.glossary.yaml_file import default_case

HERE = Path(__file__).parent
EXPORTS: dict[str, Callable[..., tuple[str, ...]]] = {
    ".csv": export_table,
    ".tsv": export_table,
    ".xlsx": export_workbook,
    ".tbx": export_tbx,
}

# One line, no white space at the ends, no bar: what a table can hold.
TEXT = (
    st.text(
        st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp"), blacklist_characters="|\ufeff\ufffe\uffff"),
        min_size=1,
        max_size=8,
    )
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
TEXTS = st.lists(TEXT, max_size=3, unique=True)


@st.composite
def entries(draw: st.DrawFn) -> TermEntry:
    """Return an entry that holds nothing that a table or TBX cannot."""
    target, *others = draw(st.lists(TEXT, min_size=1, max_size=6, unique=True))
    cut = draw(st.integers(0, len(others)))
    kind = draw(st.sampled_from(Kind))
    return TermEntry(
        source=draw(TEXT),
        target=target,
        admitted=tuple(others[:cut]),
        forbidden=tuple(Forbidden(text) for text in others[cut:]),
        kind=kind,
        case=default_case(kind),
        domain=draw(st.sampled_from(["short-video", "trade"])),
        note=draw(st.just("") | TEXT),
    )


def bare(all_entries: tuple[TermEntry, ...]) -> list[TermEntry]:
    return [replace(entry, path=None, line=None, layer="") for entry in all_entries]


@pytest.mark.parametrize("suffix", EXPORTS)
@settings(max_examples=60)
@given(made=st.lists(entries(), min_size=1, max_size=3, unique_by=lambda entry: entry.source))
def test_what_a_format_holds_comes_back(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, made: list[TermEntry]
) -> None:
    folder = tmp_path_factory.mktemp("exchange")
    yaml, out, again = folder / "a.yaml", folder / f"a{suffix}", folder / "b.yaml"
    write_yaml(yaml, made)
    losses = EXPORTS[suffix](read_file(yaml), out)
    write_yaml(again, read_file(out))
    assert losses == ()
    assert bare(read_file(again)) == bare(read_file(yaml))


@pytest.mark.parametrize("version", [2, 3])
def test_the_bundled_glossary_goes_through_tbx_and_keeps_to_its_rules(tmp_path: Path, version: int) -> None:
    bundled = load_glossary(["zh-en"]).entries
    path = tmp_path / "all.tbx"
    losses = export_tbx(bundled, path, version)
    schema = etree.RelaxNG(etree.parse(HERE / "tbx_basic.rng"))
    schema.assertValid(etree.parse(path))
    back = {entry.source: entry for entry in read_file(path)}
    held = [_plain(entry) for entry in bundled]
    assert len(losses) > 100
    assert len(back) == len(bundled)
    assert bare(tuple(back[entry.source] for entry in bundled)) == bare(tuple(held))


def _plain(entry: TermEntry) -> TermEntry:
    """Return what TBX can hold of an entry."""
    return replace(
        entry,
        forbidden=tuple(Forbidden(text) for text in dict.fromkeys(form.form for form in entry.forbidden)),
        case=default_case(entry.kind),
        guard=Guard(),
        examples=(),
        note=" ".join(entry.note.split()),
    )


RICH = TermEntry(
    "快手",
    "Kuaishou",
    forbidden=(Forbidden("quick hands", guard=Guard(unless=("boxing",))),),
    kind=Kind.NAME,
    case=CaseRule.SENTENCE,
    guard=Guard(when=("app",)),
    note="two\nlines",
    examples=(Example(keep="x"),),
)


@pytest.mark.parametrize(
    ("suffix", "lost"),
    [
        (".csv", "the guard, guards, targets and kinds of single forms, the examples, "),
        (".xlsx", "the guard, guards, targets and kinds of single forms, the examples, "),
        (".tbx", "the guard, guards, targets and kinds of single forms, the examples, the case rule sentence, "),
    ],
)
def test_what_is_left_out_is_said(tmp_path: Path, suffix: str, lost: str) -> None:
    losses = EXPORTS[suffix]([RICH], tmp_path / f"a{suffix}")
    assert losses == (f"快手: left out {lost}line breaks and runs of spaces in the note",)


def test_an_unknown_tbx_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no TBX version 4; versions: 2, 3"):
        export_tbx([RICH], tmp_path / "a.tbx", 4)


def test_exports_are_the_same_from_run_to_run(tmp_path: Path) -> None:
    for suffix, export in EXPORTS.items():
        first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
        export([RICH], first)
        export([RICH], second)
        assert first.read_bytes() == second.read_bytes()


SHEET = """<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="s"><v>1</v></c><c r="C1" t="s"><v>0</v></c></row>
<row r="3"><c r="A3" t="inlineStr"><is><r><t>Kuai</t></r><r><t>shou</t></r></is></c><c r="B3"><v>7</v></c>
<c r="C3" t="s"><v>2</v></c></row>
<row r="4"><c r="A4"><f>1+1</f><v>618</v></c><c r="C4" t="str"><v>六一八</v></c></row>
</sheetData></worksheet>"""
STRINGS = """<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>Source</t></si>
<si><t>Target</t></si><si><t>快手</t><rPh sb="0" eb="1"><t>reading</t></rPh></si></sst>"""


def workbook(path: Path, sheet: str = SHEET, strings: str = STRINGS) -> Path:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="x" sheetId="9" r:id="r7"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r7" Target="/xl/deep/s.xml"/></Relationships>',
        )
        archive.writestr("xl/deep/s.xml", sheet)
        archive.writestr("xl/sharedStrings.xml", strings)
    return path


def test_a_workbook_as_spreadsheet_programs_write_it(tmp_path: Path) -> None:
    first, second = read_file(workbook(tmp_path / "a.xlsx"))
    assert (first.source, first.target, first.line) == ("快手", "Kuaishou", 3)
    assert (second.source, second.target) == ("六一八", "618")


def test_a_broken_workbook_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_text("source,target\n")
    with pytest.raises(GlossaryError, match=r"a\.xlsx: is no XLSX workbook, or a damaged one; save it"):
        read_file(path)
    with pytest.raises(GlossaryError, match=r"a\.xlsx:4: the source_term is empty"):
        read_file(workbook(path, SHEET.replace('<c r="C4" t="str"><v>六一八</v></c>', '<c r="C4"/>')))
    with pytest.raises(GlossaryError, match="is no XLSX workbook, or a damaged one"):
        read_file(workbook(path, SHEET.replace('<row r="3">', '<row r="x">')))
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]>' + SHEET
    with pytest.raises(GlossaryError, match="XML entities"):
        read_file(workbook(path, bomb))


def test_a_workbook_that_swells_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/sharedStrings.xml", STRINGS + " " * (65 << 20))
    with pytest.raises(GlossaryError, match="holds a part of more than 64 MB"):
        read_file(path)


def test_other_programs_read_our_workbook(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="the reading program is not installed")
    path = tmp_path / "a.xlsx"
    export_workbook([replace(RICH, target="=1+1", note="a & <b>")], path)
    sheet = openpyxl.load_workbook(io.BytesIO(path.read_bytes())).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][:2] == ["source_term", "target"]
    assert rows[1][:2] == ["快手", "=1+1"]
    assert rows[1][7] == "a & <b>"


TMX = """<?xml version="1.0"?><tmx version="1.4"><header srclang="zh-CN"/><body>
<tu><tuv xml:lang="zh-CN"><seg>快手</seg></tuv>
<tuv xml:lang="en-US"><seg><bpt i="1">&lt;b&gt;</bpt>Kuaishou</seg></tuv></tu>
<tu><tuv xml:lang="EN"><seg>Kuai Shou</seg></tuv><tuv lang="ZH"><seg>快手</seg></tuv></tu>
<tu><tuv xml:lang="zh"><seg>快手上市了。</seg></tuv><tuv xml:lang="en"><seg>Kuaishou is listed.</seg></tuv></tu>
<tu><tuv xml:lang="zh"><seg>主播</seg></tuv><tuv xml:lang="de"><seg>Moderator</seg></tuv></tu>
</body></tmx>"""


def test_tmx_gives_its_terms(tmp_path: Path) -> None:
    path = tmp_path / "memory.tmx"
    path.write_text(TMX, encoding="utf-8")
    (entry,) = read_file(path)
    assert (entry.source, entry.target, entry.admitted, entry.line) == ("快手", "Kuaishou", ("Kuai Shou",), 2)
    assert (entry.kind, entry.domain) == (Kind.NAME, "memory")
    path.write_text("<tmx><body/></tmx>")
    with pytest.raises(GlossaryError, match="holds no unit with a Chinese term"):
        read_file(path)


def test_omegat_has_no_header(tmp_path: Path) -> None:
    path = tmp_path / "glossary.utf8"
    path.write_text("\ufeff# ours\n快手\tKuaishou\tapp\n\n主播\tstreamer\n主播\thost\n", encoding="utf-8")
    first, second = read_file(path)
    assert (first.source, first.target, first.note, first.line) == ("快手", "Kuaishou", "app", 2)
    assert (second.target, second.admitted) == ("streamer", ("host",))
    path.write_text("快手 Kuaishou\n", encoding="utf-8")
    with pytest.raises(GlossaryError, match=r"glossary\.utf8:1: has no tab"):
        read_file(path)


def test_weblate_csv_and_tbx(tmp_path: Path) -> None:
    table = tmp_path / "weblate.csv"
    table.write_text(
        '"location","source","target","id","fuzzy","context","translator_comments","developer_comments"\n'
        '"","快手","Kuaishou","","False","","spell so","an app"\n',
        encoding="utf-8-sig",
    )
    (entry,) = read_file(table)
    assert (entry.source, entry.target, entry.note) == ("快手", "Kuaishou", "spell so; an app")
    concepts = "".join(
        f'<termEntry><langSet xml:lang="zh"><tig><term>快手</term></tig></langSet><langSet xml:lang="en"><tig>'
        f'<term>{text}</term><termNote type="administrativeStatus">{status}</termNote></tig></langSet></termEntry>'
        for text, status in (("quick hands", "forbidden"), ("Kuaishou", "preferredTerm-admn-sts"))
    )
    tbx = tmp_path / "weblate.tbx"
    tbx.write_text(f"<martif><text><body>{concepts}</body></text></martif>", encoding="utf-8")
    (entry,) = read_file(tbx)
    assert (entry.target, entry.forbidden) == ("Kuaishou", (Forbidden("quick hands"),))


def test_column_names_of_other_programs(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        "English;Part of speech;ZH-CN;Do not use\nKuaishou;proper noun;快手;quick hands|Kaishou\n".encode("gb18030")
    )
    (entry,) = read_file(path)
    assert (entry.source, entry.target, entry.kind) == ("快手", "Kuaishou", Kind.NAME)
    assert [form.form for form in entry.forbidden] == ["quick hands", "Kaishou"]
