"""TMX 1.4: each English segment is a unit, the Chinese one beside it is its source.

Inline elements stay as they are, those with native code inside (``bpt``, ``ept``, ``it``, ``ph``, ``ut``) as a whole.

Source: TMX 1.4b Specification (LISA OSCAR, 2005).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from regloss.document import Document
from regloss.errors import FormatError
from regloss.formats.gaps import Gap, Pair, content, gap_document, is_gap
from regloss.formats.markup import (
    Node,
    Token,
    check_xml,
    decode_declared,
    flow_pieces,
    open_tag,
    space_before,
    subtrees,
)
from regloss.formats.packed import PackedSlots
from regloss.formats.slots import Change, Piece, Slot, join_visible, trimmed
from regloss.formats.units import TextContainer, encode_units, unit_document

__all__ = ["TmxFormat"]

_CODE = frozenset({"bpt", "ept", "it", "ph", "ut"})


@dataclass(frozen=True, slots=True)
class TmxFormat:
    """The exchange format of translation memories."""

    name: str = "TMX"
    suffixes: tuple[str, ...] = (".tmx",)

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`; raises FormatError where it is not TMX."""
        text, encoding = _checked(data, name)
        slots = PackedSlots(text, _slots(text))
        return unit_document(name, slots, TextContainer(name, data, text, encoding, slots, references=True), encoding)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)

    def gaps(self, data: bytes, name: str, *, overwrite: bool = False) -> Document | None:
        """Return the Chinese segments without an English one; see `BilingualFormat.gaps`."""
        text, encoding = _checked(data, name)
        return gap_document(name, data, text, encoding, _pairs(text, overwrite=overwrite), references=True)


def _checked(data: bytes, name: str) -> tuple[str, str]:
    """Return the text and the codec of a TMX file."""
    text, encoding = decode_declared(data, name)
    if check_xml(text, name).tag != "tmx":
        raise FormatError("is XML, but no TMX", name)
    return text, encoding


def _units(text: str) -> Iterator[tuple[str, Node | None, list[Node]]]:
    """Yield the name of each unit, its Chinese variant, and its English ones."""
    for number, (node, _) in enumerate(subtrees(text, frozenset({"tu"})), 1):
        variants = node.all("tuv")
        source = next((v for v in variants if _language(v) == "zh"), None)
        yield node.attributes.get("tuid", str(number)), source, [v for v in variants if _language(v) == "en"]


def _pairs(text: str, *, overwrite: bool) -> Iterator[Pair]:
    for name, source, english in _units(text):
        segment = source.first("seg") if source else None
        shown = _visible(text, source)
        if source is not None and segment is not None and shown:
            target = next(filter(None, (_visible(text, variant) for variant in english)), "")
            wanted = is_gap(shown, target, overwrite=overwrite)
            yield Pair(shown, _gap(text, name, source, segment, english) if wanted else None)


def _visible(text: str, variant: Node | None) -> str:
    return join_visible(_segment(text, variant)).strip() if variant else ""


def _gap(text: str, name: str, source: Node, segment: Node, english: list[Node]) -> Gap:
    """Return the first English segment as one to be filled; where there is none, a variant behind the Chinese one."""
    slot = Slot(name, trimmed(_segment(text, source)))
    found = next((variant for variant in english if variant.first("seg")), None)
    target = found.first("seg") if found else None
    marks: tuple[Change, ...] = ()
    # TMX has no states; who made a variant is all that it can say.
    if found is None or target is None:
        start = end = source.end(text)
        language = "xml:lang" if "xml:lang" in source.attributes else "lang"
        opening = f'{space_before(text, source.token.start)}<tuv {language}="en" creationid="MT"><seg>'
        closing = "</seg></tuv>"
    else:
        start, end = target.token.start, target.end(text)
        opening, closing = open_tag(text, target.token, {}), "</seg>"
        marks = (Change(found.token.start, found.token.end, open_tag(text, found.token, {"changeid": "MT"})),)

    def write(new: str) -> str:
        return opening + content(text, segment.inner_start, segment.inner_end, slot, new) + closing

    return Gap(slot, start, end, write, marks)


def _slots(text: str) -> Iterator[Slot]:
    for name, source, english in _units(text):
        for index, variant in enumerate(english, 1):
            pieces = trimmed(_segment(text, variant))
            if pieces:
                yield Slot(name if index == 1 else f"{name}/{index}", pieces, _visible(text, source) or None)


def _language(variant: Node) -> str:
    found = variant.attributes
    return (found.get("xml:lang") or found.get("lang") or "").lower().replace("_", "-").split("-")[0]


def _segment(text: str, variant: Node) -> list[Piece]:
    segment = variant.first("seg")
    return flow_pieces(text, segment.inner_start, segment.inner_end, _opaque) if segment else []


def _opaque(token: Token) -> bool:
    return token.local in _CODE
