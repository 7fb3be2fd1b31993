"""Faults of a glossary that can be put right without knowing what was meant.

A forbidden form that repeats another of its entry, and one that *is* the entry's target, can have no good effect, so
they are taken out. What is left to a person: conflicts, cycles, guards that are missing.
"""

from dataclasses import replace
from pathlib import Path

from regloss.glossary.entry import Forbidden, TermEntry
from regloss.glossary.lint import lint
from regloss.glossary.store import Glossary
from regloss.glossary.yaml_edit import update_entry
from regloss.glossary.yaml_file import read_yaml

__all__ = ["fix_file"]

_SAFE = ("repeated-form", "own-target")


def fix_file(path: Path) -> tuple[str, ...]:
    """Take the forms that can have no good effect out of a YAML glossary.

    Returns:
        A line for each form that was taken out, with its place.

    Raises:
        InputError: the file cannot be read or written.
        GlossaryError: it is wrong, or a comment stands where something would have to change.
    """
    done: list[str] = []
    for entry in read_yaml(path):
        sound = _sound(entry)
        if sound != entry:
            update_entry(path, sound)
            kept = list(sound.forbidden)
            gone = [form for form in entry.forbidden if not _taken(form, kept)]
            done += [f"{path}:{entry.line}: took out {form.form!r} of {entry.source}" for form in gone]
    return tuple(done)


def _taken(form: Forbidden, kept: list[Forbidden]) -> bool:
    if form in kept:
        kept.remove(form)
        return True
    return False


def _sound(entry: TermEntry) -> TermEntry:
    """Return the entry without its last superfluous form, and so on until no safe finding is left."""
    while any(finding.code in _SAFE for finding in lint(Glossary.of((entry,)))):
        without = [replace(entry, forbidden=_without(entry, number)) for number in range(len(entry.forbidden))]
        best = min(reversed(without), key=_safe_findings)
        if _safe_findings(best) >= _safe_findings(entry):
            return entry
        entry = best
    return entry


def _without(entry: TermEntry, number: int) -> tuple[Forbidden, ...]:
    return entry.forbidden[:number] + entry.forbidden[number + 1 :]


def _safe_findings(entry: TermEntry) -> int:
    return sum(finding.code in _SAFE for finding in lint(Glossary.of((entry,))))
