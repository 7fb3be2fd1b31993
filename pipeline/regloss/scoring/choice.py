"""Which of several candidates for one segment to keep.

Retranslation proposes, scoring disposes. A candidate that a critical check objects to is out. The others are rated from
0 to 100 by what can be known without a reference: lost numbers and names, terms answered, wrong renderings, and a
quality estimate where one is handed in. The retranslation must be better by a clear margin: it changes everything, and
a difference within the margin is noise. Among near equals the smallest change wins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from regloss.document import Finding, Hypothesis, Severity
from regloss.glossary.entry import TermEntry
from regloss.glossary.forms import surface_key
from regloss.scoring.checks import run_checks
from regloss.scoring.mentions import MentionFinder, accepted_surfaces
from regloss.scoring.significance import bootstrap_weights, confidence_interval
from regloss.scoring.terms import term_hits

__all__ = ["Choice", "ChoiceOptions", "Chooser", "Estimator", "Rating"]

_PENALTY = {Severity.CRITICAL: 60.0, Severity.MAJOR: 15.0, Severity.MINOR: 3.0}
_TERM_WEIGHT = 30.0
_WRONG_RENDERING = 15.0
# With fewer segments no lead of the whole document is beyond chance.
_ENOUGH_SEGMENTS = 10


class Estimator(Protocol):
    """Estimates the quality of translations without a reference."""

    def estimate(self, sources: Sequence[str], targets: Sequence[str]) -> Sequence[float]:
        """Return a figure from 0 (useless) to 100 (perfect) for each pair."""
        ...


@dataclass(frozen=True, slots=True)
class ChoiceOptions:
    """How candidates are weighed.

    Attributes:
        margin: rating points by which a candidate must beat one that changes less.
        trusted: the translator behind the last candidate is known to translate at least as well as the text at hand.
            Then, where it is ahead over the whole document beyond chance, it is what the others must beat by the
            margin. Leave it off for a small model: ratings see terms, numbers and names, hardly style.
        quality_weight: weight of the quality estimate, where there is one, against term and sanity points.
    """

    margin: float = 10.0
    trusted: bool = False
    quality_weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Rating:
    """What is known of one candidate.

    Attributes:
        system: who proposed it.
        points: 0 to 100; more is better.
        vetoed: a critical finding rules it out.
        findings: what the checks say.
        terms_wanted, terms_found: source terms, and those answered by an accepted target.
        wrong: wrong renderings left.
        quality: the estimate, None without an estimator.
    """

    system: str
    points: float
    vetoed: bool
    findings: tuple[Finding, ...]
    terms_wanted: int
    terms_found: int
    wrong: int
    quality: float | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidate kept.

    Attributes:
        hypothesis: the candidate.
        margin: its points minus those of the best other text that no veto rules out; 0 where that one has more points
            but not by a clear margin.
        reason: why, in a sentence that a translator understands.
        ratings: of all candidates, in the order given.
    """

    hypothesis: Hypothesis
    margin: float
    reason: str
    ratings: tuple[Rating, ...]


class Chooser:
    """Chooses among candidates. Build it once with glossary and finder, use it for any number of segments."""

    def __init__(
        self,
        entries: Sequence[TermEntry] = (),
        finder: MentionFinder | None = None,
        estimator: Estimator | None = None,
        options: ChoiceOptions = ChoiceOptions(),
    ) -> None:
        ordered = sorted(entries, key=lambda entry: -len(entry.source))
        self._ordered = tuple((entry, _surfaces(entry)) for entry in ordered)
        self._finder = finder
        self._estimator = estimator
        self._options = options

    def choose(self, source: str, candidates: Sequence[Hypothesis]) -> Choice:
        """Return the candidate to keep for one segment.

        Args:
            source: its aligned source.
            candidates: at least one, those that change less first: original, fixed, retranslated.
        """
        return self.choose_all([source], [candidates])[0]

    def choose_all(self, sources: Sequence[str], candidates: Sequence[Sequence[Hypothesis]]) -> tuple[Choice, ...]:
        """Return the candidates to keep for n segments; as `choose`, but one call to finder and estimator a system."""
        ratings = self._ratings(sources, candidates)
        last_first = self._options.trusted and _last_leads(ratings)
        return tuple(
            _choose(each, rated, self._options.margin, last_first=last_first)
            for each, rated in zip(candidates, ratings, strict=True)
        )

    def _ratings(self, sources: Sequence[str], candidates: Sequence[Sequence[Hypothesis]]) -> list[list[Rating]]:
        rated: list[list[Rating]] = [[] for _ in sources]
        for rank in range(max(map(len, candidates), default=0)):
            rows = [row for row, each in enumerate(candidates) if rank < len(each)]
            texts = [candidates[row][rank].text for row in rows]
            origins = [sources[row] for row in rows]
            wrong = self._wrong(texts, origins)
            quality: Sequence[float | None] = [None] * len(rows)
            if self._estimator is not None:
                quality = list(self._estimator.estimate(origins, texts))
            for position, row in enumerate(rows):
                hypothesis = candidates[row][rank]
                rated[row].append(self._rate(sources[row], hypothesis, wrong[position], quality[position]))
        return rated

    def _wrong(self, texts: Sequence[str], sources: Sequence[str]) -> list[int]:
        if self._finder is None:
            return [0] * len(texts)
        return [sum(not mention.accepted for mention in each) for each in self._finder.mentions(texts, sources)]

    def _rate(self, source: str, hypothesis: Hypothesis, wrong: int, quality: float | None) -> Rating:
        findings = run_checks([hypothesis.text], [source])
        hits = term_hits(self._ordered, source, hypothesis.text, surface_key)
        wanted, found = sum(hit.wanted for hit in hits), sum(hit.found for hit in hits)
        points = 100.0 - sum(_PENALTY[finding.severity] for finding in findings) - _WRONG_RENDERING * wrong
        if wanted:
            points -= _TERM_WEIGHT * (1 - found / wanted)
        if quality is not None:
            points -= self._options.quality_weight * (100.0 - quality)
        vetoed = any(finding.severity is Severity.CRITICAL for finding in findings)
        return Rating(hypothesis.system, max(points, 0.0), vetoed, findings, wanted, found, wrong, quality)


def _surfaces(entry: TermEntry) -> tuple[str, ...]:
    plain = [surface_key(target) for target in (entry.target, *entry.admitted)]
    return tuple(dict.fromkeys((*plain, *(surface for surface, _ in accepted_surfaces(entry)))))


def _last_leads(ratings: Sequence[Sequence[Rating]]) -> bool:
    """Tell whether the last candidates are rated above the ones before them, over all segments and beyond chance."""
    leads = [rated[-1].points - rated[-2].points for rated in ratings if len(rated) > 1]
    if len(leads) < _ENOUGH_SEGMENTS:
        return False
    means = bootstrap_weights(len(leads), 1000, 12345) @ np.array(leads) / len(leads)
    return confidence_interval(means)[0] > 0


def _choose(candidates: Sequence[Hypothesis], ratings: Sequence[Rating], margin: float, *, last_first: bool) -> Choice:
    """Go from the smallest change to the largest; a larger one takes over only by a clear margin.

    The step from the original to its repair needs no margin: each edit has evidence of its own.
    """
    order = list(range(len(candidates)))
    kept, *rest = (order[-1], *order[:-1]) if last_first else order
    for index in rest:
        if candidates[index].text == candidates[kept].text:
            continue
        repaired = candidates[index].system == "fixed" and kept < index
        if _takes_over(ratings[index], ratings[kept], 0.0 if repaired else margin):
            kept = index
    rivals = [
        r.points for h, r in zip(candidates, ratings, strict=True) if h.text != candidates[kept].text and not r.vetoed
    ]
    lead = max(0.0, ratings[kept].points - max(rivals, default=0.0))
    reason = _reason(kept, candidates, ratings, margin, last_first=last_first)
    return Choice(candidates[kept], lead, reason, tuple(ratings))


def _takes_over(new: Rating, kept: Rating, margin: float) -> bool:
    if new.vetoed != kept.vetoed:
        return kept.vetoed
    return new.points >= kept.points + margin


def _reason(
    kept: int, candidates: Sequence[Hypothesis], ratings: Sequence[Rating], margin: float, *, last_first: bool
) -> str:
    """Return one sentence for each candidate with another text."""
    whole = last_first and kept == len(candidates) - 1
    sentences: dict[str, str] = {}
    for hypothesis, rival in zip(candidates, ratings, strict=True):
        if hypothesis.text != candidates[kept].text:
            # Original and repair are often the same text; the first of them speaks for both.
            sentences.setdefault(hypothesis.text, _reason_against(ratings[kept], rival, margin, whole=whole))
    return " ".join(sentences.values()) or "All candidates are the same."


def _reason_against(rating: Rating, rival: Rating, margin: float, *, whole: bool) -> str:
    if rival.vetoed and not rating.vetoed:
        return f"{rival.system} is ruled out: {_first(rival)}"
    advantages = _advantages(rating, rival)
    if rival.points > rating.points:
        lead = f"{rival.points - rating.points:.0f} of {margin:.0f} points"
        return f"{rival.system} is not better by a clear margin ({lead})."
    if advantages:
        return f"{rating.system} {advantages} than {rival.system}."
    if whole:
        return f"No check prefers {rival.system}, and {rating.system} is ahead over the whole document."
    return f"No check prefers {rival.system}, and {rating.system} changes less."


def _first(rating: Rating) -> str:
    critical = [finding for finding in rating.findings if finding.severity is Severity.CRITICAL]
    return (critical or list(rating.findings))[0].message


def _advantages(rating: Rating, other: Rating) -> str:
    told: list[str] = []
    if rating.terms_found > other.terms_found:
        told.append(f"renders more terms ({rating.terms_found} of {rating.terms_wanted} against {other.terms_found})")
    if rating.wrong < other.wrong:
        told.append(f"has fewer wrong renderings ({rating.wrong} against {other.wrong})")
    if len(rating.findings) < len(other.findings):
        told.append(f"has fewer faults ({len(rating.findings)} against {len(other.findings)})")
    if rating.quality is not None and other.quality is not None and rating.quality > other.quality + 1:
        told.append(f"is rated higher ({rating.quality:.0f} against {other.quality:.0f})")
    return " and ".join(told)
