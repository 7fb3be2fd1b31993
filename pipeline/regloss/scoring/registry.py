"""Which metrics there are, by name, and which of them a task takes when nobody says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from regloss.errors import UsageError
from regloss.glossary.entry import TermEntry
from regloss.glossary.store import Glossary
from regloss.scoring.checks import CHECKS
from regloss.scoring.consensus import Consensus
from regloss.scoring.mentions import GuardedMentionFinder, MentionFinder
from regloss.scoring.metric import Metric, Need
from regloss.scoring.quality import Quality, QualityEstimator
from regloss.scoring.reference import Bleu, ChrF, Ter
from regloss.scoring.sanity import CheckRate, NumberAgreement
from regloss.scoring.terms import ForbiddenRate, TermAccuracy, TermConsistency, TermSuccess

__all__ = ["QUALITY", "TERM_METRICS", "build_metrics", "canonical_name", "default_names", "metric_names"]


@dataclass(frozen=True, slots=True)
class _Ingredients:
    references: int
    systems: int
    glossary: Glossary | None
    finder: MentionFinder | None
    estimator: QualityEstimator | None

    @property
    def hash(self) -> str:
        return self.glossary.content_hash if self.glossary else "none"

    @property
    def entries(self) -> tuple[TermEntry, ...]:
        return self.glossary.entries if self.glossary else ()

    def mentions(self) -> MentionFinder:
        return self.finder or GuardedMentionFinder(self.glossary or Glossary((), "none", {}))


_Factory = Callable[[_Ingredients], Metric]

_REFERENCE: dict[str, _Factory] = {
    "BLEU": lambda i: Bleu(i.references),
    "chrF": lambda i: ChrF(i.references),
    "chrF++": lambda i: ChrF(i.references, word_order=2),
    "TER": lambda i: Ter(i.references),
}
_COMPARED: dict[str, _Factory] = {"consensus": lambda i: Consensus(i.systems)}
_TERMS: dict[str, _Factory] = {
    "term-success": lambda i: TermSuccess(i.entries, False, i.hash),
    "term-success-inflected": lambda i: TermSuccess(i.entries, True, i.hash),
    "term-accuracy": lambda i: TermAccuracy(i.mentions(), i.hash),
    "forbidden": lambda i: ForbiddenRate(i.mentions(), i.hash),
    "term-consistency": lambda i: TermConsistency(i.mentions(), i.hash),
}
# Numbers are reported the other way round, as agreement among the segments that have any.
_RATES = {check.name: CheckRate(check) for check in CHECKS if check.name != "number-mismatch"}
_SANITY: dict[str, Metric] = {"number-agreement": NumberAgreement(), **_RATES}
QUALITY = "quality"
_ALL = (*_REFERENCE, *_COMPARED, *_TERMS, *_SANITY, QUALITY)
# The names that sacrebleu prints are understood too.
_ALIASES = {"chrf2": "chrF", "chrf2++": "chrF++", "number-mismatch": "number-agreement"}
TERM_METRICS = tuple(_TERMS)
_OF_SOURCE = frozenset({"term-success", "term-success-inflected"})
_ON_REQUEST = frozenset({"TER"})


def metric_names() -> tuple[str, ...]:
    """Return the names of all metrics."""
    return _ALL


def canonical_name(name: str) -> str:
    """Return the name of a metric as it declares itself; upper and lower case do not matter.

    Raises:
        UsageError: no metric is called so.
    """
    lower = name.lower()
    lower = _ALIASES.get(lower, lower).lower()
    for known in _ALL:
        if known.lower() == lower:
            return known
    close = get_close_matches(lower, [known.lower() for known in _ALL], 1)
    meant = f"did you mean {canonical_name(close[0])}? " if close else ""
    raise UsageError(f"unknown metric {name!r}; {meant}available: {', '.join(_ALL)}")


def build_metrics(
    names: Sequence[str] = (),
    *,
    references: int = 0,
    systems: int = 1,
    sources: bool = True,
    glossary: Glossary | None = None,
    finder: MentionFinder | None = None,
    estimator: QualityEstimator | None = None,
) -> tuple[Metric, ...]:
    """Return the metrics called `names`, or those that fit the material.

    Args:
        names: of metrics; without any, all that references and glossary allow, except TER, which takes a hundred
            times as long as the others.
        references: how many reference translations there will be.
        systems: how many systems there will be; ``consensus`` needs three, and is counted only where it is named.
        sources: whether any system has aligned sources; without, the defaults leave out what needs them.
        glossary: for the term metrics.
        finder: finds renderings of terms; `GuardedMentionFinder` where None.
        estimator: for ``quality``, which is counted only where it is named.

    Raises:
        UsageError: a name is unknown, or a metric is named without the glossary or estimator that it needs.
    """
    wanted = tuple(dict.fromkeys(map(canonical_name, names))) or default_names(
        references, sources=sources, terms=glossary is not None
    )
    if glossary is None and (terms := [name for name in wanted if name in _TERMS]):
        raise UsageError(f"{terms[0]} needs a glossary; name one with --glossary")
    if estimator is None and QUALITY in wanted:
        raise UsageError("quality needs a translation model and a lexicon")
    if glossary is not None and finder is None:
        finder = GuardedMentionFinder(glossary)
    ingredients = _Ingredients(references, systems, glossary, finder, estimator)
    return tuple(_built(name, ingredients) for name in wanted)


def _built(name: str, ingredients: _Ingredients) -> Metric:
    if name == QUALITY and ingredients.estimator is not None:
        return Quality(ingredients.estimator)
    return _SANITY[name] if name in _SANITY else (_REFERENCE | _COMPARED | _TERMS)[name](ingredients)


def default_names(references: int, *, sources: bool, terms: bool = True) -> tuple[str, ...]:
    """Return the names of the metrics that so many references, and sources and a glossary or none, allow."""
    names: list[str] = []
    if references:
        names += (name for name in _REFERENCE if name not in _ON_REQUEST)
    if terms:
        names += (name for name in _TERMS if sources or name not in _OF_SOURCE)
    return (*names, *(name for name, metric in _SANITY.items() if sources or Need.SOURCE not in metric.info.needs))
