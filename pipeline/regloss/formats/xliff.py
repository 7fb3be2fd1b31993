"""XLIFF 1.2 and 2.x: each target is a unit with its own source.

Targets alone are repaired; inline elements in them stay as they are, those with native code inside (``ph``, ``bpt`` …)
as a whole. What is marked ``translate="no"`` and alternative translations are left alone. The source counts where the
file says that it is Chinese, and targets of a file in another language than English are no units.

Sources: XLIFF Version 1.2 (OASIS Standard, 2008), XLIFF Version 2.1 (OASIS Standard, 2018).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from regloss.document import Document
from regloss.errors import FormatError
from regloss.formats.markup import Node, Token, attributes, check_xml, decode_declared, flow_pieces, subtrees
from regloss.formats.packed import PackedSlots
from regloss.formats.slots import Slot, join_visible, trimmed
from regloss.formats.units import TextContainer, encode_units, unit_document

__all__ = ["XliffFormat"]

# Their content is code of the original file (1.2), or they stand for it.
_CODE = frozenset({"ph", "it", "bpt", "ept"})


@dataclass(frozen=True, slots=True)
class XliffFormat:
    """The exchange format of translation tools."""

    name: str = "XLIFF"
    suffixes: tuple[str, ...] = (".xlf", ".xliff", ".mqxliff", ".sdlxliff")

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`; raises FormatError where it is not XLIFF."""
        text, encoding = decode_declared(data, name)
        if not check_xml(text, name).tag.endswith("xliff"):
            raise FormatError("is XML, but no XLIFF", name)
        slots = PackedSlots(text, _slots(text))
        return unit_document(name, slots, TextContainer(name, data, text, encoding, slots, references=True), encoding)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)


def _slots(text: str) -> Iterator[Slot]:
    for node, around in subtrees(text, frozenset({"trans-unit", "unit"})):
        said = [attributes(token).get("translate", "") for token in (*around, node.token)]
        # What stands nearest to the text decides.
        if next(filter(None, reversed(said)), "yes") == "no":
            continue
        languages = _languages(around)
        if _is(languages[1], "en") is not False:
            yield from _unit_slots(text, node, _prefix(around), _is(languages[0], "zh") is not False)


def _unit_slots(text: str, node: Node, prefix: str, has_source: bool) -> Iterator[Slot]:
    name = prefix + node.attributes.get("id", "")
    parts = [node] if node.name == "trans-unit" else node.all("segment")
    for number, part in enumerate(parts, 1):
        target, source = part.first("target"), part.first("source")
        if target is None:
            continue
        pieces = trimmed(flow_pieces(text, target.inner_start, target.inner_end, _opaque))
        if pieces:
            suffix = "" if part is node else f"/{part.attributes.get('id', number)}"
            yield Slot(name + suffix, pieces, _visible(text, source) if has_source else None)


def _visible(text: str, source: Node | None) -> str | None:
    if source is None:
        return None
    return join_visible(flow_pieces(text, source.inner_start, source.inner_end, _opaque)).strip() or None


def _opaque(token: Token) -> bool:
    if token.local in _CODE:
        return True
    found = attributes(token)
    return token.local == "mrk" and (found.get("mtype") == "protected" or found.get("translate") == "no")


def _languages(around: Iterable[Token]) -> tuple[str, str]:
    """Return the declared source and target language; empty where none is declared."""
    source = target = ""
    for token in around:
        found = attributes(token)
        source = found.get("source-language") or found.get("srcLang") or source
        target = found.get("target-language") or found.get("trgLang") or target
    return source, target


def _is(declared: str, language: str) -> bool | None:
    """Tell whether a language tag names `language`; None where nothing is declared."""
    return declared.lower().replace("_", "-").split("-")[0] == language if declared else None


def _prefix(around: Iterable[Token]) -> str:
    """Return the id of the file element, if there are several to tell apart."""
    files = [attributes(token).get("id", "") for token in around if token.local == "file"]
    return f"{files[0]}/" if files and files[0] else ""
