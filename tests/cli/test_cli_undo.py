"""`regloss undo` on what each command leaves, as users call it, in this process."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from regloss.cli import main

TERMS = "source_term\ttarget\twrong_variants\n快手\tKuaishou\tKaishou\n抖音\tDouyin\tshake-sound-app\n"
WRONG = "Kaishou and shake-sound-app grow.\r\n"


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def regloss(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "terms.tsv").write_text(TERMS, encoding="utf-8")
    (tmp_path / "in").mkdir()
    for name in ("in/a.en.txt", "in/b.en.txt", "alone.txt"):
        (tmp_path / name).write_bytes(WRONG.encode())
        (tmp_path / name.replace(".en.", ".zh.").replace("alone.", "alone.zh.")).write_text(
            "快手和抖音增长。\n", encoding="utf-8"
        )

    def call(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["regloss", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capfd.readouterr()
        return Result(int(left.value.code or 0), out, err)

    return call


def test_an_in_place_repair_is_undone_by_term_and_by_file(regloss: Callable[..., Result], tmp_path: Path) -> None:
    one, two = tmp_path / "in" / "a.en.txt", tmp_path / "alone.txt"
    result = regloss("fix", one, two, "--in-place", "--glossary", "terms.tsv")
    run = result.err.splitlines()[-1].split()[-1]
    assert regloss("undo", run, "--term", "抖音").out.endswith("2 edits taken back in 2 files\n")
    assert [path.read_bytes() for path in (one, two)] == [b"Kuaishou and shake-sound-app grow.\r\n"] * 2
    assert f"{two}: 1 edit taken back" in regloss("undo", run, "--file", "alone.txt").out
    assert two.read_bytes() == WRONG.encode()
    assert one.read_bytes() != WRONG.encode()
    assert regloss("undo", run).code == 0
    assert one.read_bytes() == WRONG.encode()
    assert regloss("undo", run).out == "nothing was left to undo\n"


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (("fix", "in/a.en.txt", "-o", "out"), "out/a.en.txt"),
        (("run", "in/a.en.txt", "--source", "in/a.zh.txt", "--model", "echo", "-o", "out"), "out/fixed.txt"),
        (("batch", "in", "-o", "out"), "out/a.en.txt"),
        (("batch", "in", "-o", "out", "--task", "run", "--model", "echo", "--jobs", 1), "out/a.en.txt/fixed.txt"),
    ],
)
def test_each_command_leaves_a_way_back(
    command: tuple[object, ...], written: str, regloss: Callable[..., Result], tmp_path: Path
) -> None:
    result = regloss(*command, "--glossary", "terms.tsv")
    assert result.code == 0, result.err
    fixed = (tmp_path / written).read_bytes()
    assert fixed == b"Kuaishou and Douyin grow.\r\n"
    assert regloss("undo", "out", "--term", "快手", "--file", written).code == 0
    assert (tmp_path / written).read_bytes() == b"Kaishou and Douyin grow.\r\n"
    assert regloss("undo", "out", "--term", "no such").err.startswith("error: no edit of 'no such' was made there")
    assert regloss("undo", "out").code == 0
    assert (tmp_path / written).read_bytes() == WRONG.encode()


def test_a_batch_of_scores_has_nothing_to_undo(regloss: Callable[..., Result]) -> None:
    assert regloss("batch", "in", "-o", "out", "--task", "score", "--jobs", 1, "--glossary", "terms.tsv").code == 0
    result = regloss("undo", "out")
    assert result.code == 2
    assert "no run.json lies there" in result.err
