"""What is known about a model folder: its name, its licence, its files and whether they are intact.

A folder may hold a ``card.toml``. Its keys that matter here:

    name = "zh-en-small"
    licence = "CC-BY-SA-4.0"
    max_source = 32            # longest source, in pieces, that the model translates well; longer ones are cut
    source_prefix = []         # tokens that go before every source, such as a language code
    target_prefix = []         # tokens that every target begins with
    coverage_penalty = 0.1     # weight of source words left untranslated in beam search (Wu et al. 2016)
    [figures]
    flores_devtest = { chrf = 40.2 }
    [files]
    "model.safetensors" = "sha256 in hexadecimal"

Everything else in it is for people. A folder without a card is taken as it is.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regloss.errors import ModelError
from regloss.formats.files import file_digest as sha256_of

__all__ = ["CARD", "ModelCard", "file_digest", "read_card", "verify_files"]

CARD = "card.toml"
# Larger files that the card has a checksum for are read only when a thorough check is asked for.
_LARGE = 128 << 20
_MODEL_SUFFIXES = frozenset({".json", ".safetensors", ".spm", ".model", ".bin"})


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model folder, read and checked.

    Attributes:
        name: from the card, else the folder's name.
        path: the folder.
        digest: SHA-256 over all that the output depends on (model files, `max_source`, prefixes, penalty),
            hexadecimal.
        files: SHA-256 of each model file.
        licence: SPDX name of the licence of the weights, empty where unknown.
        max_source: longest source in pieces that the model should be given at once, 0 where unknown.
        source_prefix, target_prefix: tokens that go before every source and target.
        coverage_penalty: weight ≥ 0 by which beam search marks down a translation that looks at some source tokens
            too little (Wu et al. 2016, their β); for models that leave words out.
        summary: what the model is, one sentence.
        quality: how good it is, one frank sentence.
        chrf: of its translations of FLORES devtest, as measured; None where nobody has measured it.
    """

    name: str
    path: Path
    digest: str
    files: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    max_source: int = 0
    source_prefix: tuple[str, ...] = ()
    target_prefix: tuple[str, ...] = ()
    coverage_penalty: float = 0.0
    summary: str = ""
    quality: str = ""
    chrf: float | None = None

    @property
    def short_digest(self) -> str:
        """The first 12 hexadecimal digits of the digest, as printed in signatures."""
        return self.digest[:12]


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal.

    Raises:
        ModelError: the file cannot be read.
    """
    try:
        return sha256_of(path)
    except OSError as exc:
        raise ModelError(f"{path}: cannot be read ({exc.strerror}); pull or install the model again") from exc


def read_card(folder: Path, *, thorough: bool = False) -> ModelCard:
    """Return the card of the model in `folder`, the files that it names checked.

    Args:
        thorough: check files of more than 128 MiB too, instead of trusting the card about them.

    Raises:
        ModelError: there is no such folder, the card is broken, or a file is missing or differs from its checksum.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: there is no such model folder")
    content = _read_toml(folder / CARD)
    files = verify_files(folder, _expected(folder, content), thorough=thorough)
    if not files:
        raise ModelError(f"{folder}: holds no model (no {', '.join(sorted(_MODEL_SUFFIXES))} file)")
    try:
        behaviour = (
            int(content.get("max_source", 0)),
            tuple(map(str, content.get("source_prefix", ()))),
            tuple(map(str, content.get("target_prefix", ()))),
            float(content.get("coverage_penalty", 0.0)),
        )
        digest = hashlib.sha256(json.dumps([sorted(files.items()), behaviour]).encode()).hexdigest()
        name = str(content.get("name", folder.resolve().name))
        return ModelCard(name, folder, digest, files, str(content.get("licence", "")), *behaviour, *_said(content))
    except (AttributeError, TypeError, ValueError) as exc:
        raise ModelError(f"{folder / CARD}: a value has the wrong type ({exc})") from exc


def _said(content: Mapping[str, Any]) -> tuple[str, str, float | None]:
    chrf = content.get("figures", {}).get("flores_devtest", {}).get("chrf")
    return str(content.get("summary", "")), str(content.get("quality", "")), None if chrf is None else float(chrf)


def _expected(folder: Path, content: Mapping[str, Any]) -> dict[str, str]:
    files = content.get("files", {})
    if not isinstance(files, dict) or not all(isinstance(digest, str) for digest in files.values()):
        raise ModelError(f"{folder / CARD}: [files] must give a checksum for each file name")
    return files


def verify_files(folder: Path, expected: Mapping[str, str], *, thorough: bool = True) -> dict[str, str]:
    """Return the SHA-256 of each model file of `folder`, checked against `expected` where that is not empty.

    Raises:
        ModelError: a file is missing or its checksum differs; names the file and the remedy.
    """
    names = sorted(expected) if expected else _model_files(folder)
    found = {}
    for name in names:
        path = _inside(folder, name)
        trusted = not thorough and name in expected and path.is_file() and path.stat().st_size > _LARGE
        found[name] = expected[name] if trusted else file_digest(path)
    for name, digest in expected.items():
        if found[name] != digest:
            raise ModelError(
                f"{folder / name}: its checksum is not the one in {CARD}, so it is damaged; "
                f"pull or install the model again"
            )
    return found


def _model_files(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.suffix in _MODEL_SUFFIXES and p.is_file())


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ModelError(f"{folder / CARD}: file {name!r} lies outside the model folder")
    return path


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise ModelError(f"{path}: cannot be read as TOML ({exc})") from exc
