"""`regloss models`: which models there are, fetching stronger ones, checking them."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from regloss.cli.console import errors, output, progress_bar
from regloss.resources import bundled
from regloss.translation.cards import read_card
from regloss.translation.catalogue import CatalogueEntry, find_entry, pull, read_catalogue, verify
from regloss.translation.engines import DEFAULT_MODEL, model_names, models_folder, resolve_model

__all__ = ["models_app"]

models_app = typer.Typer(
    name="models",
    help="List, fetch and check translation models.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

LIST_EPILOG = "[bold]Example[/bold]\n\nregloss models list"
PULL_EPILOG = """
[bold]Examples[/bold]

regloss models pull opus-mt-zh-en

HF_ENDPOINT=https://hub.example regloss models pull m2m100-418m      from a mirror
"""
VERIFY_EPILOG = """
[bold]Examples[/bold]

regloss models verify                         every model

regloss models verify zh-en-small
"""


@models_app.command("list", epilog=LIST_EPILOG)
def list_command() -> None:
    """Show the models that are here and those that can be fetched."""
    table = Table("model", "licence", "MB", "where", "about", box=None, pad_edge=False)
    for name in model_names():
        folder = resolve_model(name)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        default = "the default; " if name == DEFAULT_MODEL else ""
        place = "shipped" if folder.parent == bundled("models") else "installed"
        table.add_row(name, read_card(folder).licence, f"{size:.0f}", place, escape(f"{default}{folder}"))
    for entry in read_catalogue():
        if entry.name not in model_names():
            table.add_row(entry.name, entry.licence, str(entry.megabytes), "to pull", escape(_about(entry)))
    output.print(table)


def _about(entry: CatalogueEntry) -> str:
    needs = f"; needs regloss[{entry.needs}] to convert" if entry.needs else ""
    revision = entry.revision[:12] if entry.pinned else f"{entry.revision} (not pinned)"
    return f"{entry.about}{needs}; revision {revision}"


@models_app.command("pull", epilog=PULL_EPILOG)
def pull_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name from `regloss models list`.")],
    force: Annotated[bool, typer.Option("--force", help="Fetch it again although it is installed.")] = False,
) -> None:
    """Download a model, check it, convert it for CTranslate2 and install it."""
    entry = find_entry(name, read_catalogue())
    with progress_bar() as bar:
        task = bar.add_task(name, total=None)

        def show(file: str, done: int, size: int) -> None:
            bar.update(task, description=f"{name}: {file}", completed=done, total=size or None)

        place = pull(entry, force=force, progress=show)
    output.print(f"{name} is installed in {place}", soft_wrap=True)
    errors.print(f"licence {entry.licence}; use it with --model {name}", soft_wrap=True)


@models_app.command("verify", epilog=VERIFY_EPILOG)
def verify_command(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Models to check; all if none.")] = None,
) -> None:
    """Check every file of the models against the checksums in their cards."""
    for name in names or model_names():
        output.print(f"{name}: {verify(name)} files intact", soft_wrap=True)
    if not names and not models_folder().is_dir():
        errors.print(f"no model has been pulled yet (they go to {models_folder()})", soft_wrap=True)
