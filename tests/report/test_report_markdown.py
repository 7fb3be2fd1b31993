"""The digest: short, and inert whatever the documents hold."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_page import Page
from report_sample import edit, hostile, sample

from regloss.report import RunReport, render_markdown
from regloss.report.to_markdown import escape


def rendered(markdown: str) -> Page:
    return Page(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))


def test_the_digest_says_what_matters() -> None:
    digest = render_markdown(sample())
    for part in (
        "5 edits were made",
        "is not the original",
        "the quick hands → Kuaishou and 1 other form",
        "| R1 | 腰部主播 | waist anchor → mid-tier streamer |",
        "| forbidden renderings per 1,000 words | 81.25 | **0.00** | 0.00 | lower is better |",
        "Model: zh-en-small, CC-BY-SA-4.0, abababababab. It is small and often wrong.",
        "187 entries",
        "Signature",
    ):
        assert part in digest


def test_long_tables_are_cut_and_say_so() -> None:
    base = sample()
    digest = render_markdown(base, limit=1)
    assert "… and 3 more terms; see the full report." in digest
    assert digest.count("→") == 2


def test_a_clean_text_makes_a_short_digest() -> None:
    assert render_markdown(RunReport("t.txt", "fine")) == "## t.txt\n\nNothing to repair was found.\n"


def test_what_cannot_be_seen_is_named() -> None:
    gone = replace(edit(" ’s", "", ""), reason="Nobody's.")
    assert "’s → (nothing)" in render_markdown(replace(sample(), edits=(gone,)))


def test_tables_stay_tables_whatever_the_cells_hold() -> None:
    page = rendered(render_markdown(hostile()))
    assert [tag for tag, _ in page.elements].count("table") == 4
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "a", "h1"}


@pytest.mark.parametrize(
    "text",
    [
        "# no heading",
        "- no list",
        "1. no list",
        "1) no list",
        "> no quote",
        "a | b",
        "`code` *em* _em_ ~~gone~~",
        "[text](https://example.org) ![x](y)",
        "<b>bold</b> &amp; &#64;",
        "www.example.org and https://example.org and a@example.org",
        "line\nbreak\r\nand\u2028more",
        ":smile: $x^2$",
        "---",
        "===",
        "\\backslash\\",
    ],
)
def test_escaped_text_shows_itself(text: str) -> None:
    page = rendered(escape(text))
    assert page.text().strip() == re.sub(r"[\r\n\u2028]+", " ", text)
    assert {tag for tag, _ in page.elements} == {"p"}


@given(st.text(alphabet=st.sampled_from("ab 快1.-+#*_`[]()<>!|\\&;~$^@:/w\n"), max_size=30))
def test_any_text_shows_itself(text: str) -> None:
    page = rendered("x " + escape(text))
    expected = " ".join(("x " + re.sub(r"\n+", " ", text)).split())
    assert " ".join(page.text().split()) == expected
    assert {tag for tag, _ in page.elements} == {"p"}


def test_nobody_is_notified() -> None:
    assert not re.search(r"@\w", escape("ask @somebody and @快手"))
