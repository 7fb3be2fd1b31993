"""Pairs come line by line, from JSONL, or from an alignment; texts that do not belong together are refused."""

from pathlib import Path

import pytest

from regloss.errors import InputError, UsageError
from regloss.glossary.parallel import Pair, read_pairs

ZH = "快手在2019年推出了直播功能。\n第二年用户达到3亿。\n公司在香港上市。\n"
EN = "Kuaishou launched livestreaming in 2019. The year after, 300 million used it.\nThe company listed in Hong Kong.\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_lines_are_paired_and_blank_ones_passed_over(tmp_path: Path) -> None:
    source, target = write(tmp_path / "a.zh.txt", "一\n\n三\n"), write(tmp_path / "a.en.txt", "one\n\nthree\n")
    wanted = [Pair("a.en.txt:1", "一", "one"), Pair("a.en.txt:3", "三", "three")]
    assert list(read_pairs(source, target)) == wanted
    assert list(read_pairs(None, target)) == wanted


def test_folders_are_paired_by_name(tmp_path: Path) -> None:
    write(tmp_path / "zh/deep/a.txt", "一\n")
    write(tmp_path / "en/deep/a.txt", "one\n")
    assert list(read_pairs(tmp_path / "zh", tmp_path / "en")) == [Pair("deep/a.txt:1", "一", "one")]


def test_jsonl_holds_both_sides(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", '{"source": "一", "target": "one"}\n{"target": "alone"}\n')
    assert list(read_pairs(None, file)) == [Pair("a.jsonl:1", "一", "one")]


def test_sentences_are_aligned_where_lines_differ(tmp_path: Path) -> None:
    pairs = list(read_pairs(write(tmp_path / "a.zh.txt", ZH), write(tmp_path / "a.en.txt", EN)))
    assert "公司在香港上市" in pairs[-1].source
    assert pairs[-1].target.startswith("The company listed")
    assert pairs[-1].place == "a.en.txt:2"


def test_what_cannot_be_paired_is_refused(tmp_path: Path) -> None:
    source, target = write(tmp_path / "zh/a.txt", "一\n"), write(tmp_path / "en/b.txt", "one\n")
    with pytest.raises(InputError, match=r"b\.txt: no source file belongs to it"):
        list(read_pairs(tmp_path / "zh", tmp_path / "en"))
    with pytest.raises(UsageError, match="must both be files or both be folders"):
        list(read_pairs(source, tmp_path / "en"))
    write(source, "今天天气很好。\n我们去公园。\n" * 6)
    write(target, "Shares fell by 3% on Monday.\n" * 5)
    with pytest.raises(InputError, match=r"is no translation of a\.txt"):
        list(read_pairs(source, target))
