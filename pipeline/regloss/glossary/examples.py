"""Running the examples of a glossary as tests.

An example ``{wrong, right}`` asks that `wrong` is repaired to `right` and that `right` is left alone; ``{keep}`` asks
that the sentence is left alone. The repair function is handed in: repair stands above the glossary.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from regloss.glossary.entry import Example, TermEntry
from regloss.glossary.store import Glossary

__all__ = ["ExampleFailure", "RepairFunction", "check_examples", "count_examples"]


class RepairFunction(Protocol):
    """Repairs one sentence with the whole glossary, applying only what is certain enough for tier `auto`."""

    def __call__(self, text: str, source: str | None) -> str:
        """Return `text` repaired; `source` is the aligned source sentence, if there is one."""
        ...


@dataclass(frozen=True, slots=True)
class ExampleFailure:
    """An example that did not come out as it should.

    Attributes:
        entry: the entry that the example belongs to.
        example: the example.
        text: the sentence that was repaired.
        expected: what should have come out.
        actual: what came out.
    """

    entry: TermEntry
    example: Example
    text: str
    expected: str
    actual: str


def check_examples(glossary: Glossary, repair: RepairFunction) -> tuple[ExampleFailure, ...]:
    """Return the failures of all examples, in the order of the glossary."""
    return tuple(
        ExampleFailure(entry, example, text, expected, actual)
        for entry in glossary.entries
        for example in entry.examples
        for text, expected in _cases(example)
        if (actual := repair(text, example.source or None)) != expected
    )


def count_examples(glossary: Glossary) -> int:
    """Return how many examples the entries in force have."""
    return sum(len(entry.examples) for entry in glossary.entries)


def _cases(example: Example) -> Iterator[tuple[str, str]]:
    if example.keep:
        yield example.keep, example.keep
        return
    yield example.wrong, example.right
    yield example.right, example.right
