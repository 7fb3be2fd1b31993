from pathlib import Path

import pytest

from regloss.errors import InputError
from regloss.formats.discover import discover, real_files
from regloss.formats.fields import Fields
from regloss.formats.registry import known_suffixes

FILES = {
    "a.txt": b"a",
    "b.csv": b"id,Target\n1,a\n",
    "c.csv": b"id,price\n1,2\n",
    "d.json": b'{"name": "x"}',
    "e.json": b'[{"target": "x"}]',
    "f.tsv": '\ufeff"text"\tzh\r\n'.encode(),
    "g.csv": b"\x00",
    "h.csv": "target,b\n".encode("utf-16"),
    "i.docx": b"",
    "j.exe": b"",
    ".k.txt": b"",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_data_and_settings_in_a_folder_are_passed_over(folder: Path) -> None:
    names = [file.name for file in discover([folder], known_suffixes())]
    # The reader of g.csv and h.csv is to say what it thinks of them.
    assert names == ["a.txt", "b.csv", "e.json", "g.csv", "h.csv", "i.docx"]


def test_named_fields_decide_and_travel_with_the_file(folder: Path) -> None:
    fields = Fields("text", "zh")
    files = discover([folder], known_suffixes(), fields)
    assert [file.name for file in files] == ["a.txt", "d.json", "e.json", "f.tsv", "g.csv", "h.csv", "i.docx"]
    assert {file.fields for file in files} == {fields}


def test_a_file_that_is_named_is_meant(folder: Path) -> None:
    assert [file.name for file in discover([folder / "c.csv", folder / "j.exe"], known_suffixes())] == [
        "c.csv",
        "j.exe",
    ]


def test_a_folder_of_data_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    with pytest.raises(InputError, match="holds no file of a known format"):
        discover([tmp_path], known_suffixes())


def test_results_below_the_folder_are_no_input(folder: Path) -> None:
    (folder / "out" / "deep").mkdir(parents=True)
    (folder / "out" / "deep" / "a.txt").write_bytes(b"a")
    names = [file.name for file in discover([folder], (".txt",), results=folder / "x" / ".." / "out")]
    assert names == ["a.txt"]
    assert [file.name for file in discover([folder / "out"], (".txt",), results=folder / "out")] == ["deep/a.txt"]


def test_links_stand_for_the_files_that_they_lead_to(folder: Path) -> None:
    (folder / "0.txt").symlink_to("a.txt")
    (file,) = real_files(discover([folder], (".txt",)))
    assert file.path == (folder / "a.txt").resolve()
