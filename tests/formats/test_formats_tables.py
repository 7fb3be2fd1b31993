import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit_edits import DATA, parse, rewrite, texts

from regloss.errors import FormatError, UsageError
from regloss.formats import format_for
from regloss.formats.fields import Fields


def test_csv_cells_of_the_target_column_alone_change() -> None:
    data = (DATA / "table.csv").read_bytes()
    new = rewrite(data, "table.csv", "quick hands", 'K, "S"')
    assert new == data.replace(
        b"The quick hands have turned a profit.", b'"The K, ""S"" have turned a profit."'
    ).replace("快手,quick hands,".encode(), '快手,"K, ""S""",'.encode())
    sources = [unit.source for unit in parse(data, "table.csv").units]
    assert sources == ["快手盈利了。", "老铁, 你好", "快手", "公式", "抖音"]


def test_a_quote_in_a_tsv_is_just_a_quote() -> None:
    data = (DATA / "table.tsv").read_bytes()
    assert texts(parse(data, "table.tsv"))[0] == '"The quick hands" said nobody'
    assert rewrite(data, "table.tsv", "quick hands", "K") == data.replace(b"quick hands", b"K")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    table = f"source{delimiter}target\n快手{delimiter}quick hands\n"
    document = parse(table, "a.csv")
    assert [(unit.id, unit.source) for unit in document.units] == [("row2", "快手")]
    assert rewrite(table, "a.csv", "quick hands", "K").decode() == table.replace("quick hands", "K")


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
@pytest.mark.parametrize("cell", ["quick hands", '"quick hands"'])
def test_no_cell_becomes_a_formula(start: str, cell: str) -> None:
    new = rewrite(f"target\n{cell}\n", "a.csv", "quick hands", f"{start}SUM(A1)").decode()
    assert new == f"target\n{cell.replace('quick hands', chr(39) + start + 'SUM(A1)')}\n"


def test_a_cell_that_was_a_formula_stays_one() -> None:
    assert rewrite("target\n=quick hands\n", "a.csv", "quick hands", "A1") == b"target\n=A1\n"


def test_named_columns() -> None:
    table = "zh,en,text\n快手,one,two\n"
    assert texts(parse(table, "a.csv")) == ["one"]
    document = parse(table, "a.csv", Fields("Text", "ZH"))
    assert (texts(document), document.units[0].source) == (["two"], "快手")
    with pytest.raises(FormatError, match=r"a\.csv: has no column 'x'; name one of its columns: zh, en, text"):
        parse(table, "a.csv", Fields("x"))
    with pytest.raises(FormatError, match="has no column 'y'"):
        parse(table, "a.csv", Fields("en", "y"))
    with pytest.raises(FormatError, match="has no column 'target'; name one of its columns: a, b"):
        parse("a,b\n1,2\n", "a.csv")


def test_a_column_name_of_two_lines_is_named_in_one() -> None:
    with pytest.raises(FormatError, match=r"name one of its columns: a b, c$"):
        parse('"a\nb",c\n1,2\n', "a.csv")


@pytest.mark.parametrize("row", ['"a', '"a"b', '"a""'])
def test_quotes_that_do_not_fit_are_refused(row: str) -> None:
    with pytest.raises(FormatError, match=r"a\.csv:2: a quoted cell does not end"):
        parse(f"target\n{row}", "a.csv")


CELL = st.text("ab\"',;=\r\n 快", max_size=6)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=4), st.sampled_from([",", ";", "\t"]), st.booleans(), CELL)
def test_any_table_is_read_as_the_csv_module_reads_it(
    rows: list[tuple[str, str]], delimiter: str, quote_all: bool, new: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    writer.writerows([("target", "other"), *rows])
    document = parse(out.getvalue(), "a.csv")
    assert texts(document) == [row[0].strip() for row in rows if row[0].strip()]
    assert format_for("a.csv").encode(document, document.text) == out.getvalue().encode()
    if len(document.units) == 1 and new.strip() == new and new and not new.startswith("="):
        written = format_for("a.csv").encode(document, new).decode()
        cells = [row[0].strip() for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter) if row]
        assert new in cells
        assert [row[1] for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter) if row][1:] == [
            row[1] for row in rows
        ]


def test_json_strings_keep_their_escapes_but_for_the_words() -> None:
    data = (DATA / "items.json").read_bytes()
    document = parse(data, "items.json")
    assert [(unit.id, unit.source) for unit in document.units] == [
        ("/items/0/target", "快手"),
        ("/items/1/target", "抖音"),
        ("/items/1/deep/0/target", None),
    ]
    new = rewrite(data, "items.json", "quick hands", 'K\n"S"\\')
    assert new == data.replace(b'The \\"quick hands\\"', b'The \\"K\\n\\"S\\"\\\\\\"')


@pytest.mark.parametrize(
    ("path", "units"),
    [
        ("$.title", ["/title"]),
        ("title", ["/title"]),
        ("$.items[*].target", ["/items/0/target", "/items/1/target"]),
        ("items[1].target", ["/items/1/target"]),
        ("$.texts[*]", ["/texts/0", "/texts/1"]),
        ("$['a/b']['x~y']", ["/a~1b/x~0y"]),
        ("$.*.x~y", ["/a~1b/x~0y"]),
        ("$..deep[*].target", ["/items/1/deep/0/target"]),
        ("$..*", None),
    ],
)
def test_json_paths(path: str, units: list[str] | None) -> None:
    document = parse((DATA / "items.json").read_bytes(), "items.json", Fields(path))
    found = [unit.id for unit in document.units]
    assert found == units if units is not None else len(found) == 9


def test_a_json_path_that_is_wrong_or_empty_is_named() -> None:
    with pytest.raises(UsageError, match=r"path '\$.a\[\?\]': '\[\?\]' is not understood"):
        parse("{}", "a.json", Fields("$.a[?]"))
    with pytest.raises(FormatError, match=r"a\.json: no string at 'target'; give the path"):
        parse('{"a": 1}', "a.json")


def test_json_written_in_ascii_stays_ascii() -> None:
    assert rewrite(b'{"target": "\\u00e9 quick"}', "a.json", "quick", "快") == b'{"target": "\\u00e9 \\u5feb"}'
    assert rewrite(b'{"target": "e quick"}', "a.json", "quick", "快") == '{"target": "e 快"}'.encode()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "a.json:1: not JSON: no string, or one that does not end at column 2"),
        ('{"target": "a"\n x}', "a.json:2: not JSON: expected ',' at column 2"),
        ('{"target" "a"}', "not JSON: expected ':'"),
        ('{"target": "a"} 1', "not JSON: more after the end of the value"),
        ('{"target": "a\nb"}', "no string, or one that does not end"),
        ('{"target": "a", "n": 01}', "expected ','"),
        ('["a",]', "no value"),
        ("[" * 100_000, "nested more than 500 deep"),
        ("", "no value"),
    ],
)
def test_bad_json_is_named(text: str, message: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse(text, "a.json")
    assert message in str(caught.value)


VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUE, st.text(min_size=1), st.booleans(), st.sampled_from([None, 1]))
def test_any_json_keeps_its_bytes_and_takes_any_text(
    value: object, target: str, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps({"x": value, "target": f"a{target}b"}, ensure_ascii=ascii_only, indent=indent)
    if any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        return
    document = parse(text, "a.json", Fields("$.target"))
    assert format_for("a.json").encode(document, document.text) == text.encode()
    new = format_for("a.json").encode(document, "n" + document.text)
    assert json.loads(new) == {"x": value, "target": f"na{target}b"}
