"""Term entries: what a terminologist knows about one source term.

The vocabulary is that of ISO 12616 and TBX: a source term has a preferred target, admitted targets and forbidden
targets (known wrong renderings).
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["CaseRule", "Context", "Example", "Forbidden", "Guard", "Kind", "TermEntry"]


class Kind(StrEnum):
    """What the target is in the sentence; drives articles, number and agreement."""

    NAME = "name"
    NOUN = "noun"
    VERB = "verb"
    ADJECTIVE = "adjective"
    PHRASE = "phrase"


class CaseRule(StrEnum):
    """`fixed`: spelled so everywhere. `sentence`: lower case, capital where a sentence or title wants it."""

    FIXED = "fixed"
    SENTENCE = "sentence"


@dataclass(frozen=True, slots=True)
class Guard:
    """Words of context that decide about a surface that is also ordinary English.

    Attributes:
        unless: any of these near the surface vetoes the repair.
        when: if not empty, one of these must be near (or the aligned source must hold the term).
        before: if not empty, the words directly before the surface must end with one of these.
        after: if not empty, the words directly after the surface must begin with one of these.

    Items are words or phrases, matched case-insensitively as whole words with their regular inflections. In `before`
    and `after`, ``^`` stands for the start and ``$`` for the end of the sentence.
    """

    unless: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.unless or self.when or self.before or self.after)


@dataclass(frozen=True, slots=True)
class Context:
    """Words that place a text in a domain: one of `strong` is enough, words of `weak` count together."""

    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Forbidden:
    """One known wrong rendering.

    Attributes:
        form: the wrong words, as in mid-sentence; inflections and hyphenation are derived.
        target: what replaces this form; the entry's target where empty.
        kind: grammatical kind of this form; the entry's kind where None.
        guard: guard of this form alone; where it is empty the entry's guard holds.
        exact: match only this form, derive no inflections.
        unguarded: the entry's guard does not hold for this form, since it is never good English.
    """

    form: str
    target: str = ""
    kind: Kind | None = None
    guard: Guard = Guard()
    exact: bool = False
    unguarded: bool = False

    def guard_in(self, entry: "TermEntry") -> Guard:
        """Return the guard in force for this form of `entry`."""
        return Guard() if self.unguarded else self.guard or entry.guard


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that must be repaired (`wrong` becomes `right`) or must stay (`keep`).

    `source` is the Chinese sentence, for an example that only the source guard can decide.
    """

    wrong: str = ""
    right: str = ""
    keep: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class TermEntry:
    """One source term with its renderings.

    Attributes:
        source: the source term, such as ``快手``.
        target: preferred target term.
        admitted: targets that are also accepted and never changed.
        forbidden: known wrong renderings.
        kind: what the target is.
        case: how it is spelled in different positions.
        domain: subject field, such as ``short-video``.
        guard: what decides whether a forbidden form really is this term. No guard: the form is never good English.
        note: for people.
        examples: run by `glossary test`.
        path, line: where the entry stands, for messages; not part of its identity.
        layer: ``bundled``, ``user``, ``project`` or ``command line``.
    """

    source: str
    target: str
    admitted: tuple[str, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    kind: Kind = Kind.NOUN
    case: CaseRule = CaseRule.SENTENCE
    domain: str = ""
    guard: Guard = Guard()
    note: str = ""
    examples: tuple[Example, ...] = ()
    path: Path | None = None
    line: int | None = None
    layer: str = "bundled"
