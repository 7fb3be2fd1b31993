"""Sanity checks as metrics: which share of the segments has a finding."""

from dataclasses import dataclass

from regloss.scoring.checks import Check
from regloss.scoring.checks.numbers import check_numbers, holds_numbers
from regloss.scoring.metric import Direction, Material, MetricInfo, Need, Statistics, counted, percentage

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
        return percentage(self.check.name, self.check.title, signature, needs, Direction.LOWER)

    def statistics(self, material: Material) -> Statistics:
        """Return rows of (objected, 1)."""
        pairs = ((text, material.source(index)) for index, text in enumerate(material.hypotheses))
        return counted([(self.check.run(text, source) is not None, 1) for text, source in pairs])


@dataclass(frozen=True, slots=True)
class NumberAgreement:
    """Among the segments whose source has numbers, the share whose translation has the same."""

    @property
    def info(self) -> MetricInfo:
        """The declaration."""
        signature = f"checks:{_VERSION}"
        title = "Number agreement (segments with numbers)"
        return percentage("number-agreement", title, signature, (Need.SOURCE,))

    def statistics(self, material: Material) -> Statistics:
        """Return rows of (agrees, holds numbers)."""
        rows: list[tuple[float, float]] = []
        for text, source in zip(material.hypotheses, material.sources or (), strict=True):
            holds = holds_numbers(source)
            rows.append((float(holds and check_numbers(text, source) is None), float(holds)))
        return counted(rows)
