"""`regloss glossary import` and `export`: exchange with other programs."""

from pathlib import Path
from typing import Annotated

import typer

from regloss.cli.glossary.application import (
    YAML,
    Force,
    GlossaryNames,
    free,
    glossary_app,
    print_lines,
    usage,
    warn,
    yaml_path,
)
from regloss.cli.glossary.growth import import_review
from regloss.errors import UsageError
from regloss.glossary import PROJECT_FILE, load_glossary, read_file
from regloss.glossary.tabular import export_table
from regloss.glossary.tbx_export import export_tbx
from regloss.glossary.workbook import export_workbook
from regloss.glossary.yaml_edit import write_yaml
from regloss.text import number_of

__all__: list[str] = []


@glossary_app.command(
    "import",
    epilog=usage("import terms.tsv -o terms.yaml", "import export.tbx -o terms.yaml", "import --review review.tsv"),
)
def import_command(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A .csv, .tsv, .xlsx, .tbx, .tmx or .yaml glossary, or one of OmegaT."),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="YAML", help="The YAML glossary to write; with --review: to change."),
    ] = None,
    review: Annotated[
        bool, typer.Option("--review", help="FILE is a review sheet of `mine`: take over what is accepted in it.")
    ] = False,
    force: Force = False,
) -> None:
    """Turn a table, a spreadsheet, a TBX or TMX file or a glossary of OmegaT into a YAML glossary."""
    if review:
        import_review(file, yaml_path(out or Path(PROJECT_FILE)))
        return
    if out is None:
        raise UsageError("give the YAML glossary to write with -o")
    path = free(yaml_path(out), force=force)
    entries = read_file(file)
    write_yaml(path, entries)
    print_lines(f"{out}: {number_of(len(entries), 'entry', 'entries')}")


@glossary_app.command(
    "export", epilog=usage("export -o terms.csv", "export -g zh-en/short-video -o terms.tbx --tbx-version 2")
)
def export_command(
    out: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="A .csv, .tsv, .xlsx, .tbx or .yaml file to write.")
    ],
    glossary: GlossaryNames = None,
    tbx_version: Annotated[int, typer.Option("--tbx-version", help="3: ISO 30042:2019. 2: ISO 30042:2008.")] = 3,
    force: Force = False,
) -> None:
    """Write the entries in force to one file; what the format cannot hold is said on stderr."""
    path = free(out, force=force)
    suffix = out.suffix.lower()
    entries = load_glossary(glossary or ()).entries
    losses: tuple[str, ...] = ()
    if suffix in YAML:
        write_yaml(path, entries)
    elif suffix in (".csv", ".tsv"):
        losses = export_table(entries, path)
    elif suffix == ".xlsx":
        losses = export_workbook(entries, path)
    elif suffix == ".tbx":
        losses = export_tbx(entries, path, tbx_version)
    else:
        raise UsageError(f"{out} names no format that can be written; use .csv, .tsv, .xlsx, .tbx or .yaml")
    for loss in losses:
        warn(loss)
    print_lines(f"{out}: {number_of(len(entries), 'entry', 'entries')}")
