"""Files made to harm: each is read or refused with one line, in bounded time and memory."""

import tracemalloc

import pytest
from unit_edits import DATA, SAMPLES, parse

from regloss.errors import FormatError, ReglossError
from regloss.formats import format_for

XML = ("a.xlf", "a.tmx")
LAUGHS = '<!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><tmx>&b;</tmx>'
EXTERNAL = '<!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/passwd">]><tmx>&a;</tmx>'
PARAMETER = '<!DOCTYPE tmx [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x">%a;]><tmx/>'


@pytest.mark.parametrize("name", XML)
@pytest.mark.parametrize("text", [LAUGHS, EXTERNAL, PARAMETER])
def test_entities_are_refused(name: str, text: str) -> None:
    with pytest.raises(FormatError, match=rf"{name}:1: declares an entity, which is refused; remove the declaration"):
        parse(text, name)


def test_a_dtd_is_not_loaded_and_an_unknown_entity_stays_as_it_is() -> None:
    memory = (
        '<!DOCTYPE tmx SYSTEM "http://127.0.0.1:9/tmx14.dtd"><tmx version="1.4"><body><tu><tuv xml:lang="en">'
        "<seg>a &nbsp; b</seg></tuv></tu></body></tmx>"
    )
    document = parse(memory, "a.tmx")
    assert document.text == "a &nbsp; b"
    assert format_for("a.tmx").encode(document, "c &nbsp; b") == memory.replace(">a &", ">c &").encode()


@pytest.mark.parametrize("name", XML)
@pytest.mark.parametrize(
    ("text", "line"),
    [("<tmx>\n<a></tmx>", 2), ("<tmx>&#0;</tmx>", 1), ("", 1), ("text", 1), ("<a>" * 1000 + "</a>" * 1000, 1)],
)
def test_xml_that_is_not_well_formed_names_the_line(name: str, text: str, line: int) -> None:
    with pytest.raises(FormatError, match=rf"^{name}:{line}: not well-formed XML: ") as caught:
        parse(text, name)
    assert "\n" not in str(caught.value)


LONG = "quick hands " * 100_000
MANY = 20_000
CASES = {
    "one line of text": ("a.srt", f"1\n00:00:01,000 --> 00:00:02,000\n{LONG}"),
    "one long cell": ("a.csv", f"target\n{LONG}"),
    "one long string": ("a.json", f'{{"target": "{LONG}"}}'),
    "one long paragraph": ("a.html", f"<p>{LONG}"),
    "one long translation": ("a.po", f'msgid "a"\nmsgstr "{LONG}"'),
    "one long segment": ("a.tmx", f'<tmx><tu><tuv xml:lang="en"><seg>{LONG}</seg></tuv></tu></tmx>'),
    "deep JSON": ("a.json", "[" * MANY + "]" * MANY),
    "deep HTML": ("a.html", "<div>" * MANY + "a"),
    "deep opaque HTML": ("a.html", "<code>" * MANY + "a"),
    "tags that do not end": ("a.html", "<a b=c " * MANY),
    "attributes that do not end": ("a.html", "<a b='c " * MANY),
    "comments that do not end": ("a.html", "<!-- a " * MANY),
    "titles that do not end": ("a.html", "<title>" * MANY),
    "references": ("a.html", "&amp" * MANY),
    "ampersands": ("a.html", "&" * MANY),
    "backslashes in JSON": ("a.json", '{"target": "' + "\\\\" * MANY + '"}'),
    "backslashes in PO": ("a.po", 'msgid "a"\nmsgstr "' + "\\" * (2 * MANY + 1)),
    "quotes in CSV": ("a.csv", "target\n" + '"' * MANY),
    "quotes in TSV": ("a.tsv", "target\tb\n" + '"a\t' * MANY),
    "rows": ("a.csv", "target\n" + "a\n" * MANY),
    "braces in SRT": ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\n" + "{\\" * MANY + "<" * MANY),
    "arrows in VTT": ("a.vtt", "WEBVTT\n\n" + "00:01.000 --> " * MANY),
}


@pytest.mark.parametrize("case", CASES)
def test_hostile_files_come_back_whole_or_are_refused(case: str) -> None:
    name, text = CASES[case]
    data = text.encode()
    try:
        document = format_for(name).parse(data, name)
    except ReglossError as refusal:
        fault = str(refusal)
    else:
        fault = ""
        assert format_for(name).encode(document, document.text) == data
        changed = document.text.replace("quick hands", "K", 3)
        assert changed == document.text or len(format_for(name).encode(document, changed)) < len(data)
    assert "\n" not in fault
    assert len(fault) < 500


def test_memory_is_bounded() -> None:
    data = CASES["one long string"][1].encode()
    tracemalloc.start()
    document = parse(data, "a.json")
    new = format_for("a.json").encode(document, "K" + document.text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(new) == len(data) + 1
    assert peak < 20 * len(data)


@pytest.mark.parametrize("name", [name for name in SAMPLES if not name.endswith((".docx", ".xlsx", ".parquet"))])
@pytest.mark.parametrize("piece", [b"\0", b"\xed\xa0\x80", b"\xff"])
def test_bytes_that_are_no_text_are_refused_in_one_line(name: str, piece: bytes) -> None:
    data = (DATA / name).read_bytes()
    with pytest.raises(FormatError) as caught:
        parse(data[: len(data) // 2] + piece + data[len(data) // 2 :], name)
    assert str(caught.value).startswith(name)
    assert "\n" not in str(caught.value)


def test_a_lone_surrogate_in_json_stays_an_escape() -> None:
    document = parse('{"target": "a \\ud800 b"}', "a.json")
    assert format_for("a.json").encode(document, document.text.replace("a", "c")) == b'{"target": "c \\ud800 b"}'
