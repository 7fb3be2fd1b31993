"""From the matches in one sentence to its edits: weigh each, settle which of overlapping ones stands, rewrite it."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from regloss.document import Edit, Segment, Span, Tier
from regloss.glossary.entry import Kind
from regloss.glossary.forms import SurfaceForm
from regloss.repair.context import DocumentContext
from regloss.repair.evidence import (
    Candidate,
    Evidence,
    SourceSays,
    frame_fits,
    is_code,
    is_mention,
    is_suspicious,
    tier_of,
    weigh,
)
from regloss.repair.grammar import Tokens, is_subject
from regloss.repair.matcher import Match
from regloss.repair.rewrite import already_right, rewrite
from regloss.repair.source_guard import SourceGuard

__all__ = ["segment_edits"]


def segment_edits(
    text: str, segment: Segment, matches: Sequence[Match], guard: SourceGuard, context: DocumentContext
) -> Iterator[Edit]:
    """Yield the edits of one sentence, all tiers: each term as one unit, followed by the words that must agree with it.

    Args:
        text: the whole text, which the segment's and the matches' offsets point into.
        segment: the sentence.
        matches: those that lie in it, in order.
    """
    tokens = Tokens(text, segment.start, segment.end)
    yield from _rewritten(tokens, segment, _settled(_weighed(segment, tokens, matches, guard, context)))


@dataclass(frozen=True, slots=True)
class _Choice:
    """One weighed reading of one match."""

    candidate: Candidate
    confidence: float
    evidence: tuple[Evidence, ...]

    @property
    def tier(self) -> Tier:
        return tier_of(self.confidence)

    @property
    def weight(self) -> float:
        """The sum of the evidence, not held within [0, 1]: it still tells two sure readings apart."""
        return sum(weight for _, weight in self.evidence)

    @property
    def span(self) -> Span:
        return Span(self.candidate.start, self.candidate.end)


def _weighed(
    segment: Segment, tokens: Tokens, matches: Sequence[Match], guard: SourceGuard, context: DocumentContext
) -> list[_Choice]:
    own = _own_matches(segment, matches)
    entries = {surface.entry.source: surface.entry for match in matches for surface in match.surfaces}
    says = {source: guard.says(entry, segment, own[source]) for source, entry in entries.items()}
    candidates = [
        Candidate(surface, match.start, match.end, tokens, says[surface.entry.source])
        for match in matches
        if not (is_mention(tokens, match.start, match.end) or is_code(tokens, match.start, match.end))
        for surface in match.surfaces
        if _may_stand(surface, tokens, match, says[surface.entry.source])
    ]
    suspicious: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        if is_suspicious(candidate, context):
            suspicious.setdefault(candidate.surface.entry.source, []).append(candidate)
    choices = [_choice(replace(each, company=_company(each, suspicious)), context) for each in candidates]
    return _allotted(_assured(choices, context), segment, guard, context, own)


def _assured(choices: Sequence[_Choice], context: DocumentContext) -> list[_Choice]:
    """Return the choices, each knowing whether one of its company is sure to be a wrong rendering.

    Without this a pair of forms that betray one another would be mended by half: the first repair takes away what
    spoke for the second.
    """
    sure = {choice.candidate.surface.text for choice in choices if choice.tier is Tier.AUTO}
    return [
        _choice(replace(choice.candidate, assured=True), context)
        if choice.tier is not Tier.AUTO and sure.intersection(choice.candidate.company)
        else choice
        for choice in choices
    ]


def _may_stand(surface: SurfaceForm, tokens: Tokens, match: Match, says: SourceSays) -> bool:
    """Tell whether a form stands in the frame that its guard asks for; several words need none with the source."""
    return frame_fits(surface, tokens, match.start, match.end) or (
        " " in surface.text and surface.kind in (Kind.NAME, Kind.NOUN) and says is SourceSays.HOLDS
    )


def _own_matches(segment: Segment, matches: Sequence[Match]) -> dict[str, list[Span]]:
    """Return where each entry's wrong forms stand, by source term, offsets into the segment."""
    own: dict[str, list[Span]] = {}
    for match in matches:
        for surface in match.surfaces:
            span = Span(match.start - segment.start, match.end - segment.start)
            own.setdefault(surface.entry.source, []).append(span)
    return own


def _company(candidate: Candidate, suspicious: Mapping[str, Sequence[Candidate]]) -> tuple[str, ...]:
    """Return the suspicious forms of other terms that stand apart from the candidate, the last one of each term.

    Args:
        suspicious: by source term, in order.
    """
    forms = {
        next((o.surface.text for o in reversed(others) if o.end <= candidate.start or o.start >= candidate.end), "")
        for source, others in suspicious.items()
        if source != candidate.surface.entry.source
    }
    return tuple(sorted(forms - {""}))


def _choice(candidate: Candidate, context: DocumentContext) -> _Choice:
    return _Choice(candidate, *weigh(candidate, context))


def _allotted(
    choices: Sequence[_Choice],
    segment: Segment,
    guard: SourceGuard,
    context: DocumentContext,
    own: Mapping[str, Sequence[Span]],
) -> list[_Choice]:
    """Give the occurrences of a term in the aligned source to its likeliest matches, and to no more than there are."""
    allotted = list(choices)
    claims: dict[str, list[int]] = {}
    for number, choice in enumerate(choices):
        if choice.candidate.source is SourceSays.HOLDS:
            claims.setdefault(choice.candidate.surface.entry.source, []).append(number)
    for numbers in claims.values():
        entry = choices[numbers[0]].candidate.surface.entry
        free = guard.unrendered(entry, segment, own[entry.source])
        ranked = sorted(
            numbers,
            key=lambda n: (-choices[n].weight, choices[n].span.start - choices[n].span.end, choices[n].span.start),
        )
        places: set[int] = set()
        for number in ranked:
            places.add(choices[number].candidate.start)
            if len(places) > free:
                rejected = replace(choices[number].candidate, source=SourceSays.RENDERED)
                allotted[number] = _choice(rejected, context)
    return allotted


def _settled(choices: Iterable[_Choice]) -> list[_Choice]:
    """Return the choices that stand, in order of position: among overlapping ones the longest, then the surest.

    What is left alone gives way to what is not. Remaining ties go by the source term, so that the order of the
    glossary does not matter.
    """
    ranked = sorted(
        choices,
        key=lambda c: (
            c.tier is Tier.LEAVE,
            -(c.span.end - c.span.start),
            -c.confidence,
            c.span.start,
            c.candidate.surface.entry.source,
            c.candidate.surface.target,
        ),
    )
    standing: list[_Choice] = []
    for choice in ranked:
        span = choice.span
        behind = bisect_left(standing, span.start, key=lambda c: c.candidate.start)
        # What stands is disjoint and in order, so only the neighbours can overlap.
        if not any(span.overlaps(other.span) for other in standing[max(0, behind - 1) : behind + 1]):
            standing.insert(behind, choice)
    return standing


def _rewritten(tokens: Tokens, segment: Segment, choices: Sequence[_Choice]) -> Iterator[Edit]:
    """Yield the edits of one segment: each term as one unit, followed by the words that must agree with it."""
    previous: _Choice | None = None
    for choice, following in zip_longest(choices, choices[1:]):
        candidate = choice.candidate
        unit = rewrite(
            tokens,
            candidate.start,
            candidate.end,
            candidate.surface,
            after_name=_follows_name(tokens, previous, choice),
            before_noun=_stands_before_noun(tokens, choice, following),
        )
        before = tokens.text[unit.start : unit.end]
        if before != unit.after and not (choice.tier is Tier.LEAVE and already_right(tokens.text, unit)):
            term = candidate.surface.entry.source
            shared = {"term": term, "tier": choice.tier, "confidence": choice.confidence, "segment": segment.id}
            yield _edit(unit.start, unit.end, before, unit.after, "term", _reason(choice), shared, choice.evidence)
            for change in unit.changes:
                was = tokens.text[change.start : change.end]
                if was != change.after:
                    reason = f"agrees with {unit.after}"
                    yield _edit(change.start, change.end, was, change.after, "agreement", reason, shared, ())
        previous = choice if choice.tier is Tier.AUTO else None


def _edit(
    start: int,
    end: int,
    before: str,
    after: str,
    rule: str,
    reason: str,
    shared: dict[str, Any],
    evidence: tuple[Evidence, ...],
) -> Edit:
    return Edit(start, end, before, after, rule=rule, reason=reason, evidence=evidence, **shared)


def _reason(choice: _Choice) -> str:
    """Return the two weightiest pieces of evidence on the side that won."""
    won = choice.tier is not Tier.LEAVE
    telling = [text for text, weight in choice.evidence if (weight > 0) == won]
    surface = choice.candidate.surface
    lead = f"{surface.forbidden.form} → {surface.target} ({surface.entry.source})"
    return f"{lead}: {'; '.join(telling[:2])}" if telling else f"{lead}: nothing decides"


def _follows_name(tokens: Tokens, previous: _Choice | None, choice: _Choice) -> bool:
    return (
        previous is not None
        and previous.candidate.surface.kind is Kind.NAME
        and tokens.gap(previous.span.end, choice.span.start) == " "
        and is_subject(tokens, previous.span.start)
    )


def _stands_before_noun(tokens: Tokens, choice: _Choice, following: _Choice | None) -> bool:
    return (
        following is not None
        and following.tier is Tier.AUTO
        and following.candidate.surface.kind is Kind.NOUN
        and tokens.gap(choice.span.end, following.span.start) == " "
    )
