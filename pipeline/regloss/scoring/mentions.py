"""Where a translation renders a term of the glossary, rightly or wrongly.

Accepted renderings are found as whole words in any inflection. Forbidden ones are what the repair stage would mend or
propose to mend: its guards know "quick hands" of a goalkeeper from those that were meant to be Kuaishou, so the count
agrees with what `regloss fix` does.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from regloss.document import Document, Finding, Relation, Segment, Severity, Span, Tier
from regloss.glossary import inflection
from regloss.glossary.entry import Forbidden, Kind, TermEntry
from regloss.glossary.forms import derive_forms, surface_key
from regloss.glossary.store import Glossary
from regloss.repair import Repairer, RepairOptions
from regloss.repair.matcher import PhraseIndex

__all__ = [
    "FORBIDDEN_TERM",
    "GuardedMentionFinder",
    "Mention",
    "MentionFinder",
    "accepted_surfaces",
    "forbidden_findings",
]

# The name of the check behind the findings, beside those of the sanity checks.
FORBIDDEN_TERM = "forbidden-term"


_NOT_MEANT = frozenset({Tier.LEAVE})


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a segment where a term of the glossary is rendered.

    Attributes:
        start, end: where, in code points of the segment.
        term: source term of the entry.
        form: the rendering, folded and uninflected where it is accepted.
        accepted: whether it is the preferred or an admitted target; otherwise it is a forbidden rendering.
        target: what should stand there.
    """

    start: int
    end: int
    term: str
    form: str
    accepted: bool
    target: str


class MentionFinder(Protocol):
    """Finds renderings of terms."""

    def mentions(self, texts: Sequence[str], sources: Sequence[str] | None) -> tuple[tuple[Mention, ...], ...]:
        """Return the mentions in each of n segments of one text, by position, not overlapping."""
        ...


def accepted_surfaces(entry: TermEntry) -> tuple[tuple[str, str], ...]:
    """Return (surface key, target) of every inflection of the preferred and admitted targets."""
    # The targets are inflected by the same rules as the forbidden forms.
    targets = tuple(Forbidden(target) for target in (entry.target, *entry.admitted))
    derived = {s.text: s.forbidden.form for s in derive_forms(replace(entry, forbidden=targets))}
    if entry.kind is Kind.NOUN:
        # New words such as "livestream" are in no dictionary, but they have a regular plural.
        for target in (entry.target, *entry.admitted):
            derived.setdefault(surface_key(inflection.plural(target)), target)
    return tuple(derived.items())


class GuardedMentionFinder:
    """Finds the mentions of a glossary's terms. Build it once, use it for any number of texts."""

    def __init__(self, glossary: Glossary) -> None:
        renderings: dict[str, tuple[TermEntry, str]] = {}
        for entry in glossary.entries:
            for surface, target in accepted_surfaces(entry):
                renderings.setdefault(surface, (entry, target))
        self._renderings = tuple(renderings.values())
        self._index = PhraseIndex(tuple(renderings))
        self._repairer = Repairer(glossary, RepairOptions(artefacts_off=frozenset({"all"})))
        self._last: tuple[object, tuple[tuple[Mention, ...], ...]] = (None, ())

    def mentions(self, texts: Sequence[str], sources: Sequence[str] | None) -> tuple[tuple[Mention, ...], ...]:
        """Return the mentions in each segment; segments are taken as the lines of one document."""
        # Several metrics and the findings ask about the same text one after the other.
        key = (tuple(texts), None if sources is None else tuple(sources))
        if self._last[0] != key:
            self._last = (key, self._find(texts, sources))
        return self._last[1]

    def _find(self, texts: Sequence[str], sources: Sequence[str] | None) -> tuple[tuple[Mention, ...], ...]:
        forbidden = self._forbidden(texts, sources)
        return tuple(
            tuple(sorted((*wrong, *self._accepted(text, wrong)), key=lambda mention: mention.start))
            for text, wrong in zip(texts, forbidden, strict=True)
        )

    def _accepted(self, text: str, wrong: Sequence[Mention]) -> list[Mention]:
        taken = bytearray(len(text))
        for mention in wrong:
            taken[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
        found: list[Mention] = []
        hits = self._index.find(surface_key(text), text)
        for number, start, end in sorted(hits, key=lambda hit: (hit[1] - hit[2], hit[1])):
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                entry, target = self._renderings[number]
                found.append(Mention(start, end, entry.source, surface_key(target), True, entry.target))
        return found

    def _forbidden(self, texts: Sequence[str], sources: Sequence[str] | None) -> list[list[Mention]]:
        segments = _segments(texts, sources)
        document = Document("text", "\n".join(texts), tuple(Span(each.start, each.end) for each in segments))
        starts = [each.start for each in segments]
        found: list[list[Mention]] = [[] for _ in texts]
        for edit in self._repairer.edits(document, segments, Relation.PARALLEL):
            if edit.term and edit.rule == "term" and edit.tier not in _NOT_MEANT:
                index = bisect_right(starts, edit.start) - 1
                start = edit.start - starts[index]
                end = start + len(edit.before)
                found[index].append(Mention(start, end, edit.term, surface_key(edit.before), False, edit.after))
        return found


def _segments(texts: Sequence[str], sources: Sequence[str] | None) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    position = 0
    for index, text in enumerate(texts):
        source = None if sources is None else sources[index]
        segments.append(Segment(f"s{index + 1}", position, position + len(text), text, source))
        position += len(text) + 1
    return tuple(segments)


def forbidden_findings(mentions: Sequence[Sequence[Mention]], texts: Sequence[str]) -> tuple[Finding, ...]:
    """Return one finding for each forbidden rendering; segments are called s1, s2, …."""
    return tuple(
        Finding(
            FORBIDDEN_TERM,
            Severity.MAJOR,
            f"“{text[m.start : m.end]}” is a wrong rendering of {m.term}; write “{m.target}”.",
            f"s{number}",
            Span(m.start, m.end),
        )
        for number, (each, text) in enumerate(zip(mentions, texts, strict=True), 1)
        for m in each
        if not m.accepted
    )
