"""`regloss fix`."""

import difflib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from regloss.batch.fixing import (
    BESIDE,
    FileOutcome,
    copy_log,
    fix_document,
    fix_into,
    fix_records,
    keep_original,
    render_lines,
)
from regloss.cli.console import errors, output, progress_bar
from regloss.cli.options import (
    ConfigOption,
    GlossaryOption,
    SourceFieldOption,
    TierOption,
    WithoutOption,
    repair_options,
)
from regloss.config import Config, load_config
from regloss.document import Document, Edit, Tier
from regloss.errors import UsageError
from regloss.formats import Fields, dump_json, is_records, read_records, write_atomic
from regloss.formats.discover import InputFile, discover, real_files
from regloss.formats.files import file_digest
from regloss.formats.output import output_folder, refuse_clashes
from regloss.formats.registry import known_suffixes
from regloss.formats.units import place
from regloss.glossary.store import load_glossary
from regloss.repair import Repairer
from regloss.repair.evidence import AUTO, REVIEW
from regloss.repair.undo import FileRecord
from regloss.run import repair_signature
from regloss.run.record import run_record
from regloss.text import number_of
from regloss.translation.engines import load_translator

__all__ = ["FIX_EPILOG", "fix_command"]

EXIT_WOULD_CHANGE = 1

FIX_EPILOG = """
[bold]Examples[/bold]

regloss fix article.en.txt                      repaired text on stdout

regloss fix article.en.txt --source article.zh.txt --diff

regloss fix translated/ -o repaired/            a folder; edits.jsonl tells every change

regloss fix translated/ --check                 for CI: exit code 1 if anything would change

cat mt.jsonl | regloss fix - > repaired.jsonl   lines with "id", "target" and, if known, "source"
"""


def fix_command(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, or - for JSONL on stdin.")],
    source: Annotated[Path | None, typer.Option(help="The source text of the one file given.")] = None,
    glossary: GlossaryOption = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if anything would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show a unified diff.")] = False,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Rewrite the files; `regloss undo` restores them.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write results below DIR.")] = None,
    tier: TierOption = None,
    without: WithoutOption = None,
    check_likelihood: Annotated[
        bool | None,
        typer.Option("--check-likelihood", help="Ask the model too before an unlisted repair is made."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Name or folder of the translation model, for --check-likelihood.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show each edit with the evidence that added up.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that holds files already.")] = False,
    target_field: Annotated[
        str, typer.Option(metavar="NAME", help="Column of a table to repair, or a JSON path such as $.items[*].text.")
    ] = "",
    source_field: SourceFieldOption = "",
    config: ConfigOption = None,
) -> None:
    """Repair mistranslated terms and text artefacts in English files."""
    settings = load_config(config).overridden(
        glossary=tuple(glossary) if glossary else None,
        tier=str(tier) if tier else None,
        artefacts_off=tuple(without) if without else None,
        check_likelihood=check_likelihood,
        model=model,
    )
    if model is not None and not settings.check_likelihood:
        raise UsageError("--model goes with --check-likelihood; fix translates nothing")
    repairer = _repairer(settings)
    if sum((check, diff, in_place, out is not None, explain)) > 1:
        raise UsageError("choose one of --check, --diff, --in-place, --explain and -o")
    if paths == ["-"]:
        _fix_stream(repairer)
        return
    if "-" in paths:
        raise UsageError("- (stdin) cannot be mixed with files")
    files = discover([Path(path) for path in paths], known_suffixes(), Fields(target_field, source_field), out)
    if source is not None and len(files) != 1:
        raise UsageError(f"--source goes with one file, and {len(files)} were given")
    if out is not None:
        _fix_to_folder(files, out, repairer, source, force)
    elif in_place:
        _fix_in_place(real_files(files), repairer, source)
    elif check or diff or explain:
        _show(files, repairer, source, check=check, diff=diff)
    else:
        _fix_to_stdout(files, repairer, source)


def _repairer(settings: Config) -> Repairer:
    options = repair_options(Tier(settings.tier), settings.artefacts_off, unlisted=settings.unlisted)
    if not settings.check_likelihood:
        return Repairer(load_glossary(settings.glossary), options)
    scorer = load_translator(settings.model)
    return Repairer(load_glossary(settings.glossary), replace(options, likelihood=scorer.signature()), scorer)


def _fix_stream(repairer: Repairer) -> None:
    for line, _ in render_lines(read_records(sys.stdin.buffer), repairer):
        sys.stdout.write(line + "\n")


def _fix_to_stdout(files: Sequence[InputFile], repairer: Repairer, source: Path | None) -> None:
    if len(files) != 1:
        raise UsageError(f"{len(files)} files cannot go to stdout; use -o DIR, --in-place, --diff or --check")
    if is_records(files[0].name):
        for line, _ in render_lines(read_records(files[0].path), repairer):
            sys.stdout.write(line + "\n")
        return
    fixed = fix_document(files[0], repairer, source)
    sys.stdout.buffer.write(fixed.after)
    sys.stdout.buffer.flush()
    _hint(fixed.repaired.edits, repairer)


def _hint(edits: Sequence[Edit], repairer: Repairer) -> None:
    applied = sum(edit.tier in repairer.options.applied for edit in edits)
    proposed = sum(edit.tier is Tier.REVIEW and edit.tier not in repairer.options.applied for edit in edits)
    rest = f"; {proposed} more to review (--tier review applies them, --explain shows why)" if proposed else ""
    errors.print(f"{number_of(applied, 'edit')}{rest}")


def _fix_to_folder(files: Sequence[InputFile], out: Path, repairer: Repairer, source: Path | None, force: bool) -> None:
    refuse_clashes(files, out, BESIDE)
    with output_folder(out, force=force) as staging, progress_bar() as progress:
        task = progress.add_task("repairing", total=len(files))
        outcomes, records = fix_into(files, staging, repairer, source, lambda _outcome: progress.advance(task))
        write_atomic(staging / "run.json", _record("fix", repairer, files, records))
    _summary(outcomes)
    errors.print(f"written to {out}; {out / 'edits.jsonl'} tells every change", soft_wrap=True)


def _fix_in_place(files: Sequence[InputFile], repairer: Repairer, source: Path | None) -> None:
    run = _new_run_folder()
    with tempfile.TemporaryDirectory(prefix=".regloss-", dir=Path.cwd()) as made:
        outcomes, records = fix_into(files, Path(made), repairer, source)
        written: list[FileRecord] = []
        for file, record in zip(files, records, strict=True):
            backup = run / f"originals/{len(written):06d}.gz"
            keep_original(file.path, backup)
            written.append(
                FileRecord(
                    str(file.path.resolve()),
                    file_digest(file.path),
                    record.after,
                    record.encoding,
                    backup.relative_to(run).as_posix(),
                )
            )
        places = {file.name: record.name for file, record in zip(files, written, strict=True)}
        copy_log(Path(made) / "edits.jsonl", run / "edits.jsonl", places)
        write_atomic(run / "run.json", _record("fix --in-place", repairer, files, written))
        for file, record in zip(files, records, strict=True):
            if record.before != record.after:
                write_atomic(file.path, (Path(made) / file.name).read_bytes())
    _summary(outcomes)
    errors.print(f"to take everything back: regloss undo {run}", soft_wrap=True)


def _record(command: str, repairer: Repairer, files: Sequence[InputFile], records: Sequence[FileRecord]) -> bytes:
    configuration = {"tier": str(repairer.options.tier), "fields": asdict(files[0].fields)}
    signature = repair_signature(repairer.glossary, repairer.options)
    record = run_record(command, signature, records, configuration)
    return (dump_json(record, indent=2) + "\n").encode()


def _new_run_folder() -> Path:
    runs = Path(".regloss") / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(path.name) for path in runs.iterdir() if path.name.isdigit()), default=0)
    folder = runs / f"{number:04d}"
    folder.mkdir()
    return folder


def _show(files: Sequence[InputFile], repairer: Repairer, source: Path | None, *, check: bool, diff: bool) -> None:
    changed = False
    for file in files:
        for name, document, edits, text in _results(file, repairer, source):
            changed |= text != document.text
            if diff:
                _print_diff(name, document.text, text)
            elif check:
                _print_edits(name, document, [edit for edit in edits if edit.tier in repairer.options.applied])
            else:
                _print_evidence(name, document, edits)
    if check and changed:
        raise typer.Exit(EXIT_WOULD_CHANGE)


def _results(
    file: InputFile, repairer: Repairer, source: Path | None
) -> Iterator[tuple[str, Document, tuple[Edit, ...], str]]:
    if is_records(file.name):
        for record, repaired in fix_records(read_records(file.path), repairer):
            yield f"{file.path}:{record.line}", repaired.document, repaired.edits, repaired.text
    else:
        repaired = fix_document(file, repairer, source).repaired
        yield str(file.path), repaired.document, repaired.edits, repaired.text


def _print_diff(name: str, before: str, after: str) -> None:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, f"{name} (repaired)"
    )
    sys.stdout.writelines(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _place(name: str, document: Document, edit: Edit) -> str:
    unit = place(document, edit.start, edit.end)
    if unit is not None:
        return f"{name}:{unit.position}"
    line = document.text.count("\n", 0, edit.start) + 1
    column = edit.start - document.text.rfind("\n", 0, edit.start)
    return f"{name}:{line}:{column}"


def _print_edits(name: str, document: Document, edits: Sequence[Edit]) -> None:
    for edit in edits:
        output.print(
            f"{_place(name, document, edit)}: {edit.before!r} → {edit.after!r}  [{edit.term or edit.rule}]",
            markup=False,
            soft_wrap=True,
        )


def _print_evidence(name: str, document: Document, edits: Sequence[Edit]) -> None:
    for edit in edits:
        sum_line = f"[{edit.term or edit.rule}] {edit.tier} {edit.confidence:.2f}"
        output.print(
            f"{_place(name, document, edit)}: {edit.before!r} → {edit.after!r}  {sum_line}",
            markup=False,
            soft_wrap=True,
        )
        for text, weight in edit.evidence:
            output.print(f"    {weight:+.2f}  {text}", markup=False, soft_wrap=True)
        output.print(f"    {_sum_line(edit)}", markup=False, soft_wrap=True)


def _sum_line(edit: Edit) -> str:
    """Say what the evidence adds up to, and what follows from that."""
    if not edit.evidence:
        return f"{edit.reason}: goes with that edit, {edit.confidence:.2f}"
    total = round(sum(weight for _, weight in edit.evidence), 2)
    held = "" if 0 <= total <= 1 else f", held at {edit.confidence:.2f}"
    follows = {
        Tier.AUTO: f"auto, from {AUTO:.2f}",
        Tier.REVIEW: f"review, from {REVIEW:.2f} to below {AUTO:.2f}",
        Tier.LEAVE: f"leave, below {REVIEW:.2f}",
    }[edit.tier]
    return f"= {total:.2f}{held}: {follows}"


def _summary(outcomes: Sequence[FileOutcome]) -> None:
    table = Table("file", "documents", "changed", "edits", "to review", box=None, pad_edge=False)
    for outcome in outcomes[:20]:
        figures = (outcome.documents, outcome.changed, outcome.edits, outcome.review)
        table.add_row(outcome.name, *map(str, figures))
    output.print(table)
    if len(outcomes) > 20:
        output.print(f"… and {len(outcomes) - 20} more files")
