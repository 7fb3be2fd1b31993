"""What speaks for and against words that nobody listed being the wrong rendering of a term.

The pieces are added up as those of `evidence` are, and the same thresholds turn the sum into a tier. The weights were
set on the development years of the WMT25 terminology documents and checked on human translations: see
``benchmarks/terms.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from regloss.alignment.words import FUNCTION_WORDS, TermLinks
from regloss.glossary import inflection
from regloss.glossary.entry import Kind, TermEntry
from regloss.repair.evidence import Evidence
from regloss.repair.likeness import abbreviates, content_stems, likeness
from regloss.repair.renderings import phrase_words
from regloss.repair.stretch import Stretch

__all__ = ["Place", "evidence_for"]

_MISSING = 0.15
"""What it weighs that the source holds the term and the target shows no right rendering."""


@dataclass(frozen=True, slots=True)
class Place:
    """Words that may stand for a term.

    Attributes:
        found: the words.
        links: of the term, to all words of the sentence pair.
        stretch: places of the words among them.
        named: they are written as a name, with a capital that no sentence start explains.
        modifier: they describe the noun that follows.
        habit: how often the document surely renders the term with these words.
        literal: they are what the characters of a name mean.
        ordinary: the term is a name, and an ordinary word too.
    """

    found: str
    links: TermLinks
    stretch: Stretch
    named: bool
    modifier: bool
    habit: int
    literal: bool = False
    ordinary: bool = False

    @property
    def content(self) -> list[int]:
        """The places of the words that carry meaning."""
        first, last = self.stretch
        return [k for k in range(first, last + 1) if self.links.words[k].form not in FUNCTION_WORDS]


def evidence_for(entry: TermEntry, place: Place) -> tuple[Evidence, ...]:
    """Return what speaks for and against the words at `place` as a rendering of the entry's term, heaviest first."""
    found = [
        (f"the aligned source holds {entry.source}, whose rendering is missing", _MISSING),
        (f"the aligner links the words to {entry.source}", _linked(place)),
        *_likeness(entry, place),
        *_glossary(entry, place),
        *_size(entry, place),
    ]
    if place.literal:
        found.append((f"the words take {entry.source} literally", 0.7))
    if place.habit > 1:
        times = f"the document renders {entry.source} so {place.habit} times"
        found.append((times, round(min(0.3, 0.1 * place.habit), 2)))
    return tuple(sorted(found, key=lambda item: -abs(item[1])))


def _linked(place: Place) -> float:
    """Return the strength of the links, lowered by what the rest of the source explains of the same words."""
    if not place.content:
        return 0.0
    strength, rest = (float(np.mean(links[place.content])) for links in (place.links.term, place.links.rest))
    return round(0.9 * strength**2 / (strength + rest + 1e-6), 2)


def _likeness(entry: TermEntry, place: Place) -> Iterator[Evidence]:
    targets = (entry.target, *entry.admitted)
    alike = max(likeness(place.found, target) for target in targets)
    if alike:
        yield "the words resemble the right rendering", round(0.35 * alike, 2)
    words = place.found.replace("-", " ").split()
    # Where nobody asked for the short form, the long one is no fault.
    if entry.layer != "bundled" and any(
        abbreviates(target, words) or abbreviates(place.found, target.replace("-", " ").split()) for target in targets
    ):
        yield "one is the abbreviation of the other", 0.7


def _glossary(entry: TermEntry, place: Place) -> Iterator[Evidence]:
    if entry.layer == "bundled":
        yield "a bundled entry leaves room for other good renderings", -0.55 if entry.kind is Kind.NAME else -0.65
        if place.ordinary:
            yield f"{entry.source} is an ordinary word too", -0.5
        # By whole words: stems are too crude for names (Sunning is not Suning).
        found = set(phrase_words(place.found)) - FUNCTION_WORDS
        if any(found <= set(phrase_words(target)) for target in (entry.target, *entry.admitted)):
            yield "the words of the right rendering, or a part of them, may stand for it", -0.4
    elif entry.forbidden and not (entry.kind is Kind.NAME and place.named):
        yield "the glossary lists wrong renderings, and this is none of them", -0.5
    if entry.kind is Kind.VERB and inflection.verb_tag(place.found.split(" ")[0].lower()) is None:
        yield "the words are no verb", -0.4


def _size(entry: TermEntry, place: Place) -> Iterator[Evidence]:
    sizes = [len(content_stems(target)) for target in (entry.target, *entry.admitted)]
    count = len(place.content)
    if count > 1 and min(abs(count - size) for size in sizes) <= 1:
        yield "a phrase about as long as the right rendering", 0.1
    if count > max(sizes) + 2:
        yield "more words than the term has", round(-0.1 * (count - max(sizes) - 2), 2)
    if count == 1 and max(sizes) > 1 and len(entry.source) > 3:
        yield "one word alone for a term of several", -0.2
        if place.modifier:
            yield "it only describes the noun that follows", -0.1
