"""Dropout (Srivastava et al. 2014) that a CPU can afford.

PyTorch draws a random number for each value, one after the other on one thread, which takes a sixth of a training step
on two cores. Here eight values share the 64 bits of one number: a fraction of the work, and a rate in steps of 1 ⁄ 256.
"""

from typing import Any

import torch
from torch import nn

__all__ = ["drop", "drop_in"]

_BYTES = 256


def drop(values: torch.Tensor, rate: float) -> torch.Tensor:
    """Return `values` (any shape) with a share `rate` in [0, 1) of them set to zero and the others made larger for it.

    The share is rounded to 1 ⁄ 256. What is random comes from torch's global generator.
    """
    lowest = round(rate * _BYTES)
    words = torch.empty(-(-values.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
    kept = words.view(torch.uint8)[: values.numel()].view(values.shape) >= lowest
    return values * (kept * (_BYTES / (_BYTES - lowest)))


def drop_in(model: Any, rate: float) -> None:
    """Let a Marian network drop, while it trains, what `dropout` in its configuration says, in the same places.

    Those are the embeddings with their positions, and what each sublayer adds to its input.
    """

    def before(layer: nn.Module, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        return (drop(given[0], rate), *given[1:]) if layer.training else given

    def after(part: nn.Module, _: object, made: torch.Tensor) -> torch.Tensor:
        return drop(made, rate) if part.training else made

    for side in (model.model.encoder, model.model.decoder):
        side.layers[0].register_forward_pre_hook(before)
        for name, part in side.layers.named_modules():
            if name.endswith((".out_proj", ".fc2")):
                part.register_forward_hook(after)
