"""`regloss batch`: many files, overnight."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from regloss.batch.items import read_items
from regloss.batch.journal import Entry
from regloss.batch.local import BatchOptions, run_batch
from regloss.batch.work import Setup
from regloss.cli.console import errors, output
from regloss.cli.fix import repair_options
from regloss.document import Tier
from regloss.errors import UsageError
from regloss.formats.registry import known_suffixes

__all__ = ["BATCH_EPILOG", "batch_command"]

EXIT_SOME_FAILED = 2

BATCH_EPILOG = """
[bold]Examples[/bold]

regloss batch translated/ -o repaired/                    sources are found beside: a.en.md, a.zh.md

regloss batch translated/ --source chinese/ -o repaired/

regloss batch files.txt -o repaired/ --resume             a manifest: a path a line, its source behind a tab

A batch that was stopped, by whatever, goes on with --resume and gives the same files as an undisturbed one.
`regloss undo repaired/` takes everything back.
"""


def batch_command(
    place: Annotated[Path, typer.Argument(metavar="DIR|MANIFEST", help="A folder, or a file that lists files.")],
    out: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the results.")],
    source: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the source files.")] = None,
    glossary: Annotated[
        list[str] | None,
        typer.Option("--glossary", "-g", help="Bundled name, YAML, CSV, TSV or TBX file; may be repeated."),
    ] = None,
    tier: Annotated[Tier, typer.Option(help="auto: only sure edits. review: proposed ones too.")] = Tier.AUTO,
    without: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Switch off an artefact rule by name, or `all` of them.")
    ] = None,
    engine: Annotated[str, typer.Option(help="local: processes of this machine.")] = "local",
    jobs: Annotated[int, typer.Option(min=0, help="Worker processes; 0: one a processor core.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an earlier batch into DIR stopped.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Begin anew in a folder that holds files already.")] = False,
) -> None:
    """Repair every file of a folder or manifest; a file that fails does not stop the others."""
    if engine != "local":
        raise UsageError(f"there is no engine {engine!r}; choose from local")
    if resume and force:
        raise UsageError("choose one of --resume and --force")
    checked = repair_options(tier, without or ())
    items = read_items(place, known_suffixes(), source)
    setup = Setup(out, tuple(glossary or ()), tier, checked.artefacts_off)
    options = BatchOptions(jobs or os.cpu_count() or 1, resume, force)
    with _Meter(len(items)) as meter:
        summary = run_batch(items, setup, options, meter)
    output.print(
        f"{len(summary.files)} files, {summary.documents} documents, {summary.edits} edits, "
        f"{summary.review} to review, {len(summary.failures)} failed"
    )
    for term, count in summary.terms[:10]:
        output.print(f"  {count:6d}  {term}", markup=False)
    for name, reason in summary.failures:
        errors.print(f"failed: {name}: {reason}", style="red", markup=False, soft_wrap=True)
    errors.print(f"summary: {out / 'summary.html'}", soft_wrap=True)
    if summary.failures:
        raise typer.Exit(EXIT_SOME_FAILED)


class _Meter:
    """Live progress: files, edits, speed, time left."""

    def __init__(self, total: int) -> None:
        self._bar = Progress(
            TextColumn("repairing"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[edits]} edits, {task.fields[speed]:.1f} documents/s"),
            TimeRemainingColumn(),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
        self._task = self._bar.add_task("", total=total, edits=0, speed=0.0)
        self._start = time.monotonic()
        self._edits = self._documents = 0

    def __enter__(self) -> "_Meter":
        self._bar.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._bar.stop()

    def __call__(self, entry: Entry) -> None:
        """Count one finished item."""
        self._edits += entry.tiers.get(Tier.AUTO, 0)
        self._documents += entry.documents
        speed = self._documents / max(time.monotonic() - self._start, 1e-6)
        self._bar.update(self._task, advance=1, edits=self._edits, speed=speed)
