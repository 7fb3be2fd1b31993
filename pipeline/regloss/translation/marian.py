"""From a Marian checkpoint in safetensors to a CTranslate2 model, with neither torch nor transformers installed.

A checkpoint folder holds ``config.json``, ``model.safetensors``, ``source.spm``, ``target.spm``, ``vocab.json`` and,
where the two sides have vocabularies of their own, ``target_vocab.json``: the layout of transformers' `MarianMTModel`.

The checkpoint's rows are all kept and the decoder starts from the padding token's own embedding, as transformers
does. (CTranslate2's converter instead drops the padding row and starts from zeros; for the models of OPUS-MT, whose
padding row is zero, both come to the same.) The padding token can never be produced: its output bias is lowered.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from regloss.errors import ModelError

__all__ = ["CHECKPOINT_FILES", "build_model", "is_checkpoint", "vocabulary"]

CHECKPOINT_FILES = ("config.json", "model.safetensors", "source.spm", "target.spm", "vocab.json")

# Far below any logit, yet within the range of float16.
_NEVER = -1e4

_EMBEDDINGS = {
    "encoder": ("model.encoder.embed_tokens.weight", "model.shared.weight"),
    "decoder": ("model.decoder.embed_tokens.weight", "model.shared.weight"),
    "projection": ("lm_head.weight", "model.decoder.embed_tokens.weight", "model.shared.weight"),
}

Weights = Mapping[str, np.ndarray]


def is_checkpoint(folder: Path) -> bool:
    """Tell whether `folder` holds a Marian checkpoint that `build_model` can read."""
    return all((folder / name).is_file() for name in CHECKPOINT_FILES) and _config(folder).get("model_type") == "marian"


def build_model(checkpoint: Path, output: Path, *, quantization: str | None = "int8") -> None:
    """Write the CTranslate2 model of `checkpoint` into the empty folder `output`.

    Args:
        checkpoint: the checkpoint folder.
        output: receives model.bin, config.json and the two vocabularies.
        quantization: ``int8``, or None for float32.

    Raises:
        ModelError: a file is missing or damaged, or the architecture is one that is not known here.
    """
    config = _config(checkpoint)
    weights = _read_weights(checkpoint / "model.safetensors")
    try:
        spec = _specification(config, weights)
    except KeyError as exc:
        raise ModelError(f"{checkpoint}: the checkpoint lacks {exc}; it is damaged or no Marian model") from exc
    source = vocabulary(checkpoint, "vocab.json")
    target = vocabulary(checkpoint, "target_vocab.json") if (checkpoint / "target_vocab.json").is_file() else source
    for tokens, rows in ((source, spec.encoder.embeddings[0].weight), (target, spec.decoder.embeddings.weight)):
        if len(tokens) != len(rows):
            raise ModelError(f"{checkpoint}: a vocabulary of {len(tokens)} tokens does not fit {len(rows)} embeddings")
    spec.register_source_vocabulary(source)
    spec.register_target_vocabulary(target)
    spec.config.eos_token = target[config["eos_token_id"]]
    spec.config.bos_token = spec.config.eos_token
    spec.config.unk_token = "<unk>"  # noqa: S105 - a token of the vocabulary, no secret
    spec.config.decoder_start_token = target[config["decoder_start_token_id"]]
    _write(spec, output, quantization)


def vocabulary(checkpoint: Path, name: str) -> list[str]:
    """Return the tokens of a ``{token: id}`` JSON file in the order of their ids.

    Raises:
        ModelError: the file is missing, is not such a mapping, or its ids have gaps.
    """
    ids = _read_json(checkpoint / name)
    tokens = sorted(ids, key=lambda token: int(ids[token]))
    if [ids[token] for token in tokens] != list(range(len(tokens))):
        raise ModelError(f"{checkpoint / name}: token ids have gaps or repeat; the file is damaged")
    return tokens


def _config(folder: Path) -> dict[str, Any]:
    return _read_json(folder / "config.json")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise ModelError(f"{path}: cannot be read as JSON ({exc}); the model is damaged") from exc
    if not isinstance(content, dict):
        raise ModelError(f"{path}: is not a JSON object; the model is damaged")
    return content


def _read_weights(path: Path) -> Weights:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors = load_file(path)
    except (OSError, SafetensorError, KeyError, ValueError) as exc:
        raise ModelError(f"{path}: cannot be read as safetensors ({exc}); the model is damaged") from exc
    return {name: np.asarray(tensor, dtype=np.float32) for name, tensor in tensors.items()}


def _specification(config: Mapping[str, Any], weights: Weights) -> Any:
    from ctranslate2 import specs

    activations = {
        "relu": specs.Activation.RELU,
        "gelu": specs.Activation.GELU,
        "swish": specs.Activation.SWISH,
        "silu": specs.Activation.SWISH,
    }
    activation = config["activation_function"]
    if activation not in activations:
        raise ModelError(f"activation {activation} is not known; known ones: {', '.join(activations)}")
    if config["encoder_attention_heads"] != config["decoder_attention_heads"]:
        raise ModelError("encoder and decoder have different numbers of attention heads, which CTranslate2 cannot run")
    spec = specs.TransformerSpec.from_config(
        (config["encoder_layers"], config["decoder_layers"]),
        config["encoder_attention_heads"],
        pre_norm=False,
        activation=activations[activation],
        # 0 heads: attention vectors are the mean of all heads of the last layer.
        alignment_heads=0,
    )
    _set_stack(spec.encoder, "encoder", config, weights)
    _set_stack(spec.decoder, "decoder", config, weights)
    spec.decoder.start_from_zero_embedding = False
    spec.decoder.projection.weight = _first(weights, _EMBEDDINGS["projection"])
    bias = (
        weights.get("final_logits_bias", np.zeros(len(spec.decoder.projection.weight), np.float32)).reshape(-1).copy()
    )
    bias[config["pad_token_id"]] = _NEVER
    spec.decoder.projection.bias = bias
    return spec


def _first(weights: Weights, names: tuple[str, ...]) -> np.ndarray:
    for name in names:
        if name in weights:
            return weights[name]
    raise KeyError(names[0])


def _set_stack(spec: Any, side: str, config: Mapping[str, Any], weights: Weights) -> None:
    width = config["d_model"]
    embeddings = spec.embeddings[0] if isinstance(spec.embeddings, list) else spec.embeddings
    embeddings.weight = _first(weights, _EMBEDDINGS[side])
    spec.scale_embeddings = width**0.5 if config.get("scale_embedding") else 1.0
    spec.position_encodings.encodings = _positions(config["max_position_embeddings"], width)
    for i, layer in enumerate(spec.layer):
        scope = f"model.{side}.layers.{i}"
        _set_attention(layer.self_attention, weights, f"{scope}.self_attn", fuse=("q", "k", "v"))
        if side == "decoder":
            _set_attention(layer.attention, weights, f"{scope}.encoder_attn", fuse=("k", "v"))
        _set_linear(layer.ffn.linear_0, weights, f"{scope}.fc1")
        _set_linear(layer.ffn.linear_1, weights, f"{scope}.fc2")
        _set_norm(layer.ffn.layer_norm, weights, f"{scope}.final_layer_norm")


def _set_attention(spec: Any, weights: Weights, scope: str, *, fuse: tuple[str, ...]) -> None:
    """Self-attention keeps query, key and value in one matrix; attention to the source has the query apart."""
    if "q" not in fuse:
        _set_linear(spec.linear[0], weights, f"{scope}.q_proj")
    fused = spec.linear[0 if "q" in fuse else 1]
    fused.weight = np.concatenate([weights[f"{scope}.{part}_proj.weight"] for part in fuse])
    fused.bias = np.concatenate([weights[f"{scope}.{part}_proj.bias"] for part in fuse])
    _set_linear(spec.linear[-1], weights, f"{scope}.out_proj")
    _set_norm(spec.layer_norm, weights, f"{scope}_layer_norm")


def _set_linear(spec: Any, weights: Weights, scope: str) -> None:
    spec.weight, spec.bias = weights[f"{scope}.weight"], weights[f"{scope}.bias"]
    # CTranslate2 trusts shapes and would read past the end.
    if spec.weight.ndim != 2 or spec.bias.shape != spec.weight.shape[:1]:
        raise ModelError(f"the shapes of {scope} do not fit each other; the checkpoint is damaged")


def _set_norm(spec: Any, weights: Weights, scope: str) -> None:
    spec.gamma = weights[f"{scope}.weight"]
    spec.beta = weights[f"{scope}.bias"]


def _positions(count: int, width: int) -> np.ndarray:
    """Return the (count, width) sinusoids of Vaswani et al. 2017, sines in the first half and cosines in the second."""
    angles = np.arange(count)[:, None] / np.power(10000, 2 * (np.arange(width) // 2) / width)[None, :]
    return np.concatenate([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])], axis=1).astype(np.float32)


def _write(spec: Any, output: Path, quantization: str | None) -> None:
    try:
        spec.validate()
        spec.optimize(quantization=quantization)
        spec.save(str(output))
    except ValueError as exc:
        raise ModelError(f"the checkpoint does not fit its config.json: {exc}") from exc
