"""The surfaces under which a wrong rendering appears in running text.

An entry lists "quick hands"; text holds "quick hand", "Quick-handed", "quick-hands". This module derives the surfaces
and remembers what each one is, so that the replacement can be inflected alike. Possessives and articles need no
surfaces of their own: the matcher looks at what stands around a match.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from regloss.glossary import inflection
from regloss.glossary.entry import Forbidden, Kind, TermEntry
from regloss.text import fold

__all__ = ["Form", "SurfaceForm", "derive_forms", "surface_key"]


class Form(StrEnum):
    """What a surface is, grammatically."""

    SINGULAR = "singular"
    PLURAL = "plural"
    ED = "ed"  # quick-handed
    BASE = "VB"
    THIRD = "VBZ"
    GERUND = "VBG"
    PAST = "VBD"
    PARTICIPLE = "VBN"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class SurfaceForm:
    """One surface of one forbidden rendering.

    Attributes:
        text: its key, as `surface_key` makes it.
        forbidden: the rendering it belongs to.
        entry: the entry that forbids it.
        form: what it is.
    """

    text: str
    forbidden: Forbidden
    entry: TermEntry
    form: Form

    @property
    def kind(self) -> Kind:
        """Grammatical kind of this surface."""
        return self.forbidden.kind or self.entry.kind

    @property
    def target(self) -> str:
        """What replaces it, uninflected."""
        return self.forbidden.target or self.entry.target


def surface_key(text: str) -> str:
    """Return `text` folded, with hyphens and line breaks as spaces; same length, so offsets stay."""
    return fold(text).replace("-", " ").replace("\n", " ").replace("\t", " ")


def derive_forms(entry: TermEntry) -> tuple[SurfaceForm, ...]:
    """Return every surface of every forbidden rendering of `entry`, without repetition, in order of the entry."""
    found: dict[str, SurfaceForm] = {}
    listed = {surface_key(f.form): f for f in entry.forbidden}
    for forbidden in entry.forbidden:
        for text, form in _surfaces(forbidden, forbidden.kind or entry.kind):
            key = surface_key(text)
            # A surface that the entry lists itself belongs to that line, with its own guard and target.
            owner = listed.get(key, forbidden)
            if owner is forbidden:
                found.setdefault(key, SurfaceForm(key, forbidden, entry, form))
    return tuple(found.values())


def _surfaces(forbidden: Forbidden, kind: Kind) -> Iterator[tuple[str, Form]]:
    text = forbidden.form.strip()
    if kind in (Kind.NAME, Kind.NOUN):
        yield from _noun_surfaces(text, kind, exact=forbidden.exact)
    elif kind is Kind.VERB:
        yield from _verb_surfaces(text, exact=forbidden.exact)
    else:
        yield text, Form.FIXED


def _noun_surfaces(text: str, kind: Kind, *, exact: bool) -> Iterator[tuple[str, Form]]:
    words = text.replace("-", " ").split(" ")
    last = words[-1]
    lemma = inflection.noun_lemma(last.lower())
    if last != last.lower() or not last.isascii():
        # A spelling such as "Kaishou" is no English word and has no number of its own.
        yield text, Form.FIXED
        return
    if lemma is None:
        # A word that the dictionary lacks ("applet") is taken as a regular noun.
        lemma = last.removesuffix("s")
    is_plural = lemma != last if inflection.noun_lemma(last) is None else inflection.is_plural_noun(last)
    yield text, Form.PLURAL if is_plural else Form.SINGULAR
    if exact:
        return
    stem = text[: len(text) - len(last)]
    yield (stem + lemma, Form.SINGULAR) if is_plural else (inflection.plural(text), Form.PLURAL)
    if kind is Kind.NAME and len(words) == 2 and inflection.can_be(words[0], "ADJ"):
        yield stem + lemma + ("d" if lemma.endswith("e") else "ed"), Form.ED


def _verb_surfaces(text: str, *, exact: bool) -> Iterator[tuple[str, Form]]:
    head, space, rest = text.partition(" ")
    tag = inflection.verb_tag(head)
    if tag is None or exact:
        yield text, Form(tag) if tag else Form.FIXED
        return
    lemma = inflection.verb_lemma(head.lower()) or head
    yield text, Form("VB" if tag == "VB" else tag)
    for each in (Form.BASE, Form.THIRD, Form.GERUND, Form.PAST, Form.PARTICIPLE):
        yield inflection.inflect_head(lemma + space + rest, each.value), each
