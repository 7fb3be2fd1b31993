"""Reads `recipe.toml` into typed, frozen records, and refuses what it does not know."""

import dataclasses
import json
import tomllib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

__all__ = [
    "Architecture",
    "CorpusPlan",
    "Pace",
    "Phase",
    "Recipe",
    "RecipeError",
    "TermPlan",
    "TrainingPlan",
    "ValidationPlan",
    "VocabularyPlan",
    "fingerprint",
    "read_recipe",
]

T = TypeVar("T")


class RecipeError(Exception):
    """Something that the caller must set right before training can go on: one line with fault, place and remedy."""


@dataclass(frozen=True, slots=True)
class CorpusPlan:
    """What is read. `keep` maps patterns of source names to the share of their pairs that is read, in [0, 1]."""

    files: list[str]
    max_characters: int
    dictionaries: list[str]
    keep: dict[str, float]

    def share(self, origin: str) -> float:
        """Return the share of the pairs of source `origin` that is read."""
        return next((share for pattern, share in self.keep.items() if fnmatchcase(origin, pattern)), 1.0)


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the training with sampling weights of its own; `until` in (0, 1] says where it ends."""

    name: str
    until: float
    weights: dict[str, float]


@dataclass(frozen=True, slots=True)
class VocabularyPlan:
    """Sizes of the two SentencePiece models, and how many sentences each is trained on."""

    source_pieces: int
    target_pieces: int
    source_coverage: float
    target_coverage: float
    sentences: int


@dataclass(frozen=True, slots=True)
class TermPlan:
    """How target terms are put inline in the source; `share`, `dictionary_form` and `exchange` are probabilities."""

    share: float
    versions: int
    most: int
    dictionary_form: float
    exchange: float


@dataclass(frozen=True, slots=True)
class VarietyPlan:
    """What keeps pairs that come back often from being learnt by heart.

    `joined` is the share of the sampled pairs that are joined two by two where neither side gets longer than `longest`
    pieces, end included; `split` is the share of the source's pieces that are split in two, of those that can be.
    """

    joined: float
    longest: int
    split: float


@dataclass(frozen=True, slots=True)
class Architecture:
    """The shape of the network."""

    encoder_layers: int
    decoder_layers: int
    width: int
    feed_forward: int
    heads: int
    positions: int
    max_pieces: int


@dataclass(frozen=True, slots=True)
class Pace:
    """What depends on how fast a device is.

    `warmup`, `log_every` and `validate_every` count steps, `pool` pairs; lengths are padded to a multiple of `pad_to`.
    """

    batch_tokens: int
    pad_to: int
    pool: int
    learning_rate: float
    warmup: int
    log_every: int
    validate_every: int


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Optimisation. `ema_every` counts steps; `cooldown` is a part of the training, in (0, 1)."""

    dropout: float
    label_smoothing: float
    cooldown: float
    weight_decay: float
    clip: float
    ema_decay: float
    ema_every: int
    cuda: Pace
    cpu: Pace

    def pace(self, device: str) -> Pace:
        """Return the pace of ``cuda`` or ``cpu``."""
        return self.cuda if device == "cuda" else self.cpu


@dataclass(frozen=True, slots=True)
class ValidationPlan:
    """Held-out sets by name, the weight of each one's chrF in the choice of the model, and sentences used of each."""

    files: dict[str, str]
    select: dict[str, float]
    sentences: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """The whole recipe."""

    corpus: CorpusPlan
    groups: dict[str, list[str]]
    phases: tuple[Phase, ...]
    vocabulary: VocabularyPlan
    terms: TermPlan
    variety: VarietyPlan
    architecture: Architecture
    training: TrainingPlan
    validation: ValidationPlan

    def with_pace(self, device: str, learning_rate: float, batch_tokens: int) -> "Recipe":
        """Return the recipe with another pace for one device; 0 leaves a value as it is."""
        pace = _changed(self.training.pace(device), learning_rate, batch_tokens)
        training = self.training
        if device == "cuda":
            training = dataclasses.replace(training, cuda=pace)
        else:
            training = dataclasses.replace(training, cpu=pace)
        return dataclasses.replace(self, training=training)

    def group(self, origin: str) -> str:
        """Return the group that pairs of source `origin` belong to."""
        for name, patterns in self.groups.items():
            if any(fnmatchcase(origin, pattern) for pattern in patterns):
                return name
        raise RecipeError(f"source {origin!r} belongs to no group; add a pattern for it under [groups]")


def _changed(pace: Pace, learning_rate: float, batch_tokens: int) -> Pace:
    return dataclasses.replace(
        pace, learning_rate=learning_rate or pace.learning_rate, batch_tokens=batch_tokens or pace.batch_tokens
    )


def read_recipe(path: Path, *, tiny: bool = False, continued: bool = False) -> Recipe:
    """Read a recipe; `continued` lays the values under ``[continued]`` over it, and `tiny` those under ``[tiny]``.

    Raises:
        RecipeError: the file is missing, is no TOML, or has unknown, missing or contradictory keys.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise RecipeError(f"{path}: cannot be read as a recipe ({exc})") from exc
    for name, asked in (("continued", continued), ("tiny", tiny)):
        overlay = content.pop(name, {})
        for table, values in overlay.items() if asked else ():
            content[table] = content.get(table, {}) | values if isinstance(values, dict) else values
    sections: dict[str, Any] = {
        "corpus": CorpusPlan,
        "vocabulary": VocabularyPlan,
        "terms": TermPlan,
        "variety": VarietyPlan,
        "architecture": Architecture,
        "validation": ValidationPlan,
    }
    made: dict[str, Any] = {name: _record(kind, content.get(name), path, name) for name, kind in sections.items()}
    training = dict(content.get("training", {}))
    for device in ("cuda", "cpu"):
        training[device] = _record(Pace, training.get(device), path, f"training.{device}")
    made["training"] = _record(TrainingPlan, training, path, "training")
    made["groups"] = content.get("groups", {})
    made["phases"] = tuple(_record(Phase, phase, path, "phases") for phase in content.get("phases", ()))
    recipe = _record(Recipe, made | {k: v for k, v in content.items() if k not in made}, path, "the recipe")
    _check(recipe, path)
    return recipe


def _record(kind: type[T], values: object, path: Path, place: str) -> T:
    if not isinstance(values, Mapping):
        raise RecipeError(f"{path}: {place} is missing or is no table")
    names = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    odd = sorted(names ^ set(values))
    if odd:
        raise RecipeError(f"{path}: {place} has missing or unknown keys: {', '.join(odd)}")
    return kind(**values)


def _check(recipe: Recipe, path: Path) -> None:
    ends = [phase.until for phase in recipe.phases]
    if not ends or ends != sorted(set(ends)) or ends[-1] != 1.0:
        raise RecipeError(f"{path}: the phases' `until` must rise and end with 1.0, and are {ends}")
    for phase in recipe.phases:
        unknown = [name for name in phase.weights if name not in recipe.groups]
        if unknown or min(phase.weights.values()) < 0 or sum(phase.weights.values()) <= 0:
            raise RecipeError(f"{path}: phase {phase.name}: weights must be ≥ 0, of groups {', '.join(recipe.groups)}")
    if set(recipe.validation.select) - set(recipe.validation.files):
        raise RecipeError(f"{path}: validation.select names a set that validation.files lacks")


def fingerprint(*values: object) -> str:
    """Return a short digest of records and plain values, to tell whether made files still fit the recipe."""
    plain = [dataclasses.asdict(v) if dataclasses.is_dataclass(v) else v for v in values]  # type: ignore[arg-type]
    return f"{zlib.crc32(json.dumps(plain, sort_keys=True, default=str).encode()):08x}"
