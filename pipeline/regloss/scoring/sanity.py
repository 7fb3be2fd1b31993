"""Sanity checks as metrics: which share of the segments has a finding."""

from dataclasses import dataclass

import numpy as np

from regloss.scoring.checks import Check
from regloss.scoring.checks.numbers import check_numbers, holds_numbers
from regloss.scoring.metric import Direction, Material, MetricInfo, Need, Statistics, ratio

__all__ = ["CheckRate", "NumberAgreement"]

_VERSION = 1  # raised whenever a check changes its mind, so that figures of two releases are not compared unawares


@dataclass(frozen=True, slots=True)
class CheckRate:
    """Share of segments that a check objects to; for a check that needs the source, of those that have one."""

    check: Check

    @property
    def info(self) -> MetricInfo:
        """The declaration."""
        needs = (Need.SOURCE,) if self.check.needs_source else ()
        signature = f"checks:{_VERSION}"
        return MetricInfo(self.check.name, self.check.title, Direction.LOWER, 0, 100, "%", signature, ratio(100), needs)

    def statistics(self, material: Material) -> Statistics:
        """Return rows of (objected, 1)."""
        pairs = ((text, material.source(index)) for index, text in enumerate(material.hypotheses))
        flagged = [float(self.check.run(text, source) is not None) for text, source in pairs]
        return Statistics(np.array([flagged, [1.0] * len(flagged)]).T.reshape(-1, 2), ratio(100))


@dataclass(frozen=True, slots=True)
class NumberAgreement:
    """Among the segments whose source has numbers, the share whose translation has the same."""

    @property
    def info(self) -> MetricInfo:
        """The declaration."""
        signature = f"checks:{_VERSION}"
        title = "Number agreement (segments with numbers)"
        return MetricInfo(
            "number-agreement", title, Direction.HIGHER, 0, 100, "%", signature, ratio(100), (Need.SOURCE,)
        )

    def statistics(self, material: Material) -> Statistics:
        """Return rows of (agrees, holds numbers)."""
        rows: list[tuple[float, float]] = []
        for text, source in zip(material.hypotheses, material.sources or (), strict=True):
            holds = holds_numbers(source)
            rows.append((float(holds and check_numbers(text, source) is None), float(holds)))
        return Statistics(np.array(rows, dtype=np.float64).reshape(-1, 2), ratio(100))
