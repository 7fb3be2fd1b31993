"""What a run does when nobody says otherwise, and the file in which a project says otherwise.

``regloss.toml`` in the current folder is read if it is there; options on the command line win over it. Every key is
shown with its default in `docs/regloss.example.toml`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from regloss.document import Tier
from regloss.errors import InputError

__all__ = ["CONFIG_FILE", "Config", "load_config"]

CONFIG_FILE = "regloss.toml"


@dataclass(frozen=True, slots=True)
class Config:
    """The effective configuration, saved with every output.

    Attributes:
        glossary: bundled names and paths; empty for the layered default.
        tier: lowest tier of edits that is applied, ``auto`` or ``review``.
        artefacts_off: names of artefact rules that are switched off.
        unlisted: whether wrong renderings that no glossary lists are looked for where there is an aligned source.
        check_likelihood: whether that search asks the translation model too before a repair is made.
        model: name or folder of the translation model.
        beam: beam size of translation, ≥ 1.
        margin: rating points (0 to 100) by which a retranslation must win, with what is known of its model counted in.
        seed: of every random resampling.
    """

    glossary: tuple[str, ...] = ()
    tier: str = "auto"
    artefacts_off: tuple[str, ...] = ()
    unlisted: bool = True
    check_likelihood: bool = False
    model: str = "zh-en-small"
    beam: int = 4
    margin: float = 10.0
    seed: int = 12345

    def as_record(self) -> dict[str, Any]:
        """Return it as the JSON object that `run.json` keeps."""
        return asdict(self)

    def overridden(self, **given: Any) -> "Config":
        """Return the configuration with the values that are not None in place of its own."""
        return replace(self, **{key: value for key, value in given.items() if value is not None})


def load_config(path: Path | None = None) -> Config:
    """Return the configuration in `path`, or in `CONFIG_FILE` if that is in the current folder, else the defaults.

    Raises:
        InputError: the file is no TOML, has a key that is not known, or a value of the wrong kind.
    """
    place = path or Path(CONFIG_FILE)
    if path is None and not place.is_file():
        return Config()
    try:
        content = tomllib.loads(place.read_text(encoding="utf-8"))
    except OSError as exc:
        raise InputError(f"cannot be read: {exc.strerror}", place) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise InputError(f"is not valid TOML: {exc}", place) from exc
    return Config(**_checked(content, place))


def _checked(content: Mapping[str, Any], path: Path) -> dict[str, Any]:
    kinds = {field.name: type(getattr(Config(), field.name)) for field in fields(Config)}
    values: dict[str, Any] = {}
    for key, value in content.items():
        if key not in kinds:
            raise InputError(f"unknown key {key!r}; known keys: {', '.join(kinds)}", path)
        values[key] = _value(key, value, kinds[key], path)
    if values.get("tier", "auto") not in (Tier.AUTO, Tier.REVIEW):
        raise InputError(f"'tier' cannot be {values['tier']!r}; choose from auto, review", path)
    if values.get("beam", 1) < 1:
        raise InputError("'beam' must be 1 or more", path)
    return values


def _value(key: str, value: Any, kind: type, path: Path) -> Any:
    if kind is tuple and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind is not tuple and isinstance(value, kind) and isinstance(value, bool) == (kind is bool):
        return value
    expected = {
        tuple: "a list of texts", str: "text", int: "a whole number", float: "a number", bool: "true or false",
    }[kind]  # fmt: skip
    raise InputError(f"{key!r} must be {expected}, not {value!r}", path)
