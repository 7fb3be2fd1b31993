"""Where the data that comes with regloss lies, in a wheel and in a checkout alike."""

from pathlib import Path

from regloss.errors import ReglossError

__all__ = ["bundled"]

_PACKAGE = Path(__file__).resolve().parent


def bundled(*parts: str) -> Path:
    """Return the path of bundled data, such as ``bundled("glossary", "zh-en")``.

    A wheel carries the data inside the package; in a checkout (and an editable install) it stands at the top.

    Raises:
        ReglossError: neither place has it, so the installation is damaged.
    """
    in_wheel = _PACKAGE.joinpath("data", *parts)
    in_checkout = _PACKAGE.parents[1].joinpath(*parts)
    for path in (in_wheel, in_checkout):
        if path.exists():
            return path
    raise ReglossError(f"bundled data {'/'.join(parts)} is missing; reinstall regloss")
