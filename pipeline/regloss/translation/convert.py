"""From a downloaded checkpoint to a CTranslate2 int8 model.

Marian checkpoints in safetensors are converted here; everything else goes through transformers, which is an extra.
"""

import shutil
import tempfile
from pathlib import Path

from regloss.errors import ModelError
from regloss.translation.hf import import_transformers
from regloss.translation.marian import build_model

__all__ = ["convert_checkpoint", "needs_transformers"]

_QUANTIZATION = "int8"


def needs_transformers(kind: str, weights: str) -> bool:
    """Tell whether a checkpoint of this kind with weights in this file can only be converted by transformers."""
    return not (kind == "marian" and weights.endswith(".safetensors"))


def convert_checkpoint(checkpoint: Path, weights: str, output: Path, *, kind: str) -> None:
    """Write the int8 model of `checkpoint` into the empty folder `output`.

    Args:
        checkpoint: folder with the files as downloaded.
        weights: name of the weights file in it.
        output: receives the CTranslate2 model.
        kind: ``marian``, ``m2m100`` or ``t5``.

    Raises:
        ModelError: the checkpoint is damaged or of a kind that cannot be converted.
        MissingExtraError: transformers is needed and not installed.
    """
    if not needs_transformers(kind, weights):
        build_model(checkpoint, output, quantization=_QUANTIZATION)
    elif kind == "marian":
        _convert_marian(checkpoint, output)
    else:
        _convert_other(checkpoint, output)


def _convert_marian(checkpoint: Path, output: Path) -> None:
    """Let transformers read the weights (it never unpickles code) and write them as safetensors."""
    _, transformers = import_transformers()
    with tempfile.TemporaryDirectory(prefix="regloss-") as folder:
        try:
            model = transformers.MarianMTModel.from_pretrained(str(checkpoint), local_files_only=True)
            model.save_pretrained(folder)
        except (OSError, ValueError, RuntimeError, KeyError) as exc:
            raise ModelError(f"{checkpoint}: transformers cannot read it ({' '.join(str(exc).split())})") from exc
        for name in ("vocab.json", "target_vocab.json"):
            if (checkpoint / name).is_file():
                shutil.copyfile(checkpoint / name, Path(folder) / name)
        build_model(Path(folder), output, quantization=_QUANTIZATION)


def _convert_other(checkpoint: Path, output: Path) -> None:
    import_transformers()
    from ctranslate2.converters import TransformersConverter

    try:
        TransformersConverter(str(checkpoint)).convert(str(output), quantization=_QUANTIZATION, force=True)
    except (OSError, ValueError, RuntimeError, KeyError, AttributeError) as exc:
        raise ModelError(f"{checkpoint}: CTranslate2 cannot convert it ({' '.join(str(exc).split())})") from exc
