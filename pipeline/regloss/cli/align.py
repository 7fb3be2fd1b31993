"""`regloss align`: what a source and a target have to do with each other."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from regloss.alignment import Alignment
from regloss.cli.console import output
from regloss.cli.options import ConfigOption, check_sides
from regloss.config import load_config
from regloss.document import Segment
from regloss.glossary.store import load_glossary
from regloss.run import align_files

__all__ = ["ALIGN_EPILOG", "align_command"]

ALIGN_EPILOG = """
[bold]Examples[/bold]

regloss align article.en.txt --source article.zh.txt

regloss align article.en.txt --source article.zh.txt --format tsv > pairs.tsv
"""


class Layout(StrEnum):
    """How the answer is laid out."""

    TABLE = "table"
    TSV = "tsv"
    JSON = "json"


def align_command(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="The English file.")],
    source: Annotated[Path, typer.Option(help="The Chinese file.")],
    glossary: Annotated[
        list[str] | None,
        typer.Option("--glossary", "-g", help="Its terms help to align; bundled name or file; may be repeated."),
    ] = None,
    layout: Annotated[Layout, typer.Option("--format", help="table, tsv (pairs only) or json.")] = Layout.TABLE,
    config: ConfigOption = None,
) -> None:
    """Say whether two texts are parallel, comparable or unrelated, and align the sentences of a parallel pair."""
    settings = load_config(config).overridden(glossary=tuple(glossary) if glossary else None)
    check_sides(target, source)
    segments, alignment = align_files(target, source, load_glossary(settings.glossary))
    if layout is Layout.JSON:
        output.print_json(json.dumps(_record(segments, alignment), ensure_ascii=False))
    elif layout is Layout.TSV:
        for source_text, target_text, score in _pairs(segments, alignment):
            # rich would turn the tabs into spaces.
            typer.echo(f"{source_text}\t{target_text}\t{score:.3f}")
    else:
        _print_table(segments, alignment)


def _pairs(segments: tuple[Segment, ...], alignment: Alignment) -> list[tuple[str, str, float]]:
    return [
        (
            " ".join("".join(alignment.source_sentences[n] for n in link.source).split()),
            " ".join(" ".join(segments[n].target for n in link.target).split()),
            link.score,
        )
        for link in alignment.links
    ]


def _record(segments: tuple[Segment, ...], alignment: Alignment) -> dict[str, object]:
    return {
        "relation": str(alignment.relation),
        "score": round(alignment.score, 4),
        "evidence": list(alignment.evidence),
        "pairs": [
            {"source": source, "target": target, "score": round(score, 4)}
            for source, target, score in _pairs(segments, alignment)
        ],
    }


def _print_table(segments: tuple[Segment, ...], alignment: Alignment) -> None:
    output.print(f"[bold]{alignment.relation}[/bold]")
    for sentence in alignment.evidence:
        output.print(f"  {sentence}", markup=False, soft_wrap=True)
    if alignment.links:
        table = Table("source", "target", "score", show_lines=True)
        for source, target, score in _pairs(segments, alignment):
            table.add_row(Text(source), Text(target), f"{score:.2f}")
        output.print(table)
    else:
        output.print("No sentences are aligned: only parallel texts have sentences that say the same.")
