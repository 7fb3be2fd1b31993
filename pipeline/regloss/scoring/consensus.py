"""How far each system says what the others say: a figure without a reference, for three systems and more.

Each segment is scored by its chrF against the same segment of every other system, and the scores are averaged: the
choice that minimum Bayes risk decoding makes among candidates (Kumar and Byrne 2004), taken as a figure. What several
systems agree on is likely to be right, and an error is seldom made twice in the same words. It favours the usual
rendering over a better unusual one, systems of one family over a stranger, and copies of a system over everything; it
says nothing about what all of them get wrong.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regloss.errors import UsageError
from regloss.scoring.metric import Array, Direction, Material, MetricInfo, Statistics, averaged, ratio
from regloss.scoring.ngrams import character_symbols, count_ngrams
from regloss.scoring.reference import CHRF_ORDER, chrf_columns, chrf_scores

__all__ = ["Consensus", "chrf_between"]


def chrf_between(texts: Sequence[Sequence[str]]) -> Array:
    """Return the chrF2 (0–100) of each text against each other as reference, shape (k, k, segments); 0 with itself."""
    groups, alphabet = character_symbols([["".join(segment.split()) for segment in text] for text in texts])
    counts = list(count_ngrams(groups, alphabet, CHRF_ORDER))
    size = len(texts)
    scores = np.zeros((size, size, len(texts[0])))
    for one, other in itertools.permutations(range(size), 2):
        columns = [column for order in counts for column in chrf_columns(order[one], order[other])]
        scores[one, other] = chrf_scores(np.stack(columns, axis=-1).astype(np.float64))
    return scores


@dataclass(frozen=True, slots=True)
class Consensus:
    """Mean chrF2 against the other systems.

    Attributes:
        systems: how many there are, three at least; goes into the signature, because the figure depends on the company.
    """

    systems: int

    @property
    def info(self) -> MetricInfo:
        """The declaration."""
        signature, title = f"chrF2|against:others|systems:{self.systems}", "Agreement with the other systems (chrF)"
        return MetricInfo("consensus", title, Direction.HIGHER, 0, 100, "points", signature, ratio())

    def statistics(self, material: Material) -> Statistics:
        """Refuse: one system has none to agree with.

        Raises:
            UsageError: always.
        """
        return self.statistics_of([material])[0]

    def statistics_of(self, materials: Sequence[Material]) -> list[Statistics]:
        """Return rows of (mean score against the others, 1) for each of several systems on the same segments.

        Raises:
            UsageError: there are fewer than three, or they do not render the same segments.
        """
        if len(materials) < 3 or len({len(material.hypotheses) for material in materials}) > 1:
            raise UsageError("consensus needs three systems or more on the same segments; name them with --system")
        scores = chrf_between([material.hypotheses for material in materials])
        return [averaged(mine) for mine in scores.sum(axis=1) / (len(materials) - 1)]
