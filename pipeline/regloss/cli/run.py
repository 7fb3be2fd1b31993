"""`regloss run`: the main job."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from regloss.cli.console import errors, output, progress_bar
from regloss.cli.options import (
    ConfigOption,
    GlossaryOption,
    TierOption,
    WithoutOption,
    check_sides,
    repair_options,
)
from regloss.config import load_config
from regloss.document import Relation, Tier
from regloss.formats.output import output_folder
from regloss.glossary.store import load_glossary
from regloss.repair import Repairer
from regloss.run import RunResult, run, write_results
from regloss.text import number_of
from regloss.translation.engines import load_translator

__all__ = ["RUN_EPILOG", "run_command"]

RUN_EPILOG = """
[bold]Examples[/bold]

regloss run article.en.txt --source article.zh.txt -o out

regloss run article.en.md --source article.zh.md --glossary terms.yaml --glossary zh-en/e-commerce -o out --force

[bold]What lies in DIR afterwards[/bold]

fixed.*, retranslated.*, and chosen.* where the two texts are parallel; edits.jsonl and proposals.jsonl;
scores.json; report.html and report.md; run.json, which `regloss undo DIR` reads.
"""


def run_command(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="The machine-translated English file.")],
    source: Annotated[Path, typer.Option(help="The Chinese file: its original, or another text on the same matter.")],
    out: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the results.")],
    glossary: GlossaryOption = None,
    model: Annotated[str | None, typer.Option(help="Name or folder of the translation model.")] = None,
    tier: TierOption = None,
    without: WithoutOption = None,
    check_likelihood: Annotated[
        bool | None,
        typer.Option("--check-likelihood", help="Ask the model too before an unlisted repair is made."),
    ] = None,
    beam: Annotated[int | None, typer.Option(min=1, help="Beam size of translation.")] = None,
    config: ConfigOption = None,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that holds files already.")] = False,
) -> None:
    """Repair TARGET, retranslate SOURCE, score both, choose, and report."""
    settings = load_config(config).overridden(
        glossary=tuple(glossary) if glossary else None,
        model=model,
        tier=str(tier) if tier else None,
        artefacts_off=tuple(without) if without else None,
        check_likelihood=check_likelihood,
        beam=beam,
    )
    options = repair_options(Tier(settings.tier), settings.artefacts_off, unlisted=settings.unlisted)
    check_sides(target, source)
    translator = load_translator(settings.model)
    if settings.check_likelihood:
        options = replace(options, likelihood=translator.signature())
    repairer = Repairer(load_glossary(settings.glossary), options, translator if settings.check_likelihood else None)
    with output_folder(out, force=force) as staging, progress_bar() as bar:
        task = bar.add_task("repairing", total=None)
        result = run(
            target,
            source,
            repairer,
            translator,
            settings,
            lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total),
        )
        write_results(staging, target, source, result, repairer.glossary, settings)
    _print(result, out)


def _print(result: RunResult, out: Path) -> None:
    applied = [edit for edit in result.repaired.edits if edit.tier in result.repaired.applied]
    review = sum(edit.tier is Tier.REVIEW for edit in result.repaired.edits if edit not in applied)
    alignment = result.repaired.alignment
    if alignment is not None:
        output.print(f"[bold]{result.repaired.document.name}[/bold] and {result.source.name} are {alignment.relation}.")
        for sentence in alignment.evidence:
            output.print(f"  {sentence}", markup=False)
    output.print(f"{number_of(len(applied), 'edit')} applied, {review} to review.")
    output.print(_table(result))
    for note in result.scores.notes:
        output.print(note, markup=False)
    if alignment is None or alignment.relation is not Relation.PARALLEL:
        output.print("No text was chosen: choosing needs a parallel pair. The repaired text is the one to use.")
    output.print(result.scores.signature, markup=False, soft_wrap=True)
    errors.print(f"report: {out / 'report.html'}", soft_wrap=True)


def _table(result: RunResult) -> Table:
    table = Table("metric", *(system.name for system in result.scores.systems), box=None, pad_edge=False)
    for row in result.scores.rows:
        arrow = {"higher": " ↑", "lower": " ↓"}.get(str(row.info.direction), "")
        cells = ("–" if cell.value is None else f"{cell.value:.2f}" for cell in row.cells)
        table.add_row(row.info.name + arrow, *cells)
    return table
