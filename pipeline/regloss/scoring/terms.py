"""Term metrics: does a translation use the terms that the glossary wants?

Two families. With an aligned source, *term success* asks for each occurrence of a source term whether an accepted
target answers it (the WMT terminology tasks count so: min(occurrences in source, in translation) / occurrences in
source, longest source term first). Without a source, *mentions* are counted in the translation alone: each is an
accepted rendering or a forbidden one, which gives term accuracy, forbidden renderings per 1,000 words, and consistency.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from regloss.alignment.script import simplified
from regloss.glossary.entry import TermEntry
from regloss.glossary.forms import surface_key
from regloss.scoring.mentions import MentionFinder, accepted_surfaces
from regloss.scoring.metric import Direction, Material, MetricInfo, Need, Statistics, counted, percentage, ratio
from regloss.text import fold, whole_word, words

__all__ = [
    "ForbiddenRate",
    "TermAccuracy",
    "TermConsistency",
    "TermHits",
    "TermQuestions",
    "TermSuccess",
]


@dataclass(frozen=True, slots=True)
class TermHits:
    """One source term in one segment: it occurs `wanted` times, and `found` of them are answered."""

    term: str
    target: str
    wanted: int
    found: int


def _exact_surfaces(entry: TermEntry) -> tuple[str, ...]:
    return tuple(fold(target) for target in (entry.target, *entry.admitted))


def _inflected_surfaces(entry: TermEntry) -> tuple[str, ...]:
    surfaces = [*map(surface_key, _exact_surfaces(entry)), *(text for text, _ in accepted_surfaces(entry))]
    return tuple(dict.fromkeys(surfaces))


def _take(text: str, phrase: str) -> tuple[int, str]:
    """Return how often `phrase` stands in `text` as whole words, and `text` with these places struck out."""
    count, start = 0, text.find(phrase)
    while start >= 0:
        end = start + len(phrase)
        if whole_word(text, start, end):
            text = f"{text[:start]}{chr(0) * len(phrase)}{text[end:]}"
            count += 1
        start = text.find(phrase, end)
    return count, text


class TermQuestions:
    """What a glossary asks of a translation: an accepted target for each of the source's term occurrences.

    Build it once, ask any number of segments. Sources and terms may be in either script.
    """

    def __init__(self, entries: Sequence[TermEntry], *, inflected: bool) -> None:
        surfaces = _inflected_surfaces if inflected else _exact_surfaces
        self._key = surface_key if inflected else fold
        self._terms = tuple(
            (simplified(entry.source), entry, sorted(surfaces(entry), key=len, reverse=True))
            for entry in sorted(entries, key=lambda entry: -len(entry.source))
        )

    def hits(self, source: str, hypothesis: str) -> tuple[TermHits, ...]:
        """Return what became of each term that occurs in `source`, a segment or a document, longest terms first."""
        rest, text = simplified(source), self._key(hypothesis)
        hits: list[TermHits] = []
        for term, entry, surfaces in self._terms:
            wanted = rest.count(term)
            if not wanted:
                continue
            rest = rest.replace(term, "\0")
            found = 0
            for surface in surfaces:
                count, text = _take(text, surface)
                found += count
            hits.append(TermHits(entry.source, entry.target, wanted, min(wanted, found)))
        return tuple(hits)


@dataclass(frozen=True, slots=True)
class TermSuccess:
    """Share of the source's term occurrences that an accepted target answers.

    Attributes:
        entries: the glossary.
        inflected: accept regular inflections and hyphenation of a target, not its listed form alone.
        glossary_hash: goes into the signature.
    """

    entries: tuple[TermEntry, ...]
    inflected: bool = False
    glossary_hash: str = ""

    @property
    def info(self) -> MetricInfo:
        """The declaration."""
        name = "term-success-inflected" if self.inflected else "term-success"
        title = "Term success (inflected forms count)" if self.inflected else "Term success (exact forms)"
        match = "inflected" if self.inflected else "exact"
        signature = f"glossary:{self.glossary_hash}|match:{match}|case:lc"
        return percentage(name, title, signature, (Need.SOURCE, Need.GLOSSARY))

    def hits(self, material: Material) -> tuple[tuple[TermHits, ...], ...]:
        """Return the term hits of each segment."""
        questions = TermQuestions(self.entries, inflected=self.inflected)
        pairs = zip(material.sources or (), material.hypotheses, strict=True)
        return tuple(questions.hits(source, hypothesis) for source, hypothesis in pairs)

    def statistics(self, material: Material) -> Statistics:
        """Return rows of (answered, wanted)."""
        rows = [(sum(h.found for h in hits), sum(h.wanted for h in hits)) for hits in self.hits(material)]
        return counted(rows)


@dataclass(frozen=True, slots=True)
class TermAccuracy:
    """Share of the term mentions that are accepted renderings. Needs no source, so it speaks about any text."""

    finder: MentionFinder
    glossary_hash: str = ""

    @property
    def info(self) -> MetricInfo:
        """The declaration."""
        signature = f"glossary:{self.glossary_hash}|count:mentions"
        title = "Term accuracy (accepted among all renderings)"
        return percentage("term-accuracy", title, signature, (Need.GLOSSARY,))

    def statistics(self, material: Material) -> Statistics:
        """Return rows of (accepted, mentions)."""
        found = self.finder.mentions(material.hypotheses, material.sources)
        return counted([(sum(m.accepted for m in each), len(each)) for each in found])


@dataclass(frozen=True, slots=True)
class ForbiddenRate:
    """Forbidden renderings per 1,000 words of translation."""

    finder: MentionFinder
    glossary_hash: str = ""

    @property
    def info(self) -> MetricInfo:
        """The declaration."""
        signature = f"glossary:{self.glossary_hash}|count:forbidden"
        title, unit = "Forbidden renderings per 1,000 words", "per 1,000 words"
        return MetricInfo("forbidden", title, Direction.LOWER, 0, 1000, unit, signature, ratio(1000), (Need.GLOSSARY,))

    def statistics(self, material: Material) -> Statistics:
        """Return rows of (forbidden renderings, words)."""
        found = self.finder.mentions(material.hypotheses, material.sources)
        rows = [
            (sum(not m.accepted for m in each), sum(1 for _ in words(text)))
            for each, text in zip(found, material.hypotheses, strict=True)
        ]
        return counted(rows, 1000)


@dataclass(frozen=True, slots=True)
class TermConsistency:
    """Share of a term's later mentions in a document that keep the rendering of its first.

    The first rendering is the pseudo-reference, so no reference is needed (the idea of Semenov and Bojar, WMT 2022);
    it says nothing about whether that rendering is right.
    """

    finder: MentionFinder
    glossary_hash: str = ""

    @property
    def info(self) -> MetricInfo:
        """The declaration."""
        signature = f"glossary:{self.glossary_hash}|ref:first"
        title = "Term consistency (with the first rendering)"
        return percentage("term-consistency", title, signature, (Need.GLOSSARY,))

    def statistics(self, material: Material) -> Statistics:
        """Return rows of (later mentions that agree with the first, later mentions)."""
        first: dict[tuple[str, str], str] = {}
        rows: list[tuple[float, float]] = []
        for index, mentions in enumerate(self.finder.mentions(material.hypotheses, material.sources)):
            document = material.documents[index] if material.documents else ""
            agree = later = 0
            for mention in mentions:
                form = first.get((document, mention.term))
                later += form is not None
                agree += form == mention.form
                first.setdefault((document, mention.term), mention.form)
            rows.append((agree, later))
        return counted(rows)
