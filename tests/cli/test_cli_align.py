"""`regloss align`, as users call it, in this process."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from regloss.cli import main

SOURCE = """3月5日，快手发布了12款新品。
第一天卖出2800件，比去年多650件。
京东也在1987平方米的店里上架[新]。
公司说，还有40款在路上。
"""
TARGET = """On March 5, Kuaishou launched 12 new products.
On the first day it sold 2,800 pieces, 650 more than last year.
JD.com put them on the shelves of its 1,987-square-metre shop too [new].
The company says 40 more are on the way :fire:.
"""
TERMS = "source_term\ttarget\n快手\tKuaishou\n京东\tJD.com\n"


@pytest.fixture
def regloss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "200")
    for name, text in {"a.zh.txt": SOURCE, "a.en.txt": TARGET, "terms.tsv": TERMS, "empty.txt": "\n"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["regloss", "align", *arguments])
        with pytest.raises(SystemExit) as caught:
            main()
        captured = capsys.readouterr()
        return int(caught.value.code or 0), captured.out, captured.err

    return call


def test_table(regloss: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = regloss("a.en.txt", "--source", "a.zh.txt", "--glossary", "terms.tsv")
    assert code == 0
    assert out.startswith("parallel\n")
    assert "both have 4 lines, line for line" in out
    assert "[new]" in out
    assert ":fire:" in out


def test_tsv_has_one_line_a_pair(regloss: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = regloss("a.en.txt", "--source", "a.zh.txt", "--glossary", "terms.tsv", "--format", "tsv")
    rows = [line.split("\t") for line in out.splitlines()]
    assert code == 0
    assert [row[:2] for row in rows] == [
        list(pair) for pair in zip(SOURCE.splitlines(), TARGET.splitlines(), strict=True)
    ]
    assert all(0 <= float(row[2]) <= 1 for row in rows)


def test_json(regloss: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = regloss("a.en.txt", "--source", "a.zh.txt", "--glossary", "terms.tsv", "--format", "json")
    answer = json.loads(out)
    assert code == 0
    assert answer["relation"] == "parallel"
    assert answer["pairs"][0]["target"] == "On March 5, Kuaishou launched 12 new products."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.txt", "--source", "a.zh.txt"), "none.txt: no such file"),
        (("a.en.txt", "--source", "none.txt"), "none.txt: no such file"),
        (("a.en.txt", "--source", "empty.txt"), "empty.txt: the document is empty"),
        (("a.zh.txt", "--source", "a.en.txt"), "a.zh.txt is Chinese and a.en.txt is not; TARGET is the English file"),
    ],
)
def test_bad_input(regloss: Callable[..., tuple[int, str, str]], arguments: tuple[str, ...], message: str) -> None:
    code, out, err = regloss(*arguments)
    assert code == 2
    assert out == ""
    assert message in err


def test_the_project_says_the_glossary(regloss, tmp_path: Path) -> None:
    (tmp_path / "regloss.toml").write_text('glossary = ["no.tsv"]\n', encoding="utf-8")
    code, _, errors = regloss("a.en.txt", "--source", "a.zh.txt")
    assert code == 2
    assert "no.tsv" in errors
    assert regloss("a.en.txt", "--source", "a.zh.txt", "--glossary", "terms.tsv")[0] == 0
