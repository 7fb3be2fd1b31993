"""Which commands there are."""

import typer

from regloss.cli.align import ALIGN_EPILOG, align_command
from regloss.cli.batch import BATCH_EPILOG, batch_command
from regloss.cli.fix import FIX_EPILOG, fix_command, undo_command
from regloss.cli.glossary import glossary_app
from regloss.cli.models import models_app
from regloss.cli.run import RUN_EPILOG, run_command
from regloss.cli.score import SCORE_EPILOG, score_command
from regloss.cli.translate import TRANSLATE_EPILOG, translate_command

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Hang every command on `app`."""
    app.command("run", epilog=RUN_EPILOG)(run_command)
    app.command("fix", epilog=FIX_EPILOG)(fix_command)
    app.command("undo")(undo_command)
    app.command("batch", epilog=BATCH_EPILOG)(batch_command)
    app.command("translate", epilog=TRANSLATE_EPILOG)(translate_command)
    app.command("score", epilog=SCORE_EPILOG)(score_command)
    app.command("align", epilog=ALIGN_EPILOG)(align_command)
    app.add_typer(glossary_app, name="glossary")
    app.add_typer(models_app, name="models")
