"""Tables in any encoding and column order; faults name the line."""

from pathlib import Path

import pytest

from regloss.errors import GlossaryError, InputError
from regloss.glossary.entry import CaseRule, Example, Forbidden, Guard, Kind, TermEntry
from regloss.glossary.tabular import export_table, guess_kind, kind_of, read_table

TSV = (
    "target\tnote\tsource_term\twrong_variants\talso_ok\tcase_rule\tdomain\tpos_or_entity_type\tother\n"
    "Kuaishou\ta platform\t快手\tquick hands| fast hands |quick hands\tKwai|\t"
    "name: fixed\tshort video\tentity: platform\tx\n"
    "\n"
    "sell goods|sell\t\t带货\tbring goods\t\tcommon: follow position\t\tverb phrase\t\n"
)


def write(folder: Path, text: str, name: str = "terms.tsv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def test_columns_in_any_order(tmp_path: Path) -> None:
    path = write(tmp_path, TSV)
    assert read_table(path, "user") == (
        TermEntry(
            "快手",
            "Kuaishou",
            ("Kwai",),
            (Forbidden("quick hands"), Forbidden("fast hands")),
            Kind.NAME,
            CaseRule.FIXED,
            "short-video",
            note="a platform",
            path=path,
            line=2,
            layer="user",
        ),
        TermEntry(
            "带货",
            "sell goods",
            ("sell",),
            (Forbidden("bring goods"),),
            Kind.VERB,
            CaseRule.SENTENCE,
            "terms",
            path=path,
            line=4,
            layer="user",
        ),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, newline: str) -> None:
    kuaishou, _ = read_table(write(tmp_path, TSV.replace("\n", newline), encoding=encoding))
    assert (kuaishou.source, kuaishou.forbidden[1].form) == ("快手", "fast hands")


def test_utf_16_of_chinese_alone_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xfe\xff" + "source_term,target\n快手,Kuaishou\n".encode("utf-16-be"))
    assert read_table(path)[0].source == "快手"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_delimiters(tmp_path: Path, delimiter: str) -> None:
    text = "source_term,target,note\n快手,Kuaishou,x\n".replace(",", delimiter)
    assert read_table(write(tmp_path, text, "a.csv"))[0].note == "x"


def test_only_source_term_and_target_are_needed(tmp_path: Path) -> None:
    name, noun = read_table(write(tmp_path, "Source_Term\tTarget\n快手\tKuaishou\n主播\tstreamer\n"))
    assert (name.kind, name.case, name.domain, name.forbidden) == (Kind.NAME, CaseRule.FIXED, "terms", ())
    assert (noun.kind, noun.case) == (Kind.NOUN, CaseRule.SENTENCE)


def test_quoted_cells_may_hold_delimiters_and_line_ends(tmp_path: Path) -> None:
    path = write(tmp_path, 'source_term,target,note\n快手,"Kuai, shou","two\nlines"\n主播,streamer,\n', "a.csv")
    first, second = read_table(path)
    assert (first.target, first.note, second.line) == ("Kuai, shou", "two lines", 4)


def test_a_quotation_mark_in_unquoted_tsv_is_only_a_character(tmp_path: Path) -> None:
    (entry,) = read_table(write(tmp_path, 'source_term\ttarget\tnote\n快手\tKuaishou\t"quick hands" is wrong\n'))
    assert entry.note == '"quick hands" is wrong'


def test_rows_of_one_term_are_merged(tmp_path: Path) -> None:
    text = "source_term\ttarget\twrong_variants\n快手\tKuaishou\ta|b\n主播\thost\t\n快手\tKuaishou\tb|c\n"
    entries = read_table(write(tmp_path, text))
    assert [entry.source for entry in entries] == ["快手", "主播"]
    assert [forbidden.form for forbidden in entries[0].forbidden] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("source_term\tfrench\n快手\tx\n", ":1", "has no column 'target'; its columns are source_term, french"),
        ("target\nx\n", ":1", "has no column 'source_term'; its columns are target"),
        ("source_term\tsource\ttarget\na\tb\tc\n", ":1", "has two columns for 'source_term'; keep one"),
        ("source_term\ttarget\tnote\na\tb\tc\n\na\tb\n", ":4", "has 2 cells where the header has 3"),
        ("source_term\ttarget\na\tb\tc\n", ":2", "has 3 cells where the header has 2"),
        ("source_term\ttarget\na\t \n", ":2", "the target is empty; fill it in or delete the row"),
        ("source_term\ttarget\n\tb\n", ":2", "the source_term is empty; fill it in or delete the row"),
        (
            "source_term\ttarget\na\tb\na\tc\n",
            ":3",
            "'a' has the target 'c' here and 'b' on line 2; keep one, the other may go to also_ok",
        ),
        ("", "", "is empty; the first line names the columns, source_term and target among them"),
    ],
)
def test_a_fault_names_file_and_line(tmp_path: Path, text: str, place: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(GlossaryError) as caught:
        read_table(path)
    assert str(caught.value) == f"{path}{place}: {message}"


def test_cells_that_pad_a_row_are_passed_over(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, "source_term\ttarget\t\na\tb\t\t\t\n"))[0].target == "b"


def test_an_open_quote_in_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GlossaryError, match="is not valid CSV"):
        read_table(write(tmp_path, 'source_term,target\na,"b\n', "a.csv"))


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"source_term\ttarget\n\xff\xff\t\x00\n", b"\x00\x00"]
)
def test_binary_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(data)
    with pytest.raises(GlossaryError):
        read_table(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / "a.tsv")
    (tmp_path / "b.csv").mkdir()
    with pytest.raises(InputError, match="a folder"):
        read_table(tmp_path / "b.csv")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("entity: platform/company", Kind.NAME),
        ("properNoun", Kind.NAME),
        ("noun (countable)", Kind.NOUN),
        ("verb phrase", Kind.VERB),
        ("adj/noun", Kind.ADJECTIVE),
        ("idiom", Kind.PHRASE),
        ("other", None),
        ("", None),
    ],
)
def test_words_for_kinds(text: str, kind: Kind | None) -> None:
    assert kind_of(text) is kind


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("Kuaishou", Kind.NAME),
        ("Journey to the West", Kind.NAME),
        ("WeChat official account", Kind.NOUN),
        ("streamer", Kind.NOUN),
        ("iQiyi", Kind.NOUN),
    ],
)
def test_a_kind_is_guessed_from_capitals(target: str, kind: Kind) -> None:
    assert guess_kind(target) is kind


@pytest.mark.parametrize("name", ["out.csv", "out.tsv"])
def test_export_is_read_back_as_it_was(tmp_path: Path, name: str) -> None:
    entries = read_table(write(tmp_path, TSV))
    assert export_table(entries, tmp_path / name) == ()
    again = read_table(tmp_path / name)
    assert [(e.source, e.target, e.admitted, e.forbidden, e.kind, e.case, e.domain, e.note) for e in again] == [
        (e.source, e.target, e.admitted, e.forbidden, e.kind, e.case, e.domain, e.note) for e in entries
    ]


def test_export_says_what_a_table_cannot_hold(tmp_path: Path) -> None:
    entries = (
        TermEntry("a", "b", guard=Guard(unless=("c",)), examples=(Example(keep="d"),)),
        TermEntry("e", "f", forbidden=(Forbidden("g", exact=True),)),
        TermEntry("h", "i", forbidden=(Forbidden("j|k"),)),
        TermEntry("l", "m", forbidden=(Forbidden("n"),)),
    )
    assert export_table(entries, tmp_path / "out.csv") == (
        "a: left out the guard, the examples",
        "e: left out guards, targets and kinds of single forms",
        "h: left out the bar in a term, which separates terms in a table",
    )
