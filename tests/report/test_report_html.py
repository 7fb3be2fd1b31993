"""The page: complete, self-contained, readable, and safe whatever the documents hold."""

import base64
import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from report_page import Page
from report_sample import TEXT, edit, hostile, sample

from regloss.document import Relation, Tier
from regloss.report import RunReport, render_html


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render_html(sample()))


def test_hostile_text_stays_text() -> None:
    html = render_html(hostile())
    harmless = Page(html)
    tags = {tag for tag, _ in harmless.elements}
    assert not tags & {"script", "img", "iframe", "object", "svg", "form", "link", "base"}
    assert not [name for _, attrs in harmless.elements for name in attrs if name.startswith("on")]
    assert html.count("<style>") == html.count("</style>") == 1
    assert "<script>alert(1)</script>" in harmless.text()


def test_characters_that_html_forbids_are_replaced() -> None:
    text = "a\x00b\x1bc\ud800d\ufffee\n"
    html = render_html(RunReport("t\x07", text))
    assert "a\ufffdb\ufffdc\ufffdd\ufffde" in html
    html.encode("utf-8")


def test_the_page_needs_nothing_from_outside(page: Page) -> None:
    assert not page.attributes("src")
    assert not page.attributes("style")
    assert all(target.startswith("#") for target in page.attributes("href"))
    style = files("regloss.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|@font-face", style)


def test_the_policy_allows_the_own_style_and_nothing_else(page: Page) -> None:
    (policy,) = [a["content"] or "" for t, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    style = re.search(r"<style>(.*)</style>", render_html(sample()), re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "script-src" not in policy


def test_every_link_leads_somewhere_and_every_id_is_unique(page: Page) -> None:
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    assert {target.removeprefix("#") for target in page.attributes("href")} <= set(ids)
    assert set(page.attributes("aria-labelledby")) <= set(ids)


def test_a_mark_hidden_by_another_has_no_dead_link() -> None:
    over = replace(edit("quick hands", "Kuaishou", "快手"), tier=Tier.REVIEW)
    page = Page(render_html(replace(sample(), edits=(*sample().edits, over))))
    assert {target.removeprefix("#") for target in page.attributes("href")} <= set(page.attributes("id"))


def test_both_texts_can_be_read_off_the_page() -> None:
    html = render_html(sample())
    sides: dict[str, list[str]] = {"before": [], "after": []}
    for side, cell in re.findall(r'<p class="(before|after)"[^>]*>(.*?)</p>', html, re.DOTALL):
        cell = re.sub(r'<a class="ref.*?</a>', "", cell)
        sides[side].append(Page(f"<p>{cell}</p>").text())
    assert sides["before"] == [line for line in TEXT.splitlines() if line]
    assert sides["after"] == [line for line in sample().fixed.splitlines() if line]


def test_every_edit_is_told_with_term_reason_and_confidence(page: Page) -> None:
    told = page.text()
    for one in sample().edits:
        assert one.reason in told
        assert f"confidence {one.confidence:.0%}" in told
        assert (one.term or one.rule) in told


def test_edits_are_marked_by_element_and_not_by_colour_alone(page: Page) -> None:
    assert "quick hands" in page.text("del")
    assert "Kuaishou" in page.text("ins")
    assert "waist anchor" in page.text("mark")
    style = files("regloss.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
    for rule in (
        "text-decoration-line: line-through",
        "text-decoration-line: underline",
        "underline dotted",
        "underline dashed",
    ):
        assert rule in style


def test_headings_descend_in_order(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_languages_are_named(page: Page) -> None:
    assert page.elements[0] == ("html", {"lang": "en"})
    assert {"en", "zh"} == set(page.attributes("lang"))
    cells = [attrs for tag, attrs in page.elements if tag == "p" and "data-side" in attrs]
    assert all(attrs.get("lang") for attrs in cells)


def test_the_model_is_named_with_a_frank_word(page: Page) -> None:
    told = page.text()
    for word in ("zh-en-small", "It is small and often wrong.", "CC-BY-SA-4.0", "No person has read this translation."):
        assert word in told


def test_a_retranslation_by_nobody_says_so() -> None:
    assert "a model that was not named" in render_html(replace(sample(), model=None))


def test_scores_say_what_can_be_compared(page: Page) -> None:
    told = page.text()
    assert "compare these two" in told
    assert "lower is better" in told
    assert "–" in page.text("td")
    assert page.text("b") == "bold with a dot" + "0.00" + "1.000"


def test_nothing_found_is_said_plainly() -> None:
    told = Page(render_html(RunReport("t.txt", "All is well.\n"))).text()
    assert "Nothing to repair was found." in told
    assert "All is well." in told


def test_an_empty_document_makes_a_page() -> None:
    assert "The document holds no text." in render_html(RunReport("t.txt", ""))


@pytest.mark.parametrize("relation", [None, *Relation])
def test_every_relation_makes_a_page(relation: Relation | None) -> None:
    html = render_html(replace(sample(), relation=relation))
    assert ("is not the original" in html) is (relation is Relation.COMPARABLE)


def test_the_same_report_gives_the_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    code = (
        "import hashlib, report_sample as s; from regloss.report import render_html, render_json, render_markdown;"
        "r = s.sample(); t = render_html(r) + render_json(r) + render_markdown(r);"
        "print(hashlib.sha256(t.encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": str(Path(__file__).parent)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(seen) == 1


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(c * 2 for c in digits)
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1, 2], ids=["light", "dark", "print"])
@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        *((ink, paper) for ink in ("ink", "soft", "link") for paper in ("paper", "card", "warn-paper", "ask-paper")),
        ("gone", "gone-paper"),
        ("new", "new-paper"),
        ("ask", "ask-paper"),
        ("ask", "paper"),
        ("ink", "ask-paper"),
    ],
)
def test_text_stands_out_from_its_ground(theme: int, ink: str, paper: str) -> None:
    style = files("regloss.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(blocks) == 3
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-fA-F]{3,6});", blocks[theme]))
    assert contrast(colours[ink], colours[paper]) >= 4.5
