"""What distinguishes two glossaries, and what a new or changed entry has to do with the entries that are there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from regloss.glossary.entry import TermEntry
from regloss.glossary.forms import derive_forms, surface_key
from regloss.glossary.lint import lint
from regloss.glossary.store import Glossary

__all__ = ["ChangedEntry", "GlossaryDiff", "compare", "touched"]

_NO_CONTENT = ("path", "line", "layer")


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """An entry that both glossaries have, with the names of the keys in which it differs."""

    before: TermEntry
    after: TermEntry
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GlossaryDiff:
    """Entries that only one of two glossaries has, and those that differ; each in the order of its glossary."""

    added: tuple[TermEntry, ...]
    removed: tuple[TermEntry, ...]
    changed: tuple[ChangedEntry, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def compare(before: Glossary, after: Glossary) -> GlossaryDiff:
    """Return what `after` has otherwise than `before`; where an entry stands does not count."""
    pairs = [(old, new) for new in after.entries if (old := before.find(new.source)) is not None]
    changed = (ChangedEntry(old, new, _changed_keys(old, new)) for old, new in pairs)
    return GlossaryDiff(
        tuple(entry for entry in after.entries if before.find(entry.source) is None),
        tuple(entry for entry in before.entries if after.find(entry.source) is None),
        tuple(change for change in changed if change.keys),
    )


def touched(before: Glossary, after: Glossary, source: str) -> tuple[str, ...]:
    """Return a sentence for each way in which the entry of `source` meets the other entries of `after`.

    These are: an entry of an earlier layer that it overrides, an entry whose source term holds its own or is held by
    it, wrong renderings that hold one another, and every finding of `lint`; but nothing that `before` had already.
    """
    entry = after.find(source)
    if entry is None:
        return ()
    known = {(finding.code, finding.message) for finding in lint(before)}
    new = [finding for finding in lint(after) if (finding.code, finding.message) not in known]
    old = before.find(source)
    return (
        *_overridden(old, entry),
        *(sentence for other in after.entries if other is not entry for sentence in _compounds(entry, other, old)),
        *(f"{f.severity} {f.code}: {f.message}" for f in new if f.code != "overridden"),
    )


def _changed_keys(old: TermEntry, new: TermEntry) -> tuple[str, ...]:
    names = (field.name for field in fields(TermEntry) if field.name not in _NO_CONTENT)
    return tuple(name for name in names if getattr(old, name) != getattr(new, name))


def _place(entry: TermEntry) -> str:
    return entry.layer if entry.path is None else f"{entry.path.name}:{entry.line}"


def _overridden(old: TermEntry | None, new: TermEntry) -> Iterator[str]:
    if old is None or old.path == new.path:
        return
    kept = {surface_key(forbidden.form) for forbidden in new.forbidden}
    lost = [forbidden.form for forbidden in old.forbidden if surface_key(forbidden.form) not in kept]
    rest = f"; no longer corrected: {', '.join(lost)} (--merge keeps them)" if lost else ""
    yield f"overrides {old.source} → {old.target} ({_place(old)}){rest}"


def _compounds(entry: TermEntry, other: TermEntry, old: TermEntry | None) -> Iterator[str]:
    if old is None and (entry.source in other.source or other.source in entry.source):
        held = "is part of" if entry.source in other.source else "holds"
        yield f"{entry.source} {held} {other.source} → {other.target} ({_place(other)})"
    known = _form_keys(old) if old is not None else []
    for own, theirs in _nested_forms([key for key in _form_keys(entry) if key not in known], other):
        longer, shorter = (theirs, own) if len(theirs) > len(own) else (own, theirs)
        yield f"{shorter!r} stands in {longer!r}; where both match, the longer one is taken ({_place(other)})"


def _form_keys(entry: TermEntry) -> list[str]:
    return [surface_key(forbidden.form) for forbidden in entry.forbidden]


def _nested_forms(forms: Sequence[str], other: TermEntry) -> Iterator[tuple[str, str]]:
    """Yield pairs of wrong renderings of which one holds the other as whole words; one pair for each own form."""
    if not forms:
        return
    theirs = [surface.text for surface in derive_forms(other)]
    for own in forms:
        found = next((t for t in theirs if t != own and (f" {own} " in f" {t} " or f" {t} " in f" {own} ")), None)
        if found is not None:
            yield own, found
