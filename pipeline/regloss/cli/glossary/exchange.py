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
from regloss.errors import UsageError
from regloss.glossary import load_glossary, read_file
from regloss.glossary.tabular import export_table
from regloss.glossary.yaml_edit import write_yaml

__all__: list[str] = []


@glossary_app.command("import", epilog=usage("import terms.tsv -o terms.yaml", "import export.tbx -o terms.yaml"))
def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv, .tsv, .tbx or .yaml glossary.")],
    out: Annotated[Path, typer.Option("--output", "-o", metavar="YAML", help="The YAML glossary to write.")],
    force: Force = False,
) -> None:
    """Turn a table or a TBX file into a YAML glossary."""
    path = free(yaml_path(out), force=force)
    entries = read_file(file)
    write_yaml(path, entries)
    print_lines(f"{out}: {len(entries)} entries")


@glossary_app.command("export", epilog=usage("export -o terms.csv", "export -g zh-en/short-video -o terms.tsv"))
def export_command(
    out: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A .csv, .tsv or .yaml file to write.")],
    glossary: GlossaryNames = None,
    force: Force = False,
) -> None:
    """Write the entries in force to one file; what the format cannot hold is said on stderr."""
    path = free(out, force=force)
    suffix = out.suffix.lower()
    entries = load_glossary(glossary or ()).entries
    if suffix in YAML:
        write_yaml(path, entries)
    elif suffix in (".csv", ".tsv"):
        for loss in export_table(entries, path):
            warn(loss)
    else:
        raise UsageError(f"{out} names no format that can be written; use .csv, .tsv or .yaml")
    print_lines(f"{out}: {len(entries)} entries")
