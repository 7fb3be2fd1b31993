"""What one step of the training does: loss, gradients, optimisers, learning rate."""

import copy
import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the extra 'training' is not installed")
pytest.importorskip("transformers", reason="the extra 'training' is not installed")

from trainer.dropout import drop, drop_in  # noqa: E402 - they need torch
from trainer.loss import loss_sum  # noqa: E402
from trainer.network import learning_rate, new_network  # noqa: E402
from trainer.optimisers import Optimisers  # noqa: E402
from trainer.recipe import read_recipe  # noqa: E402
from trainer.vocabulary import PAD  # noqa: E402

RECIPE = Path(__file__).resolve().parents[2] / "models" / "training" / "recipe.toml"
VOCABULARY = 50


class StubModel(torch.nn.Module):
    """Looks up a state for each target token, and scores it over a vocabulary."""

    def __init__(self) -> None:
        super().__init__()
        self.table = torch.nn.Embedding(VOCABULARY, 16)
        self.lm_head = torch.nn.Linear(16, VOCABULARY, bias=False)
        self.final_logits_bias = torch.randn(1, VOCABULARY)

    def model(self, *, decoder_input_ids: Any, **_: Any) -> Any:
        return SimpleNamespace(last_hidden_state=self.table(decoder_input_ids))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_by_rows_is_the_loss_of_the_library_and_so_are_its_gradients(smoothing: float) -> None:
    torch.manual_seed(3)
    model = StubModel()
    target = torch.randint(3, VOCABULARY, (90, 11))
    target[::3, 7:] = PAD
    begun = torch.nn.functional.pad(target[:, :-1], (1, 0), value=PAD)
    scores = model.lm_head(model.table(begun)) + model.final_logits_bias
    plain = torch.nn.functional.cross_entropy(
        scores.flatten(0, 1), target.flatten(), ignore_index=PAD, label_smoothing=smoothing, reduction="sum"
    )
    found = loss_sum(model, target, target, smoothing)
    torch.testing.assert_close(found, plain)
    weights = list(model.parameters())
    for ours, theirs in zip(
        torch.autograd.grad(found / 7, weights), torch.autograd.grad(plain / 7, weights), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
    with torch.no_grad():
        torch.testing.assert_close(loss_sum(model, target, target, smoothing), plain)


def test_a_certain_model_is_told_so_without_overflow() -> None:
    model = StubModel()
    with torch.no_grad():
        model.lm_head.weight.zero_()
        model.final_logits_bias.fill_(-400.0)
        model.final_logits_bias[0, 5] = 400.0
    assert loss_sum(model, torch.full((2, 3), 5), torch.full((2, 3), 5), 0.0).item() == pytest.approx(0.0, abs=1e-3)
    assert loss_sum(model, torch.full((1, 1), 6), torch.full((1, 1), 6), 0.0).item() == pytest.approx(800.0)


def test_every_weight_is_changed_by_one_optimiser_and_a_step_forgets_gradients() -> None:
    recipe = read_recipe(RECIPE, tiny=True)
    torch.manual_seed(1)
    model = new_network(recipe.architecture, 60, VOCABULARY, 0.0)
    optimisers = Optimisers(model, 0.0)
    before = {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}
    source, target = torch.randint(3, 60, (8, 9)), torch.randint(3, VOCABULARY, (8, 9))
    loss_sum(model, source, target, 0.1).backward()
    optimisers.step(1e-3)
    after = {name: p for name, p in model.named_parameters() if p.requires_grad}
    assert all(p.grad is None for p in after.values())
    moved = {name: (after[name] - before[name]).square().mean().sqrt().item() for name in before}
    assert all(step > 0 for step in moved.values())
    matrices = [step for name, step in moved.items() if name.endswith(("fc1.weight", "fc2.weight"))]
    # Muon's first step is an orthogonal matrix, scaled to the size of a step of AdamW.
    assert all(1e-4 < step < 4e-4 for step in matrices)


def test_optimisers_go_on_from_their_state() -> None:
    recipe = read_recipe(RECIPE, tiny=True)
    source, target = torch.randint(3, 60, (8, 9)), torch.randint(3, VOCABULARY, (8, 9))

    def step(model: Any, optimisers: Optimisers) -> None:
        loss_sum(model, source, target, 0.1).backward()
        optimisers.step(1e-3)

    torch.manual_seed(1)
    model = new_network(recipe.architecture, 60, VOCABULARY, 0.0)
    first = Optimisers(model, 0.01)
    step(model, first)
    other = new_network(recipe.architecture, 60, VOCABULARY, 0.0)
    other.load_state_dict(model.state_dict())
    second = Optimisers(other, 0.01)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    step(model, first)
    step(other, second)
    for ours, theirs in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_the_learning_rate_rises_stays_and_falls_to_nothing() -> None:
    recipe = read_recipe(RECIPE)
    plan = dataclasses.replace(recipe.training, cooldown=0.4)
    pace = dataclasses.replace(plan.cpu, learning_rate=1.0, warmup=10)
    rates = [learning_rate(plan, pace, step, progress) for step, progress in ((5, 0.0), (10, 0.1), (50, 0.4))]
    assert rates == [0.5, 1.0, 1.0]
    assert learning_rate(plan, pace, 60, 0.7) == pytest.approx(0.5)
    assert learning_rate(plan, pace, 90, 1.0) == 0.0


@pytest.mark.parametrize("shape", [(1000, 37), (3,), (0, 4)])
def test_what_is_dropped_is_made_up_for_by_the_rest(shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    values = torch.ones(shape, requires_grad=True)
    kept = drop(values, 0.25)
    torch.testing.assert_close(kept, (kept > 0) * torch.tensor(4 / 3))
    if values.numel() > 100:
        assert kept.mean().item() == pytest.approx(1.0, abs=0.01)
        assert not torch.equal(drop(values, 0.25), kept)
    kept.sum().backward()
    assert torch.equal(values.grad, kept)


def test_dropout_stands_where_the_library_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = read_recipe(RECIPE, tiny=True)
    torch.manual_seed(1)
    theirs = new_network(recipe.architecture, 60, VOCABULARY, 0.5).train()
    ours = new_network(recipe.architecture, 60, VOCABULARY, 0.0).train()
    ours.load_state_dict(theirs.state_dict())
    source, target = torch.randint(3, 60, (8, 9)), torch.randint(3, VOCABULARY, (8, 9))
    plain = loss_sum(ours, source, target, 0.1)
    drop_in(ours, 0.5)
    # Made smaller instead of dropped at random, the same values give the same loss.
    monkeypatch.setattr("trainer.dropout.drop", lambda values, rate: values * (1 - rate))
    monkeypatch.setattr(
        torch.nn.functional, "dropout", lambda values, p, training: values * (1 - p) if training else values
    )
    assert not torch.isclose(loss_sum(ours, source, target, 0.1), plain, rtol=1e-3)
    torch.testing.assert_close(loss_sum(ours, source, target, 0.1), loss_sum(theirs, source, target, 0.1))
    torch.testing.assert_close(loss_sum(copy.deepcopy(ours).eval(), source, target, 0.1), plain)
