"""`regloss batch`: many files, overnight."""

import os
import time
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from regloss.batch.cluster.engine import RayEngine
from regloss.batch.cluster.places import find_items, run_on_cluster
from regloss.batch.cluster.session import connected
from regloss.batch.cluster.store import Store, is_url
from regloss.batch.items import read_items
from regloss.batch.journal import Entry
from regloss.batch.local import BatchOptions, run_batch
from regloss.batch.setup import Setup, TaskName
from regloss.batch.summary import Summary
from regloss.cli.console import errors, output
from regloss.cli.options import (
    ConfigOption,
    GlossaryOption,
    SourceFieldOption,
    TierOption,
    WithoutOption,
    repair_options,
)
from regloss.config import load_config
from regloss.document import Tier
from regloss.errors import UsageError
from regloss.formats import Fields
from regloss.formats.registry import known_suffixes

__all__ = ["BATCH_EPILOG", "batch_command"]

EXIT_SOME_FAILED = 2


class EngineName(StrEnum):
    """Where the work is done."""

    LOCAL = "local"
    RAY = "ray"


BATCH_EPILOG = """
[bold]Examples[/bold]

regloss batch translated/ -o repaired/                    sources are found beside: a.en.md, a.zh.md

regloss batch translated/ --source chinese/ -o repaired/

regloss batch files.txt -o repaired/ --resume             a manifest: a path a line, its source behind a tab

regloss batch translated/ --source chinese/ --task run -o out/      out/NAME/ holds what `regloss run` writes

regloss batch translated/ --source chinese/ --task score -o out/    which files are worst, without a reference

regloss batch s3://mt/in -o s3://mt/out --engine ray --address auto    on a cluster; see docs/ray.md

A batch that was stopped, by whatever, goes on with --resume and gives the same files as an undisturbed one.
`regloss undo repaired/` takes everything back, or one file, or one term.
"""


def batch_command(
    place: Annotated[str, typer.Argument(metavar="DIR|MANIFEST|URL", help="A folder, a list of files, or one file.")],
    out: Annotated[str, typer.Option("--output", "-o", metavar="DIR|URL", help="Folder for the results.")],
    task: Annotated[
        TaskName, typer.Option(help="fix: repair. run: the main job. score: look for faults, without a reference.")
    ] = TaskName.FIX,
    source: Annotated[str | None, typer.Option(metavar="DIR|URL", help="Folder of the source files.")] = None,
    glossary: GlossaryOption = None,
    tier: TierOption = None,
    without: WithoutOption = None,
    model: Annotated[
        str | None, typer.Option(help="Name or folder of the translation model, for run and --quality.")
    ] = None,
    beam: Annotated[int | None, typer.Option(min=1, help="Beam size of translation, for run.")] = None,
    quality: Annotated[
        bool, typer.Option("--quality", help="With --task score: estimate the quality of each segment too; slow.")
    ] = False,
    target_field: Annotated[
        str, typer.Option(metavar="NAME", help="Column of a table to read, or a JSON path such as $.items[*].text.")
    ] = "",
    source_field: SourceFieldOption = "",
    config: ConfigOption = None,
    engine: Annotated[
        EngineName, typer.Option(help="local: processes of this machine. ray: a cluster (extra `ray`).")
    ] = EngineName.LOCAL,
    address: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Of a running Ray cluster, or auto; else one is started here."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Worker processes; 0: one a processor core.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an earlier batch into DIR stopped.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Begin anew in a folder that holds files already.")] = False,
) -> None:
    """Work on every file of a folder or manifest; a file that fails does not stop the others."""
    if resume and force:
        raise UsageError("choose one of --resume and --force")
    settings = load_config(config).overridden(
        glossary=tuple(glossary) if glossary else None,
        tier=str(tier) if tier else None,
        artefacts_off=tuple(without) if without else None,
        model=model,
        beam=beam,
    )
    repair_options(Tier(settings.tier), settings.artefacts_off)
    fields = Fields(target_field, source_field)
    workers, cores = jobs or os.cpu_count() or 1, os.cpu_count() or 1
    setup = Setup(Path(out), settings, task, quality, fields, threads=max(1, cores // workers))
    _check(setup, model=model, beam=beam)
    if engine is EngineName.RAY:
        options = BatchOptions(jobs, resume, force)
        summary = _on_ray(place, source, Store.at(out), setup, options, address or "")
    else:
        _refuse_cluster_places(address, place, out, source or "")
        items = read_items(Path(place), known_suffixes(), Path(source) if source else None, fields, Path(out))
        with _Meter(len(items), task) as meter:
            summary = run_batch(items, setup, BatchOptions(workers, resume, force), meter)
    _print(summary, out)
    if summary.failed:
        raise typer.Exit(EXIT_SOME_FAILED)


def _on_ray(
    place: str, source: str | None, results: Store, setup: Setup, options: BatchOptions, address: str
) -> Summary:
    found = find_items(place, known_suffixes(), source, setup.fields, results.folder)
    setup = replace(setup, folder=results.folder or setup.folder)
    with connected(address, options.jobs) as session, _Meter(len(found.items), setup.task) as meter:
        engine = RayEngine(session, results, found.targets, found.sources, meter.blocks)
        before = session.dead()
        summary = run_on_cluster(found.items, setup, options, meter, engine)
        lost = session.dead() - before
    if lost:
        errors.print(f"{lost} machines were lost on the way; others did their work")
    return summary


def _refuse_cluster_places(address: str | None, *places: str) -> None:
    if address is not None:
        raise UsageError("--address goes with --engine ray")
    for place in places:
        if is_url(place):
            raise UsageError(f"{place}: a URL goes with --engine ray; or give a folder")


def _check(setup: Setup, *, model: str | None, beam: int | None) -> None:
    """Refuse options that the task would not heed."""
    if setup.quality and setup.task is not TaskName.SCORE:
        raise UsageError("--quality goes with --task score")
    if model is not None and not setup.model:
        raise UsageError("--model goes with --task run, or with --task score --quality")
    if beam is not None and setup.task is not TaskName.RUN:
        raise UsageError("--beam goes with --task run")
    if setup.fields != Fields() and setup.task is TaskName.RUN:
        raise UsageError("--target-field and --source-field go with --task fix and --task score")


def _print(summary: Summary, out: str) -> None:
    output.print(f"{summary.items} files: {summary.headline}", markup=False, soft_wrap=True)
    for term, count in summary.terms[:10]:
        output.print(f"  {count:6d}  {term}", markup=False)
    for name, reason in summary.failures:
        errors.print(f"failed: {name}: {reason}", style="red", markup=False, soft_wrap=True)
    errors.print(f"summary: {out.rstrip('/')}/summary.html", soft_wrap=True)


class _Meter:
    """Live progress: files, segments, edits, speed, time left; a line a minute where nobody watches a terminal."""

    EVERY = 60.0

    def __init__(self, total: int, task: TaskName) -> None:
        self._total = total
        self._unit = "findings" if task is TaskName.SCORE else "edits"
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[tail]}"),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )
        self._task = self._bar.add_task(str(task), total=total, tail="")
        self._start = self._said = time.monotonic()
        self._done = self._worked = self._segments = self._found = self._failed = 0
        self._blocks = ""

    def __enter__(self) -> "_Meter":
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_exception: object) -> None:
        self._bar.stop()
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            errors.print("the same command with --resume goes on from here")

    def __call__(self, entry: Entry, fresh: bool) -> None:
        """Count one finished item; speed and time left rest on those that are fresh."""
        self._done += 1
        self._worked += fresh
        self._failed += bool(entry.error)
        self._segments += int(entry.counts.get("segments", 0))
        kinds = ("edits",) if self._unit == "edits" else ("critical", "major", "minor")
        self._found += int(sum(entry.counts.get(kind, 0) for kind in kinds))
        self._show()

    def blocks(self, done: int, of: int) -> None:
        """Take note of the blocks of a cluster, of which one file may have many."""
        self._blocks = f"block {done} of {of}, "
        self._show()

    def _show(self) -> None:
        tail = self._blocks + self._tail()
        self._bar.update(self._task, completed=self._done, tail=tail)
        if not errors.is_terminal and time.monotonic() - self._said >= self.EVERY:
            self._said = time.monotonic()
            errors.print(f"{self._done} of {self._total} files, {tail}", markup=False, soft_wrap=True)

    def _tail(self) -> str:
        seconds = max(time.monotonic() - self._start, 1e-6)
        speed = self._worked / seconds
        failed = f", {self._failed} failed" if self._failed else ""
        left = f", {_clock((self._total - self._done) / speed)} left" if speed else ""
        return f"{self._segments:,} segments, {self._found:,} {self._unit}{failed}, {60 * speed:.0f} files/min{left}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
