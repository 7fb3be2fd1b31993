"""How translations render the terms of a glossary: as preferred, as admitted, as forbidden, or in another way.

Each occurrence of a source term asks for one rendering; the longest source term counts where several overlap. A
rendering is found in any regular inflection. Sources and terms may be in either script, simplified or traditional.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from regloss.alignment.script import simplified
from regloss.glossary import inflection
from regloss.glossary.entry import Forbidden, Kind, TermEntry
from regloss.glossary.forms import derive_forms, surface_key
from regloss.glossary.parallel import Pair
from regloss.text import whole_word

__all__ = ["TermUsage", "bare_term", "usage"]


@dataclass(slots=True)
class TermUsage:
    """What became of one term; grows while pairs stream by.

    Attributes:
        entry: the term.
        wanted: how often it stands in the sources.
        preferred: how often its preferred target answers.
        admitted, forbidden: how often each of the other listed targets does.
        missed: the pairs in which an occurrence is answered by nothing listed.
        other: how many occurrences these are.
    """

    entry: TermEntry
    wanted: int = 0
    preferred: int = 0
    admitted: Counter[str] = field(default_factory=Counter)
    forbidden: Counter[str] = field(default_factory=Counter)
    missed: list[Pair] = field(default_factory=list)
    other: int = 0

    @property
    def followed(self) -> int:
        """How often the preferred or an admitted target answers."""
        return self.preferred + self.admitted.total()


def usage(entries: Sequence[TermEntry], pairs: Iterable[Pair]) -> tuple[TermUsage, ...]:
    """Return what the targets make of each entry, in the order of the entries."""
    found = {entry.source: TermUsage(entry) for entry in entries}
    surfaces: dict[str, Mapping[str, str]] = {}
    terms = _searchable(entries)
    for pair in pairs:
        for entry, wanted in _terms_in(terms, pair.source):
            if entry.source not in surfaces:
                surfaces[entry.source] = _renderings(entry)
            _count(found[entry.source], wanted, _found(surfaces[entry.source], pair.target), pair)
    return tuple(found.values())


def _searchable(entries: Sequence[TermEntry]) -> list[tuple[str, TermEntry]]:
    """Return the entries with what to look for in a source, in simplified characters, the longest first.

    A term with its sense in brackets (``大哥 (打赏)``) is passed over: characters alone cannot tell the sense.
    """
    terms = [(simplified(bare_term(entry.source)), entry) for entry in entries if "(" not in entry.source]
    return sorted(terms, key=lambda each: -len(each[0]))


def _terms_in(terms: Sequence[tuple[str, TermEntry]], source: str) -> list[tuple[TermEntry, int]]:
    """Return the entries whose source term stands in a text of either script, and how often, the longest first."""
    rest, counted = simplified(source), []
    for term, entry in terms:
        if wanted := rest.count(term):
            rest = rest.replace(term, "\0")
            counted.append((entry, wanted))
    return counted


def bare_term(source: str) -> str:
    """Return a source term as it stands in texts: without the dots for what is left out (``…之心``)."""
    return source.strip("…")


def _renderings(entry: TermEntry) -> Mapping[str, str]:
    """Return the listed rendering that each surface key belongs to, good ones before forbidden ones."""
    good = tuple(dict.fromkeys((entry.target, *entry.admitted)))
    targets = tuple(Forbidden(target) for target in good)
    found = {surface_key(target): target for target in good}
    for surface in (*derive_forms(replace(entry, forbidden=targets)), *derive_forms(entry)):
        found.setdefault(surface.text, surface.forbidden.form)
    if entry.kind is Kind.NOUN:
        # New words such as "livestream" are in no dictionary, but they have a regular plural.
        for target in good:
            found.setdefault(surface_key(inflection.plural(target)), target)
    return found


def _found(surfaces: Mapping[str, str], text: str) -> Counter[str]:
    """Count the listed renderings in a text, longest surface first, no place counting twice."""
    key, found = surface_key(text), Counter[str]()
    for surface in sorted(surfaces, key=lambda surface: -len(surface)):
        at = key.find(surface)
        while at >= 0:
            end = at + len(surface)
            if whole_word(key, at, end):
                key = f"{key[:at]}{chr(0) * len(surface)}{key[end:]}"
                found[surfaces[surface]] += 1
            at = key.find(surface, end)
    return found


def _count(term: TermUsage, wanted: int, found: Counter[str], pair: Pair) -> None:
    term.wanted += wanted
    entry = term.entry
    for rendering in (entry.target, *entry.admitted, *(form.form for form in entry.forbidden)):
        taken = min(wanted, found.pop(rendering, 0))
        wanted -= taken
        if rendering == entry.target:
            term.preferred += taken
        elif taken:
            (term.admitted if rendering in entry.admitted else term.forbidden)[rendering] += taken
    if wanted:
        term.other += wanted
        term.missed.append(pair)
