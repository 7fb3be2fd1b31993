import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regloss.errors import FormatError, InputError
from regloss.formats import format_for, protected_spans, read_document, read_text, write_atomic, write_document
from regloss.formats.files import parse_document

SEED = Path(__file__).parents[2] / "seeds" / "article.en.txt"


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
@given(
    text=st.text(alphabet=st.sampled_from("ab# >-*|`\n\r\t[](){}<!快\u2028\x0c1.:")),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_an_unedited_document_keeps_its_bytes(name: str, text: str, mark: str) -> None:
    data = (mark + "x" + text).encode()
    document = parse_document(data, name)
    assert format_for(name).encode(document, document.text) == data
    position = 0
    for block in document.blocks:
        assert position <= block.start < block.end
        assert document.text[block.start : block.end] == document.text[block.start : block.end].strip()
        position = block.end
    assert position <= len(document.text)


def test_each_line_of_plain_text_is_a_block() -> None:
    document = parse_document("\ufeff One \r\n\r\n\tTwo\rThree".encode(), "a.txt")
    assert [document.text[b.start : b.end] for b in document.blocks] == ["One", "Two", "Three"]


@pytest.mark.parametrize("name", ["a.md", "A.MARKDOWN"])
def test_markdown_is_known_by_its_suffix(name: str) -> None:
    assert format_for(name).name == "Markdown"


def test_an_unknown_suffix_is_plain_text() -> None:
    assert format_for("notes.article").name == "text"


def test_jsonl_is_not_one_document() -> None:
    with pytest.raises(FormatError, match=r"a\.jsonl: a JSONL file holds one document a line"):
        format_for("a.jsonl")


def test_reading_and_writing_a_file(tmp_path: Path) -> None:
    path = tmp_path / "article.txt"
    path.write_bytes("\ufeffOne.\r\nTwo.".encode())
    document = read_document(path)
    assert (document.name, document.text) == ("article.txt", "\ufeffOne.\r\nTwo.")
    out = tmp_path / "out" / "article.txt"
    write_document(out, document, document.text.replace("Two", "Drei"))
    assert out.read_bytes() == "\ufeffOne.\r\nDrei.".encode()
    assert [p.name for p in out.parent.iterdir()] == ["article.txt"]


def test_read_text_leaves_the_byte_order_mark_out(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeff快手\r\n".encode())
    assert read_text(path) == "快手\r\n"


@pytest.mark.parametrize("content", [b"", b" \r\n\n", "\ufeff\n".encode()])
def test_an_empty_document_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    for read in (read_document, read_text):
        with pytest.raises(InputError, match=r"a\.txt: the document is empty"):
            read(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.txt: no such file; check the name"):
        read_document(tmp_path / "none.txt")
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(InputError, match=r"folder\.txt: a folder, where a file is meant"):
        read_document(tmp_path / "folder.txt")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(InputError, match=r"a\.txt: may not be read"):
        read_document(path)


def test_a_binary_file_names_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a.dat"
    path.write_bytes(b"PK\x03\x04\x00")
    with pytest.raises(FormatError, match=rf"{tmp_path}/a\.dat: binary data"):
        read_document(path)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"a\.txt: cannot be written \(no space left on device\)"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(InputError, match=r"a\.txt: cannot be written"):
        write_atomic(tmp_path / "a.txt", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_permissions_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_atomic(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_only_the_shop_names_of_the_seed_article_are_protected() -> None:
    document = read_document(SEED)
    assert {document.text[s.start : s.end] for s in protected_spans(document.text)} == {"JD.com"}
    assert len(document.blocks) == sum(1 for line in document.text.split("\n") if line.strip())
