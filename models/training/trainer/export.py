"""Writes a model folder as it is shipped: Marian format, float16 safetensors, which transformers loads as
`MarianMTModel` and `regloss.translation.marian` builds a CTranslate2 model from.
"""

import json
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.recipe import RecipeError
from trainer.vocabulary import EOS, PAD, VOCABULARY_FILES, token_ids

__all__ = ["export_model", "halved", "pack_model", "write_weights"]

_TOKENISER = {
    "source_lang": "zho",
    "target_lang": "eng",
    "separate_vocabs": True,
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "tokenizer_class": "MarianTokenizer",
}


def export_model(model: Any, vocabulary: Path, folder: Path, *, max_pieces: int, facts: Mapping[str, object]) -> None:
    """Write `model` and the vocabulary in `vocabulary` into `folder`, which is replaced as a whole.

    Args:
        model: a `MarianMTModel`.
        vocabulary: holds ``source.spm`` and ``target.spm``.
        folder: the model folder to write.
        max_pieces: longest source that training has shown the model.
        facts: numbers and texts for the ``[training]`` table of the card.

    Raises:
        RecipeError: a weight is too large for float16, or is no number.
    """
    new = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    write_weights(_tensors(model), new / "model.safetensors")
    for name in VOCABULARY_FILES:
        shutil.copyfile(vocabulary / name, new / name)
    (new / "vocab.json").write_text(token_ids(new / "source.spm"), encoding="utf-8")
    (new / "target_vocab.json").write_text(token_ids(new / "target.spm"), encoding="utf-8")
    positions = model.config.max_position_embeddings
    _write_json(new / "config.json", _configuration(model))
    _write_json(new / "generation_config.json", _generation(positions))
    _write_json(new / "tokenizer_config.json", _TOKENISER | {"model_max_length": positions})
    (new / "card.toml").write_text(_card(folder.name, max_pieces, facts), encoding="utf-8")
    _swap(new, folder)


def halved(tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float16]]:
    """Return the tensors as float16.

    Raises:
        RecipeError: a value is too large for float16, or is no number.
    """
    with np.errstate(over="ignore"):
        half = {name: np.ascontiguousarray(tensor, dtype=np.float16) for name, tensor in tensors.items()}
    odd = [name for name, tensor in half.items() if not np.isfinite(tensor).all()]
    if odd:
        raise RecipeError(f"{odd[0]} holds values that float16 cannot; train with a lower learning_rate")
    return half


def write_weights(tensors: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Write `model.safetensors`, float16."""
    from safetensors.numpy import save_file

    save_file(halved(tensors), path, metadata={"format": "pt"})


def pack_model(folder: Path, target: Path, part_bytes: int) -> list[Path]:
    """Write `folder` as a tar archive in parts of at most `part_bytes`; ``cat`` them together into ``tar x``."""
    target.mkdir(parents=True, exist_ok=True)
    archive = target / f".{folder.name}.tar"
    with tarfile.open(archive, "w") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, arcname=f"{folder.name}/{path.name}")
    parts: list[Path] = []
    with archive.open("rb") as stream:
        while content := stream.read(part_bytes):
            part = target / f"{folder.name}.tar.{len(parts):02d}"
            part.write_bytes(content)
            parts.append(part)
    archive.unlink()
    return parts


def _tensors(model: Any) -> dict[str, NDArray[Any]]:
    """Positions are computed, not stored; a projection that the configuration declares shared is not stored twice."""
    left_out = ("embed_positions", *(("lm_head",) if model.config.tie_word_embeddings else ()))
    return {
        name: tensor.detach().float().cpu().numpy()
        for name, tensor in model.state_dict().items()
        if not any(part in name.split(".") for part in left_out)
    }


def _configuration(model: Any) -> dict[str, Any]:
    config: dict[str, Any] = model.config.to_dict()
    # Where the weights lay on the machine that trained them.
    config.pop("_name_or_path", None)
    return config | {"architectures": ["MarianMTModel"], "dtype": "float16", "dropout": 0.0}


def _generation(positions: int) -> dict[str, Any]:
    return {
        "bad_words_ids": [[PAD]],
        "decoder_start_token_id": PAD,
        "eos_token_id": EOS,
        "forced_eos_token_id": EOS,
        "max_length": positions,
        "num_beams": 4,
        "pad_token_id": PAD,
    }


def _card(name: str, max_pieces: int, facts: Mapping[str, object]) -> str:
    lines = [
        f'name = "{name}"',
        'languages = ["zh", "en"]',
        'licence = "CC-BY-SA-4.0"',
        f"max_source = {max_pieces}",
        "source_prefix = []",
        "target_prefix = []",
        "",
        "[training]",
        *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in facts.items()),
    ]
    return "\n".join(lines) + "\n"


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, default=str)
    path.write_text(text + "\n", encoding="utf-8")


def _swap(new: Path, folder: Path) -> None:
    """Put `new` where `folder` is. Folders cannot be exchanged in one step; the old one is there until the last."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
