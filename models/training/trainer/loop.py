"""The training loop: steps, log, validation, checkpoints, and the best model so far.

With a budget in steps a run that is stopped and resumed does the same steps with the same numbers as one that is not
(on one machine and device). With a budget in minutes, which the schedule follows, it goes on where it stood.
"""

import copy
import dataclasses
import json
import math
import sys
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from trainer.batches import Batch, Mixer, Position, Prefetcher
from trainer.checkpoint import load_state, save_state
from trainer.export import export_model
from trainer.loss import loss_sum
from trainer.network import learning_rate, update_average
from trainer.optimisers import Optimisers
from trainer.recipe import Recipe, RecipeError
from trainer.validation import Validator, selection

__all__ = ["Budget", "Run", "Trainer"]


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to train: either `steps`, or `minutes` of training and validation; the other is 0."""

    steps: int = 0
    minutes: float = 0.0

    def progress(self, step: int, seconds: float) -> float:
        """Return what part of the budget is spent, in [0, 1]."""
        return min(step / self.steps if self.steps else seconds / (60 * self.minutes), 1.0)


@dataclass(frozen=True, slots=True)
class Run:
    """Where and how a run is carried out.

    Attributes:
        out: receives ``state/``, ``log.jsonl`` and ``model/``; holds ``source.spm`` and ``target.spm``.
        device: ``cuda`` or ``cpu``.
        budget: how long to train.
        made_from: fingerprint of data, recipe and seed; a state of another run is refused.
        checkpoint_minutes: how often the state is saved.
        part_bytes: greatest size of a file of the state, 0 without limit.
        pause_at: step after which the state is saved and the run ends, 0 for none.
        compiled: compile the network with torch.compile.
        stop: asked before each step whether to save the state and end.
    """

    out: Path
    device: str
    budget: Budget
    made_from: str
    checkpoint_minutes: float = 5.0
    part_bytes: int = 0
    pause_at: int = 0
    compiled: bool = False
    stop: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class _Window:
    """What happened since the last line of the log. The loss stays on the device: to read it is to wait for it."""

    loss: Any = 0.0
    tokens: int = 0
    cells: int = 0
    began: float = field(default_factory=time.monotonic)


class Trainer:
    """Trains one network by one recipe."""

    def __init__(self, recipe: Recipe, mixer: Mixer, model: Any, validator: Validator, run: Run) -> None:
        self._recipe, self._plan, self._mixer, self._run = recipe, recipe.training, mixer, run
        self._pace, self._validator = recipe.training.pace(run.device), validator
        self._model = model.to(run.device).train()
        self._average = copy.deepcopy(self._model).requires_grad_(False)
        self._optimisers, self._rate = Optimisers(self._model, self._plan.weight_decay), 0.0
        self._loss = torch.compile(loss_sum, dynamic=True) if run.compiled else loss_sum
        self._step = self._tokens = 0
        self._position = Position(0, 0, 0)
        self._seconds, self._best = 0.0, -math.inf
        self._validated, self._since = -1, 0.0
        self._log_path = run.out / "log.jsonl"

    def resume(self) -> None:
        """Go on from the saved state.

        Raises:
            RecipeError: the state is damaged, or is of a run with other data, recipe or seed.
        """
        state = load_state(self._run.out / "state")
        if state["made_from"] != self._run.made_from:
            raise RecipeError(
                f"{self._run.out / 'state'}: was made with another recipe, corpus or seed; use another --out"
            )
        self._model.load_state_dict(state["model"])
        self._average.load_state_dict(state["average"])
        self._optimisers.load_state_dict(state["optimisers"])
        self._step, self._tokens, self._seconds = state["step"], state["tokens"], state["seconds"]
        self._position = Position(*state["position"])
        self._best, self._validated = state["best"], state["validated"]
        torch.set_rng_state(state["random"])
        if self._run.device == "cuda" and state["random_cuda"] is not None:
            torch.cuda.set_rng_state(state["random_cuda"])
        self._forget_log_after(self._step)
        self._say(f"resumed at step {self._step}")

    def train(self) -> bool:
        """Train to the end of the budget; return False where the run was stopped before."""
        saved, window = time.monotonic(), _Window()
        self._since = saved
        with closing(self._batches()) as batches:
            for batch in batches:
                self._timed_step(batch, window)
                if self._step % self._pace.log_every == 0:
                    window = self._report(window)
                if self._step % self._pace.validate_every == 0:
                    window.began += self._validate()
                stopping = self._run.stop() or self._step == self._run.pause_at
                if stopping or time.monotonic() - saved > 60 * self._run.checkpoint_minutes:
                    self._save()
                    saved = time.monotonic()
                if stopping:
                    self._say(f"stopped at step {self._step}; --resume goes on from here")
                    return False
        if self._validated != self._step:
            self._validate()
        self._save()
        return True

    @property
    def facts(self) -> dict[str, object]:
        """What a model card should say about the training so far."""
        return {
            "device": torch.cuda.get_device_name() if self._run.device == "cuda" else "CPU",
            "minutes": round(self._seconds / 60, 1),
            "steps": self._step,
            "target_tokens": self._tokens,
            "validation_chrf": round(self._best, 2),
        }

    def _progress(self) -> float:
        return self._run.budget.progress(self._step, self._seconds)

    def _batches(self) -> Generator[Batch]:
        """Yield batches of the phase that the progress is in, until the budget is spent."""
        phases = self._recipe.phases
        while self._progress() < 1.0:
            phase = next(i for i, p in enumerate(phases) if self._progress() < p.until)
            if phase != self._position.phase:
                self._position = Position(phase, 0, 0)
                self._say(f"phase {phases[phase].name} from step {self._step}")
            with Prefetcher(self._mixer.batches(self._position)) as batches:
                for batch in batches:
                    yield batch
                    if self._progress() >= phases[phase].until:
                        break

    def _timed_step(self, batch: Batch, window: _Window) -> None:
        began = self._since
        self._advance(batch, window)
        self._since = time.monotonic()
        self._seconds += self._since - began

    def _advance(self, batch: Batch, window: _Window) -> None:
        self._rate = learning_rate(self._plan, self._pace, self._step + 1, self._progress())
        self._step += 1
        source, target = self._on_device(batch)
        with self._precision():
            total = self._loss(self._model, source, target, self._plan.label_smoothing)
        (total / batch.tokens).backward()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), self._plan.clip)
        self._optimisers.step(self._rate)
        if self._step % self._plan.ema_every == 0:
            update_average(self._average, self._model, self._plan, self._step)
        window.loss = window.loss + total.detach()
        window.tokens += batch.tokens
        window.cells += batch.target.size
        self._tokens += batch.tokens
        self._position = batch.after

    def _on_device(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        source, target = torch.from_numpy(batch.source), torch.from_numpy(batch.target)
        if self._run.device == "cuda":
            # From pinned memory the copy does not hold up the thread that feeds the GPU.
            source, target = source.pin_memory(), target.pin_memory()
        return source.to(self._run.device, non_blocking=True), target.to(self._run.device, non_blocking=True)

    def _precision(self) -> AbstractContextManager[Any]:
        # bfloat16 is emulated on most CPUs, and many times slower there than float32.
        return torch.autocast("cuda", torch.bfloat16) if self._run.device == "cuda" else nullcontext()

    def _report(self, window: _Window) -> _Window:
        loss = float(window.loss) / window.tokens
        if not math.isfinite(loss):
            raise RecipeError(
                f"the loss is no number any more at step {self._step}; lower learning_rate or batch_tokens"
            )
        speed = window.tokens / (time.monotonic() - window.began)
        filled = window.tokens / window.cells
        self._log("train", loss=loss, rate=self._rate, tokens_per_second=round(speed), filled=round(filled, 3))
        self._say(
            f"step {self._step}  loss {loss:.4f}  rate {self._rate:.2e}  {speed:,.0f} target tokens/s  "
            f"{filled:.0%} filled  {self._tokens / 1e6:.1f} M tokens  {self._progress():.0%} done"
        )
        return _Window()

    def _validate(self) -> float:
        """Judge the averaged weights, keep them if they are the best yet, and return the seconds that it took."""
        began = time.monotonic()
        found = self._validator.judge(self._average)
        for name, quality in found.items():
            self._log("validation", set=name, **dataclasses.asdict(quality))
            self._say(
                f"step {self._step}  {name}: loss {quality.loss:.3f}  chrF {quality.chrf:.2f}  BLEU {quality.bleu:.2f}"
            )
        score = selection(found, self._recipe.validation.select)
        self._validated = self._step
        if score > self._best:
            self._best = score
            longest = self._recipe.architecture.max_pieces
            export_model(self._average, self._run.out, self._run.out / "model", max_pieces=longest, facts=self.facts)
            self._log("best", chrf=score)
        self._since = time.monotonic()
        self._seconds += self._since - began
        return self._since - began

    def _save(self) -> None:
        on_gpu = self._run.device == "cuda"
        state = {
            "made_from": self._run.made_from,
            "model": self._model.state_dict(),
            "average": self._average.state_dict(),
            "optimisers": self._optimisers.state_dict(),
            "step": self._step,
            "tokens": self._tokens,
            "seconds": self._seconds,
            "position": tuple(self._position),
            "best": self._best,
            "validated": self._validated,
            "random": torch.get_rng_state(),
            "random_cuda": torch.cuda.get_rng_state() if on_gpu else None,
        }
        save_state(self._run.out / "state", state, part_bytes=self._run.part_bytes)

    def _log(self, event: str, **values: object) -> None:
        line = {"event": event, "step": self._step, "minutes": round(self._seconds / 60, 3), **values}
        with self._log_path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")

    def _forget_log_after(self, step: int) -> None:
        """Steps that are done again would stand in the log twice."""
        if self._log_path.exists():
            lines = self._log_path.read_text(encoding="utf-8").splitlines(keepends=True)
            self._log_path.write_text("".join(x for x in lines if json.loads(x)["step"] <= step), encoding="utf-8")

    @staticmethod
    def _say(text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
