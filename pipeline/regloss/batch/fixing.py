"""Repair of many files: plain documents one by one, JSONL by lines and Parquet by rows in bounded memory.

Results are written through `regloss.formats.output`, so that a run leaves all of its files or none. Beside the repaired
files stand ``edits.jsonl`` (what was changed), ``proposals.jsonl`` (what a person should look at, and what was left
alone and why) and ``run.json`` (what `undo` needs).
"""

import gzip
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from regloss.document import Document, Edit, Tier
from regloss.errors import InputError
from regloss.formats import Record, dump_json, format_for, is_records, read_document, read_records, write_atomic
from regloss.formats.discover import InputFile
from regloss.formats.files import file_digest
from regloss.formats.output import safe_join
from regloss.formats.parquet import ParquetRows, is_parquet
from regloss.repair import Repairer
from regloss.repair.undo import FileRecord, digest
from regloss.run import Repaired, repair_document
from regloss.run.record import in_file
from regloss.run.repairing import moved_edits, repair_units

__all__ = [
    "BESIDE",
    "EditLog",
    "FileOutcome",
    "Fixed",
    "copy_log",
    "fix_document",
    "fix_file",
    "fix_into",
    "fix_records",
    "keep_original",
    "render_lines",
]


BESIDE = frozenset({"edits.jsonl", "proposals.jsonl", "run.json", ".originals"})
"""What lies beside the repaired files in their folder."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """One repaired document, with the bytes before and after."""

    file: InputFile
    repaired: Repaired
    before: bytes
    after: bytes


@dataclass(slots=True)
class FileOutcome:
    """What happened to one file, counted; grows while a JSONL file streams by.

    Attributes:
        name: of the file.
        segments: sentences in it.
        documents: 1, or the number of lines of JSONL or rows of Parquet; `changed` is how many repair changed.
        edits, review: applied edits, and those that wait for a person.
        terms: applied edits by source term.
    """

    name: str
    segments: int = 0
    documents: int = 0
    changed: int = 0
    edits: int = 0
    review: int = 0
    terms: Counter[str] = field(default_factory=Counter)

    def add(self, repaired: Repaired) -> None:
        """Count one document."""
        self.segments += len(repaired.segments)
        self.documents += 1
        self.changed += repaired.changed
        for edit in repaired.edits:
            applied = edit.tier in repaired.applied
            self.edits += applied
            self.review += edit.tier is Tier.REVIEW and not applied
            if applied and edit.rule in ("term", "unlisted"):
                self.terms[edit.term] += 1

    def counts(self) -> dict[str, float]:
        """Return the figures by name."""
        return {
            "segments": self.segments,
            "documents": self.documents,
            "changed": self.changed,
            "edits": self.edits,
            "review": self.review,
        }


def fix_document(file: InputFile, repairer: Repairer, source: Path | None = None) -> Fixed:
    """Return one file repaired; nothing is written.

    Args:
        source: the file with its source text, if there is one.
    """
    document = read_document(file.path, file.fields)
    if source is not None:
        document = replace(document, source=read_document(source).text.removeprefix("\ufeff"))
    repaired = repair_document(document, repairer)
    encode = format_for(file.path).encode
    return Fixed(file, repaired, encode(document, document.text), encode(document, repaired.text))


def fix_records(records: Iterable[Record], repairer: Repairer) -> Iterator[tuple[Record, Repaired]]:
    """Yield each record with its repair; a record's own ``source`` is taken as the source of its target."""
    for record in records:
        yield record, repair_document(record.document(), repairer, parallel=True)


def fix_into(
    files: Iterable[InputFile],
    folder: Path,
    repairer: Repairer,
    source: Path | None = None,
    on_file: Callable[[FileOutcome], None] = lambda _outcome: None,
) -> tuple[list[FileOutcome], list[FileRecord]]:
    """Write every file repaired into `folder` under its own name, and the edits beside them.

    Returns:
        What happened to each file, and what `run.json` must keep of it.
    """
    outcomes, records = [], []
    with (
        (folder / "edits.jsonl").open("w", encoding="utf-8") as edits,
        (folder / "proposals.jsonl").open("w", encoding="utf-8") as proposals,
    ):
        log = EditLog(edits, proposals, repairer.options.applied)
        for file in files:
            outcome, record = fix_file(file, folder, repairer, source, log)
            outcomes.append(outcome)
            records.append(record)
            on_file(outcome)
    return outcomes, records


@dataclass(frozen=True, slots=True)
class EditLog:
    """Where edits are written: those of the applied tiers to one stream, the others to another."""

    edits: IO[str]
    proposals: IO[str]
    applied: frozenset[Tier]

    def write(
        self, edits: Iterable[Edit], first: dict[str, Any], last: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        """Write one line an edit, to the file of its tier; `first` goes before its fields, `last` replaces some."""
        for edit in edits:
            line = dump_json({**first, **edit.as_record(), **last})
            (self.edits if edit.tier in self.applied else self.proposals).write(line + "\n")


def fix_file(
    file: InputFile, folder: Path, repairer: Repairer, source: Path | None, log: EditLog
) -> tuple[FileOutcome, FileRecord]:
    """Write one file repaired into `folder` under its own name, and its edits to the log."""
    outcome = FileOutcome(file.name)
    target = safe_join(folder, file.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    if is_records(file.name):
        return outcome, _fix_lines(file, folder, target, repairer, log, outcome)
    if is_parquet(file.name) and source is None:
        return outcome, _fix_rows(file, folder, target, repairer, log, outcome)
    fixed = fix_document(file, repairer, source)
    write_atomic(target, fixed.after)
    outcome.add(fixed.repaired)
    document = fixed.repaired.document
    for edit in fixed.repaired.edits:
        log.write([edit], {"file": file.name}, in_file(document, edit))
    backup = ""
    if document.units:
        # Escapes can be written in many ways, so only a copy can give the exact bytes back.
        backup = f".originals/{file.name}.gz"
        keep_original(file.path, safe_join(folder, backup))
    return outcome, FileRecord(file.name, digest(fixed.before), digest(fixed.after), document.encoding, backup)


def _fix_lines(
    file: InputFile, folder: Path, target: Path, repairer: Repairer, log: EditLog, outcome: FileOutcome
) -> FileRecord:
    applied = repairer.options.applied
    with target.open("w", encoding="utf-8", newline="") as out:
        for record, repaired in fix_records(read_records(file.path, first=file.first_line), repairer):
            outcome.add(repaired)
            out.write(record.render(repaired.text, [e for e in repaired.edits if e.tier in applied]) + "\n")
            log.write(repaired.edits, {"file": file.name, "id": record.id})
    # A JSON line may be laid out in many ways, so only a copy can give the exact bytes back.
    backup = f".originals/{file.name}.gz"
    keep_original(file.path, safe_join(folder, backup))
    return FileRecord(file.name, file_digest(file.path), file_digest(target), "utf-8", backup)


def _fix_rows(
    file: InputFile, folder: Path, target: Path, repairer: Repairer, log: EditLog, outcome: FileOutcome
) -> FileRecord:
    """Repair a table whose rows are documents of their own, some at a time, so that it may be larger than memory."""

    def repaired(document: Document, place: int) -> str:
        edits: list[Edit] = []
        for unit, own in repair_units(document, repairer):
            outcome.add(own)
            log.write(moved_edits(own.edits, unit, place + unit.start), {"file": file.name}, {"unit": unit.id})
            edits += moved_edits(own.edits, unit, unit.start)
        return repairer.apply(document, edits)

    if not ParquetRows(file.path, file.fields).rewrite(target, repaired):
        raise InputError("the document is empty", file.path)
    if not outcome.changed:
        shutil.copyfile(file.path, target)
    backup = f".originals/{file.name}.gz"
    keep_original(file.path, safe_join(folder, backup))
    return FileRecord(file.name, file_digest(file.path), file_digest(target), "utf-8", backup)


def copy_log(log: Path, copy: Path, names: Mapping[str, str]) -> None:
    """Copy a log of edits with other names of files; a line without a name takes that of ``""``."""
    with log.open(encoding="utf-8") as lines, copy.open("w", encoding="utf-8") as out:
        for line in lines:
            record = json.loads(line)
            name = names[record.pop("file", "")]
            out.write(dump_json({"file": name, **record}) + "\n")


def keep_original(path: Path, backup: Path) -> None:
    """Write a compressed copy of `path`, piece by piece."""
    backup.parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as plain, gzip.GzipFile(backup, "wb", mtime=0) as packed:
        shutil.copyfileobj(plain, packed)


def render_lines(records: Iterable[Record], repairer: Repairer) -> Iterator[tuple[str, Repaired]]:
    """Yield the output line of each record, with its repair."""
    applied = repairer.options.applied
    for record, repaired in fix_records(records, repairer):
        yield record.render(repaired.text, [e for e in repaired.edits if e.tier in applied]), repaired
