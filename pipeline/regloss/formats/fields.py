"""Which column or field of a table holds the text to repair, and which its source."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from regloss.errors import FormatError

__all__ = ["USUAL", "Fields", "choose_columns", "has_target"]

_TARGETS = ("target", "translation", "english", "en", "target_text")
_SOURCES = ("source", "chinese", "zh", "source_text")


@dataclass(frozen=True, slots=True)
class Fields:
    """The names of the columns, or for JSON the path and the field beside it.

    Attributes:
        target: the text to repair. Empty: ``target``, else ``translation``, ``english``, ``en`` or ``target_text``.
        source: its source text. Empty: ``source``, else ``chinese``, ``zh`` or ``source_text``, if there is one.
    """

    target: str = ""
    source: str = ""


USUAL = Fields()


def choose_columns(header: Sequence[str], fields: Fields, path: Path | str) -> tuple[int, int | None]:
    """Return the numbers of the target and the source column, counted from 0.

    Raises:
        FormatError: there is no such column; names those that there are.
    """
    target = _find(header, fields.target, _TARGETS)
    source = _find(header, fields.source, _SOURCES)
    for wanted, found in ((fields.target or _TARGETS[0], target), (fields.source, source)):
        if wanted and found is None:
            names = ", ".join(" ".join(name.split())[:40] for name in header[:20] if name.strip()) or "none"
            raise FormatError(f"has no column {wanted!r}; name one of its columns: {names}", path)
    return target or 0, source


def has_target(header: Sequence[str], fields: Fields) -> bool:
    """Tell whether a table with these columns has the target column."""
    return _find(header, fields.target, _TARGETS) is not None


def _find(header: Sequence[str], wanted: str, usual: Sequence[str]) -> int | None:
    names = [name.strip().removeprefix("\ufeff").casefold() for name in header]
    for name in [wanted.strip().casefold()] if wanted else usual:
        if name in names:
            return names.index(name)
    return None
