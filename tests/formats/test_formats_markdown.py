from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regloss.document import Document
from regloss.formats.files import parse_document
from regloss.formats.markdown import _located


def parse(text: str) -> Document:
    return parse_document(text.encode(), "a.md")


def blocks(text: str) -> list[str]:
    document = parse(text)
    return [document.text[b.start : b.end] for b in document.blocks]


def protected(text: str) -> list[str]:
    document = parse(text)
    return [document.text[s.start : s.end] for s in document.protected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\ntitle: Quick hands\n---\n\nBody.", ["Body."]),
        ("\ufeff---\r\ntitle: x\r\n---\r\nBody.\r\n", ["Body."]),
        ('+++\ntitle = "x"\n+++\nBody.', ["Body."]),
        ("---\n\nA rule above.\n\n---\n\nBody.", ["A rule above.", "Body."]),
        ("# Head #\n\nSetext\n===\n", ["Head", "Setext"]),
        ("One\ntwo.\n\nThree.", ["One\ntwo.", "Three."]),
        ("One\rtwo.\r\rThree.", ["One\rtwo.", "Three."]),
        ("- a\n  goes on\n- b\n\n  para", ["a\n  goes on", "b", "para"]),
        ("1. First\n2. Second", ["First", "Second"]),
        ("> one\n> two", ["one\n> two"]),
        ("```\ncode\n```\n\n    indented\n\nText.", ["Text."]),
        ("<div>\nmarkup\n</div>\n\nText.", ["Text."]),
        ("[a]: http://x 'title'\n\nText.", ["Text."]),
        ("| a | a b |\n|---|---|\n| b | x \\| y |", ["a", "a b", "b", "x \\| y"]),
        ("***\n\n* * *\n", []),
    ],
)
def test_prose(text: str, expected: list[str]) -> None:
    assert blocks(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Use `quick hands` and ``a`b``.", ["`quick hands`", "``a`b``"]),
        ("Wrapped `code\nover` lines.", ["`code\nover`"]),
        ("A [quick hand](vibrato/x 'old iron') here.", ["vibrato/x"]),
        ("An ![old iron](img.png).", ["img.png"]),
        ("A [x](<a b>) b.", ["<a b>"]),
        ("A [x](a_(b)) b.", ["a_(b)"]),
        ("<http://vibrato.com> and <a@b.com>", ["http://vibrato.com", "a@b.com"]),
        ("An <b>old</b> iron.", ["<b>", "</b>"]),
        ("A note[^iron] here.", ["^iron"]),
        ("See [the text][iron].\n\n[iron]: http://a.com", ["iron", "http://a.com"]),
        ("See [Old  Iron].\n\n[old iron]: x", ["Old  Iron"]),
        ("See [old iron] alone.", []),
        ("> one\n> two", ["> "]),
        (
            "a\n\n<!-- regloss: ignore -->\n\nb\n\n<!-- regloss: end ignore -->",
            ["<!-- regloss: ignore -->\n\nb\n\n<!-- regloss: end ignore -->"],
        ),
    ],
)
def test_protected(text: str, expected: list[str]) -> None:
    assert protected(text) == expected


UNITS = ["|a\n|-\n", "> a\n", "- a\n", "[a](", "](", "[a]: b\n", "| a ", "`", ">", "- "]


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_length_not_with_its_square(growth: Callable[..., float], unit: str) -> None:
    assert growth(lambda length: parse(unit * (length // len(unit))), 10_000, 80_000) < 40


LINES = (
    "", "", "", "Some words.", "More [words][a] here.", "# Title", "Title", "===", "---", "- item", "  more of it",
    "1. one", "> quoted", "lazy", "    code", "```", "~~~", "<div>", "</div>", "<!-- note", "-->", "<p>in</p>",
    "[a]: /x", "[b]:", "/y", '"title"', '[c]: /z "ti', 'tle"', "| a | b |", "|---|---|", "| c | d |", "\tcode", "***",
    "[^1]: note", "\\", " ",
)  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=40), st.sampled_from(["\n", "\r\n", "\r"]), st.integers(1, 6))
def test_a_text_parsed_in_stretches_has_the_same_blocks(lines: list[str], end: str, at_once: int) -> None:
    text = end.join(lines)
    assert _located(text, 0, at_once) == _located(text, 0, len(text) + 2)
