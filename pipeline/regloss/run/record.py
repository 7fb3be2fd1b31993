"""`run.json`: what a run did, for people and for `undo`."""

from collections.abc import Iterable, Mapping
from typing import Any

import regloss
from regloss.document import Document, Edit
from regloss.formats.units import place
from regloss.repair.undo import FileRecord

__all__ = ["FORMAT", "in_file", "run_record"]

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


def in_file(document: Document, edit: Edit) -> dict[str, Any]:
    """Return the unit of an edit, and its offsets into the text of the file where the file is text.

    ``offset`` then keeps where it begins in `Document.text`.
    """
    found = place(document, edit.start, edit.end)
    if found is None:
        return {}
    span = found.file_span
    return {"unit": found.unit.id, **({"start": span.start, "end": span.end, "offset": edit.start} if span else {})}
