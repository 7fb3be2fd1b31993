"""Bilingual files: empty targets are filled, marked as unread, and nothing else changes."""

import pytest
from packages import parts_of, with_parts
from unit_edits import DATA

from regloss.errors import FormatError
from regloss.formats import Fields, format_for
from regloss.formats.fields import USUAL
from regloss.formats.gaps import BilingualFormat, fill

WORDS = {"快手": "Kuaishou", "京东": 'JD "x" & y', "公司": "company", "盈利。": "earns."}
MARK = 'state="needs-review-translation" state-qualifier="leveraged-mt"'
XLIFF_HEAD = '<xliff version="1.2"><file source-language="zh-CN" target-language="en"><body>'
XLIFF_2_HEAD = '<xliff version="2.0" srcLang="zh" trgLang="en"><file id="f"><unit id="u">'
PO_HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def filled(data: bytes, name: str, fields: Fields = USUAL, *, overwrite: bool = False) -> bytes | None:
    """Return the file with its gaps filled by a dictionary, None where it is not bilingual."""
    form = format_for(name, fields)
    assert isinstance(form, BilingualFormat)
    document = form.gaps(data, name, overwrite=overwrite)
    if document is None:
        return None
    text = document.text
    for word, english in WORDS.items():
        text = text.replace(word, english)
    return fill(document, text)


def filled_text(text: str, name: str, fields: Fields = USUAL, *, overwrite: bool = False) -> str:
    made = filled(text.encode(), name, fields, overwrite=overwrite)
    assert made is not None
    # What is filled is no gap any more.
    assert filled(made, name, fields) == made
    return made.decode()


CASES = [
    # A target that is missing, with inline elements and the white space of the file.
    (
        "a.xlf",
        XLIFF_HEAD + '\r\n <trans-unit id="1">\r\n  <source>快手 &amp; <g id="1">京东</g></source>\r\n </trans-unit>',
        XLIFF_HEAD + '\r\n <trans-unit id="1">\r\n  <source>快手 &amp; <g id="1">京东</g></source>'
        f'\r\n  <target {MARK}>Kuaishou &amp; <g id="1">JD "x" &amp; y</g></target>\r\n </trans-unit>',
    ),
    (
        "a.xlf",
        XLIFF_HEAD + "<trans-unit id='1'><source>公司</source><target xml:lang='en' state='new'/></trans-unit>",
        XLIFF_HEAD + f"<trans-unit id='1'><source>公司</source><target xml:lang='en' {MARK}>company</target>"
        "</trans-unit>",
    ),
    # A copy of the source is no translation; a segmented source passes its segments on.
    (
        "a.xlf",
        XLIFF_HEAD + '<trans-unit><source>公司</source><seg-source><mrk mtype="seg" mid="0">公司</mrk></seg-source>'
        "<target>公司</target></trans-unit>",
        XLIFF_HEAD + '<trans-unit><source>公司</source><seg-source><mrk mtype="seg" mid="0">公司</mrk></seg-source>'
        f'<target {MARK}><mrk mtype="seg" mid="0">company</mrk></target></trans-unit>',
    ),
    # What needs no translation is copied, what is translated stays.
    (
        "a.xlf",
        XLIFF_HEAD + "<trans-unit><source>iPhone 15</source></trans-unit>"
        "<trans-unit><source>公司</source><target>Firm</target></trans-unit>",
        XLIFF_HEAD + f"<trans-unit><source>iPhone 15</source><target {MARK}>iPhone 15</target></trans-unit>"
        "<trans-unit><source>公司</source><target>Firm</target></trans-unit>",
    ),
    (
        "a.xliff",
        XLIFF_2_HEAD + '<segment id="s" state="initial" subState="a:b"><source>公司<ph id="1"/></source></segment>',
        XLIFF_2_HEAD + '<segment id="s" state="translated"><source>公司<ph id="1"/></source>'
        '<target>company<ph id="1"/></target></segment>',
    ),
    (
        "a.tmx",
        '<tmx><tu>\n <tuv xml:lang="zh-CN"><seg>公司<ph>x</ph>盈利。</seg></tuv>\n</tu></tmx>',
        ('<tmx><tu>\n <tuv xml:lang="zh-CN"><seg>公司<ph>x</ph>盈利。</seg></tuv>'
        '\n <tuv xml:lang="en" creationid="MT"><seg>company<ph>x</ph>earns.</seg></tuv>\n</tu></tmx>'),
    ),
    (
        "a.tmx",
        '<tmx><tu><tuv lang="zh"><seg>公司</seg></tuv><tuv lang="en-US" changeid="me"><seg/></tuv></tu></tmx>',
        ('<tmx><tu><tuv lang="zh"><seg>公司</seg></tuv>'
        '<tuv lang="en-US" changeid="MT"><seg>company</seg></tuv></tu></tmx>'),
    ),
    (
        "a.po",
        PO_HEAD + '#: a.c:1\n#, c-format\nmsgid "公司 %d\\n"\nmsgstr ""\n',
        PO_HEAD + '#: a.c:1\n#, fuzzy, c-format\nmsgid "公司 %d\\n"\nmsgstr "company %d\\n"\n',
    ),
    # One flag for both forms; the flags of an obsolete entry are not those of the next one.
    (
        "a.po",
        PO_HEAD + '#, fuzzy\n#~ msgid "旧"\n#~ msgstr "Old"\n\n'
        'msgid "公司"\nmsgid_plural "快手"\nmsgstr[0] ""\nmsgstr[1] ""\n',
        PO_HEAD + '#, fuzzy\n#~ msgid "旧"\n#~ msgstr "Old"\n\n'
        '#, fuzzy\nmsgid "公司"\nmsgid_plural "快手"\nmsgstr[0] "company"\nmsgstr[1] "Kuaishou"\n',
    ),
    (
        "a.po",
        PO_HEAD.replace("\n", "\r\n") + 'msgid ""\r\n"公司\\n"\r\n"京东"\r\nmsgstr ""\r\n""\r\n',
        PO_HEAD.replace("\n", "\r\n") + '#, fuzzy\r\nmsgid ""\r\n"公司\\n"\r\n"京东"\r\n'
        'msgstr ""\r\n"company\\n"\r\n"JD \\"x\\" & y"\r\n',
    ),
    (
        "a.csv",
        'source,target,x\r\n公司,"",1\r\n"快手,京东",,2\r\n公司,Firm,3\r\n=公司,,4\r\n公司\r\n"公司"',
        ('source,target,x\r\n公司,"company",1\r\n"快手,京东","Kuaishou,JD ""x"" & y",2\r\n公司,Firm,3\r\n'
        "=公司,'=company,4\r\n公司,company\r\n\"公司\",company"),
    ),
    ("a.tsv", "target\tsource\n\t公司\n", "target\tsource\ncompany\t公司\n"),
    (
        "a.json",
        '[{"source": "公\\u53f8\\n京东", "target": ""}, {"target": null, "source": "快手"}, {"source": "公司"}]',
        ('[{"source": "公\\u53f8\\n京东", "target": "company\\nJD \\"x\\" & y"}, '
        '{"target": "Kuaishou", "source": "快手"}, {"source": "公司"}]'),
    ),
]  # fmt: skip


def closed(name: str, text: str) -> str:
    tails = {".xlf": "</body></file></xliff>", ".xliff": "</unit></file></xliff>"}
    return text + tails.get(name[1:], "")


@pytest.mark.parametrize(("name", "before", "after"), CASES)
def test_empty_targets_are_filled_and_nothing_else_changes(name: str, before: str, after: str) -> None:
    before, after = closed(name, before), closed(name, after)
    assert filled_text(before, name) == after


def test_filled_targets_are_replaced_where_that_is_asked_for() -> None:
    text = closed("a.xlf", XLIFF_HEAD + "<trans-unit><source>公司</source><target>F<x id='1'/></target></trans-unit>")
    assert filled_text(text, "a.xlf") == text
    assert f"<target {MARK}>company</target>" in filled_text(text, "a.xlf", overwrite=True)
    assert filled_text("source,target\n公司,F\n", "a.csv", overwrite=True) == "source,target\n公司,company\n"


def test_named_columns_and_fields() -> None:
    assert filled_text("a,b\n公司,\n", "a.csv", Fields("b", "a")) == "a,b\n公司,company\n"
    assert filled_text('{"a": "公司", "b": ""}', "a.json", Fields("$.b", "a")) == '{"a": "公司", "b": "company"}'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "target\n公司\n"),
        ("a.csv", "source,target\nfirm,\n"),
        ("a.po", 'msgid "firm"\nmsgstr ""\n'),
        ("a.json", '{"target": "公司"}'),
        ("a.tmx", '<tmx><tu><tuv xml:lang="en"><seg/></tuv></tu></tmx>'),
        (
            "a.xlf",
            closed("a.xlf", XLIFF_HEAD.replace("zh-CN", "de") + "<trans-unit><source>公司</source></trans-unit>"),
        ),
    ],
)
def test_a_file_without_chinese_sources_has_nothing_to_fill(name: str, text: str) -> None:
    assert filled(text.encode(), name) is None


@pytest.mark.parametrize("name", ["app.po", "strings.xlf", "strings2.xliff", "memory.tmx", "table.csv", "table.xlsx"])
def test_what_is_filled_can_be_read_and_the_rest_is_as_it_was(name: str) -> None:
    data = (DATA / name).read_bytes()
    made = filled(data, name, overwrite=True)
    assert made is not None
    before, after = (format_for(name).parse(each, name) for each in (data, made))
    assert {unit.id for unit in before.units} <= {unit.id for unit in after.units}
    assert "company" in after.text or "Kuaishou" in after.text
    assert len(before.units) <= len(after.units)
    assert [u.source for u in before.units] == [u.source for u in after.units if u.id in {b.id for b in before.units}]


def sheet(rows: str) -> bytes:
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    names = "".join(
        f'<c r="{cell}1" t="inlineStr"><is><t>{name}</t></is></c>'
        for cell, name in {"A": "source", "B": "target", "C": "x"}.items()
    )
    return f'{head}<row r="1">{names}</row>{rows}</sheetData></worksheet>'.encode()


def source(place: str, text: str = "公司") -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def made(place: str, style: int | None = None) -> str:
    kept = "" if style is None else f' s="{style}"'
    return f'<c r="{place}"{kept} t="inlineStr"><is><t xml:space="preserve">company</t></is></c>'


def test_cells_of_a_workbook_are_filled_and_made() -> None:
    part = "xl/worksheets/sheet1.xml"
    data = (DATA / "table.xlsx").read_bytes()
    rows = (
        f'<row r="2">{source("A2")}<c r="B2" s="3"/><c r="C2"><v>1</v></c></row>',
        f'<row r="3">{source("A3")}<c r="C3"><v>1</v></c></row>',
        f'<row r="4">{source("A4")}</row>',
        f'<row r="5">{source("A5")}<c r="B5"><f>1+1</f></c></row><row r="6">{source("A6")}{source("B6", "Firm")}</row>',
    )
    package = with_parts(data, {part: sheet("".join(rows))})
    result = filled(package, "table.xlsx")
    assert result is not None
    expected = (
        f'<row r="2">{source("A2")}{made("B2", 3)}<c r="C2"><v>1</v></c></row>',
        f'<row r="3">{source("A3")}{made("B3")}<c r="C3"><v>1</v></c></row>',
        f'<row r="4">{source("A4")}{made("B4")}</row>',
        rows[3],
    )
    assert parts_of(result) == {**parts_of(package), part: sheet("".join(expected))}
    assert filled(result, "table.xlsx") == result


def test_a_workbook_without_the_column_is_refused() -> None:
    with pytest.raises(FormatError, match="has no column"):
        filled((DATA / "table.xlsx").read_bytes(), "table.xlsx", Fields("nope"))
