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
from regloss.formats.gaps import Gap, Pair, content, gap_document, is_gap
from regloss.formats.markup import (
    Node,
    Token,
    attributes,
    check_xml,
    decode_declared,
    flow_pieces,
    open_tag,
    space_before,
    subtrees,
)
from regloss.formats.packed import PackedSlots
from regloss.formats.slots import Change, Slot, join_visible, trimmed
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
        text, encoding = _checked(data, name)
        slots = PackedSlots(text, _slots(text))
        return unit_document(name, slots, TextContainer(name, data, text, encoding, slots, references=True), encoding)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)

    def gaps(self, data: bytes, name: str, *, overwrite: bool = False) -> Document | None:
        """Return the sources whose targets are to be filled, or are missing; see `BilingualFormat.gaps`."""
        text, encoding = _checked(data, name)
        return gap_document(name, data, text, encoding, _pairs(text, overwrite=overwrite), references=True)


def _checked(data: bytes, name: str) -> tuple[str, str]:
    """Return the text and the codec of an XLIFF file."""
    text, encoding = decode_declared(data, name)
    if not check_xml(text, name).tag.endswith("xliff"):
        raise FormatError("is XML, but no XLIFF", name)
    return text, encoding


def _slots(text: str) -> Iterator[Slot]:
    for name, part, has_source in _parts(text):
        target, source = part.first("target"), part.first("source")
        if target is not None:
            pieces = trimmed(flow_pieces(text, target.inner_start, target.inner_end, _opaque))
            if pieces:
                yield Slot(name, pieces, _visible(text, source) if has_source else None)


def _pairs(text: str, *, overwrite: bool) -> Iterator[Pair]:
    for name, part, has_source in _parts(text):
        source = part.first("source") if has_source else None
        shown = _visible(text, source) or ""
        if source is not None and shown:
            wanted = is_gap(shown, _visible(text, part.first("target")) or "", overwrite=overwrite)
            yield Pair(shown, _gap(text, name, part, source) if wanted else None)


def _gap(text: str, name: str, part: Node, source: Node) -> Gap:
    """Return the target of a part as one to be filled with its translated source, inline elements included."""
    model, target = part.first("seg-source") or source, part.first("target")
    slot = Slot(name, trimmed(flow_pieces(text, model.inner_start, model.inner_end, _opaque)))
    # What OASIS calls a translation that nobody has reviewed: in 1.2 the target says it, in 2.x the segment.
    is_old = part.name == "trans-unit"
    state = {"state": "needs-review-translation", "state-qualifier": "leveraged-mt"} if is_old else {}
    marks: tuple[Change, ...] = ()
    if not is_old:
        tag = open_tag(text, part.token, {"state": "translated", "subState": ""})
        marks = (Change(part.token.start, part.token.end, tag),)
    if target is None:
        start = end = model.end(text)
        prefix = source.token.name.removesuffix("source")
        opening = open_tag(f"<{prefix}target>", Token("open", 0, len(prefix) + 8), state)
        opening, closing = space_before(text, source.token.start) + opening, f"</{prefix}target>"
    else:
        start, end = target.token.start, target.end(text)
        opening, closing = open_tag(text, target.token, state), f"</{target.token.name}>"

    def write(new: str) -> str:
        return opening + content(text, model.inner_start, model.inner_end, slot, new) + closing

    return Gap(slot, start, end, write, marks)


def _parts(text: str) -> Iterator[tuple[str, Node, bool]]:
    """Yield what holds a source and its target: the name, the element, and whether the source may be Chinese."""
    for node, around in subtrees(text, frozenset({"trans-unit", "unit"})):
        said = [attributes(token).get("translate", "") for token in (*around, node.token)]
        # What stands nearest to the text decides.
        if next(filter(None, reversed(said)), "yes") == "no":
            continue
        languages = _languages(around)
        if _is(languages[1], "en") is not False:
            name = _prefix(around) + node.attributes.get("id", "")
            has_source = _is(languages[0], "zh") is not False
            if node.name == "trans-unit":
                yield name, node, has_source
            else:
                for number, part in enumerate(node.all("segment"), 1):
                    yield f"{name}/{part.attributes.get('id', number)}", part, has_source


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
