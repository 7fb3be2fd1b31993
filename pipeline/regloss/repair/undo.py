"""Taking edits back, byte for byte."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from regloss.document import Edit

__all__ = ["FileRecord", "State", "digest", "reverse_edits", "take_back"]


@dataclass(frozen=True, slots=True)
class State:
    """What an undo of some terms has left of a file: the SHA-256 of its bytes, and the terms that are not in it."""

    after: str
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a run did to one file, as `run.json` keeps it.

    Attributes:
        name: the written file, relative to the run folder, or its absolute path for an edit in place.
        before: SHA-256 of the bytes before the edits.
        after: SHA-256 of the bytes as written.
        encoding: codec of the file.
        original: name of a compressed copy of the original below the run folder, where edits alone cannot restore it.
        undone: the states that undoing single terms has led to, in their order.
    """

    name: str
    before: str
    after: str
    encoding: str
    original: str = ""
    undone: tuple[State, ...] = ()

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "FileRecord":
        """Return the record in a JSON object of `run.json`.

        Raises:
            KeyError, TypeError: it is no such object.
        """
        states = tuple(State(state["after"], tuple(state["without"])) for state in record.get("undone", ()))
        made = cls(**{**record, "undone": states})
        texts = (made.name, made.before, made.after, made.encoding, made.original)
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("a field that should be a string is none")
        return made

    def without(self, now: str) -> frozenset[str] | None:
        """Return the terms that are not in a file with the digest `now`; None where no undo has led to it."""
        states = (State(self.after, ()), *self.undone)
        return next((frozenset(state.without) for state in states if state.after == now), None)

    def with_state(self, state: State) -> "FileRecord":
        """Return the record with one more state, unless it has it."""
        return self if state in self.undone else replace(self, undone=(*self.undone, state))

    def as_record(self) -> dict[str, Any]:
        """Return the JSON object of `run.json`."""
        record = asdict(self)
        if not self.undone:
            del record["undone"]
        return record


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
