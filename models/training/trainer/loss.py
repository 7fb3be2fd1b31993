"""The loss: cross-entropy with label smoothing (Szegedy et al. 2016), summed over the target's real tokens.

On a CPU the scores of a batch over the whole vocabulary are by far its largest array, and to write and read it several
times takes longer than to multiply. There they are made some rows at a time, together with their gradients, and thrown
away while they still lie in the cache.
"""

from typing import Any

import torch
from torch.nn import functional

from trainer.vocabulary import PAD

__all__ = ["loss_sum"]

_ROWS = 768


def loss_sum(model: Any, source: torch.Tensor, target: torch.Tensor, smoothing: float) -> torch.Tensor:
    """Return the summed cross-entropy of `target` (pairs, length), in nats, with label smoothing in [0, 1)."""
    begun = functional.pad(target[:, :-1], (1, 0), value=PAD)
    states = model.model(
        input_ids=source, attention_mask=(source != PAD).long(), decoder_input_ids=begun, use_cache=False
    ).last_hidden_state
    if source.device.type == "cpu" and torch.is_grad_enabled():
        real = target != PAD
        weight, bias = model.lm_head.weight, model.final_logits_bias[0]
        total: torch.Tensor = _LossByRows.apply(states[real], weight, bias, target[real], smoothing)
        return total
    logits = model.lm_head(states) + model.final_logits_bias
    return functional.cross_entropy(
        logits.flatten(0, 1).float(),
        target.flatten(),
        ignore_index=PAD,
        label_smoothing=smoothing,
        reduction="sum",
    )


class _LossByRows(torch.autograd.Function):
    """The loss of states (n, width) through weights (vocabulary, width), and its gradients, without n × vocabulary.

    With z the scores of a row, p their softmax, y the target and ε the smoothing, the loss of a row is
    log Σ exp z − (1 − ε) z_y − ε mean z, and its gradient in z is p − (1 − ε) [y] − ε ⁄ vocabulary. What is the same
    for every row of either is added outside the loop.
    """

    @staticmethod
    def forward(
        ctx: Any,
        states: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor,
        target: torch.Tensor,
        smoothing: float,
    ) -> torch.Tensor:
        sure = 1.0 - smoothing
        total = -smoothing * (states @ weight.mean(0) + bias.mean()).sum()
        to_states, to_weight = torch.empty_like(states), torch.zeros_like(weight)
        for rows, chosen, into in zip(states.split(_ROWS), target.split(_ROWS), to_states.split(_ROWS), strict=True):
            scores = torch.addmm(bias, rows, weight.t())
            highest, where = scores.max(dim=1, keepdim=True)
            at = chosen.unsqueeze(1)
            total -= sure * scores.gather(1, at).sum()
            likely = torch.softmax(scores, dim=1)
            # The greatest probability is at least 1 ⁄ vocabulary, so that its logarithm is safe.
            total += (highest - likely.gather(1, where).log()).sum()
            likely.scatter_add_(1, at, torch.full_like(highest, -sure))
            torch.mm(likely, weight, out=into)
            to_weight.addmm_(likely.t(), rows)
        to_states -= smoothing * weight.mean(0)
        to_weight -= smoothing / len(weight) * states.sum(0)
        ctx.save_for_backward(to_states, to_weight)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        to_states, to_weight = ctx.saved_tensors
        return grads[0] * to_states, grads[0] * to_weight, None, None, None
