"""`regloss score`: compare systems, gate a build."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from regloss.cli.options import ConfigOption, GlossaryOption
from regloss.config import load_config
from regloss.errors import UsageError

__all__ = ["score_command"]

SCORE_EPILOG = """Examples:

regloss score --system mt=out.en.txt --reference ref.en.txt --source in.zh.txt

regloss score --system old=a.txt --system new=b.txt --reference ref.txt --fail-if worse

regloss score --system mt=out.txt --source in.txt --glossary zh-en --fail-under term-success=80

regloss score --system mt=out.txt --source in.txt --baseline scores.baseline.json --format github

Exit codes: 0 passed, 1 the gate failed, 2 bad input or usage, 3 inconclusive (with --fail-if worse)."""


class ScoreFormat(StrEnum):
    """How the scores are printed."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    SARIF = "sarif"
    GITHUB = "github"


class FailIf(StrEnum):
    """What besides thresholds and new violations fails the gate."""

    WORSE = "worse"


class TestName(StrEnum):
    """The significance tests, by the names of `regloss.scoring.SignificanceTest`."""

    BOOTSTRAP = "bootstrap"
    RANDOMISATION = "randomisation"


class Detail(StrEnum):
    """The units that single scores are given for, by the names of `regloss.scoring.table.Unit`."""

    SEGMENT = "segment"
    DOCUMENT = "document"


def _system(text: str) -> tuple[str, Path]:
    name, equals, file = text.partition("=")
    if not equals or not name or not file:
        raise UsageError(f"--system {text!r}: write NAME=FILE, such as mt=out.en.txt")
    return name, Path(file)


def _also(text: str) -> tuple[str, Path]:
    name, equals, file = text.partition("=")
    if not equals or not file or name not in list(ScoreFormat):
        raise UsageError(f"--also {text!r}: write FORMAT=FILE, with one of {', '.join(ScoreFormat)}")
    return name, Path(file)


def _said(piece: str) -> None:
    typer.echo(piece, nl=False, err=True)


def score_command(
    system: Annotated[
        list[str],
        typer.Option(
            "--system",
            "-s",
            metavar="NAME=FILE",
            help="A translation; repeatable. The others are held against the first.",
        ),
    ],
    reference: Annotated[
        list[Path] | None,
        typer.Option("--reference", "-r", metavar="FILE", help="A reference translation; repeatable."),
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--source", metavar="FILE", help="The source text, aligned line by line.")
    ] = None,
    glossary: GlossaryOption = None,
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", "-m", metavar="M", help="Metric; repeatable. Without it: all that the files allow."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="M", help="Translation model for the metric quality.")
    ] = None,
    external: Annotated[
        list[str] | None,
        typer.Option("--external", metavar="NAME=COMMAND", help="A metric from a command or from file:PATH."),
    ] = None,
    external_timeout: Annotated[
        float,
        typer.Option("--external-timeout", metavar="SECONDS", min=0, help="What such a command may take a system."),
    ] = 3600,
    documents: Annotated[
        Path | None,
        typer.Option("--docs", metavar="FILE", help="The document of each line; whole documents are resampled then."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="An earlier run: its violations pass, new ones fail."),
    ] = None,
    save_baseline: Annotated[
        Path | None,
        typer.Option(
            "--save-baseline",
            metavar="FILE",
            help="Keep this run as a baseline; a failed one does not replace that of --baseline.",
        ),
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option("--fail-under", metavar="M=V", help="The worst value that passes, on all segments; repeatable."),
    ] = None,
    fail_if: Annotated[
        FailIf | None, typer.Option("--fail-if", help="Fail where a system is significantly worse than the baseline.")
    ] = None,
    form: Annotated[ScoreFormat, typer.Option("--format", "-f", help="How to print the scores.")] = ScoreFormat.TABLE,
    also: Annotated[
        list[str] | None,
        typer.Option("--also", metavar="FORMAT=FILE", help="Write the scores to a file in another format; repeatable."),
    ] = None,
    detail: Annotated[
        Detail | None, typer.Option("--detail", help="Add the scores of single segments or documents to JSON.")
    ] = None,
    test: Annotated[TestName, typer.Option("--test", help="The significance test.")] = TestName.BOOTSTRAP,
    resamples: Annotated[
        int, typer.Option("--resamples", min=0, help="Bootstrap resamples; 0 leaves intervals and tests out.")
    ] = 1000,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Seed of the tests.")] = None,
    config: ConfigOption = None,
) -> None:
    """Score translations, compare them with significance, and gate a build.

    With references: BLEU, chrF and chrF++, TER on request. Always: term metrics and sanity checks.
    """
    # Scoring brings numpy along, which the other commands should not wait for.
    from regloss.formats import write_atomic
    from regloss.scoring import SignificanceOptions, SignificanceTest, parse_threshold
    from regloss.scoring.external import parse_external
    from regloss.scoring.outputs import render
    from regloss.scoring.table import Unit
    from regloss.scoring.task import ScoreTask, run_task, spoils_baseline

    settings = load_config(config).overridden(glossary=tuple(glossary) if glossary else None, model=model, seed=seed)
    outside = tuple(parse_external(each, external_timeout, _said) for each in external or ())
    files = [_also(each) for each in also or ()]
    task = ScoreTask(
        systems=tuple(map(_system, system)),
        references=tuple(reference or ()),
        source=source,
        documents=documents,
        glossary=settings.glossary,
        metrics=tuple(metric or ()),
        model=settings.model,
        external=outside,
        thresholds=tuple(parse_threshold(each, [metric.name for metric in outside]) for each in fail_under or ()),
        fail_if_worse=fail_if is FailIf.WORSE,
        baseline=baseline,
        save_baseline=save_baseline,
        options=SignificanceOptions(SignificanceTest(test.value), resamples, seed=settings.seed),
    )
    table, gate = run_task(task)
    for other, path in files:
        write_atomic(path, (render(table, other, gate) + "\n").encode())
    typer.echo(render(table, form.value, gate, Unit(detail.value) if detail else None))
    if spoils_baseline(task, gate):
        typer.echo(f"warning: {save_baseline} was not replaced, because this run has failed against it", err=True)
    raise typer.Exit(gate.exit_code)
