"""The application that the commands hang on, and the one place where an exception becomes an exit code."""

import io
import sys
from typing import Any, NoReturn, cast

import typer

import regloss
from regloss.cli.console import errors
from regloss.errors import ReglossError

__all__ = ["app", "main"]

# typer carries its own copy of click; its public BadParameter leads to the base class of every usage error.
_CommandLineFault = cast("type[Exception]", typer.BadParameter.__mro__[2])

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


def _fail(message: str) -> NoReturn:
    errors.print(f"error: {message}", style="red", markup=False, soft_wrap=True)
    sys.exit(EXIT_BAD_INPUT)


def _fail_usage(fault: Any) -> NoReturn:
    if type(fault).__name__ == "NoArgsIsHelpError":
        fault.show()
        sys.exit(EXIT_BAD_INPUT)
    _fail(fault.format_message())


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    # Imported here: each module hangs its commands on `app` as it is imported.
    from regloss.cli import commands

    commands.register(app, sys.argv[1] if len(sys.argv) > 1 else None)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file whose name is not UTF-8 must not end the command that tells of it.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = app(standalone_mode=False)
    except ReglossError as fault:
        _fail(str(fault))
    except _CommandLineFault as fault:
        _fail_usage(fault)
    except (KeyboardInterrupt, typer.Abort):
        errors.print("interrupted: nothing was left half-written", style="yellow")
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; that is its right.
        sys.stderr.close()
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)
