"""HTML: the text of each block element is a unit; of inline tags in it the name is shown.

Also units: the title, the attributes that people read (``alt``, ``title``, ``placeholder``, ``aria-label``) and the
descriptions in ``meta``. No prose: scripts, styles, preformatted text, SVG and MathML; code and what is marked
``translate="no"`` or ``class="notranslate"`` is markup as a whole. The comments ``<!-- regloss: ignore -->`` and
``<!-- regloss: end ignore -->`` work as in any text. Whatever is no tag is text: no page is refused for its markup.

Source for elements and attributes: HTML Living Standard (WHATWG), sections 4 and 13.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from regloss.document import Document
from regloss.formats.markup import decode_declared, escape_attribute, escape_text, reference_pieces
from regloss.formats.packed import PackedSlots
from regloss.formats.slots import Piece, Slot, trimmed
from regloss.formats.units import TextContainer, encode_units, unit_document

__all__ = ["HtmlFormat"]

_INLINE = frozenset(
    "a abbr acronym b bdi bdo big br cite code data del dfn em font i img input ins kbd label mark nobr q ruby rp rt s "
    "samp small span strike strong sub sup time tt u var wbr".split()
)
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_CODE = frozenset("code kbd samp var".split())
_NO_PROSE = frozenset("script style xmp iframe noembed noframes template pre svg math object".split())
_PLAIN_ONLY = frozenset({"title", "textarea"})
_SHOWN = frozenset({"alt", "title", "placeholder", "aria-label"})
_DESCRIPTIONS = frozenset({"description", "og:title", "og:description", "twitter:title", "twitter:description"})
_TAG = re.compile(
    r"<(?P<close>/)?(?P<name>[A-Za-z][^\s/<>]*+)"
    r"(?P<attributes>(?:\"[^\"]*+\"|'[^']*+'|[^\"'<>])*+)>"
)
_ODD_TAG = re.compile(r"</?(?P<name>[A-Za-z][^\s/<>]*+)[^<>]*+>")
_BROKEN = re.compile(r"</?[A-Za-z][^\s<>]*+")
_OTHER = re.compile(r"<!--(?:>|->|.*?(?:--!?>|\Z))|<[!?][^>]*+(?:>|\Z)", re.DOTALL)
_TEXT = re.compile(r"<?[^<]*+")
_ATTRIBUTE = re.compile(r"(?P<name>[^\s=\"'<>/]++)\s*+=\s*+(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)')")
_BARE = re.compile(r"(?P<name>[^\s=\"'<>/]++)(?:\s*+=\s*+(?P<value>[^\s\"'<>=`]++))?+")
_DIRECTIVE = re.compile(r"<!--\s*regloss:\s*(ignore|end ignore)\s*-->")


@dataclass(frozen=True, slots=True)
class HtmlFormat:
    """Web pages; also XHTML."""

    name: str = "HTML"
    suffixes: tuple[str, ...] = (".html", ".htm", ".xhtml")

    def parse(self, data: bytes, name: str) -> Document:
        """Return the document in `data`; raises FormatError where it is not text."""
        text, encoding = decode_declared(data, name, html=True)
        slots = PackedSlots(text, _Reader(text).slots())
        return unit_document(name, slots, TextContainer(name, data, text, encoding, slots, references=True), encoding)

    def encode(self, document: Document, text: str) -> bytes:
        """Return the bytes of the file with `text` in place of `document.text`."""
        return encode_units(document, text)


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    start: int
    end: int
    closes: bool
    attributes: tuple[tuple[str, str, int, int], ...]  # name, raw value, and where the value stands

    def value(self, name: str) -> str | None:
        """Return the value of an attribute."""
        return next((html.unescape(value) for key, value, _, _ in self.attributes if key == name), None)

    @property
    def is_opaque(self) -> bool:
        """Tell whether the element stays as it is, content and all."""
        classes = (self.value("class") or "").split()
        return self.name in _CODE or self.value("translate") == "no" or "notranslate" in classes


class _Reader:
    """One pass over a page."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._pieces: list[Piece] = []
        self._count = 0
        self._ignored = False
        self._opaque: list[str] = []  # the opaque element that is open, and those of its name inside it
        self._opaque_start = 0

    def slots(self) -> Iterator[Slot]:
        """Yield the units of the page."""
        position = 0
        while position < len(self._text):
            found = self._tag(position)
            if found is None:
                position = self._text_or_other(position)
            else:
                yield from self._enter(found)
                position = self._past_content(found)
        yield from self._flush()

    def _tag(self, position: int) -> _Tag | None:
        if not self._text.startswith("<", position):
            return None
        match = _TAG.match(self._text, position)
        if match:
            found = tuple(_attributes(self._text, *match.span("attributes")))
            return _Tag(match["name"].lower(), *match.span(), match["close"] is not None, found)
        odd = _ODD_TAG.match(self._text, position)
        if odd:
            return _Tag(odd["name"].lower(), *odd.span(), self._text.startswith("</", position), ())
        return None

    def _text_or_other(self, position: int) -> int:
        other = _OTHER.match(self._text, position)
        if other:
            directive = _DIRECTIVE.fullmatch(other[0])
            if directive:
                self._ignored = directive[1] == "ignore"
            self._add_markup(*other.span())
            return other.end()
        broken = _BROKEN.match(self._text, position)
        if broken:
            # A tag that does not end; what follows its name may be attributes or text, and nothing can tell.
            self._add_markup(*broken.span())
            return broken.end()
        match = _TEXT.match(self._text, position)
        end = match.end() if match else len(self._text)
        self._add_text(position, end)
        return end

    def _add_text(self, start: int, end: int) -> None:
        if self._opaque:
            return
        if self._ignored:
            self._add_markup(start, end)
        else:
            self._pieces += reference_pieces(self._text, start, end, escape_text, html.unescape)

    def _add_markup(self, start: int, end: int) -> None:
        if not self._opaque:
            self._pieces.append(Piece(start, end, self._text[start:end], escape_text, markup=True))

    def _enter(self, tag: _Tag) -> Iterator[Slot]:
        if self._opaque:
            self._inside_opaque(tag)
            return
        if tag.name not in _INLINE:
            yield from self._flush()
        if not tag.closes and not self._ignored and not tag.is_opaque:
            yield from self._attribute_slots(tag)
        if tag.is_opaque and not tag.closes and tag.name not in _VOID and not self._text.startswith("/>", tag.end - 2):
            self._opaque = [tag.name]
            self._opaque_start = tag.start
        elif tag.name in _INLINE:
            # Without its attributes a tag reads better, and an attribute that is a unit itself is not shown twice.
            shown = f"</{tag.name}>" if tag.closes else f"<{tag.name}>"
            self._pieces.append(Piece(tag.start, tag.end, shown, escape_text, markup=True))

    def _inside_opaque(self, tag: _Tag) -> None:
        if tag.name != self._opaque[0]:
            return
        if not tag.closes:
            self._opaque.append(tag.name)
            return
        self._opaque.pop()
        if not self._opaque:
            self._add_markup(self._opaque_start, tag.end)

    def _past_content(self, tag: _Tag) -> int:
        """Return where to go on after a tag; the content of some elements is no markup, or no prose."""
        if tag.closes or tag.name not in (_NO_PROSE | _PLAIN_ONLY) or self._text.startswith("/>", tag.end - 2):
            return tag.end
        close = re.compile(rf"</{tag.name}(?=[\s/>])", re.IGNORECASE).search(self._text, tag.end)
        end = close.start() if close else len(self._text)
        if tag.name in _PLAIN_ONLY:
            self._add_text(tag.end, end)
        return end

    def _attribute_slots(self, tag: _Tag) -> Iterator[Slot]:
        is_description = tag.name == "meta" and (
            (tag.value("name") or tag.value("property") or "").lower() in _DESCRIPTIONS
        )
        for name, _, start, end in tag.attributes:
            if start >= 0 and (name in _SHOWN or (is_description and name == "content")):
                pieces = tuple(reference_pieces(self._text, start, end, escape_attribute, html.unescape))
                if pieces:
                    yield Slot(self._next_id(name), pieces)

    def _flush(self) -> Iterator[Slot]:
        pieces = trimmed(self._pieces)
        self._pieces = []
        if pieces:
            yield Slot(self._next_id("text"), pieces)

    def _next_id(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}"


def _attributes(text: str, start: int, end: int) -> Iterator[tuple[str, str, int, int]]:
    """Yield name, raw value and place of each attribute; a value without quotes has the place -1."""
    position = start
    while position < end:
        quoted = _ATTRIBUTE.match(text, position, end)
        if quoted:
            group = "double" if quoted["double"] is not None else "single"
            yield quoted["name"].lower(), quoted[group], *quoted.span(group)
            position = quoted.end()
            continue
        bare = _BARE.match(text, position, end)
        if bare:
            yield bare["name"].lower(), bare["value"] or "", -1, -1
        position = bare.end() if bare else position + 1
