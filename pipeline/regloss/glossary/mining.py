"""What parallel texts say about a glossary: how its terms really came out, which terms it lacks, which it could spare.

For a term whose occurrence no listed target answers, a word aligner says which words of the translation stand for it,
and what `suggest` foresees is looked for too; both vote, pair by pair, and renderings that differ only in inflection,
articles or hyphens are one. The first proposal is the rendering with the most votes.

A source word without an entry is worth one where it recurs and its renderings do not agree.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from regloss.alignment.lexicon import stem
from regloss.alignment.script import simplified
from regloss.alignment.words import FUNCTION_WORDS
from regloss.document import Span
from regloss.glossary import inflection
from regloss.glossary.entry import TermEntry
from regloss.glossary.forms import surface_key
from regloss.glossary.parallel import Pair
from regloss.glossary.store import Glossary
from regloss.glossary.usage import TermUsage, bare_term, usage
from regloss.text import has_han, whole_word

__all__ = [
    "Proposal",
    "TermAligner",
    "find_new_terms",
    "find_renderings",
    "find_unused",
    "rendering_key",
]

_SPANS = 3
_FORESEEN_VOTE = 0.6
_EXAMPLES = 3
_PROPOSALS = 5
_LEAST_VOTES = 0.1
_LEAST_COUNT = 3
_NEW_TERMS = 30
_MOST_PAIRS = 40
_EDGES = frozenset(
    "a an the of to in on at by for from with and or its their his her our this that is are was were".split()
)


class TermAligner(Protocol):
    """Finds the translation of a term; `regloss.alignment.words.LexiconAligner` is one."""

    def align_term(self, source: str, term: str, target: str) -> Sequence["AlignedWords"]:
        """Return where `target` translates the term of `source`, most probable first."""
        ...


class AlignedWords(Protocol):
    """A stretch of the target and the probability that it translates the term."""

    @property
    def span(self) -> Span:
        """Where, in code points."""

    @property
    def probability(self) -> float:
        """In [0, 1]."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something for a person to decide.

    Attributes:
        kind: ``rendering`` (a wrong rendering of a term), ``new-term`` (a term without entry), ``unused`` (an entry
            whose term stands in no text) or ``overridden`` (an entry that a later layer replaces).
        source, target: the term, and its preferred target; the commonest rendering for a new term.
        rendering: the words found; empty for an unused entry.
        count: in how many pairs.
        share: of all occurrences of the term, in [0, 1].
        votes: how sure the evidence is, summed over pairs; orders the proposals of a term.
        examples: up to three pairs.
    """

    kind: str
    source: str
    target: str
    rendering: str = ""
    count: int = 0
    share: float = 0.0
    votes: float = 0.0
    examples: tuple[Pair, ...] = ()


@dataclass(slots=True)
class _Cluster:
    votes: float = 0.0
    forms: Counter[str] = field(default_factory=Counter)
    pairs: list[Pair] = field(default_factory=list)


def find_renderings(
    glossary: Glossary,
    pairs: Iterable[Pair],
    aligner: TermAligner,
    foreseen: Callable[[TermEntry], Sequence[str]] = lambda _entry: (),
) -> tuple[Proposal, ...]:
    """Return the renderings of the glossary's terms that it does not list, by term in its order, likeliest first.

    Args:
        foreseen: wrong renderings that are to be expected of an entry.
    """
    return tuple(
        proposal
        for term in usage(glossary.entries, pairs)
        if term.missed
        for proposal in _proposals(term, aligner, tuple(foreseen(term.entry)))
    )


def find_new_terms(
    glossary: Glossary, pairs: Iterable[Pair], aligner: TermAligner, words: Callable[[str], Sequence[str]]
) -> tuple[Proposal, ...]:
    """Return recurring source words without an entry that are rendered in different ways, the most telling first.

    A word's most frequent rendering is proposed as its target; each proposal names one of the others. Of a frequent
    word, the first pairs are enough to tell.

    Args:
        words: cuts a Chinese text into words.
    """
    known = {bare_term(entry.source) for entry in glossary.entries}
    places: dict[str, list[Pair]] = {}
    for pair in pairs:
        for word in dict.fromkeys(words(pair.source)):
            if len(word) > 1 and has_han(word) and word not in known:
                places.setdefault(word, []).append(pair)
    found: list[tuple[float, Proposal]] = []
    for word, where in places.items():
        if len(where) >= _LEAST_COUNT:
            clusters = _telling(_clustered(word, where[:_MOST_PAIRS], aligner))
            if len(clusters) > 1 and len(clusters[1].pairs) > 1:
                total = sum(len(cluster.pairs) for cluster in clusters)
                rest = total - len(clusters[0].pairs)
                found.append((rest * rest / total, _new_term(word, clusters, total)))
    ranked = sorted(enumerate(found), key=lambda item: (-item[1][0], item[0]))
    return tuple(proposal for _, (_, proposal) in ranked[:_NEW_TERMS])


def find_unused(glossary: Glossary, pairs: Iterable[Pair]) -> tuple[Proposal, ...]:
    """Return the entries whose source term stands nowhere, and those that another layer overrides."""
    unused = [
        Proposal("unused", u.entry.source, u.entry.target) for u in usage(glossary.entries, pairs) if not u.wanted
    ]
    overridden = [Proposal("overridden", entry.source, entry.target) for entry in glossary.overridden]
    return (*unused, *overridden)


def rendering_key(text: str) -> str:
    """Return what renderings share that differ only in inflection, hyphens or function words at the ends."""
    words = surface_key(text).replace("'s", "").replace("'", "").split()
    while words and words[0] in _EDGES:
        words.pop(0)
    while words and words[-1] in _EDGES:
        words.pop()
    if not words:
        return ""
    head = inflection.verb_lemma(words[0]) if len(words) > 1 else None
    last = _stemmed(inflection.noun_lemma(words[-1]) or inflection.verb_lemma(words[-1]) or words[-1])
    return " ".join((*((head or words[0],) if len(words) > 1 else ()), *words[1:-1], last))


def _stemmed(word: str) -> str:
    # "moorings" is listed in dictionaries as a word of its own, "mooring" as a form of the verb.
    return word if (shorter := stem(word)) == word else _stemmed(shorter)


def _proposals(term: TermUsage, aligner: TermAligner, foreseen: Sequence[str]) -> Iterator[Proposal]:
    entry = term.entry
    listed = {rendering_key(text) for text in (entry.target, *entry.admitted, *(f.form for f in entry.forbidden))}
    for cluster in _clustered(bare_term(entry.source), term.missed, aligner, foreseen, listed)[:_PROPOSALS]:
        yield Proposal(
            "rendering",
            entry.source,
            entry.target,
            _usual(cluster),
            len(cluster.pairs),
            min(1.0, len(cluster.pairs) / term.wanted),
            cluster.votes,
            tuple(cluster.pairs[:_EXAMPLES]),
        )


def _telling(clusters: Sequence[_Cluster]) -> list[_Cluster]:
    """Return the renderings that name something, without those that differ from a better one in their ending alone."""
    kept: dict[tuple[str, ...], _Cluster] = {}
    for cluster in clusters:
        words = rendering_key(_usual(cluster)).split()
        names = inflection.can_be(words[-1], "NOUN") or not inflection.is_ordinary(words[-1])
        if names and not any(word in FUNCTION_WORDS for word in words):
            kept.setdefault(tuple(map(stem, words)), cluster)
    return list(kept.values())


def _new_term(word: str, clusters: Sequence[_Cluster], total: int) -> Proposal:
    first, second = clusters[:2]
    pairs = (first.pairs[0], *second.pairs[:2])
    share = len(second.pairs) / total
    return Proposal("new-term", word, _usual(first), _usual(second), len(second.pairs), share, second.votes, pairs)


def _clustered(
    term: str,
    pairs: Iterable[Pair],
    aligner: TermAligner,
    foreseen: Sequence[str] = (),
    listed: frozenset[str] | set[str] = frozenset(),
) -> list[_Cluster]:
    """Return the renderings of a term in these pairs, the one with most votes first, without the listed ones."""
    clusters: dict[str, _Cluster] = {}
    for pair in pairs:
        for form, vote in _votes(term, pair, aligner, foreseen).items():
            key = rendering_key(form)
            if key and key not in listed:
                cluster = clusters.setdefault(key, _Cluster())
                cluster.votes += vote
                cluster.forms[form] += 1
                if pair not in cluster.pairs:
                    cluster.pairs.append(pair)
    strong = [cluster for cluster in clusters.values() if cluster.votes >= _LEAST_VOTES]
    return sorted(strong, key=lambda cluster: -cluster.votes)


def _votes(term: str, pair: Pair, aligner: TermAligner, foreseen: Sequence[str]) -> Mapping[str, float]:
    votes: dict[str, float] = {}
    for aligned in aligner.align_term(simplified(pair.source), simplified(term), pair.target)[:_SPANS]:
        form = " ".join(pair.target[aligned.span.start : aligned.span.end].split())
        votes[form] = max(votes.get(form, 0.0), aligned.probability)
    key = surface_key(pair.target)
    for form in foreseen:
        at = key.find(surface_key(form))
        end = at + len(form)
        if at >= 0 and whole_word(key, at, min(end, len(key))):
            here = pair.target[at:end]
            votes[here] = votes.get(here, 0.0) + _FORESEEN_VOTE
    return votes


def _usual(cluster: _Cluster) -> str:
    """Return the commonest spelling of a rendering, the first of equals, without function words at its ends."""
    form = max(cluster.forms, key=lambda form: cluster.forms[form])
    words = form.removesuffix("'s").removesuffix("’s").split(" ")
    while len(words) > 1 and words[0].lower() in _EDGES:
        words.pop(0)
    return " ".join(words)
