"""The network: transformers' `MarianMTModel`, its learning rate, and the average of its weights.

Output projection and target embedding share their weights (Press & Wolf 2017). A network made here says so in its
configuration; one that is continued may store both, equal, as the first shipped model does.
"""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from trainer.recipe import Architecture, Pace, RecipeError, TrainingPlan
from trainer.vocabulary import EOS, PAD

__all__ = ["learning_rate", "load_network", "new_network", "parameter_count", "update_average"]


def new_network(shape: Architecture, source_size: int, target_size: int, dropout: float) -> Any:
    """Return a network with random weights (of torch's global generator) for the two vocabulary sizes."""
    from transformers import MarianConfig, MarianMTModel

    config = MarianConfig(
        vocab_size=source_size,
        decoder_vocab_size=target_size,
        d_model=shape.width,
        encoder_layers=shape.encoder_layers,
        decoder_layers=shape.decoder_layers,
        encoder_ffn_dim=shape.feed_forward,
        decoder_ffn_dim=shape.feed_forward,
        encoder_attention_heads=shape.heads,
        decoder_attention_heads=shape.heads,
        max_position_embeddings=shape.positions,
        activation_function="relu",
        scale_embedding=True,
        static_position_embeddings=True,
        share_encoder_decoder_embeddings=False,
        tie_word_embeddings=True,
        dropout=dropout,
        attention_dropout=0.0,
        activation_dropout=0.0,
        pad_token_id=PAD,
        eos_token_id=EOS,
        bos_token_id=None,
        decoder_start_token_id=PAD,
        forced_eos_token_id=EOS,
        # Scaled by √width this is as loud as the positions that are added to it.
        init_std=shape.width**-0.5,
    )
    return _ready(MarianMTModel._from_config(config, attn_implementation="sdpa"))


def load_network(folder: Path, dropout: float) -> Any:
    """Return the network of a model folder, float32.

    Raises:
        RecipeError: there is none.
    """
    from transformers import MarianMTModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        model = MarianMTModel.from_pretrained(folder, dropout=dropout, dtype=torch.float32, attn_implementation="sdpa")
    except (OSError, ValueError) as exc:
        raise RecipeError(f"{folder}: cannot be loaded as a Marian model ({' '.join(str(exc).split())})") from exc
    return _ready(model)


def _ready(model: Any) -> Any:
    from transformers import GenerationConfig

    # Models made elsewhere bring settings of their own, such as a forced padding token at the end.
    model.generation_config = GenerationConfig(decoder_start_token_id=PAD, eos_token_id=EOS, pad_token_id=PAD)
    # Stored apart, the two would drift apart in training.
    model.lm_head.weight = model.model.decoder.embed_tokens.weight
    return model


def parameter_count(model: nn.Module) -> int:
    """Return how many numbers training changes; shared weights count once."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def learning_rate(plan: TrainingPlan, pace: Pace, step: int, progress: float) -> float:
    """Return the rate of a step ≥ 1: linear warm-up, level, then down to zero in a straight line.

    `progress` in [0, 1] is the part of the training that is done. The shape is that of Hägele et al. 2024.
    """
    rate = pace.learning_rate * min(step / pace.warmup, 1.0)
    if progress <= plan.cooldown:
        return rate
    return rate * max(1.0 - progress, 0.0) / (1.0 - plan.cooldown)


def update_average(average: nn.Module, model: nn.Module, plan: TrainingPlan, step: int) -> None:
    """Move the averaged weights towards the present ones (Polyak & Juditsky 1992, exponentially weighted).

    Early on the average forgets faster, so that the random start does not linger in it.
    """
    updates = step // plan.ema_every
    decay = min(plan.ema_decay**plan.ema_every, updates / (updates + 9))
    with torch.no_grad():
        for mean, now in zip(average.parameters(), model.parameters(), strict=True):
            mean.lerp_(now, 1.0 - decay)
