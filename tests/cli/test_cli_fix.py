"""`regloss fix`, `undo` and `run`, as users call them, in this process."""

import json
import os
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple

import pytest

from regloss.cli import main

TERMS = (
    "source_term\ttarget\twrong_variants\n抖音火山\tHuoshan\tvibrato volcano\n快手\tKuaishou\tKaishou|quick-hand-app\n"
)
WRONG = "Kaishou grows.\r\nThe platform ’s fans like Kaishou. .\r\n"
RIGHT = "Kuaishou grows.\r\nThe platform’s fans like Kuaishou.\r\n"


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def regloss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("REGLOSS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "terms.tsv").write_text(TERMS, encoding="utf-8")
    (tmp_path / "a.en.txt").write_bytes(WRONG.encode())

    def call(*arguments: object, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "argv", ["regloss", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(stdin)))
        with pytest.raises(SystemExit) as caught:
            main()
        captured = capsysbinary.readouterr()
        code = caught.value.code
        return Result(code if isinstance(code, int) else 0, captured.out.decode(), captured.err.decode())

    return call


def fix(regloss: Callable[..., Result], *arguments: object, **more: bytes) -> Result:
    return regloss("fix", *arguments, "--glossary", "terms.tsv", **more)


def one_line(result: Result) -> str:
    assert result.code == 2, result
    (line,) = result.err.splitlines()
    assert line.startswith("error: ")
    assert result.out == ""
    return line


def test_one_file_goes_to_stdout_byte_for_byte(regloss) -> None:
    result = fix(regloss, "a.en.txt")
    assert (result.code, result.out) == (0, RIGHT)
    assert "edits" in result.err


def test_check_lists_what_would_change_and_exits_1(regloss, tmp_path: Path) -> None:
    result = fix(regloss, "a.en.txt", "--check")
    assert result.code == 1
    assert "a.en.txt:1:1: 'Kaishou' → 'Kuaishou'" in result.out
    assert (tmp_path / "a.en.txt").read_bytes() == WRONG.encode()
    (tmp_path / "b.en.txt").write_bytes(RIGHT.encode())
    assert fix(regloss, "b.en.txt", "--check").code == 0


def test_diff_is_a_unified_diff(regloss) -> None:
    result = fix(regloss, "a.en.txt", "--diff")
    assert result.code == 0
    assert "-Kaishou grows." in result.out
    assert "+Kuaishou grows." in result.out


def test_explain_shows_the_sum_of_the_evidence(regloss) -> None:
    result = fix(regloss, "a.en.txt", "--explain")
    assert "+0.80  a known wrong rendering that is not good English" in result.out


def test_artefact_rules_can_be_switched_off(regloss) -> None:
    result = fix(regloss, "a.en.txt", "--without", "doubled-stop")
    assert result.out.endswith("Kuaishou. .\r\n")
    assert "there are: all, unlisted, space-before" in one_line(fix(regloss, "a.en.txt", "--without", "nope"))


def test_the_search_for_unlisted_renderings_can_be_switched_off(regloss, tmp_path: Path) -> None:
    record = {"id": 1, "source": "香港银行业保持稳健。", "target": "The banking industry in Hong Kong remains sound."}
    (tmp_path / "a.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    (tmp_path / "terms.tsv").write_text("source_term\ttarget\n银行业\tbanking sector\n", encoding="utf-8")
    command = ("fix", "a.jsonl", "--glossary", "terms.tsv")
    assert "banking sector" in regloss(*command).out
    assert "banking industry" in regloss(*command, "--without", "unlisted").out
    # The echo engine finds every text equally likely, so it doubts nothing.
    assert "banking sector" in regloss(*command, "--check-likelihood", "--model", "echo").out
    assert "zh-en-small" in one_line(regloss(*command, "--check-likelihood", "--model", "no-such-model"))


def test_the_project_configuration_counts_and_options_win_over_it(
    regloss, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("There is a space , here , twice.\n", encoding="utf-8")
    assert regloss("fix", "a.txt", "--check").code == 1
    Path("regloss.toml").write_text('artefacts_off = ["all"]\n', encoding="utf-8")
    assert regloss("fix", "a.txt", "--check").code == 0
    assert regloss("fix", "a.txt", "--check", "--without", "unlisted").code == 1
    refused = regloss("fix", "a.txt", "--model", "zh-en-small")
    assert (refused.code, "--check-likelihood" in refused.err) == (2, True)


def test_a_folder_is_written_under_its_own_names_and_can_be_undone(regloss, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.txt").write_bytes(WRONG.encode())
    (folder / "b.md").write_bytes("\ufeff# Kaishou\n\n`Kaishou`\n".encode())
    (folder / "c.jsonl").write_text('{"id": 7, "target": "Kaishou", "extra": 1.50}\n', encoding="utf-8")
    assert fix(regloss, folder, "-o", "out").code == 0
    out = tmp_path / "out"
    assert (out / "deep" / "a.txt").read_bytes() == RIGHT.encode()
    assert (out / "b.md").read_bytes() == "\ufeff# Kuaishou\n\n`Kaishou`\n".encode()
    record = json.loads((out / "c.jsonl").read_text(encoding="utf-8"))
    assert record["target"] == "Kuaishou"
    assert record["edits"][0]["before"] == "Kaishou"
    assert '"extra": 1.50' in (out / "c.jsonl").read_text(encoding="utf-8")
    edits = [json.loads(line) for line in (out / "edits.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {"deep/a.txt", "b.md", "c.jsonl"} == {edit["file"] for edit in edits}
    for edit in edits:
        if edit["file"] == "deep/a.txt":
            assert WRONG[edit["start"] : edit["end"]] == edit["before"]
    assert regloss("undo", out).code == 0
    for name in ("deep/a.txt", "b.md", "c.jsonl"):
        assert (out / name).read_bytes() == (folder / name).read_bytes()


def test_undo_refuses_a_file_that_was_changed_since(regloss, tmp_path: Path) -> None:
    fix(regloss, "a.en.txt", "-o", "out")
    (tmp_path / "out" / "a.en.txt").write_bytes(b"mine now")
    assert "was changed since the run; nothing was undone" in one_line(regloss("undo", "out"))
    assert (tmp_path / "out" / "a.en.txt").read_bytes() == b"mine now"
    assert "no run.json lies there" in one_line(regloss("undo", tmp_path))


def test_in_place_can_be_undone(regloss, tmp_path: Path) -> None:
    result = fix(regloss, "a.en.txt", "--in-place")
    assert (tmp_path / "a.en.txt").read_bytes() == RIGHT.encode()
    run = result.err.splitlines()[-1].split()[-1]
    assert regloss("undo", run).code == 0
    assert (tmp_path / "a.en.txt").read_bytes() == WRONG.encode()


def test_jsonl_streams_from_stdin_to_stdout(regloss) -> None:
    line = '{"id": "x", "target": "It plays Kaishou.", "source": "它玩快手。", "note": null}\n'
    result = fix(regloss, "-", stdin=line.encode())
    record = json.loads(result.out)
    assert record["target"] == "It plays Kuaishou."
    assert record["note"] is None
    (edit,) = record["edits"]
    assert {"start", "end", "before", "after", "term", "tier", "reason"} <= set(edit)
    assert (edit["start"], edit["end"], edit["term"], edit["tier"]) == (9, 16, "快手", "auto")


BAD_INPUT = {
    "missing file": (["nowhere.txt"], "nowhere.txt: "),
    "empty document": (["empty.txt"], "empty.txt: the document is empty"),
    "binary file": (["binary.txt"], "binary.txt: "),
    "undecodable file": (["broken.txt"], "broken.txt:1: neither UTF-8 nor GB18030"),
    "folder without texts": (["folder"], "folder: holds no file of a known format"),
    "broken JSONL line": (["broken.jsonl"], "broken.jsonl:2: "),
    "two ways at once": (["a.en.txt", "--check", "--diff"], "choose one of"),
    "stdin and files": (["-", "a.en.txt"], "cannot be mixed"),
    "many files to stdout": (["a.en.txt", "b.en.txt"], "cannot go to stdout"),
    "source for many": (["a.en.txt", "b.en.txt", "--source", "b.en.txt", "-o", "out"], "--source goes with one file"),
    "missing source": (["a.en.txt", "--source", "nowhere.txt"], "nowhere.txt: "),
    "full folder": (["a.en.txt", "-o", "full"], "is not empty; give another folder, or --force"),
    "file as folder": (["a.en.txt", "-o", "b.en.txt"], "is a file; give a folder"),
    "same name twice": (["a.en.txt", "other/a.en.txt", "-o", "out"], "would both be written as a.en.txt"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_one_line_and_leaves_nothing(regloss, tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "empty.txt").write_bytes(b" \n")
    (tmp_path / "binary.txt").write_bytes(b"\x00\x01\x02PNG")
    (tmp_path / "broken.txt").write_bytes(b"Kaishou \xc3\x28 \xff\xff")
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken.jsonl").write_text('{"target": "Kaishou"}\n{"target": \n', encoding="utf-8")
    (tmp_path / "b.en.txt").write_text("Kaishou\n", encoding="utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.en.txt").write_text("Kaishou\n", encoding="utf-8")
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    result = fix(regloss, *arguments)
    assert result.code == 2
    (line,) = result.err.splitlines()
    assert message in line
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- source: 快手\n  target: Kuaishou\n  forbiden: [x]\n", "bad.yaml:3: unknown key 'forbiden'"),
        ("- source: [快手\n", "bad.yaml:"),
        ("- target: Kuaishou\n", "bad.yaml:1: "),
    ],
)
def test_a_bad_glossary_is_named_with_its_line(regloss, tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "bad.yaml").write_text(content, encoding="utf-8")
    assert message in one_line(regloss("fix", "a.en.txt", "--glossary", "bad.yaml"))


def test_an_unknown_glossary_names_those_there_are(regloss) -> None:
    assert "zh-en/short-video" in one_line(regloss("fix", "a.en.txt", "--glossary", "zh-en/short-vido"))


def test_force_writes_beside_what_is_there(regloss, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious.txt").write_text("mine", encoding="utf-8")
    assert fix(regloss, "a.en.txt", "-o", "full", "--force").code == 0
    assert (tmp_path / "full" / "precious.txt").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "full" / "a.en.txt").read_bytes() == RIGHT.encode()


def test_ctrl_c_leaves_nothing_and_exits_130(regloss, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: object, **_more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("regloss.batch.fixing.fix_document", interrupt)
    result = fix(regloss, "a.en.txt", "-o", "out")
    assert result.code == 130
    assert not (tmp_path / "out").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".out")]


class TestRun:
    """The main job with the echo engine, which needs no model."""

    def run(self, regloss: Callable[..., Result], *more: object) -> Result:
        return regloss(
            "run", "a.en.txt", "--source", "a.zh.txt", "-o", "out", "--glossary", "terms.tsv", "--model", "echo", *more
        )

    @pytest.fixture(autouse=True)
    def source(self, tmp_path: Path) -> None:
        (tmp_path / "a.zh.txt").write_text("快手在增长。\n平台的粉丝喜欢快手。\n", encoding="utf-8")

    def test_everything_promised_is_written(self, regloss, tmp_path: Path) -> None:
        assert self.run(regloss).code == 0
        names = {path.name for path in (tmp_path / "out").iterdir()}
        assert names >= {
            "fixed.txt", "retranslated.txt", "edits.jsonl", "scores.json", "report.html", "report.md", "run.json",
        }  # fmt: skip
        assert (tmp_path / "out" / "fixed.txt").read_bytes() == RIGHT.encode()
        assert len((tmp_path / "out" / "retranslated.txt").read_text(encoding="utf-8").splitlines()) == 2
        assert regloss("undo", "out").code == 0
        assert (tmp_path / "out" / "fixed.txt").read_bytes() == WRONG.encode()

    def test_an_unknown_model_names_those_there_are(self, regloss, tmp_path: Path) -> None:
        line = one_line(self.run(regloss, "--model", "no-such-model"))
        assert "zh-en-small" in line
        assert not (tmp_path / "out").exists()

    def test_a_configuration_file_is_read_and_its_faults_are_named(self, regloss, tmp_path: Path) -> None:
        (tmp_path / "regloss.toml").write_text('artefacts_off = ["all"]\n', encoding="utf-8")
        self.run(regloss)
        assert "’s fans" in (tmp_path / "out" / "fixed.txt").read_text(encoding="utf-8")
        assert " ’s fans" in (tmp_path / "out" / "fixed.txt").read_text(encoding="utf-8")
        (tmp_path / "regloss.toml").write_text("beem = 3\n", encoding="utf-8")
        assert "regloss.toml: unknown key 'beem'; known keys: glossary, tier" in one_line(self.run(regloss, "--force"))

    def test_a_folder_where_a_file_is_meant(self, regloss, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        line = one_line(regloss("run", "folder", "--source", "a.zh.txt", "-o", "out", "--model", "echo"))
        assert "folder" in line


def test_in_place_goes_through_links_once_and_can_be_undone(regloss, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.txt").symlink_to("../a.en.txt")
    result = fix(regloss, "a.en.txt", "in", "--in-place")
    assert (tmp_path / "in" / "link.txt").is_symlink()
    assert (tmp_path / "a.en.txt").read_bytes() == RIGHT.encode()
    assert regloss("undo", result.err.splitlines()[-1].split()[-1]).code == 0
    assert (tmp_path / "a.en.txt").read_bytes() == WRONG.encode()


def test_results_are_never_written_over_what_is_read(regloss, tmp_path: Path) -> None:
    line = one_line(fix(regloss, "a.en.txt", "-o", ".", "--force"))
    assert "a.en.txt would be written over, and it is a text to read" in line
    assert (tmp_path / "a.en.txt").read_bytes() == WRONG.encode()


def test_a_file_named_like_what_stands_beside_the_results_is_refused(regloss, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "edits.jsonl").write_text('{"id": 1, "target": "Kaishou"}\n', encoding="utf-8")
    line = one_line(fix(regloss, "in", "-o", "out"))
    assert "in/edits.jsonl: regloss itself writes edits.jsonl there" in line
    assert not (tmp_path / "out").exists()


def test_results_below_the_folder_that_is_read_are_no_input(regloss, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(WRONG.encode())
    for _ in range(2):
        assert fix(regloss, "in", "-o", "in/out", "--force").code == 0
        assert not (tmp_path / "in" / "out" / "out").exists()


@pytest.mark.parametrize("way", ["b.txt/c.txt", "deep"])
def test_what_is_in_the_way_is_named_before_anything_is_written(regloss, tmp_path: Path, way: str) -> None:
    for name in ("a.txt", "b.txt", "deep/c.txt"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(WRONG.encode())
    (tmp_path / "out" / way).parent.mkdir(parents=True)
    (tmp_path / "out" / way).write_bytes(b"mine")
    assert f"{way.split('/')[0]} is a f" in one_line(fix(regloss, "in", "-o", "out", "--force"))
    assert [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()] == [Path(way).name]


def test_names_of_files_that_are_not_utf8_are_no_trouble(regloss, tmp_path: Path) -> None:
    # As an archive from a Chinese Windows leaves them.
    folder = tmp_path / "in"
    folder.mkdir()
    names = ["快手.txt", "抖音.html"]
    try:
        for name in names:
            (folder / os.fsdecode(name.encode("gb18030"))).write_bytes(WRONG.encode())
    except OSError:
        pytest.skip("this file system takes names in UTF-8 alone")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert fix(regloss, folder, "--check").code == 1
    assert fix(regloss, folder, "--diff").code == 0
    assert fix(regloss, folder, "-o", "out").code == 0
    batch = regloss("batch", folder, "-o", "batch", "--jobs", 1, "--glossary", "terms.tsv")
    assert batch.code == 0, batch
    result = fix(regloss, folder, "--in-place")
    for run in ("out", "batch", result.err.splitlines()[-1].split()[-1]):
        assert regloss("undo", run).code == 0
    for place in ("in", "out", "batch"):
        found = [tmp_path / place / name for name in before]
        assert {path.name: path.read_bytes() for path in found} == before


def test_a_text_cut_in_an_emoji_is_repaired_like_any_other(regloss, tmp_path: Path) -> None:
    line = '{"id": "\\ud83d", "target": "Kaishou \\ud83d"}\n'
    (tmp_path / "a.jsonl").write_text(line, encoding="utf-8")
    assert fix(regloss, "a.jsonl", "-o", "out").code == 0
    assert '"target": "Kuaishou \\ud83d"' in (tmp_path / "out" / "a.jsonl").read_text(encoding="utf-8")
    assert '"id": "\\ud83d"' in (tmp_path / "out" / "edits.jsonl").read_text(encoding="utf-8")
    assert regloss("undo", "out").code == 0
    assert (tmp_path / "out" / "a.jsonl").read_text(encoding="utf-8") == line
