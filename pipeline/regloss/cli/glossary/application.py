"""The sub-application that the glossary commands hang on, and what they share: options, checks of paths, printing."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from regloss.cli.console import errors, output
from regloss.errors import UsageError
from regloss.glossary import Glossary
from regloss.glossary.examples import RepairFunction

__all__ = [
    "EXIT_FOUND_FAULTS",
    "YAML",
    "Force",
    "GlossaryFile",
    "GlossaryNames",
    "free",
    "glossary_app",
    "print_lines",
    "print_table",
    "repair_function",
    "usage",
    "warn",
    "yaml_path",
]

EXIT_FOUND_FAULTS = 1
YAML = (".yaml", ".yml")

glossary_app = typer.Typer(
    name="glossary",
    help="Look into, change, check and exchange glossaries.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

GlossaryNames = Annotated[
    list[str] | None,
    typer.Option(
        "--glossary",
        "-g",
        metavar="G",
        help="A bundled name (zh-en/short-video) or a .yaml, .csv, .tsv, .xlsx, .tbx or .tmx file; repeatable. "
        "Without it: the bundled zh-en glossaries, yours, and the project's.",
        show_default=False,
    ),
]
GlossaryFile = Annotated[
    Path, typer.Option("--glossary", "-g", metavar="FILE", help="The YAML glossary to change; made if it is not there.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace the output file if it exists.")]


def usage(*commands: str) -> str:
    """Return examples of use for the end of a help page."""
    # A blank line keeps each command on a line of its own in the help page.
    return "\n\n".join(("Examples:", *(f"regloss glossary {command}" for command in commands)))


def yaml_path(path: Path) -> Path:
    """Return `path` if it can be changed in place."""
    if path.suffix.lower() not in YAML:
        raise UsageError(f"{path} is no YAML file; give a path that ends in .yaml")
    return path


def free(path: Path, *, force: bool) -> Path:
    """Return `path` if nothing stands there, or what stands there may be replaced."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder; give a file to write")
    if path.exists() and not force:
        raise UsageError(f"{path} exists; give another name, or --force to replace it")
    return path


def print_lines(*lines: str) -> None:
    """Print results on stdout, as they are."""
    for line in lines:
        output.print(line, markup=False, soft_wrap=True)


def warn(message: str) -> None:
    """Print a warning on stderr."""
    errors.print(f"warning: {message}", style="yellow", markup=False, soft_wrap=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; never cut where the output is no terminal, and nothing where it has no rows."""
    if not rows:
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*map(escape, row))
    # A file or a pipe has no width: a line that is cut there could not be searched.
    if not output.is_terminal:
        table.width = Measurement.get(output, output.options.update(max_width=sys.maxsize), table).maximum
    output.print(table, crop=False)


def repair_function(glossary: Glossary) -> RepairFunction:
    """Return what repairs a sentence with this glossary; made ready once, used for any number of sentences."""
    from regloss.repair import Repairer

    return Repairer(glossary).repair
