"""From a model's name or folder to a loaded translator.

Models are looked for by name among those that ship with regloss and those that `models pull` installed; anything with
a path separator in it, or that is a folder, is a path. Environment: ``REGLOSS_MODELS`` overrides the folder of
installed models.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from regloss.errors import ModelError, UsageError
from regloss.resources import bundled
from regloss.translation.ct2 import Ct2Translator, is_ct2_folder
from regloss.translation.echo import EchoTranslator
from regloss.translation.hf import HfTranslator
from regloss.translation.protocol import Translator

__all__ = ["DEFAULT_MODEL", "EngineOptions", "load_translator", "model_names", "models_folder", "resolve_model"]

DEFAULT_MODEL = "zh-en-small"
ECHO = "echo"


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How a model is run.

    Attributes:
        engine: ``auto`` (CTranslate2 if it can load the model, else transformers), ``ctranslate2`` or ``transformers``.
        compute_type: number format of CTranslate2: ``int8`` or ``float32``.
        workers: batches translated at once by CTranslate2; 0 takes one a processor core.

    Raises:
        UsageError: an unknown engine or number format.
    """

    engine: str = "auto"
    compute_type: str = "int8"
    workers: int = 0

    def __post_init__(self) -> None:
        for value, known in ((self.engine, ("auto", "ctranslate2", "transformers")), (self.compute_type, _TYPES)):
            if value not in known:
                raise UsageError(f"{value!r} is not known; choose from {', '.join(known)}")


_TYPES = ("int8", "float32")


def models_folder() -> Path:
    """Return where pulled models are installed: ``REGLOSS_MODELS`` if set, else the platform's place for user data."""
    import platformdirs

    chosen = os.environ.get("REGLOSS_MODELS")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("regloss", appauthor=False)) / "models"


def model_names() -> tuple[str, ...]:
    """Return the names that `resolve_model` knows: those shipped, then those installed, each sorted."""
    return tuple(dict.fromkeys((*_folders(bundled("models")), *_folders(models_folder()))))


def _folders(parent: Path) -> list[str]:
    return sorted(p.name for p in parent.iterdir() if (p / "config.json").is_file()) if parent.is_dir() else []


def resolve_model(name_or_path: str) -> Path:
    """Return the folder of a model.

    Raises:
        UsageError: no model has this name; lists the known ones and how to get more.
    """
    for folder in (bundled("models") / name_or_path, models_folder() / name_or_path):
        if os.sep not in name_or_path and name_or_path not in ("", ".", "..") and folder.is_dir():
            return folder
    if Path(name_or_path).is_dir():
        return Path(name_or_path)
    raise UsageError(
        f"there is no model {name_or_path!r}; installed: {', '.join(model_names())}; "
        f"more can be fetched with: regloss models pull NAME (see regloss models list)"
    )


def load_translator(name_or_path: str = DEFAULT_MODEL, options: EngineOptions = EngineOptions()) -> Translator:
    """Load a model by name or folder; ``echo`` gives the engine without a model.

    Raises:
        UsageError: no model has this name.
        ModelError: the model is damaged, or of a kind that the engine cannot load.
        MissingExtraError: it needs transformers, which is not installed.
    """
    if name_or_path == ECHO:
        return EchoTranslator()
    folder = resolve_model(name_or_path)
    if options.engine != "transformers" and is_ct2_folder(folder):
        return Ct2Translator(folder, compute_type=options.compute_type, workers=options.workers)
    if options.engine == "ctranslate2" or not (folder / "config.json").is_file():
        raise ModelError(f"{folder}: holds no model that can be loaded (no Marian checkpoint, no ct2-int8 folder)")
    return HfTranslator(folder)
