"""How the weights are changed: matrices of the layers by Muon, all else by AdamW.

Muon (Jordan et al. 2024) makes the singular values of a matrix's step equal. With its steps scaled to the size of
AdamW's (Liu et al. 2025) one learning rate serves both.
"""

from typing import Any

import torch
from torch import nn

__all__ = ["Optimisers"]


class Optimisers:
    """The optimisers of one network, used as if they were one."""

    def __init__(self, model: nn.Module, weight_decay: float) -> None:
        trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
        inner = [p for name, p in trained if p.ndim == 2 and ".layers." in name]
        held = {id(p) for p in inner}
        outer = [p for _, p in trained if id(p) not in held]
        self._parts = (
            torch.optim.Muon(inner, lr=0.0, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(outer, lr=0.0, betas=(0.9, 0.98), weight_decay=weight_decay, fused=True),
        )

    def step(self, rate: float) -> None:
        """Change the weights by their gradients, at learning rate `rate`, and forget the gradients."""
        for part in self._parts:
            for group in part.param_groups:
                group["lr"] = rate
            part.step()
            part.zero_grad(set_to_none=True)

    def state_dict(self) -> list[dict[str, Any]]:
        """Return what `load_state_dict` takes."""
        return [part.state_dict() for part in self._parts]

    def load_state_dict(self, states: list[dict[str, Any]]) -> None:
        """Go on from a saved state."""
        for part, state in zip(self._parts, states, strict=True):
            part.load_state_dict(state)
