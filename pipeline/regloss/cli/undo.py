"""`regloss undo`."""

from pathlib import Path
from typing import Annotated

import typer

from regloss.batch.undo import undo_run
from regloss.cli.console import output
from regloss.text import number_of

__all__ = ["UNDO_EPILOG", "undo_command"]

UNDO_EPILOG = """
[bold]Examples[/bold]

regloss undo repaired/                             every file gets its bytes back

regloss undo repaired/ --file deep/article.txt     this one alone

regloss undo repaired/ --term 快手                 the edits of one term, in all files; the others stay
"""


def undo_command(
    run: Annotated[
        Path, typer.Argument(metavar="RUN_DIR", help="The folder that `run`, `fix` or `batch` wrote to, or named.")
    ],
    file: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this file, or the files in this folder; may be repeated."),
    ] = None,
    term: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TERM", help="Only the edits of this source term, or rule of a text artefact; may be repeated."
        ),
    ] = None,
) -> None:
    """Give the files of a run their exact bytes back, or take back the edits of single terms.

    Refuses, and changes nothing, where a file was edited since. Undoing twice does no harm.
    """
    restored = undo_run(run, file or (), term or ())
    for each in restored:
        output.print(f"{each.path}: {number_of(each.edits, 'edit')} taken back", markup=False, soft_wrap=True)
    total = sum(each.edits for each in restored)
    told = f"{number_of(total, 'edit')} taken back in {number_of(len(restored), 'file')}"
    output.print(told if restored else "nothing was left to undo")
