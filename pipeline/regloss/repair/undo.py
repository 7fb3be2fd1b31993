"""Taking edits back, byte for byte."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from regloss.document import Edit

__all__ = ["FileRecord", "digest", "reverse_edits", "take_back"]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a run did to one file, as `run.json` keeps it.

    Attributes:
        name: the written file, relative to the run folder, or its absolute path for an edit in place.
        before: SHA-256 of the bytes before the edits.
        after: SHA-256 of the bytes as written.
        encoding: codec of the file.
        original: name of a compressed copy of the original below the run folder, where edits alone cannot restore it.
    """

    name: str
    before: str
    after: str
    encoding: str
    original: str = ""

    def below(self, folder: str) -> "FileRecord":
        """Return the record as seen from the folder above `folder`."""
        original = self.original and f"{folder}/{self.original}"
        return replace(self, name=f"{folder}/{self.name}", original=original)

    def as_record(self) -> dict[str, Any]:
        """Return the JSON object of `run.json`."""
        return asdict(self)


def digest(data: bytes) -> str:
    """Return the SHA-256 of `data` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def reverse_edits(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the edits that turn the edited text back, offsets into the edited text."""
    reverse, shift = [], 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        start = edit.start + shift
        reverse.append(
            Edit(start, start + len(edit.after), edit.after, edit.before, edit.term, edit.tier, edit.rule, "taken back")
        )
        shift += len(edit.after) - len(edit.before)
    return tuple(reverse)


def take_back(text: str, edits: Sequence[Edit]) -> str:
    """Return the text as it was before `edits` were made.

    Raises:
        ValueError: the text does not show the edits where they were made.
    """
    pieces: list[str] = []
    position = 0
    for edit in reverse_edits(edits):
        if text[edit.start : edit.end] != edit.before:
            raise ValueError(f"at {edit.start} the text has changed since")
        pieces += (text[position : edit.start], edit.after)
        position = edit.end
    return "".join((*pieces, text[position:]))
