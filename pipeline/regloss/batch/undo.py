"""`regloss undo RUN`: files of a run get their exact bytes back, whole or but for the edits of some terms.

A file that was changed since the run is refused: taking our edits out of somebody's later work could break it.

The record of a run is never rewritten to say less than it did: `edits.jsonl` tells what the run edited, and for each
file `run.json` knows the digest of every state that an undo has led to, with the terms that are not in it. A new state
is put into `run.json` before the file is written. So whenever an undo is interrupted, each file is in a state that the
record knows, and any further undo starts from what is there.
"""

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from regloss.document import Edit, Tier, apply_edits
from regloss.errors import InputError, ReglossError, UsageError
from regloss.formats import Fields, dump_json, format_for, is_records, read_records, write_atomic
from regloss.formats.output import safe_join
from regloss.repair.undo import FileRecord, State, digest, take_back

__all__ = ["Restored", "undo_run"]

_ALL = frozenset(Tier)
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Restored:
    """One file that was given back its bytes, and how many edits that took."""

    path: Path
    edits: int


@dataclass(frozen=True, slots=True)
class _Part:
    """A run with one `run.json`; a batch of main jobs has one for each job, in a folder that `prefix` names."""

    folder: Path
    record: dict[str, Any]
    prefix: str = ""

    @property
    def files(self) -> list[FileRecord]:
        return [FileRecord.of(file) for file in self.record.get("files", ())]

    @property
    def fields(self) -> Fields:
        return Fields(**self.record.get("configuration", {}).get("fields", {}))

    def path(self, file: FileRecord) -> Path:
        # Only a repair in place writes elsewhere than below its own folder.
        in_place = self.record.get("command") == "fix --in-place"
        return Path(file.name) if in_place else safe_join(self.folder, file.name)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done with one file.

    Attributes:
        data: what it is to hold; None where it holds that already.
        edits: how many are taken back.
        record: what `run.json` must say of the file afterwards.
    """

    path: Path
    data: bytes | None
    edits: int
    record: FileRecord


def undo_run(run: Path, files: Sequence[str] = (), terms: Sequence[str] = ()) -> tuple[Restored, ...]:
    """Restore the files of a run; nothing is written unless all of them can be.

    Args:
        run: the folder that the run wrote, with `run.json` in it.
        files: names of the files to restore, or of folders of them; all files where empty.
        terms: source terms (or, for text artefacts, rules) whose edits are taken back; all edits where empty.

    Raises:
        InputError: no run lies there, or a file was changed or removed since.
        UsageError: the run has no such file, or no edit of such a term.
    """
    wanted = _Selection(run, files, terms)
    revised: dict[Path, list[FileRecord]] = {}
    for part in _parts(run):
        # Nothing of the plans but their records is kept: the texts of a batch may be larger than memory.
        records = [plan.record for plan in _plans(part, wanted)]
        if records != part.files:
            revised[part.folder] = records
    wanted.check()
    restored: list[Restored] = []
    for part in _parts(run):
        if part.folder in revised:
            _write_record(part, revised[part.folder])
        for plan in _plans(part, wanted):
            if plan.data is not None:
                write_atomic(plan.path, plan.data)
                restored.append(Restored(plan.path, plan.edits))
    return tuple(restored)


class _Selection:
    """Which files and terms are meant; remembers what it met, to tell of what there is not."""

    def __init__(self, run: Path, files: Sequence[str], terms: Sequence[str]) -> None:
        self.terms = frozenset(terms)
        self._run = run
        self._files = {given: (given.rstrip("/"), str(Path(given).resolve())) for given in files}
        self._met: set[str] = set()
        self._names: list[str] = []
        self._labels: Counter[str] = Counter()

    def holds(self, name: str, path: Path) -> bool:
        """Tell whether a file is meant, by its name in the run, its path, or a folder that it is in."""
        if len(self._names) < _NAMED:
            self._names.append(name)
        if not self._files:
            return True
        places = (name, str(path.resolve()))
        found = [
            given
            for given, forms in self._files.items()
            if any(place == form or place.startswith(form + "/") for place in places for form in forms)
        ]
        self._met.update(found)
        return bool(found)

    def meet(self, edits: Iterable[Edit]) -> None:
        """Remember the terms of a file that is meant."""
        self._labels.update(map(_label, edits))

    def check(self) -> None:
        """Refuse names of files and terms that were not met."""
        for given in self._files:
            if given not in self._met:
                raise UsageError(f"{self._run} has no file {given!r}; it has: {_listed(self._names, _NAMED - 1)}")
        for term in sorted(self.terms):
            if not self._labels[term]:
                known = [label for label, _ in self._labels.most_common(_NAMED + 1)]
                raise UsageError(f"no edit of {term!r} was made there; those of most edits: {_listed(known, _NAMED)}")


def _listed(names: Sequence[str], most: int) -> str:
    return ", ".join((*names[:most], "…") if len(names) > most else names) or "none"


def _label(edit: Edit) -> str:
    return edit.term or edit.rule


def _parts(run: Path) -> Iterator[_Part]:
    record = _read_record(run)
    yield _Part(run, record)
    for name in record.get("runs", ()):
        folder = safe_join(run, name)
        yield _Part(folder, _read_record(folder), f"{name}/")


def _read_record(run: Path) -> dict[str, Any]:
    path = run / "run.json"
    if not path.is_file():
        raise InputError("no run.json lies there; give the folder that a run wrote to", run)
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if record["format"] != 1:
            raise InputError("was written by another version of regloss; undo it with that one", path)
        part = _Part(run, record)
        # Every part that is used is read once here, so that what is damaged shows before anything is written.
        _ = part.files, part.fields, [safe_join(run, name) for name in record.get("runs", ())]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise InputError("is not the record of a run, or is damaged; it cannot be undone", path) from exc
    return record


def _write_record(part: _Part, files: Iterable[FileRecord]) -> None:
    record = part.record | {"files": [file.as_record() for file in files]}
    write_atomic(part.folder / "run.json", (dump_json(record, indent=2) + "\n").encode())


def _plans(part: _Part, wanted: _Selection) -> Iterator[_Plan]:
    for file, edits in _with_edits(part):
        path = part.path(file)
        if wanted.holds(part.prefix + file.name, path):
            wanted.meet(edits)
            yield _plan(part, file, edits, wanted.terms)
        else:
            yield _Plan(path, None, 0, file)


def _with_edits(part: _Part) -> Iterator[tuple[FileRecord, list[Edit]]]:
    """Yield the files of a run with their edits, which stand in the same order in `edits.jsonl`."""
    files = part.files
    if not files:
        return
    groups = groupby(_lines(part.folder / "edits.jsonl"), key=lambda line: line.get("file", files[0].name))
    name, lines = next(groups, ("", iter(())))
    for file in files:
        if file.name != name:
            yield file, []
            continue
        yield file, _edits(part.folder / "edits.jsonl", lines)
        name, lines = next(groups, ("", iter(())))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as stream:
            yield from map(dict, map(json.loads, stream))
    except OSError as exc:
        raise InputError(f"cannot be read: {exc.strerror}; without it the run cannot be undone", path) from exc
    except (ValueError, TypeError) as exc:
        raise InputError(f"is damaged: {exc}; without it the run cannot be undone", path) from exc


def _edits(path: Path, lines: Iterable[dict[str, Any]]) -> list[Edit]:
    try:
        return [_edit(line) for line in lines]
    except (ValueError, KeyError, TypeError) as exc:
        raise InputError(f"is damaged: {exc} in an edit; without it the run cannot be undone", path) from exc


def _edit(record: dict[str, Any]) -> Edit:
    # Where a file has units, `offset` counts in their text and `start` in the file.
    start = record.get("offset", record["start"])
    return Edit(
        start,
        start + len(record["before"]),
        record["before"],
        record["after"],
        record["term"],
        Tier(record["tier"]),
        record["rule"],
        record["reason"],
        record["confidence"],
        record["segment"],
    )


def _plan(part: _Part, file: FileRecord, edits: Sequence[Edit], terms: frozenset[str]) -> _Plan:
    path = part.path(file)
    if not path.is_file():
        raise InputError("is gone; nothing was undone", path)
    now = path.read_bytes()
    if digest(now) == file.before:
        return _Plan(path, None, 0, file)
    without = file.without(digest(now))
    if without is None:
        raise InputError("was changed since the run; nothing was undone", path)
    present = [edit for edit in edits if _label(edit) not in without]
    taken = [edit for edit in present if not terms or _label(edit) in terms]
    if not taken and terms:
        return _Plan(path, None, 0, file)
    original = _original(part, file, now, present)
    if not terms:
        return _Plan(path, original, len(taken), file)
    data = _rest(part, file, now, original, present, terms)
    state = State(digest(data), tuple(sorted({*without, *map(_label, taken)})))
    return _Plan(path, data, len(taken), file.with_state(state))


def _original(part: _Part, file: FileRecord, now: bytes, edits: Sequence[Edit]) -> bytes:
    path = part.path(file)
    try:
        if file.original:
            data = gzip.decompress(safe_join(part.folder, file.original).read_bytes())
        else:
            # Not what the bytes look like now, but what the file was read as.
            data = take_back(now.decode(file.encoding), edits).encode(file.encoding)
    except (ValueError, LookupError) as exc:
        raise InputError(f"does not show the edits of the run: {exc}; nothing was undone", path) from exc
    except (OSError, EOFError) as exc:
        raise InputError(f"cannot be restored: the copy {file.original} is lost or damaged", path) from exc
    if digest(data) != file.before:
        raise InputError("cannot be restored exactly; nothing was undone", path)
    return data


def _rest(
    part: _Part, file: FileRecord, now: bytes, original: bytes, edits: Sequence[Edit], terms: frozenset[str]
) -> bytes:
    """Return what the run would have written without the edits of `terms`.

    Raises:
        InputError: the run's own edits, made anew, do not give what is there, so that fewer would be a guess.
    """
    path = part.path(file)
    try:
        if is_records(path):
            again, rest = _lines_without(original, now, terms)
        else:
            again = _made(path, part.fields, original, edits)
            rest = _made(path, part.fields, original, [edit for edit in edits if _label(edit) not in terms])
    except (ValueError, KeyError, TypeError, ReglossError) as exc:
        raise InputError(f"{_INEXACT} ({exc}); nothing was undone", path) from exc
    if again != now:
        raise InputError(f"{_INEXACT}; nothing was undone", path)
    return rest


_INEXACT = "one term alone cannot be taken back exactly; undo the whole file (leave out --term)"


def _made(path: Path, fields: Fields, original: bytes, edits: Sequence[Edit]) -> bytes:
    form = format_for(path, fields)
    document = form.parse(original, str(path))
    return form.encode(document, apply_edits(document.text, edits, _ALL))


def _lines_without(original: bytes, now: bytes, terms: frozenset[str]) -> tuple[bytes, bytes]:
    """Return a JSONL file with the edits that its lines tell of, and with those that are not of `terms`."""
    again, rest = bytearray(), bytearray()
    for was, is_now in zip(read_records(BytesIO(original)), read_records(BytesIO(now)), strict=True):
        edits = [_edit(record) for record in is_now.fields["edits"]]
        for lines, kept in ((again, edits), (rest, [edit for edit in edits if _label(edit) not in terms])):
            lines += (was.render(apply_edits(was.target, kept, _ALL), kept) + "\n").encode()
    return bytes(again), bytes(rest)
