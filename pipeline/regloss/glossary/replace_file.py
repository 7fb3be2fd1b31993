"""Writing a glossary file whole or not at all."""

import os
import shutil
from pathlib import Path

from regloss.errors import GlossaryError

__all__ = ["replace_file"]


def replace_file(path: Path, text: str) -> None:
    """Make `text` (UTF-8, line ends as they are) the content of `path`; a failure leaves the file as it was.

    A symbolic link stays a link, and an existing file keeps its permissions.

    Raises:
        GlossaryError: the file cannot be written.
    """
    place = path.resolve()
    draft = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    try:
        try:
            draft.write_bytes(text.encode("utf-8"))
            if place.exists():
                shutil.copymode(place, draft)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as exc:
        raise GlossaryError(f"cannot be written: {exc.strerror}", path) from exc
