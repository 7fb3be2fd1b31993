"""JSON with paths to the fields to repair; a field beside each may bring its source.

A path is a part of JSONPath: ``$``, ``.name``, ``['name']``, ``[3]``, ``[*]``, ``.*`` and ``..name``. Without one,
every string named ``target`` at any depth is a unit, with the string ``source`` in the same object as its source. A
unit is called by its JSON Pointer. Strings keep their escapes but for the words that change.

Sources: RFC 8259 (JSON), RFC 9535 (JSONPath), RFC 6901 (JSON Pointer).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from regloss.document import Document, Span
from regloss.errors import FormatError, UsageError
from regloss.formats.encoding import BOM, decode
from regloss.formats.fields import USUAL, Fields
from regloss.formats.gaps import Gap, Pair, gap_document, is_gap
from regloss.formats.packed import PackedSlots
from regloss.formats.slots import Encoder, Piece, Slot
from regloss.formats.units import TextContainer, encode_units, unit_document

__all__ = ["JsonFormat"]

_DEFAULT = "$..target"
_DEEPEST = 500
_SPACE = re.compile(r"[ \t\r\n]*+")
_STRING = re.compile(r'"(?P<body>(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+)"')
_SCALAR = re.compile(r"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9A-Fa-f]{4}|\\.")
_STEP = re.compile(
    r"(?P<deep>\.\.)?(?:\.?(?P<any>\*)|(?<=\.)(?P<after>[^.\[\]'\"*\s]+)|\.(?P<name>[^.\[\]'\"*\s]+)"
    r"|\[(?P<index>\d+|\*)\]|\['(?P<single>[^']+)'\]|\[\"(?P<double>[^\"]+)\"\])"
)


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """JSON documents; JSON Lines are `regloss.formats.jsonl`."""

    fields: Fields = USUAL
    name: str = "JSON"
    suffixes: tuple[str, ...] = (".json",)

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`; raises FormatError where it is no JSON or no string stands at the path."""
        text, encoding = decode(data, name)
        encode = _encoder(text)
        found = (each for each in _Reader(text, name, self.fields).found() if each.target.start < each.target.end)
        slots = PackedSlots(text, (_slot(text, each, encode) for each in found)).in_order()
        if not len(slots):
            path = self.fields.target or "target"
            raise FormatError(f"no string at {path!r}; give the path of the text, such as $.items[*].text", name)
        return unit_document(name, slots, TextContainer(name, data, text, encoding, slots), encoding)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)

    def gaps(self, data: bytes, name: str, *, overwrite: bool = False) -> Document | None:
        """Return the sources beside which an empty string or null stands; see `BilingualFormat.gaps`."""
        text, encoding = decode(data, name)
        encode = _encoder(text)
        found = sorted(_Reader(text, name, self.fields).found(), key=lambda each: each.target.start)
        return gap_document(name, data, text, encoding, (_pair(text, each, encode, overwrite) for each in found))


@dataclass(frozen=True, slots=True)
class _Found:
    """A string at the wanted path, or null, and the string that is its source; places are without quotes."""

    pointer: str
    target: Span
    source: Span | None


def _encoder(text: str) -> Encoder:
    return _ascii if text.isascii() and "\\u" in text else _plain


def _source(text: str, found: _Found) -> str:
    return _decoded(text[found.source.start : found.source.end]) if found.source else ""


def _slot(text: str, found: _Found, encode: Encoder) -> Slot:
    source = _source(text, found).strip() or None
    return Slot(found.pointer, tuple(_pieces(text, found.target, encode)), source, by_line=True)


def _pair(text: str, found: _Found, encode: Encoder, overwrite: bool) -> Pair:
    source, target = _source(text, found), found.target
    is_null = not text.startswith('"', target.start - 1)
    held = "" if is_null else _decoded(text[target.start : target.end])
    if found.source is None or not is_gap(source, held, overwrite=overwrite):
        return Pair(source, None)
    slot = Slot(found.pointer, tuple(_pieces(text, found.source, encode)), by_line=True)
    end = target.end + len("null") if is_null else target.end
    return Pair(source, Gap(slot, target.start, end, (lambda new: f'"{encode(new)}"') if is_null else encode))


@dataclass(slots=True)
class _Open:
    """An array or object that is being read.

    Attributes:
        pointer: its JSON Pointer.
        is_object: whether its members have names.
        count: how many members were read.
        key: the name, or number, of the member being read.
        strings: where the string members stand, and as an empty stretch those that are null.
    """

    pointer: str
    is_object: bool
    count: int = 0
    key: str = ""
    strings: dict[str, Span] = field(default_factory=dict)


class _Reader:
    """One pass over a JSON text, without recursion, so that no depth can break it."""

    def __init__(self, text: str, path: str, fields: Fields) -> None:
        self._text = text
        self._path = path
        self._wanted = _compiled(fields.target or _DEFAULT)
        self._source = fields.source or "source"
        self._open: list[_Open] = []
        self._found: list[_Found] = []

    def found(self) -> Iterator[_Found]:
        """Yield what stands at the wanted places, that of an object where it ends."""
        position = self._value(self._skip(1 if self._text.startswith(BOM) else 0))
        while self._open:
            position = self._next(position)
            yield from self._found
            self._found.clear()
        yield from self._found
        if self._skip(position) != len(self._text):
            raise self._fault("more after the end of the value", position)

    def _value(self, position: int) -> int:
        """Read a value, of an array or object only the bracket, and return where to go on."""
        char = self._text[position : position + 1]
        if char and char in "[{":
            if len(self._open) >= _DEEPEST:
                raise self._fault(f"nested more than {_DEEPEST} deep", position)
            self._open.append(_Open(self._pointer(), char == "{"))
            return position + 1
        if char == '"':
            span = self._string(position)
            if self._open:
                self._open[-1].strings[self._open[-1].key] = span
            elif self._wanted.fullmatch(""):
                self._found.append(_Found("", span, None))
            return span.end + 1
        scalar = _SCALAR.match(self._text, position)
        if scalar is None:
            raise self._fault("no value", position)
        if scalar[0] == "null" and self._open:
            self._open[-1].strings[self._open[-1].key] = Span(position, position)
        return scalar.end()

    def _next(self, position: int) -> int:
        """Read the next member of what is open, or its end."""
        top = self._open[-1]
        position = self._skip(position)
        if self._text.startswith("}" if top.is_object else "]", position):
            self._close()
            return position + 1
        if top.count:
            position = self._expect(",", position)
        top.key = str(top.count)
        top.count += 1
        if top.is_object:
            name = self._string(position)
            top.key = _decoded(self._text[name.start : name.end])
            position = self._expect(":", self._skip(name.end + 1))
        return self._value(position)

    def _close(self) -> None:
        closed = self._open.pop()
        source = closed.strings.get(self._source) if closed.is_object else None
        for key, span in closed.strings.items():
            pointer = f"{closed.pointer}/{_escaped_key(key)}"
            if self._wanted.fullmatch(pointer):
                self._found.append(_Found(pointer, span, source))

    def _pointer(self) -> str:
        if not self._open:
            return ""
        return f"{self._open[-1].pointer}/{_escaped_key(self._open[-1].key)}"

    def _string(self, position: int) -> Span:
        match = _STRING.match(self._text, position)
        if match is None:
            raise self._fault("no string, or one that does not end", position)
        return Span(*match.span("body"))

    def _expect(self, char: str, position: int) -> int:
        if not self._text.startswith(char, position):
            raise self._fault(f"expected {char!r}", position)
        return self._skip(position + 1)

    def _skip(self, position: int) -> int:
        match = _SPACE.match(self._text, position)
        return match.end() if match else position

    def _fault(self, message: str, position: int) -> FormatError:
        line = self._text.count("\n", 0, position) + 1
        column = position - self._text.rfind("\n", 0, position)
        return FormatError(f"not JSON: {message} at column {column}", self._path, line)


def _compiled(path: str) -> re.Pattern[str]:
    """Return the pattern of the JSON Pointers that a path means.

    Raises:
        UsageError: the path has a part that is not understood.
    """
    body = path.removeprefix("$")
    # A bare name means a member of the outermost object.
    body = body if body[:1] in (".", "[", "") else f".{body}"
    pattern, position = "", 0
    while position < len(body):
        step = _STEP.match(body, position)
        if step is None:
            raise UsageError(f"path {path!r}: {body[position:]!r} is not understood; write it like $.items[*].text")
        pattern += "(?:/[^/]*+)*?" if step["deep"] else ""
        name = step["after"] or step["name"] or step["single"] or step["double"] or step["index"]
        pattern += "/[^/]*+" if name in (None, "*") else f"/{re.escape(_escaped_key(name))}"
        position = step.end()
    return re.compile(pattern, re.DOTALL)


def _escaped_key(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _decoded(raw: str) -> str:
    return str(json.loads(f'"{raw}"')) if "\\" in raw else raw


def _pieces(text: str, span: Span, encode: Encoder) -> Iterator[Piece]:
    position = span.start
    for match in _ESCAPE.finditer(text, span.start, span.end):
        if position < match.start():
            yield Piece(position, match.start(), text[position : match.start()], encode)
        yield Piece(*match.span(), _decoded(match[0]), encode)
        position = match.end()
    if position < span.end:
        yield Piece(position, span.end, text[position : span.end], encode)


def _ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _plain(text: str) -> str:
    return _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(text, ensure_ascii=False)[1:-1])
