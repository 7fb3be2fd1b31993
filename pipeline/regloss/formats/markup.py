"""What XML and HTML files share: their encoding, character references, and text as pieces.

Well-formedness is lxml's to judge (no entity is expanded, no DTD loaded, nothing fetched); it does not tell where
things stand, so the tokens of the file, which by then is known to be well-formed, are found here.
"""

import codecs
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regloss.errors import FormatError
from regloss.formats.encoding import BOM, decode
from regloss.formats.slots import Encoder, Piece

__all__ = [
    "Node",
    "Token",
    "XmlRoot",
    "attributes",
    "check_xml",
    "decode_declared",
    "escape_attribute",
    "escape_text",
    "flow_pieces",
    "open_tag",
    "reference_pieces",
    "space_before",
    "subtrees",
    "unescape_xml",
    "xml_tokens",
    "xml_tree",
]

_XML_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_HTML_DECLARED = re.compile(rb"(?i)<meta\s[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._-]{1,40})")
_DECLARATION = re.compile(r"<\?xml\s[^>]*>")
# Encodings that the WHATWG encoding standard names and Python has; all of them are supersets of ASCII.
_KNOWN = re.compile(
    r"utf-?8|gb2312|gbk|gb18030|big5(-hkscs)?|euc-(jp|kr)|shift_jis|koi8-[ru]|iso-8859-\d{1,2}|windows-\d{3,4}"
    r"|cp\d{3,4}|us-ascii|ascii|latin-?1"
)
_SUPERSET = {"gb2312": "gb18030", "gbk": "gb18030"}
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});?")
_XML_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&apos;": "'"}
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ATTRIBUTE_TEXT = r"(?:\"[^\"]*\"|'[^']*'|[^\"'>/]|/(?!>))*+"
_TOKEN = re.compile(
    r"(?P<comment><!--.*?-->)|(?P<cdata><!\[CDATA\[.*?\]\]>)|(?P<other><\?.*?\?>|<![^\[>]*(?:\[.*?\]\s*)?>)"
    rf"|<(?P<close>/)?(?P<name>[^\s/>]+)(?P<attributes>{_ATTRIBUTE_TEXT})(?P<empty>/)?>|(?P<text>[^<]+)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s=\"'<>/]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def decode_declared(data: bytes, path: Path | str, *, html: bool = False) -> tuple[str, str]:
    """Return the text of an XML or HTML file and its codec; what the file declares comes before what it looks like.

    Raises:
        FormatError: the bytes do not fit the declared encoding, or it is one that regloss does not read.
    """
    declared = (_HTML_DECLARED if html else _XML_DECLARED).search(data[:1024])
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or declared is None:
        return decode(data, path)
    named = declared[1].decode("ascii").lower()
    # A file that declares UTF-16 in single bytes is not UTF-16.
    if named.startswith(("utf-16", "utf-32", "ucs-")):
        return decode(data, path)
    if not _KNOWN.fullmatch(named):
        raise FormatError(f"declares the encoding {named!r}, which is not known; save it as UTF-8", path)
    return _decode_as(data, _SUPERSET.get(named, named), named, path)


def _decode_as(data: bytes, codec: str, named: str, path: Path | str) -> tuple[str, str]:
    try:
        text = data.decode(codec)
        same = text.encode(codec) == data
    except (UnicodeError, LookupError) as exc:
        raise FormatError(f"declares the encoding {named}, but its bytes do not fit; save it as UTF-8", path) from exc
    if not same or "\0" in text:
        raise FormatError(f"declares the encoding {named}, but its bytes are not regular; save it as UTF-8", path)
    return text, codec


@dataclass(slots=True)
class XmlRoot:
    """What lxml is told to keep of a text: the name of the root element with its namespace, and the prefixes there.

    A tree of all elements would take more than ten times the room of the text.
    """

    tag: str = ""
    prefixes: Mapping[str | None, str] = field(default_factory=dict)

    def start(self, tag: str, attributes: Mapping[str, str], nsmap: Mapping[str | None, str]) -> None:
        """Take note of an element, as lxml calls this for each."""
        del attributes
        if not self.tag:
            self.tag, self.prefixes = tag, dict(nsmap)

    def close(self) -> "XmlRoot":
        """Return what was kept."""
        return self


def check_xml(text: str, path: Path | str) -> XmlRoot:
    """Return the root element of an XML text, which lxml has read to its end.

    Raises:
        FormatError: it is not well-formed, declares entities, or is nested or long beyond what lxml takes.
    """
    root = XmlRoot()
    _parsed(text, path, root)
    return root


def xml_tree(text: str, path: Path | str) -> Any:
    """Return the root element of a short XML text as lxml's tree; raises FormatError as `check_xml` does."""
    return _parsed(text, path, None)


def _parsed(text: str, path: Path | str, target: XmlRoot | None) -> Any:
    from lxml import etree  # type: ignore[import-untyped]

    # An entity that the file declares itself is the means of every XML bomb; none of these formats needs one.
    if "<!DOCTYPE" in text and "<!ENTITY" in text:
        line = text.count("\n", 0, text.index("<!ENTITY")) + 1
        raise FormatError("declares an entity, which is refused; remove the declaration", path, line)
    parser = etree.XMLParser(target=target, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    body = text.removeprefix(BOM)
    plain = _DECLARATION.sub(lambda found: re.sub(r"[^\r\n]", " ", found[0]), body, count=1).lstrip(" ")
    try:
        root = etree.fromstring(plain.encode("utf-8"), parser)
    except etree.XMLSyntaxError as exc:
        message = (exc.msg or "no content").split(", line ")[0]
        raise FormatError(f"not well-formed XML: {_one_line(message)}", path, exc.lineno or None) from exc
    except (ValueError, UnicodeEncodeError) as exc:
        raise FormatError(f"not well-formed XML: {_one_line(str(exc))}", path) from exc
    # lxml refuses a tree whose last fault is one of namespaces, but does not tell a target of it.
    log = parser.error_log
    if target is not None and log and log[-1].level >= etree.ErrorLevels.ERROR:
        fault = log.filter_from_errors()[0]
        raise FormatError(f"not well-formed XML: {_one_line(fault.message)}", path, fault.line or None)
    return root


def _one_line(message: str) -> str:
    return " ".join(message.split())[:200]


@dataclass(frozen=True, slots=True)
class Token:
    """One token of markup.

    Attributes:
        kind: ``open``, ``close``, ``empty``, ``text``, ``cdata`` or ``other``.
        start, end: where it stands.
        name: the qualified name of a tag.
        attributes: the raw attributes of a tag.
    """

    kind: str
    start: int
    end: int
    name: str = ""
    attributes: str = ""

    @property
    def local(self) -> str:
        """The name without its prefix."""
        return self.name.rpartition(":")[2]


def xml_tokens(text: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """Yield the tokens of a well-formed XML text."""
    for match in _TOKEN.finditer(text, start, len(text) if end is None else end):
        name = match["name"]
        if name is None:
            kind = match.lastgroup or "other"
            yield Token("other" if kind == "comment" else kind, *match.span())
        else:
            kind = "close" if match["close"] else "empty" if match["empty"] else "open"
            yield Token(kind, *match.span(), name, match["attributes"])


def attributes(token: Token) -> dict[str, str]:
    """Return the attributes of a tag, their references resolved."""
    found = _ATTRIBUTE.findall(token.attributes)
    return {name: _REFERENCE.sub(lambda ref: unescape_xml(ref[0]), double or single) for name, double, single in found}


@dataclass(slots=True)
class Node:
    """One element and where it stands; its content is ``text[inner_start:inner_end]``."""

    token: Token
    inner_start: int
    inner_end: int = -1
    children: list["Node"] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The local name."""
        return self.token.local

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes."""
        return attributes(self.token)

    def end(self, text: str) -> int:
        """Return where the element ends in `text`, its closing tag included."""
        return self.token.end if self.token.kind == "empty" else text.index(">", self.inner_end) + 1

    def all(self, name: str) -> "list[Node]":
        """Return the children of that local name."""
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> "Node | None":
        """Return the first child of that local name."""
        return next((child for child in self.children if child.name == name), None)


def open_tag(text: str, token: Token, values: Mapping[str, str]) -> str:
    """Return the opening tag of an element, never an empty one, with these values for some of its attributes.

    A value without text takes the attribute away.
    """
    tag = text[token.start : token.end].removesuffix(">").removesuffix("/").rstrip()
    for name, value in values.items():
        written = f' {name}="{value}"' if value else ""
        found = re.search(rf"\s{name}\s*=\s*(?:\"[^\"]*\"|'[^']*')", tag)
        tag = tag[: found.start()] + written + tag[found.end() :] if found else tag + written
    return f"{tag}>"


def space_before(text: str, position: int) -> str:
    """Return the white space that ends at a position."""
    start = position
    while start and text[start - 1].isspace():
        start -= 1
    return text[start:position]


def subtrees(text: str, names: frozenset[str]) -> Iterator[tuple[Node, tuple[Token, ...]]]:
    """Yield each outermost element with one of the local names, and the tags it stands in, outermost first."""
    outside: list[Token] = []
    inside: list[Node] = []
    for token in xml_tokens(text):
        if token.kind == "close":
            if inside:
                node = inside.pop()
                node.inner_end = token.start
                if not inside:
                    yield node, tuple(outside)
            elif outside:
                outside.pop()
        elif token.kind in ("open", "empty") and (inside or token.local in names):
            node = Node(token, token.end, token.end)
            if inside:
                inside[-1].children.append(node)
            if token.kind == "open":
                inside.append(node)
        elif token.kind == "open":
            outside.append(token)


def unescape_xml(reference: str) -> str:
    """Return the character that a reference of XML stands for; one that is not known stays as it is."""
    if reference.startswith("&#"):
        digits = reference[2:].rstrip(";")
        code = int(digits[1:], 16) if digits[:1] in "xX" else int(digits)
        return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF and code else reference
    return _XML_ENTITIES.get(reference, reference)


def escape_text(text: str) -> str:
    """Return text as the content of an element; characters that XML forbids are left out."""
    return _ILLEGAL.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_attribute(text: str) -> str:
    """Return text as it stands between either quotes of an attribute."""
    return escape_text(text).replace('"', "&quot;").replace("'", "&#39;")


def _cdata(text: str) -> str:
    """Return text as it stands in a CDATA section, which only ``]]>`` could end."""
    return _ILLEGAL.sub("", text).replace("]]>", "]] >")


def reference_pieces(
    text: str,
    start: int,
    end: int,
    encode: Encoder = escape_text,
    unescape: Callable[[str], str] = unescape_xml,
    mark: int = -1,
) -> Iterator[Piece]:
    """Yield a stretch of text as pieces, an escape for each character reference."""
    position = start
    for match in _REFERENCE.finditer(text, start, end):
        meaning = unescape(match[0])
        if meaning == match[0]:
            continue
        if position < match.start():
            yield Piece(position, match.start(), text[position : match.start()], encode, mark=mark)
        yield Piece(match.start(), match.end(), meaning, encode, mark=mark)
        position = match.end()
    if position < end:
        yield Piece(position, end, text[position:end], encode, mark=mark)


def flow_pieces(text: str, start: int, end: int, opaque: Callable[[Token], bool]) -> list[Piece]:
    """Return the content of an element as pieces: text, and tags as markup.

    Args:
        opaque: tells whether an element with this tag is markup as a whole, its content too.
    """
    pieces: list[Piece] = []
    hidden: list[int] = []  # where the opaque element began, and one entry for each element open inside it
    for token in xml_tokens(text, start, end):
        if hidden or (token.kind == "open" and opaque(token)):
            if token.kind == "open":
                hidden.append(token.start)
            elif token.kind == "close":
                begin = hidden.pop()
                if not hidden:
                    pieces.append(_markup(text, begin, token.end))
        elif token.kind == "text":
            pieces += reference_pieces(text, token.start, token.end)
        elif token.kind == "cdata":
            inner = Piece(token.start + 9, token.end - 3, text[token.start + 9 : token.end - 3], _cdata)
            pieces += (_markup(text, token.start, inner.start), inner, _markup(text, inner.end, token.end))
        else:
            pieces.append(_markup(text, token.start, token.end))
    return pieces


def _markup(text: str, start: int, end: int) -> Piece:
    return Piece(start, end, text[start:end], escape_text, markup=True)
