"""Markdown (CommonMark with tables): paragraphs, headings, list items and table cells are prose, nothing else is.

The block structure comes from markdown-it-py. Inside a block the text stays as it is written; what must not change is
protected: code, link targets, labels of references and footnotes, and all that `protected_spans` finds. Front matter,
code blocks, HTML blocks and link definitions are no blocks at all.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from regloss.document import Document, Span
from regloss.formats.encoding import BOM, decode, encode
from regloss.formats.protection import merge, protected_spans

__all__ = ["MarkdownFormat"]

_AT_ONCE = 4_000
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_END = r"(?:\r\n|\r|\n)"
# The line after the fence must look like a key, or the fence is only a rule.
_FRONT_MATTER = re.compile(
    rf"(?P<fence>---|\+\+\+)[ \t]*+{_END}(?=#|[\w\"'.-]+[ \t]*[:=]|\[)(?:[^\r\n]*+{_END})*?"
    rf"(?:(?P=fence)|\.\.\.)[ \t]*+(?=[\r\n]|\Z)"
)
_CODE = re.compile(r"(?<!`)(?P<tick>`++)(?!`).{1,2000}?(?<!`)(?P=tick)(?!`)", re.S)
_TARGET = re.compile(r"\]\(\s*+(?P<x><[^<>\r\n]*+>|[^\s()<>]*+(?:\([^\s()<>]*+\)[^\s()<>]*+)*+)")
_LABEL = re.compile(r"\[(?P<x>\^?[^\[\]\r\n]{1,200}+)\](?!\()")


@dataclass(frozen=True, slots=True)
class MarkdownFormat:
    """CommonMark and the table syntax of GitHub."""

    name: str = "Markdown"
    suffixes: tuple[str, ...] = (".md", ".markdown", ".mdown", ".mkd")

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`; raises FormatError where it is not text."""
        text, encoding = decode(data, name)
        blocks, prefixes, labels = _located(text, _body_start(text))
        inline = (span for block in blocks for span in _inline(text, block, labels))
        protected = merge((*protected_spans(text), *prefixes, *inline))
        return Document(name, text, tuple(blocks), protected, encoding=encoding)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode(text, document.encoding, document.name)


def _block_parser() -> MarkdownIt:
    """Return a parser that finds blocks and leaves their content as it is written."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _body_start(text: str) -> int:
    """Return where the body begins, after a byte order mark and front matter (YAML or TOML)."""
    start = 1 if text.startswith(BOM) else 0
    front = _FRONT_MATTER.match(text, start)
    return front.end() if front else start


def _located(text: str, start: int, at_once: int = _AT_ONCE) -> tuple[list[Span], list[Span], frozenset[str]]:
    """Return the place of each inline token's content, the marks between its lines, and the labels of references.

    The parser's tokens take fifty times the room of a short paragraph, so a long text is parsed in stretches: each ends
    behind a paragraph that is in nothing else and has an empty line after it, as there nothing goes on.

    Args:
        start: where the body begins.
        at_once: lines of a stretch, of which those behind its last such paragraph are read again with the next.
    """
    parser = _block_parser()
    blocks: list[Span] = []
    prefixes: list[Span] = []
    labels: set[str] = set()
    size = at_once
    while True:
        lines = [Span(*match.span()) for match in islice(_LINE.finditer(text, start), size)]
        found: dict[str, Any] = {}
        tokens = parser.parse(text[start : lines[-1].end], found)
        is_rest = lines[-1].end == len(text)
        settled = (len(tokens), len(lines)) if is_rest else _settled(text, lines, tokens)
        if settled is None:
            size *= 2
            continue
        last, count = settled
        more, marks = _locate(text, lines, tokens[:last])
        blocks += more
        prefixes += marks
        labels.update(label for label, each in found.get("references", {}).items() if each["map"][1] <= count)
        if is_rest:
            return blocks, prefixes, frozenset(labels)
        start, size = lines[count - 1].end, at_once


def _settled(text: str, lines: Sequence[Span], tokens: Sequence[Token]) -> tuple[int, int] | None:
    """Return how many of the tokens, and of the lines, what follows in the file cannot change; None where none."""
    for number in range(len(tokens) - 1, -1, -1):
        token = tokens[number]
        if token.type == "paragraph_close" and token.level == 0:
            end = (tokens[number - 2].map or (0, 0))[1]
            if end < len(lines) and not text[lines[end].start : lines[end].end].strip():
                return number + 1, end
    return None


def _locate(text: str, lines: Sequence[Span], tokens: Iterable[Token]) -> tuple[list[Span], list[Span]]:
    """Return the place of each inline token's content, and the marks of quotes and lists between its lines."""
    blocks: list[Span] = []
    prefixes: list[Span] = []
    parent, used = "", 0
    for token in tokens:
        if token.type == "inline" and token.map and token.content.strip():
            first = token.map[0]
            wanted = [line.strip() for line in token.content.split("\n")]
            own_lines = lines[first : first + len(wanted)]
            pieces = _pieces(text, own_lines, wanted, parent == "paragraph_open", used)
            if pieces:
                used = pieces[-1].end
                blocks.append(Span(pieces[0].start, used))
                prefixes += _between(text, own_lines, pieces)
        parent = token.type
    return blocks, prefixes


def _pieces(text: str, lines: Sequence[Span], wanted: list[str], is_paragraph: bool, used: int) -> list[Span]:
    """Return the place of each line of a block; nothing where one cannot be found again.

    A paragraph's line is the end of the line in the file; a heading or a cell lies somewhere in it, after `used`.
    """
    pieces: list[Span] = []
    for line, content in zip(lines, wanted, strict=False):
        written = text[line.start : line.end].rstrip()
        if is_paragraph:
            place = len(written) - len(content) if written.endswith(content) else -1
        else:
            content, place = _find_cell(written, content, max(0, used - line.start))
        if place < 0:
            return []
        pieces.append(Span(line.start + place, line.start + place + len(content)))
    return pieces


def _find_cell(line: str, content: str, used: int) -> tuple[str, int]:
    """Find the content of a heading or table cell in its line; a bar in a cell is written with a backslash."""
    for written in (content, content.replace("|", "\\|")):
        place = line.find(written, used)
        if place >= 0:
            return written, place
    return content, -1


def _between(text: str, lines: Sequence[Span], pieces: Sequence[Span]) -> Iterator[Span]:
    """Yield the quote marks that begin the second and later lines of a block."""
    for line, piece in zip(lines[1:], pieces[1:], strict=False):
        if text[line.start : piece.start].strip():
            yield Span(line.start, piece.start)


def _inline(text: str, block: Span, labels: Collection[str]) -> Iterator[Span]:
    """Yield the spans of a block that its markup needs unchanged."""
    yield from (Span(*match.span()) for match in _CODE.finditer(text, block.start, block.end))
    yield from (Span(*match.span("x")) for match in _TARGET.finditer(text, block.start, block.end) if match["x"])
    for match in _LABEL.finditer(text, block.start, block.end):
        is_second = text[match.start() - 1 : match.start()] == "]"
        if match["x"][0] == "^" or is_second or _normal(match["x"]) in labels:
            yield Span(*match.span("x"))


def _normal(label: str) -> str:
    """Return a reference label as the parser keys it: white space collapsed, case folded (CommonMark, matches)."""
    return re.sub(r"\s+", " ", label.strip()).lower().upper()
