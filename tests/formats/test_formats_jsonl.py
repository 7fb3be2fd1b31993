import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regloss.document import Edit, Tier
from regloss.errors import FormatError, InputError
from regloss.formats import Record, is_records, read_records

EDIT = Edit(4, 15, "quick hands", "Kuaishou", "快手", Tier.AUTO, "term", "the source has 快手", 0.9, "s1")


def records(text: str) -> list[Record]:
    return list(read_records(io.BytesIO(text.encode("utf-8", "surrogatepass")), "in.jsonl"))


def test_a_record_is_a_document_with_its_source_and_all_its_fields() -> None:
    (record,) = records('{"id": 7, "source": "快手", "target": "One.\\nTwo.", "x": [1]}\n')
    document = record.document()
    assert (document.name, document.text, document.source) == ("7", "One.\nTwo.", "快手")
    assert [document.text[b.start : b.end] for b in document.blocks] == ["One.", "Two."]
    assert document.fields == {"id": 7, "source": "快手", "target": "One.\nTwo.", "x": [1]}


def test_only_target_and_edits_change() -> None:
    raw = '{"z": 1.0E5,  "target" : "The quick hands", "b": "\\u5feb", "big": 123456789012345678901234567890}'
    (record,) = records(raw)
    line = record.render("Kuaishou", [EDIT])
    assert line.startswith('{"z": 1.0E5,  "target" : "Kuaishou", "b": "\\u5feb", "big": 1234567890123456')
    out = json.loads(line)
    assert list(out) == ["z", "target", "b", "big", "edits"]
    assert out["edits"][0].items() >= {"start": 4, "end": 15, "before": "quick hands", "after": "Kuaishou"}.items()
    assert out["edits"][0].items() >= {"term": "快手", "tier": "auto", "reason": "the source has 快手"}.items()
    assert "快手" in line


def test_an_unedited_target_stays_as_written() -> None:
    (record,) = records('{"target" : "caf\\u00e9 \\/ tea"}')
    assert record.render(record.target, []) == '{"target" : "caf\\u00e9 \\/ tea", "edits": []}'


def test_old_edits_are_replaced_where_they_stand() -> None:
    (record,) = records('{"edits": [{"start": 0}], "target": "a", "n": null}')
    assert record.render("b", []) == '{"edits": [], "target": "b", "n": null}'


def test_blank_lines_bom_and_crlf_are_no_trouble_and_lines_are_counted() -> None:
    found = records('\ufeff{"target": "a"}\r\n\r\n{"target": "b"}')
    assert [(r.line, r.target, r.raw) for r in found] == [(1, "a", '{"target": "a"}'), (3, "b", '{"target": "b"}')]
    assert [r.id for r in found] == ["1", "3"]


def test_a_lone_surrogate_goes_out_as_an_escape() -> None:
    (record,) = records('{"target": "a\\ud800", "x": "\\udfff"}')
    line = record.render(record.target, [])
    assert line.encode("utf-8").decode() == '{"target": "a\\ud800", "x": "\\udfff", "edits": []}'


def test_of_a_repeated_name_the_last_counts() -> None:
    (record,) = records('{"target": "a", "target": "b"}')
    assert record.target == "b"
    assert json.loads(record.render("c", []))["target"] == "c"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not a JSON object"),
        ('{"target": "a"', "not a JSON object: expected ',' at column 15"),
        ('["target"]', r"not a JSON object: expected '\{' at column 1"),
        ('{"target": "a",}', "not a JSON object"),
        ('{1: "a"}', "field name is not a string"),
        ('{"target": "a"} x', "more after the object at column 16"),
        ('{"id": 1}', 'no field "target"; each line needs the text to repair in it'),
        ('{"target": 5}', 'the field "target" is not a string'),
        ('{"target": "a", "source": ["b"]}', 'the field "source" is not a string'),
        ('{"target": "a", "x": ' + "[" * 100_000 + "}", "nested too deeply"),
        ('{"target": "a", "x": ' + "1" * 5000 + "}", "JSON that cannot be used"),
    ],
)
def test_a_bad_line_is_named(line: str, message: str) -> None:
    with pytest.raises(InputError, match=r"^in\.jsonl:2: .*" + message):
        records('{"target": "fine"}\n' + line + "\n")


def test_a_line_that_is_not_utf8_is_named() -> None:
    with pytest.raises(FormatError, match=r"in\.jsonl:1: not UTF-8 \(byte 2 of the line\)"):
        list(read_records(io.BytesIO(b'{\xff"target": "a"}'), "in.jsonl"))


def test_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jsonl: no such file"):
        list(read_records(tmp_path / "none.jsonl"))
    with pytest.raises(InputError, match="a folder, where a file is meant"):
        list(read_records(tmp_path))
    path = tmp_path / "a.jsonl"
    path.write_text('{"target": "a"}\n{}')
    with pytest.raises(InputError, match=r"a\.jsonl:2: no field"):
        list(read_records(path))


def test_is_records() -> None:
    assert is_records("x/A.JSONL")
    assert is_records(Path("a.ndjson"))
    assert not is_records("a.json")


class Endless(io.RawIOBase):
    """A stream of `count` equal lines that is never in memory as a whole."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __iter__(self) -> Iterator[bytes]:  # type: ignore[override]
        line = b'{"target": "' + b"The quick hands. " * 60 + b'"}\n'
        return (line for _ in range(self.count))


def test_memory_does_not_grow_with_the_file() -> None:
    stream = cast("io.BufferedReader", Endless(5_000))
    tracemalloc.start()
    total = sum(len(record.render(record.target, [])) for record in read_records(stream))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total > 5_000_000
    assert peak < 500_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda x: st.lists(x, max_size=3)
)


@given(st.dictionaries(st.text(), JSON, max_size=4), st.text(), st.booleans(), st.sampled_from([None, 1]))
def test_any_record_goes_through_unchanged(
    fields: dict[str, object], target: str, ascii_only: bool, indent: int | None
) -> None:
    fields = {**fields, "target": target}
    fields.pop("source", None)
    fields.pop("edits", None)
    raw = json.dumps(fields, ensure_ascii=ascii_only, separators=(",", ":") if indent else None)
    if any(0xD800 <= ord(c) <= 0xDFFF for c in raw):
        return
    (record,) = records(raw.replace("\u2028", "\\u2028"))
    out = json.loads(record.render(target + "!", []))
    assert json.dumps(out) == json.dumps({**fields, "target": target + "!", "edits": []})
