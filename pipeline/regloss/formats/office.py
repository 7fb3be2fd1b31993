"""What DOCX and XLSX files share: XML parts in a package, with slots in several of them."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

from regloss.formats.encoding import encode
from regloss.formats.markup import XmlRoot, check_xml, decode_declared, xml_tree
from regloss.formats.package import Package
from regloss.formats.packed import PackedSlots
from regloss.formats.slots import Change, Slot, changes, splice

__all__ = ["OfficeContainer", "XmlPart", "name_prefix", "read_tree", "read_xml"]


@dataclass(frozen=True, slots=True)
class XmlPart:
    """An XML part of a package: its name, text, codec, and root element."""

    name: str
    raw: str
    encoding: str
    root: XmlRoot

    def encode(self, made: Sequence[Change]) -> bytes:
        """Return the part with changes made."""
        return encode(splice(self.raw, made), self.encoding, self.name)


def read_xml(package: Package, name: str) -> XmlPart | None:
    """Return a part of a package, None where there is none; raises FormatError where it is no well-formed XML."""
    part = package.part(name)
    if part is None:
        return None
    place = f"{package.name}:{name}"
    raw, encoding = decode_declared(package.content(part), place)
    return XmlPart(name, raw, encoding, check_xml(raw, place))


def read_tree(package: Package, name: str) -> Any:
    """Return the root element of a short part as lxml's tree, None where there is none; errors as in `read_xml`."""
    part = package.part(name)
    if part is None:
        return None
    place = f"{package.name}:{name}"
    return xml_tree(decode_declared(package.content(part), place)[0], place)


def name_prefix(part: XmlPart, namespaces: Sequence[str]) -> str | None:
    """Return the prefix, colon included, that the root element binds to one of the namespaces; None where none is."""
    for prefix, uri in part.root.prefixes.items():
        if uri in namespaces:
            return f"{prefix}:" if prefix else ""
    return None


@dataclass(frozen=True, slots=True)
class OfficeContainer:
    """A package whose parts hold slots.

    Attributes:
        package: the file.
        parts: the XML parts that hold slots.
        slots: of each part, in order.
    """

    package: Package
    parts: tuple[XmlPart, ...]
    slots: tuple[PackedSlots, ...]

    def __iter__(self) -> Iterator[Slot]:
        """Yield the slots of all parts; their numbers go on from part to part."""
        return chain.from_iterable(self.slots)

    @property
    def data(self) -> bytes:
        """The file as it was read."""
        return self.package.data

    def render(self, texts: Mapping[int, str]) -> bytes:
        """Return the package with the new texts in it; parts without any stay as they lie."""
        made: dict[int, list[Change]] = {}
        firsts = list(accumulate(map(len, self.slots), initial=0))
        for number, text in texts.items():
            part = bisect_right(firsts, number) - 1
            made.setdefault(part, []).extend(changes(self.slots[part][number - firsts[part]], text))
        return self.package.replaced({self.parts[n].name: self.parts[n].encode(each) for n, each in made.items()})
