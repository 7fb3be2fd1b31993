"""A number as text states it: which values it may stand for, and whether its counterpart must be there."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Quantity", "unanswered", "unmatched"]

# Values are compared in relative terms, because 1.5 × 10^8 and 150 × 10^6 differ in their last bits.
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number in a text.

    Attributes:
        start, end: where it stands, in code points.
        text: its surface.
        values: the values it may stand for: 下午3点 is 3 or 15.
        required: whether a faithful translation must show it; 一个 may become "a", 30万 may not vanish.
        low, high: bounds of an approximate number such as 二十多 (more than twenty), else None.
    """

    start: int
    end: int
    text: str
    values: tuple[float, ...]
    required: bool
    low: float | None = None
    high: float | None = None

    def matches(self, other: "Quantity") -> bool:
        """Tell whether both may be the same number."""
        if any(_close(mine, theirs) for mine in self.values for theirs in other.values):
            return True
        return self._covers(other) or other._covers(self) or self._overlaps(other)

    def _covers(self, other: "Quantity") -> bool:
        if self.low is None or self.high is None:
            return False
        if other.required:
            # 二十多 becomes "more than 20" or "20 to 30"; 27 would be a figure that nobody stated.
            return any(_close(bound, value) for bound in (self.low, self.high) for value in other.values)
        return any(self.low <= value <= self.high for value in other.values)

    def _overlaps(self, other: "Quantity") -> bool:
        if self.low is None or self.high is None or other.low is None or other.high is None:
            return False
        return self.low <= other.high and other.low <= self.high


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= _TOLERANCE * max(abs(one), abs(other))


def unmatched(required: Iterable[Quantity], counterparts: Iterable[Quantity]) -> tuple[Quantity, ...]:
    """Return the required quantities that no counterpart matches."""
    others = tuple(counterparts)
    return tuple(q for q in required if q.required and not any(q.matches(other) for other in others))


def unanswered(required: Iterable[Quantity], counterparts: Iterable[Quantity]) -> tuple[Quantity, ...]:
    """Return the required quantities that are left when each counterpart answers one of them at most."""
    left = list(counterparts)
    lost: list[Quantity] = []
    for quantity in required:
        if not quantity.required:
            continue
        answer = next((i for i, other in enumerate(left) if quantity.matches(other)), None)
        if answer is None:
            lost.append(quantity)
        else:
            del left[answer]
    return tuple(lost)
