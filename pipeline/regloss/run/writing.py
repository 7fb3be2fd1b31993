"""Results of the main job as files in a folder."""

import gzip
from collections.abc import Iterable
from pathlib import Path

from regloss.config import Config
from regloss.document import Document, Edit
from regloss.formats import dump_json, format_for, write_atomic
from regloss.glossary.store import Glossary
from regloss.repair.undo import FileRecord, digest
from regloss.report import render_html, render_json, render_markdown
from regloss.run.job import RunResult
from regloss.run.record import in_file, run_record
from regloss.run.reporting import report_of

__all__ = ["write_results"]


def write_results(
    folder: Path, target: Path, source: Path, result: RunResult, glossary: Glossary, config: Config
) -> FileRecord:
    """Write everything that `design` promises of a run below `folder`; return what `undo` needs of the repaired file.

    Args:
        folder: an empty folder; see `regloss.formats.output`.
        target, source: the files that the run read, for their suffixes.
    """
    repaired = result.repaired
    fixed = f"fixed{target.suffix}"
    before = _encoded(target, repaired.document, repaired.document.text)
    after = _encoded(target, repaired.document, repaired.text)
    write_atomic(folder / fixed, after)
    write_atomic(folder / f"retranslated{source.suffix}", _encoded(source, result.source, result.translation.text))
    if result.chosen is not None:
        write_atomic(folder / f"chosen{target.suffix}", _encoded(target, repaired.document, result.chosen))
    applied = [edit for edit in repaired.edits if edit.tier in repaired.applied]
    proposed = [edit for edit in repaired.edits if edit.tier not in repaired.applied]
    _write(folder / "edits.jsonl", _lines(repaired.document, applied))
    _write(folder / "proposals.jsonl", _lines(repaired.document, proposed))
    _write(folder / "scores.json", _pretty(result.scores.as_record()))
    report = report_of(result, glossary, config.model)
    _write(folder / "report.html", render_html(report))
    _write(folder / "report.md", render_markdown(report))
    _write(folder / "report.json", render_json(report))
    backup = ""
    if repaired.document.units:
        # Escapes can be written in many ways, so only a copy can give the exact bytes back.
        backup = f".originals/{fixed}.gz"
        write_atomic(folder / backup, gzip.compress(before, mtime=0))
    file = FileRecord(fixed, digest(before), digest(after), repaired.document.encoding, backup)
    record = run_record("run", result.scores.signature, [file], config.as_record())
    record |= {"target": target.name, "source": source.name, "seconds": result.seconds}
    record["relation"] = str(repaired.alignment.relation) if repaired.alignment else None
    _write(folder / "run.json", _pretty(record))
    return file


def _encoded(path: Path, document: Document, text: str) -> bytes:
    return format_for(path).encode(document, text)


def _write(path: Path, text: str) -> None:
    write_atomic(path, text.encode("utf-8", "surrogatepass"))


def _lines(document: Document, edits: Iterable[Edit]) -> str:
    records = (edit.as_record() | in_file(document, edit) for edit in edits)
    return "".join(dump_json(record) + "\n" for record in records)


def _pretty(record: object) -> str:
    return dump_json(record, indent=2) + "\n"
