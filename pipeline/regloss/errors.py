"""Everything regloss raises on purpose.

    ReglossError
    ├── InputError        a file or a line that the user gave cannot be used
    │   ├── FormatError   the file is there, but is not what its name says
    │   └── GlossaryError a glossary file or term entry is wrong
    ├── UsageError        options that do not go together, an unknown name, a folder that is in the way
    ├── ModelError        a model is missing, damaged, or refuses its input
    └── MissingExtraError an optional dependency is not installed

Each message is one line: the fault, the place (`file:line`), the remedy. The command line prints it after `error: `
and exits with code 2.
"""

from pathlib import Path

__all__ = [
    "FormatError",
    "GlossaryError",
    "InputError",
    "MissingExtraError",
    "ModelError",
    "ReglossError",
    "UsageError",
]


class ReglossError(Exception):
    """The root: catching it catches every failure that regloss foresees."""


class InputError(ReglossError):
    """Raised when something the user gave to read cannot be used.

    Args:
        message: the fault and the remedy, one line, no full stop needed.
        path: the file, if there is one.
        line: its line, counted from 1.
    """

    def __init__(self, message: str, path: Path | str | None = None, line: int | None = None) -> None:
        self.path = path
        self.line = line
        place = "" if path is None else f"{path}:{line}: " if line is not None else f"{path}: "
        super().__init__(place + message)


class FormatError(InputError):
    """Raised when a file cannot be read as the format that its name or content promises."""


class GlossaryError(InputError):
    """Raised when a glossary cannot be loaded; names the file, the line and the key."""


class UsageError(ReglossError):
    """Raised when a request makes no sense: an unknown name, conflicting options, an output folder in use."""


class ModelError(ReglossError):
    """Raised when a translation model or lexicon is missing, damaged or given input that it cannot take."""


class MissingExtraError(ReglossError):
    """Raised when a feature needs an optional dependency; names the extra to install."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs an optional dependency; install it with: pip install 'regloss[{extra}]'")
