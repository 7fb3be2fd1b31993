"""Which of several candidates for one segment to keep.

Retranslation proposes, scoring disposes. A candidate that a critical check objects to is out. The others are rated by
what can be known without a reference, and that comes in two sizes:

* of the segment: terms answered, wrong renderings, lost numbers and names. It decides little, because most segments of
  two decent translations hold no fault that a check can see.
* of the whole document: by how much one maker leads another in these same points, and in an estimate of quality where
  one is handed in, on average. One segment says next to nothing in such an estimate, two hundred say a lot. So this
  lead counts several times in every segment: whoever is far ahead over the document needs no reason in a single
  segment, and the other a strong one.

Of a short document the average is hardly known, so it is drawn towards what was expected of the translator beforehand
(an empirical Bayes estimate; Efron and Morris 1975), as if that had been seen in ten segments. What is known against a
weak one counts in long documents too: the points do not see garbled sentences. A larger change must still be ahead
by a margin: a difference within it is noise. ``benchmarks/choice.py`` shows where the weights come from and what they
achieve on years that they were not chosen on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from regloss.document import Finding, Hypothesis, Severity
from regloss.glossary.entry import TermEntry
from regloss.scoring.checks import run_checks
from regloss.scoring.mentions import MentionFinder
from regloss.scoring.terms import TermQuestions

__all__ = ["Choice", "ChoiceOptions", "Chooser", "Estimator", "Rating", "decide"]

_PENALTY = {Severity.CRITICAL: 60.0, Severity.MAJOR: 15.0, Severity.MINOR: 3.0}
_TERM_WEIGHT = 30.0
_WRONG_RENDERING = 15.0
_EXPECTATION_SEGMENTS = 10


class Estimator(Protocol):
    """Estimates the quality of translations without a reference."""

    def estimate(self, sources: Sequence[str], targets: Sequence[str]) -> Sequence[float]:
        """Return a figure from 0 (useless) to 100 (perfect) for each pair."""
        ...


@dataclass(frozen=True, slots=True)
class ChoiceOptions:
    """How candidates are weighed.

    Attributes:
        margin: rating points by which a candidate must beat one that changes less; 0 prefers none of them.
        expected: rating points by which the maker of the last candidate is expected to lead over a document that
            nobody has seen; negative where its translations are known to be worse than most, and then it counts in
            every document. A point of chrF on a test set is 0.8 to 1.5 points.
        document_weight: what a point of lead over the whole document counts in each segment, against a point in it.
        estimate_weight: what a point of the quality estimate counts in that lead, where there is an estimator.
    """

    margin: float = 10.0
    expected: float = 0.0
    document_weight: float = 4.0
    estimate_weight: float = 2.0


@dataclass(frozen=True, slots=True)
class Rating:
    """What is known of one candidate.

    Attributes:
        system: who proposed it.
        points: 0 to 100, of this segment; more is better.
        vetoed: a critical finding rules it out.
        findings: what the checks say.
        terms_wanted, terms_found: source terms, and those answered by an accepted target.
        wrong: wrong renderings left.
        quality: the estimate, 0 to 100, None without an estimator.
        document: points for its maker's lead in the whole document; 0 for all but the last candidate.
    """

    system: str
    points: float
    vetoed: bool
    findings: tuple[Finding, ...]
    terms_wanted: int
    terms_found: int
    wrong: int
    quality: float | None
    document: float = 0.0

    @property
    def standing(self) -> float:
        """What is compared between candidates."""
        return self.points + self.document


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidate kept.

    Attributes:
        hypothesis: the candidate.
        margin: its standing minus that of the best other text that no veto rules out; 0 where that one stands higher
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
        self._questions = TermQuestions(entries, inflected=True)
        self._finder = finder
        self._estimator = estimator
        self._options = options

    def choose(self, source: str, candidates: Sequence[Hypothesis]) -> Choice:
        """Return the candidate to keep for one segment that is a whole document.

        Args:
            source: its aligned source.
            candidates: at least one, those that change less first: original, fixed, retranslated.
        """
        return self.choose_all([source], [candidates])[0]

    def choose_all(self, sources: Sequence[str], candidates: Sequence[Sequence[Hypothesis]]) -> tuple[Choice, ...]:
        """Return the candidates to keep for the n segments of one document; those of a rank have the same maker."""
        ratings: list[list[Rating]] = [[] for _ in sources]
        for rank in range(max(map(len, candidates), default=0)):
            rows = [row for row, each in enumerate(candidates) if rank < len(each)]
            rated = self.rate([sources[row] for row in rows], [candidates[row][rank] for row in rows])
            for row, rating in zip(rows, rated, strict=True):
                ratings[row].append(rating)
        return decide(sources, candidates, ratings, self._options)

    def rate(self, sources: Sequence[str], hypotheses: Sequence[Hypothesis]) -> list[Rating]:
        """Return what is known of one candidate for each of n segments, before documents are looked at."""
        texts = [hypothesis.text for hypothesis in hypotheses]
        wrong = self._wrong(texts, sources)
        quality: Sequence[float | None] = [None] * len(texts)
        if self._estimator is not None:
            quality = list(self._estimator.estimate(sources, texts))
        return [self._rate(*each) for each in zip(sources, hypotheses, wrong, quality, strict=True)]

    def _wrong(self, texts: Sequence[str], sources: Sequence[str]) -> list[int]:
        if self._finder is None:
            return [0] * len(texts)
        return [sum(not mention.accepted for mention in each) for each in self._finder.mentions(texts, sources)]

    def _rate(self, source: str, hypothesis: Hypothesis, wrong: int, quality: float | None) -> Rating:
        findings = run_checks([hypothesis.text], [source])
        hits = self._questions.hits(source, hypothesis.text)
        wanted, found = sum(hit.wanted for hit in hits), sum(hit.found for hit in hits)
        points = 100.0 - sum(_PENALTY[finding.severity] for finding in findings) - _WRONG_RENDERING * wrong
        if wanted:
            points -= _TERM_WEIGHT * (1 - found / wanted)
        vetoed = any(finding.severity is Severity.CRITICAL for finding in findings)
        return Rating(hypothesis.system, max(points, 0.0), vetoed, findings, wanted, found, wrong, quality)


def decide(
    sources: Sequence[str],
    candidates: Sequence[Sequence[Hypothesis]],
    ratings: Sequence[Sequence[Rating]],
    options: ChoiceOptions = ChoiceOptions(),
) -> tuple[Choice, ...]:
    """Return the candidates to keep for the n segments of one document, from the rating of each."""
    lead = _document_lead(ratings, [len(source) + 1 for source in sources], options)
    last = max(map(len, candidates), default=0) - 1
    return tuple(
        _choose(each, [*rated[:last], *(replace(rating, document=lead) for rating in rated[last:])], options.margin)
        for each, rated in zip(candidates, ratings, strict=True)
    )


def _document_lead(ratings: Sequence[Sequence[Rating]], lengths: Sequence[int], options: ChoiceOptions) -> float:
    """Return what the last candidates' lead over those before them, which they would replace, counts in every segment.

    It is the mean over the segments, longer ones counting more, drawn towards the expected lead. A negative one counts
    whole: what a weak model garbles is not in the points, so that no length of a document makes up for it.
    """
    last = max(map(len, ratings), default=0) - 1
    rows = [(rated, length) for rated, length in zip(ratings, lengths, strict=True) if len(rated) > last > 0]
    if not rows:
        return 0.0
    weight = sum(length for _, length in rows)
    mean = sum(_lead(rated[-1], rated[-2], options) * length for rated, length in rows) / weight
    known = len(rows) / (len(rows) + _EXPECTATION_SEGMENTS)
    unknown = 1 - known if options.expected >= 0 else 1.0
    return options.document_weight * (known * mean + unknown * options.expected)


def _lead(rating: Rating, other: Rating, options: ChoiceOptions) -> float:
    estimated = (rating.quality or 0.0) - (other.quality or 0.0)
    return rating.points - other.points + options.estimate_weight * estimated


def _choose(candidates: Sequence[Hypothesis], ratings: Sequence[Rating], margin: float) -> Choice:
    """Go from the smallest change to the largest; a larger one takes over only by a clear margin."""
    kept = 0
    for index in range(1, len(candidates)):
        if candidates[index].text == candidates[kept].text:
            continue
        if _takes_over(ratings[index], ratings[kept], margin, repaired=candidates[index].system == "fixed"):
            kept = index
    rivals = [
        r.standing for h, r in zip(candidates, ratings, strict=True) if h.text != candidates[kept].text and not r.vetoed
    ]
    lead = max(0.0, ratings[kept].standing - max(rivals)) if rivals else ratings[kept].points
    return Choice(candidates[kept], lead, _reason(kept, candidates, ratings, margin), tuple(ratings))


def _takes_over(new: Rating, kept: Rating, margin: float, *, repaired: bool) -> bool:
    if new.vetoed != kept.vetoed:
        return kept.vetoed
    if repaired:
        # Each edit has evidence of its own, so it needs no margin and is not held to other segments.
        return new.points >= kept.points
    return new.standing > kept.standing + margin


def _reason(kept: int, candidates: Sequence[Hypothesis], ratings: Sequence[Rating], margin: float) -> str:
    """Return one sentence for each candidate with another text."""
    sentences: dict[str, str] = {}
    for index, (hypothesis, rival) in enumerate(zip(candidates, ratings, strict=True)):
        if hypothesis.text != candidates[kept].text:
            # Original and repair are often the same text; the first of them speaks for both.
            sentences.setdefault(hypothesis.text, _reason_against(ratings[kept], rival, margin, larger=index > kept))
    return " ".join(sentences.values()) or "All candidates are the same."


def _reason_against(rating: Rating, rival: Rating, margin: float, *, larger: bool) -> str:
    """Return why `rival` is not kept; `larger` where it changes more."""
    if rival.vetoed and not rating.vetoed:
        return f"{rival.system} is ruled out: {_first(rival)}"
    if larger and rival.standing > rating.standing:
        lead = f"{rival.standing - rating.standing:.0f} of {margin:.0f} points"
        return f"{rival.system} is not better by a clear margin ({lead})."
    whole = f"{rating.system} is ahead of {rival.system} over the whole document"
    if rival.points > rating.points:
        return f"{whole}, and the {rival.points - rating.points:.0f} points against it here do not outweigh that."
    if advantages := _advantages(rating, rival):
        return f"{rating.system} {advantages} than {rival.system}."
    return f"No check prefers {rival.system}, and {rating.system} changes less." if larger else f"{whole}."


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
    return " and ".join(told)
