"""`run.json`: what a run did, for people and for `undo`."""

from collections.abc import Iterable, Mapping
from typing import Any

import regloss
from regloss.repair.undo import FileRecord

__all__ = ["FORMAT", "run_record"]

FORMAT = 1


def run_record(
    command: str, signature: str, files: Iterable[FileRecord], configuration: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the content of `run.json`.

    Args:
        files: what was written, with the digests that `undo` checks.
        configuration: the effective one.
    """
    return {
        "format": FORMAT,
        "regloss": regloss.__version__,
        "command": command,
        "signature": signature,
        "configuration": dict(configuration),
        "files": [file.as_record() for file in files],
    }
