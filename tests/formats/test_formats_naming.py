from pathlib import Path

import pytest

from regloss.formats import pair_source


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


@pytest.mark.parametrize(
    ("target", "source"),
    [
        ("article.en.md", "article.zh.md"),
        ("article.en-US.md", "article.zh-CN.md"),
        ("article_en.txt", "article_zh.txt"),
        ("article-EN.txt", "article-zh.txt"),
        ("en.seven.en.txt", "en.seven.zh-Hant.txt"),
        ("en/article.md", "zh/article.md"),
        ("en/article.en.md", "zh-CN/article.zh-CN.md"),
    ],
)
def test_pairs(tmp_path: Path, target: str, source: str) -> None:
    make(tmp_path, target, source, "other.zh.md")
    assert pair_source(tmp_path / target) == tmp_path / source


def test_a_folder_of_sources(tmp_path: Path) -> None:
    make(tmp_path, "t/a.en.md", "t/b.md", "s/a.zh.md", "s/b.md")
    assert pair_source(tmp_path / "t/a.en.md", tmp_path / "s") == tmp_path / "s/a.zh.md"
    assert pair_source(tmp_path / "t/b.md", tmp_path / "s") == tmp_path / "s/b.md"


def test_no_pair(tmp_path: Path) -> None:
    make(tmp_path, "a.en.md", "open.md", "b.md")
    for name in ("a.en.md", "open.md", "b.md"):
        assert pair_source(tmp_path / name) is None
