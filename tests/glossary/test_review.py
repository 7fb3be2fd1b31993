"""A review sheet goes out for people and comes back; the page is safe and writes the same sheet."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from regloss.errors import GlossaryError
from regloss.glossary import Forbidden, Kind, TermEntry
from regloss.glossary.mining import Proposal
from regloss.glossary.parallel import Pair
from regloss.glossary.review import Decision, decided_entry, read_sheet, render_page, render_sheet

PROPOSALS = (
    Proposal(
        "rendering", "快手", "Kuaishou", "fast players", 2, 0.4, 1.1, (Pair("a:1", "快手。", "The <fast>\tplayers."),)
    ),
    Proposal("new-term", "抖音", "Douyin", "vibrato", 2, 0.3, 1.0, (Pair("a:2", "一", "x"), Pair("a:3", "二", "y"))),
    Proposal("unused", "淘宝", "Taobao"),
)


def test_the_sheet_says_all_and_accepts_nothing(tmp_path: Path) -> None:
    sheet = render_sheet(PROPOSALS)
    lines = [line.split("\t") for line in sheet.splitlines()]
    assert [len(line) for line in lines] == [10] * 4
    assert lines[1] == [
        "",
        "rendering",
        "快手",
        "Kuaishou",
        "fast players",
        "2",
        "0.40",
        "a:1",
        "The <fast> players.",
        "快手。",
    ]
    assert lines[2][7] == "a:3"
    path = tmp_path / "review.tsv"
    path.write_text(sheet, encoding="utf-8")
    assert read_sheet(path) == ()


def test_ticked_lines_come_back(tmp_path: Path) -> None:
    path = tmp_path / "review.tsv"
    lines = render_sheet(PROPOSALS).splitlines()
    path.write_text("\n".join([lines[0], "x" + lines[1], "no" + lines[2], "1" + lines[3]]), encoding="utf-8-sig")
    assert read_sheet(path) == (
        Decision("rendering", "快手", "Kuaishou", "fast players", 2),
        Decision("unused", "淘宝", "Taobao", "", 4),
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("source\ttarget\n", r"review\.tsv:1: is no review sheet: it has no column 'accept'"),
        ("", "has no column 'accept'"),
        ("accept\tkind\tsource\ttarget\trendering\nx\tmaybe\ta\tb\tc\n", r":2: unknown kind 'maybe'; kinds: rendering"),
        (
            "accept\tkind\tsource\ttarget\trendering\nx\trendering\ta\tb\t\n",
            ":2: is accepted, but its rendering is empty",
        ),
        ("accept\tkind\tsource\ttarget\trendering\nx\tnew-term\ta\n", ":2: is accepted, but its target is empty"),
    ],
)
def test_a_broken_sheet_is_named(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "review.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GlossaryError, match=fault):
        read_sheet(path)


def test_decisions_become_entries() -> None:
    old = TermEntry("快手", "Kuaishou", forbidden=(Forbidden("quick hands"),), note="kept")
    new = decided_entry(old, Decision("rendering", "快手", "Kuaishou", "fast players", 2))
    assert [form.form for form in new.forbidden] == ["quick hands", "fast players"]
    assert new.note == "kept"
    assert decided_entry(old, Decision("rendering", "快手", "Kuaishou", "Quick Hands", 2)) == old
    fresh = decided_entry(None, Decision("new-term", "抖音", "Douyin", "vibrato", 3))
    assert (fresh.target, fresh.kind, fresh.forbidden) == ("Douyin", Kind.NAME, (Forbidden("vibrato"),))


def test_the_page_runs_nothing_but_its_own_script() -> None:
    evil = "</script><script>alert(1)</script>\"' onmouseover=x \x00"
    page = render_page([Proposal("rendering", evil, evil, evil, 1, 0.5, 1.0, (Pair(evil, evil, evil),))], 7)
    assert "alert(1)</script>" not in page
    assert "\x00" not in page
    assert page.count("<script>") == 1
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        body = re.search(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert body is not None
        digest = base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in page
    assert "default-src 'none'" in page
    assert "http" not in re.sub("http-equiv", "", page)


def test_the_page_has_a_row_for_each_proposal() -> None:
    page = render_page(PROPOSALS, 5)
    assert page.count('<input type="checkbox"') == 3
    assert 'data-kind="rendering" data-source="快手"' in page
    assert "3 proposals from 5 sentence pairs" in page
    assert "Terms without an entry" in page
    assert "Terms rendered otherwise" not in render_page(PROPOSALS[2:], 5)
