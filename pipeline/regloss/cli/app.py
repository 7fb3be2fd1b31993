"""The application that the commands hang on, and the one place where an exception becomes an exit code."""

import sys
from typing import NoReturn

import click
import typer

import regloss
from regloss.cli.console import errors
from regloss.errors import ReglossError

__all__ = ["app", "main"]

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="regloss",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"regloss {regloss.__version__}")
        raise typer.Exit


@app.callback()
def regloss_command(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Show the version and leave."
    ),
) -> None:
    """Repair machine-translated text: a glossary fixes terms, a model retranslates, scoring says which to keep."""


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    # Imported here: each module hangs its commands on `app` as it is imported.
    from regloss.cli import commands

    commands.register(app)
    try:
        code = app(standalone_mode=False)
    except ReglossError as fault:
        errors.print(f"error: {fault}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(EXIT_BAD_INPUT)
    except click.exceptions.NoArgsIsHelpError as fault:
        fault.show()
        sys.exit(EXIT_BAD_INPUT)
    except click.ClickException as fault:
        errors.print(f"error: {fault.format_message()}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(EXIT_BAD_INPUT)
    except (KeyboardInterrupt, click.Abort):
        errors.print("interrupted: nothing was left half-written", style="yellow")
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; that is its right.
        sys.stderr.close()
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)
