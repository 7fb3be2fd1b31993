"""Checks on a glossary as a whole, for faults that no single entry shows.

| code | severity | what is wrong |
|---|---|---|
| duplicate-source | error | two files of one layer have an entry for the same source term |
| overridden | warning | an entry is replaced by one of a later layer or file |
| swapped | error | a target is Chinese and its source is not, as in a table whose columns were exchanged |
| own-target | error | a forbidden form is the entry's own target, an admitted one, or an inflection of one |
| repeated-form | warning | an entry lists the same form twice, or a form that it derives anyway |
| conflict | error | one form is forbidden by two entries with different targets, and no guard tells them apart |
| conflict | warning | the same, but one of the two is guarded |
| target-forbidden | error | a target or admitted target is forbidden by another entry (warning: under a guard) |
| cycle | error | wrong→right leads back to where it began |
| shadowed | warning | all forms of an entry belong to an earlier entry with the same target |
| ambiguous-word | error | a forbidden form is one ordinary English word, and no guard says when it is meant |

Forms are compared with the inflections that `derive_forms` gives them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Literal

from regloss.glossary.entry import CaseRule, Forbidden, Guard, TermEntry
from regloss.glossary.forms import SurfaceForm, derive_forms, surface_key
from regloss.glossary.inflection import is_ordinary
from regloss.glossary.store import Glossary
from regloss.text import fold, has_han

__all__ = ["LintFinding", "lint"]

_Owners = Mapping[str, Sequence[SurfaceForm]]


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One fault.

    Attributes:
        code: which check found it; see the module's manual.
        severity: ``error`` where repair would go wrong, ``warning`` where something is without effect.
        message: a sentence for a terminologist.
        source: source term of the entry to change.
        path, line: where it stands; None for an entry that comes from no file.
    """

    code: str
    severity: Literal["error", "warning"]
    message: str
    source: str
    path: Path | None
    line: int | None


def lint(glossary: Glossary) -> tuple[LintFinding, ...]:
    """Return all findings: by check in the order of the table above, within a check in the order of the glossary."""
    surfaces = {entry.source: derive_forms(entry) for entry in glossary.entries}
    owners = _by_key(surfaces)
    return (
        *_overridden(glossary),
        *_swapped(glossary.entries),
        *(finding for entry in glossary.entries for finding in _own_targets(entry)),
        *(finding for entry in glossary.entries for finding in _repeated_forms(entry)),
        *_conflicts(owners),
        *(finding for entry in glossary.entries for finding in _forbidden_targets(entry, owners)),
        *_cycles(glossary.entries),
        *_shadowed(surfaces, owners),
        *(finding for entry in glossary.entries for finding in _ambiguous_words(entry)),
    )


def _finding(code: str, severity: Literal["error", "warning"], entry: TermEntry, message: str) -> LintFinding:
    return LintFinding(code, severity, message, entry.source, entry.path, entry.line)


def _by_key(surfaces: Mapping[str, Sequence[SurfaceForm]]) -> _Owners:
    owners: dict[str, list[SurfaceForm]] = {}
    for group in surfaces.values():
        for surface in group:
            owners.setdefault(surface.text, []).append(surface)
    return owners


def _place(entry: TermEntry) -> str:
    return "" if entry.path is None else f" ({entry.path.name}:{entry.line})"


def _guard(entry: TermEntry, forbidden: Forbidden) -> Guard:
    return forbidden.guard_in(entry)


def _target(entry: TermEntry, forbidden: Forbidden) -> str:
    return forbidden.target or entry.target


def _overridden(glossary: Glossary) -> Iterator[LintFinding]:
    for old in glossary.overridden:
        new = glossary.find(old.source) or old
        # Files on the command line override one another on purpose; the files of a stored layer should not.
        if old.layer == new.layer != "command line":
            message = f"{old.source!r} has another entry{_place(old)}; merge the two"
            yield _finding("duplicate-source", "error", new, message)
        else:
            message = f"the entry {old.source!r} is overridden by that of the {new.layer} layer{_place(new)}"
            yield _finding("overridden", "warning", old, message)


def _swapped(entries: Sequence[TermEntry]) -> Iterator[LintFinding]:
    for entry in entries:
        if has_han(entry.target) and not has_han(entry.source):
            message = f"the target {entry.target!r} is Chinese and the source {entry.source!r} is not; exchange them"
            yield _finding("swapped", "error", entry, message)


def _own_targets(entry: TermEntry) -> Iterator[LintFinding]:
    for forbidden in entry.forbidden:
        right = (_target(entry, forbidden), *entry.admitted)
        clash = next((text for text in right if _same_word(entry, forbidden, text)), None)
        if clash is not None:
            message = f"the forbidden form {forbidden.form!r} is the target {clash!r} or an inflection of it; remove it"
            yield _finding("own-target", "error", entry, message)


def _same_word(entry: TermEntry, forbidden: Forbidden, target: str) -> bool:
    if surface_key(forbidden.form) == surface_key(target):
        # "Wechat" for a name spelled WeChat, or a hyphen too many, is a spelling to correct and no clash.
        return forbidden.form == target or (entry.case is CaseRule.SENTENCE and fold(forbidden.form) == fold(target))
    return not _keys(entry, forbidden).isdisjoint(_keys(entry, replace(forbidden, form=target)))


def _keys(entry: TermEntry, forbidden: Forbidden) -> frozenset[str]:
    return frozenset(surface.text for surface in derive_forms(replace(entry, forbidden=(forbidden,))))


def _repeated_forms(entry: TermEntry) -> Iterator[LintFinding]:
    seen: dict[tuple[str, Guard, str], str] = {}
    for forbidden in entry.forbidden:
        key = (surface_key(forbidden.form), _guard(entry, forbidden), _target(entry, forbidden))
        if key in seen:
            message = (
                f"the forbidden form {forbidden.form!r} repeats {seen[key]!r}; letter case and hyphens are derived"
            )
            yield _finding("repeated-form", "warning", entry, message)
        seen.setdefault(key, forbidden.form)


def _conflicts(owners: _Owners) -> Iterator[LintFinding]:
    seen: set[tuple[str, str, str, str]] = set()
    for key, surfaces in owners.items():
        for first, second in combinations(surfaces, 2):
            pair = (first.entry.source, first.forbidden.form, second.entry.source, second.forbidden.form)
            if pair not in seen and (finding := _conflict(key, first, second)) is not None:
                seen.add(pair)
                yield finding


def _conflict(key: str, first: SurfaceForm, second: SurfaceForm) -> LintFinding | None:
    guards = _guard(first.entry, first.forbidden), _guard(second.entry, second.forbidden)
    if fold(first.target) == fold(second.target) or (all(guards) and guards[0] != guards[1]):
        return None
    message = (
        f"{key!r} stands for {second.target!r} here and for {first.target!r} in {first.entry.source!r}"
        f"{_place(first.entry)}; give each a guard, or remove one"
    )
    return _finding("conflict", "warning" if any(guards) and guards[0] != guards[1] else "error", second.entry, message)


def _forbidden_targets(entry: TermEntry, owners: _Owners) -> Iterator[LintFinding]:
    for target in (entry.target, *entry.admitted):
        key = surface_key(target)
        for surface in owners.get(key, ()):
            if surface.entry is entry or surface_key(surface.target) == key:
                continue
            guarded = bool(_guard(surface.entry, surface.forbidden))
            message = (
                f"the target {target!r} is forbidden by {surface.entry.source!r}{_place(surface.entry)}, which would "
                f"turn it into {surface.target!r}"
            )
            yield _finding("target-forbidden", "warning" if guarded else "error", entry, message)


def _cycles(entries: Sequence[TermEntry]) -> Iterator[LintFinding]:
    steps: dict[str, dict[str, TermEntry]] = {}
    for entry in entries:
        for forbidden in entry.forbidden:
            start, end = surface_key(forbidden.form), surface_key(_target(entry, forbidden))
            if start != end:
                steps.setdefault(start, {}).setdefault(end, entry)
    seen: set[frozenset[str]] = set()
    for start, ends in steps.items():
        for end, entry in ends.items():
            path = _path(steps, end, start)
            if path and frozenset(path) not in seen:
                seen.add(frozenset(path))
                message = f"repair would go round in a circle: {' → '.join(map(repr, (start, *path)))}"
                yield _finding("cycle", "error", entry, message)


def _path(steps: Mapping[str, Mapping[str, TermEntry]], start: str, goal: str) -> tuple[str, ...]:
    """Return a shortest chain of steps from `start` to `goal`, both included; empty where there is none."""
    chains: list[tuple[str, ...]] = [(start,)]
    reached = {start}
    for chain in chains:
        for step in steps.get(chain[-1], ()):
            if step == goal:
                return (*chain, goal)
            if step not in reached:
                reached.add(step)
                chains.append((*chain, step))
    return ()


def _shadowed(surfaces: Mapping[str, Sequence[SurfaceForm]], owners: _Owners) -> Iterator[LintFinding]:
    order = {source: number for number, source in enumerate(surfaces)}
    for source, group in surfaces.items():
        if not group:
            continue
        hiding = [{s.entry.source: s.entry for s in owners[own.text] if _hides(s, own, order)} for own in group]
        cover = next((entry for name, entry in hiding[0].items() if all(name in each for each in hiding)), None)
        if cover is not None:
            message = f"all forms of {source!r} belong to {cover.source!r}{_place(cover)} already"
            yield _finding("shadowed", "warning", group[0].entry, message)


def _hides(other: SurfaceForm, own: SurfaceForm, order: Mapping[str, int]) -> bool:
    guard = _guard(other.entry, other.forbidden)
    return (
        order[other.entry.source] < order[own.entry.source]
        and other.target == own.target
        and (not guard or guard == _guard(own.entry, own.forbidden))
    )


def _ambiguous_words(entry: TermEntry) -> Iterator[LintFinding]:
    for forbidden in entry.forbidden:
        word = fold(forbidden.form)
        # Repair matches without regard to letter case, so "Pear" is as ambiguous as "pear".
        if not _guard(entry, forbidden) and word.isalpha() and is_ordinary(word):
            message = f"the forbidden form {forbidden.form!r} is an ordinary English word; give it a guard"
            yield _finding("ambiguous-word", "error", entry, message)
