"""Which commands there are, and where each one stands.

A command's module is imported when that command is called: scoring needs no translation engine, and undo needs neither.
"""

from importlib import import_module

import typer

__all__ = ["COMMANDS", "GROUPS", "register"]

COMMANDS = ("run", "fix", "undo", "batch", "translate", "score", "align")
GROUPS = ("glossary", "models")


def register(app: typer.Typer, name: str | None = None) -> None:
    """Hang the command called `name` on `app`; all of them where there is none of that name."""
    for command in (name,) if name in COMMANDS else () if name in GROUPS else COMMANDS:
        module = import_module(f"regloss.cli.{command}")
        epilog = getattr(module, f"{command.upper()}_EPILOG", None)
        app.command(command, epilog=epilog)(getattr(module, f"{command}_command"))
    for group in (name,) if name in GROUPS else () if name in COMMANDS else GROUPS:
        app.add_typer(getattr(import_module(f"regloss.cli.{group}"), f"{group}_app"), name=group)
