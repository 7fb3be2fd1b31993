"""TMX 1.4: each English segment is a unit, the Chinese one beside it is its source.

Inline elements stay as they are, those with native code inside (``bpt``, ``ept``, ``it``, ``ph``, ``ut``) as a whole.

Source: TMX 1.4b Specification (LISA OSCAR, 2005).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from regloss.document import Document
from regloss.errors import FormatError
from regloss.formats.markup import Node, Token, check_xml, decode_declared, flow_pieces, subtrees
from regloss.formats.packed import PackedSlots
from regloss.formats.slots import Piece, Slot, join_visible, trimmed
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
        text, encoding = decode_declared(data, name)
        if check_xml(text, name).tag != "tmx":
            raise FormatError("is XML, but no TMX", name)
        slots = PackedSlots(text, _slots(text))
        return unit_document(name, slots, TextContainer(name, data, text, encoding, slots, references=True), encoding)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)


def _slots(text: str) -> Iterator[Slot]:
    for number, (node, _) in enumerate(subtrees(text, frozenset({"tu"})), 1):
        name = node.attributes.get("tuid", str(number))
        variants = node.all("tuv")
        source = next((v for v in variants if _language(v) == "zh"), None)
        english = [v for v in variants if _language(v) == "en"]
        for index, variant in enumerate(english, 1):
            pieces = trimmed(_segment(text, variant))
            if pieces:
                source_text = join_visible(_segment(text, source)).strip() if source else ""
                yield Slot(name if index == 1 else f"{name}/{index}", pieces, source_text or None)


def _language(variant: Node) -> str:
    found = variant.attributes
    return (found.get("xml:lang") or found.get("lang") or "").lower().replace("_", "-").split("-")[0]


def _segment(text: str, variant: Node) -> list[Piece]:
    segment = variant.first("seg")
    return flow_pieces(text, segment.inner_start, segment.inner_end, _opaque) if segment else []


def _opaque(token: Token) -> bool:
    return token.local in _CODE
