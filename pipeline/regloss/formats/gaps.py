"""Targets to be filled: bilingual files read for what is to be translated, and written with the translations in them.

The document of such a file shows the sources whose targets are empty, a unit each, in the markup of the source; what a
translator makes of its text goes into the targets. A target that only repeats its Chinese source counts as empty.
Nothing else in the file changes, but for the mark by which its format tells that nobody has read a translation yet.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from regloss.document import Document
from regloss.formats.encoding import encode
from regloss.formats.slots import Change, Slot, changes, splice
from regloss.formats.units import unit_document, unit_texts
from regloss.text import has_han

__all__ = ["BilingualFormat", "Gap", "GapContainer", "Pair", "content", "fill", "gap_document", "gaps_of", "is_gap"]


@runtime_checkable
class BilingualFormat(Protocol):
    """A format whose files hold sources beside their targets."""

    def gaps(self, data: bytes, name: str, *, overwrite: bool = False) -> Document | None:
        """Return the sources whose targets are to be filled; None where the file has no Chinese source.

        Args:
            overwrite: fill the targets that hold something too.

        Raises:
            FormatError: as from `FileFormat.parse`.
        """


@dataclass(frozen=True, slots=True)
class Gap:
    """A target to be filled.

    Attributes:
        slot: the source; its pieces lie in the raw text.
        start, end: what is replaced in the raw text.
        write: returns what stands there then, given the new text of the slot.
        marks: other changes that go with it.
    """

    slot: Slot
    start: int
    end: int
    write: Callable[[str], str]
    marks: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """A source and its target as a reader finds them; `gap` is None where the target is not to be filled."""

    source: str
    gap: Gap | None


@dataclass(frozen=True, slots=True)
class GapContainer:
    """A file that is text, with the targets to be filled; attributes as in `TextContainer`."""

    name: str
    data: bytes
    raw: str
    encoding: str
    gaps: tuple[Gap, ...]
    references: bool = False

    def render(self, texts: Mapping[int, str]) -> bytes:
        """Return the file with these translations in it; raises FormatError where its encoding lacks a character."""
        made: list[Change] = []
        for number, text in texts.items():
            gap = self.gaps[number]
            made += (Change(gap.start, gap.end, gap.write(text)), *gap.marks)
        new = splice(self.raw, made)
        if self.references:
            return new.encode(self.encoding, errors="xmlcharrefreplace")
        return encode(new, self.encoding, self.name)


def is_gap(source: str, target: str, *, overwrite: bool) -> bool:
    """Tell whether a target is to be filled: it is empty, or repeats a Chinese source."""
    if not source.strip():
        return False
    return overwrite or not target.strip() or (target.strip() == source.strip() and has_han(source))


def gaps_of(pairs: Iterable[Pair]) -> tuple[Gap, ...] | None:
    """Return the gaps among the pairs; None where no source among them is Chinese."""
    found = tuple(pairs)
    if not any(has_han(pair.source) for pair in found):
        return None
    return tuple(pair.gap for pair in found if pair.gap is not None)


def gap_document(
    name: str, data: bytes, raw: str, encoding: str, pairs: Iterable[Pair], *, references: bool = False
) -> Document | None:
    """Return the document of the gaps in a text file; None where no source among the pairs is Chinese."""
    gaps = gaps_of(pairs)
    if gaps is None:
        return None
    container = GapContainer(name, data, raw, encoding, gaps, references)
    return unit_document(name, [gap.slot for gap in gaps], container, encoding)


def fill(document: Document, text: str) -> bytes:
    """Return the bytes of a file with the translations in its targets.

    Args:
        document: from `BilingualFormat.gaps`.
        text: the translation of its text.

    Raises:
        FormatError: `text` breaks the borders of a unit, or the file's encoding lacks a character.
    """
    if not document.units:
        return bytes(document.origin.container.data)
    return bytes(document.origin.container.render(dict(unit_texts(document, text))))


def content(raw: str, start: int, end: int, slot: Slot, text: str) -> str:
    """Return ``raw[start:end]``, the content of an element that holds the slot, with `text` for the slot's text."""
    made = [Change(each.start - start, each.end - start, each.new) for each in changes(slot, text)]
    return splice(raw[start:end], made)
