"""Which command modules there are."""

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Hang every command on `app`."""
