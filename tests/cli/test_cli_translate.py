"""`regloss translate` and `regloss models`, run as users run them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GLOSSARY = "source_term\ttarget\n快手\tKuaishou\n京东\tJD.com\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private place for cache, memory and models."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def regloss(home: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    (tmp_path / "terms.tsv").write_text(GLOSSARY, encoding="utf-8")

    def run(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
        places = {"REGLOSS_CACHE": str(home / "cache"), "REGLOSS_MODELS": str(home / "models")}
        return subprocess.run(
            [sys.executable, "-m", "regloss", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "200", **places, **environment},
            timeout=120,
            check=False,
        )

    return run


def one_error(done: subprocess.CompletedProcess[bytes]) -> str:
    assert done.returncode == 2, done.stderr
    assert done.stdout == b""
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    return lines[0]


def test_text_goes_line_by_line_to_stdout(regloss, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.zh.txt").write_bytes("快手盈利。\r\n\r\nabc\r\n京东\r\n".encode())
    done = regloss("translate", "a.zh.txt", "--glossary", "terms.tsv")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode().split("\r\n")
    assert len(lines) == 5
    assert "Kuaishou" in lines[0]
    assert lines[1:] == ["", "abc", "JD.com", ""]
    signature = done.stderr.decode().splitlines()[-1]
    assert signature.startswith("regloss ")
    assert all(part in signature for part in ("model zh-en-small@", "ctranslate2-", "glossary ", "beam 4"))


def test_a_file_without_chinese_is_left_with_a_warning(regloss, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.en.txt").write_bytes(b"Already English.\n")
    done = regloss("translate", "a.en.txt", "--glossary", "terms.tsv")
    assert (done.returncode, done.stdout) == (0, b"Already English.\n")
    assert done.stderr.decode().startswith("warning: a.en.txt: nothing in it wants translating; it stays as it is\n")


def test_the_project_says_glossary_and_beam_and_the_command_line_wins(regloss, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "regloss.toml").write_text('glossary = ["terms.tsv"]\nbeam = 2\n', encoding="utf-8")
    (tmp_path / "other.tsv").write_text("source_term\ttarget\n京东\tJingdong Mall\n", encoding="utf-8")
    (tmp_path / "a.zh.txt").write_text("京东\n", encoding="utf-8")
    done = regloss("translate", "a.zh.txt")
    assert done.stdout.decode() == "JD.com\n"
    assert "beam 2" in done.stderr.decode()
    done = regloss("translate", "a.zh.txt", "--glossary", "other.tsv", "--beam", "1")
    assert done.stdout.decode() == "Jingdong Mall\n"
    assert "beam 1" in done.stderr.decode()
    (tmp_path / "regloss.toml").write_text("beam = 0\n", encoding="utf-8")
    assert "regloss.toml: 'beam' must be 1 or more" in one_error(regloss("translate", "a.zh.txt"))


def test_a_folder_goes_to_a_folder_with_a_term_log(regloss, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "a.txt").write_text("快手盈利。\n", encoding="utf-8")
    (tmp_path / "in" / "deep" / "b.jsonl").write_text(
        '{"id": "x", "source": "京东盈利。", "note": "stays"}\n', encoding="utf-8"
    )
    done = regloss("translate", "in", "-o", "out", "--glossary", "terms.tsv")
    assert done.returncode == 0, done.stderr
    assert sorted(p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()) == [
        "a.txt",
        "deep/b.jsonl",
        "terms.jsonl",
    ]
    record = json.loads((tmp_path / "out" / "deep" / "b.jsonl").read_text(encoding="utf-8"))
    assert (record["id"], record["source"], record["note"]) == ("x", "京东盈利。", "stays")
    assert "JD.com" in record["target"]
    log = [json.loads(line) for line in (tmp_path / "out" / "terms.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(o["file"], o["segment"], o["term"]) for o in log] == [
        ("a.txt", "s1", "快手"),
        ("deep/b.jsonl", "x", "京东"),
    ]
    assert b"honoured" in done.stdout
    again = regloss("translate", "in", "-o", "out")
    assert "is not empty" in one_error(again)
    assert regloss("translate", "in", "-o", "out", "--force").returncode == 0


def test_stdin_is_jsonl_or_text(regloss) -> None:  # type: ignore[no-untyped-def]
    done = regloss("translate", "-", "--model", "echo", stdin='{"source": "好"}\n{"source": "坏"}\n'.encode())
    assert [json.loads(line)["target"] for line in done.stdout.splitlines()] == ["好", "坏"]
    assert regloss("translate", "-", "--model", "echo", stdin="好\n坏".encode()).stdout.decode() == "好\n坏"


def test_a_memory_is_kept_and_changes_nothing(regloss, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.txt").write_text("公司盈利。\n", encoding="utf-8")
    first = regloss("translate", "a.txt", "--memory", "m.sqlite")
    assert (tmp_path / "m.sqlite").is_file()
    assert regloss("translate", "a.txt", "--memory", "m.sqlite").stdout == first.stdout
    assert regloss("translate", "a.txt", "--no-memory").stdout == first.stdout
    (tmp_path / "bad.sqlite").write_bytes(b"x" * 5000)
    assert "bad.sqlite: cannot be used as a translation memory" in one_error(
        regloss("translate", "a.txt", "--memory", "bad.sqlite")
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.txt"], "absent.txt: does not exist"),
        (["a.txt", "--model", "nope"], "there is no model 'nope'; installed: zh-en-small"),
        (["a.txt", "b.txt"], "several files cannot go to stdout"),
        (["a.txt", "-"], "cannot be mixed"),
        (["a.txt", "--glossary", "nope"], "nope"),
        (["a.txt", "--memory", "m", "--no-memory"], "choose one of"),
        (["empty.txt"], "the document is empty"),
        (["binary.txt"], "binary.txt"),
        (["bad.jsonl", "-o", "out", "--model", "echo"], "bad.jsonl:2: not a JSON object"),
        (["terms.jsonl", "-o", "out"], "regloss itself writes terms.jsonl there"),
        (["a.txt", "-o", ".", "--force"], "is a text to read"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(  # type: ignore[no-untyped-def]
    regloss, tmp_path: Path, arguments: list[str], message: str
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("好\n", encoding="utf-8")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "binary.txt").write_bytes(b"\x00\x01\xff\x00" * 50)
    for name in ("bad.jsonl", "terms.jsonl"):
        (tmp_path / name).write_text('{"source": "x"}\n{"source": \n', encoding="utf-8")
    before = sorted(p.name for p in tmp_path.iterdir())
    assert message in one_error(regloss("translate", *arguments))
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_models_are_listed_and_verified(regloss) -> None:  # type: ignore[no-untyped-def]
    listed = regloss("models", "list").stdout.decode()
    assert "zh-en-small" in listed
    assert "opus-mt-zh-en" in listed
    assert "CC-BY-4.0" in listed
    done = regloss("models", "verify")
    assert (done.returncode, b"zh-en-small: 8 files intact" in done.stdout) == (0, True)
    assert "there is no model 'nope'" in one_error(regloss("models", "verify", "nope"))


def test_pulling_without_a_network_says_what_is_missing(regloss, home: Path) -> None:  # type: ignore[no-untyped-def]
    fault = one_error(regloss("models", "pull", "opus-mt-zh-en", HF_ENDPOINT="http://127.0.0.1:1"))
    assert "needs a network" in fault
    assert not (home / "models").exists()
    assert "the catalogue has no model 'nope'; available: opus-mt-zh-en" in one_error(regloss("models", "pull", "nope"))


def test_bilingual_files_get_their_empty_targets_filled(regloss, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.po").write_text('msgid "京东"\nmsgstr ""\n\nmsgid "公司"\nmsgstr "The firm"\n', encoding="utf-8")
    (folder / "a.csv").write_text("source,target\r\n京东,\r\n公司,The firm\r\n", encoding="utf-8", newline="")
    (folder / "done.csv").write_text("source,target\n公司,The firm\n", encoding="utf-8")
    (folder / "plain.txt").write_text("京东\n", encoding="utf-8")
    done = regloss("translate", "in", "-o", "out", "--glossary", "terms.tsv", "--no-memory")
    assert done.returncode == 0, done.stderr
    read = {path.name: path.read_bytes().decode() for path in (tmp_path / "out").iterdir()}
    assert read["a.po"] == '#, fuzzy\nmsgid "京东"\nmsgstr "JD.com"\n\nmsgid "公司"\nmsgstr "The firm"\n'
    assert read["a.csv"] == "source,target\r\n京东,JD.com\r\n公司,The firm\r\n"
    assert read["done.csv"] == "source,target\n公司,The firm\n"
    assert read["plain.txt"] == "JD.com\n"
    assert {json.loads(line)["file"] for line in read["terms.jsonl"].splitlines()} == {"a.po", "a.csv", "plain.txt"}


def test_columns_are_named_and_targets_overwritten_where_that_is_asked_for(regloss, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.csv").write_text("zh,en,note\n京东,Firm,京东\n", encoding="utf-8")
    columns = ("--target-field", "en", "--source-field", "zh", "--glossary", "terms.tsv", "--no-memory")
    assert regloss("translate", "a.csv", *columns).stdout.decode() == "zh,en,note\n京东,Firm,京东\n"
    assert regloss("translate", "a.csv", "--overwrite", *columns).stdout.decode() == "zh,en,note\n京东,JD.com,京东\n"
    assert "has no column 'fr'" in one_error(regloss("translate", "a.csv", "--target-field", "fr"))
