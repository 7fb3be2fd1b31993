"""Stretches of text that no edit may touch, whatever the format.

Web addresses, e-mail addresses, domains, file names and paths, @handles, #hashtags, code in backticks, placeholders
(``{name}``, ``{{ name }}``, ``${name}``, ``%s``, ``%(name)s``), tags, comments and character references, and what the
author marks:

    <!-- regloss: ignore --> … <!-- regloss: end ignore -->     all between (to the end of the text, if not ended)
    <!-- regloss: ignore-line -->                               its line; the next one too, if it stands alone

A broken tag such as ``< / span>`` is not protected: it is an artefact to repair.

Ordinary prose holds few of these, so the text is searched for the characters that they must contain, and only there is
a pattern tried. Every pattern runs in time linear in the text, also on text made to be slow.
"""

import re
from collections.abc import Iterable, Iterator

from regloss.document import Span

__all__ = ["merge", "protected_spans"]

_CODE = r"(?<!`)(?P<tick>`{1,3}+)(?!`)[^\r\n]{1,1000}?(?<!`)(?P=tick)(?!`)"
_BRACES = r"\{\{[^{}\r\n]{0,200}+\}\}|\{%[^{}\r\n]{0,200}?%\}|\{[\w.:!<>^+=,#%\[\]-]{0,80}+\}"
_PRINTF = r"(?<![\d%])%(?:\(\w{1,60}\)|\d{1,3}\$)?[-+#0]{0,4}\d{0,4}(?:\.\d{1,3})?[sdifgxXeEcru](?!\w)"
_COMMENT = r"<!--(?:[^-<]|-(?!->)|<(?!!--))*+-->"
_VALUE = r"\"[^\"<>]{0,2000}+\"|'[^'<>]{0,2000}+'|[^\s\"'<>=`]{1,2000}+"
_TAG = rf"</?[A-Za-z][\w:.-]{{0,60}}+(?:\s++[\w:@.-]{{1,60}}+\s*+=\s*+(?:{_VALUE}))*+\s*+/?>"
_DECLARATION = r"<[?!][A-Za-z\[][^<>]{0,1000}+>"
_REFERENCE = r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_HASHTAG = r"(?<![\w&#/])#(?=\d*+[^\W\d])\w{1,100}+#?"

# What marks the place, and the pattern to try there.
_MARKED = tuple(
    (mark, re.compile(pattern))
    for mark, pattern in (
        ("`", _CODE),
        ("${", r"\$\{[^{}\r\n]{1,100}+\}"),
        ("{", _BRACES),
        ("%", _PRINTF),
        ("<", f"{_COMMENT}|{_TAG}|{_DECLARATION}"),
        ("&", _REFERENCE),
        ("#", _HASHTAG),
    )
)

_EXTENSION = (
    "txt|md|rst|csv|tsv|jsonl?|xml|html?|css|js|ts|py|java|cpp|rs|yml|yaml|toml|ini|cfg|pdf|docx?|xlsx?|pptx?|srt|vtt"
    "|png|jpe?g|gif|svg|webp|mp3|mp4|wav|mov|avi|zip|gz|tar|rar|exe|dll|apk|iso"
)
_TOP_LEVEL = "com|net|org|edu|gov|mil|int|info|biz|cn|hk|tw|jp|uk|eu|io|ai|tv|app|dev"
_URL_CHAR = r"[^\s<>\"“”‘’「」『』《》，。；：！？、（）【】`{}|\\^\u4e00-\u9fff]"
_URL = rf"(?:(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{{0,30}}+://|mailto:|www\.(?=\w)){_URL_CHAR}*[\w/=&#%~+$-]"
_EMAIL = r"(?<![\w.+-])[\w.+-]{1,64}+@[\w-]++(?:\.[\w-]++)++"
_HANDLE = r"(?<![\w@.])@[A-Za-z_]\w{0,60}+"
_PATH = (
    r"(?<![\w/\\.~:@+-])(?:~?/(?:[\w.@+-]++/)++|~/|\.{1,2}/|[A-Za-z]:[\\/]|\\\\(?=\w))(?:[\w./\\@+-]*[\w/\\])?"
    rf"|(?<![\w/\\.~:@+-])/?(?:[\w@+-][\w.@+-]*+/)*[\w@+-][\w.@+-]*\.(?:{_EXTENSION})(?!\w)"
)
_DOMAIN = rf"(?<![\w@.-])(?:[A-Za-z0-9][A-Za-z0-9-]*+\.)+(?:{_TOP_LEVEL})(?![\w-])(?:/(?:{_URL_CHAR}*[\w/=&#%~+$-])?)?"
_RUN_PATTERN = re.compile("|".join((_URL, _EMAIL, _HANDLE, _PATH, _DOMAIN)))
_RUN_MARK = re.compile(r"\.(?=[A-Za-z/\\])|[@/\\]")
_RUN_CHAR = r"[^\s<>\"“”‘’「」『』《》，。；：！？、（）【】`{}|\u4e00-\u9fff]"
_RUN_REST = re.compile(f"{_RUN_CHAR}*+")
_RUN_BACK = re.compile(_RUN_CHAR)

_DIRECTIVE = re.compile(r"<!--\s*regloss:\s*(ignore-line|end ignore|ignore)\s*-->")


def protected_spans(text: str) -> tuple[Span, ...]:
    """Return what no edit of `text` may touch, in order, disjoint; offsets are code points."""
    return merge((*_marked(text), *_in_runs(text), *_ignored(text)))


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the union of `spans` as disjoint spans in order."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def _marked(text: str) -> Iterator[Span]:
    """Yield the spans that begin with a mark of their own."""
    for mark, pattern in _MARKED:
        position = text.find(mark)
        while position >= 0:
            match = pattern.match(text, position)
            if match:
                yield Span(position, match.end())
            position = text.find(mark, match.end() if match else position + 1)


def _in_runs(text: str) -> Iterator[Span]:
    """Yield addresses, names and paths: each lies in a run of characters without spaces and quotes."""
    done = 0
    while mark := _RUN_MARK.search(text, done):
        start = _run_start(text, done, mark.start())
        rest = _RUN_REST.match(text, mark.end())
        done = max(rest.end() if rest else 0, mark.end())
        for match in _RUN_PATTERN.finditer(text, start, done):
            yield Span(*match.span())


def _run_start(text: str, lower: int, position: int) -> int:
    while position > lower and _RUN_BACK.match(text[position - 1]):
        position -= 1
    return position


def _ignored(text: str) -> Iterator[Span]:
    """Yield what the author asked to leave alone."""
    if "regloss:" not in text:
        return
    begin: int | None = None
    line_end = 0
    for match in _DIRECTIVE.finditer(text):
        if match[1] == "ignore-line":
            if match.start() >= line_end:
                line = _line_around(text, *match.span())
                line_end = line.end
                yield line
        elif match[1] == "ignore":
            begin = match.start() if begin is None else begin
        elif begin is not None:
            yield Span(begin, match.end())
            begin = None
    if begin is not None:
        yield Span(begin, len(text))


def _line_around(text: str, start: int, end: int) -> Span:
    """Return the line that the comment stands on, with the next one if nothing else stands there."""
    first = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    last = _line_end(text, end)
    if not text[first:start].strip() and not text[end:last].strip():
        following = last + (2 if text.startswith("\r\n", last) else 1)
        last = _line_end(text, following)
    return Span(first, last)


def _line_end(text: str, position: int) -> int:
    ends = [place for place in (text.find("\n", position), text.find("\r", position)) if place >= 0]
    return min(ends, default=len(text))
