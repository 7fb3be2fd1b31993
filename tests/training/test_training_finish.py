"""Putting trained weights into a model folder: only if they win, and whole."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from regloss.resources import bundled
from regloss.translation.cards import read_card

FINISH = Path(__file__).resolve().parents[2] / "models" / "training" / "finish.py"
PAIRS = (
    ("公司今年的收入增长了。", "The company's revenue grew this year."),
    ("他昨天去了北京。", "He went to Beijing yesterday."),
    ("政府公布了新的计划。", "The government announced a new plan."),
    ("这个问题很重要。", "This question is very important."),
)


def finish(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(FINISH), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture
def valid(tmp_path: Path) -> Path:
    path = tmp_path / "valid.tsv"
    path.write_text("".join(f"{source}\t{target}\tx\n" for source, target in PAIRS), encoding="utf-8")
    return path


@pytest.fixture
def worse(tmp_path: Path) -> Path:
    """A copy of the shipped model whose encoder is all noise."""
    folder = tmp_path / "worse"
    shutil.copytree(bundled("models", "zh-en-small"), folder)
    rng = np.random.default_rng(1)
    tensors = {
        name: rng.normal(0, 0.1, t.shape).astype(np.float16) if "encoder.layers" in name else t
        for name, t in load_file(folder / "model.safetensors").items()
    }
    save_file(tensors, folder / "model.safetensors")
    subprocess.run([sys.executable, str(FINISH.parents[1] / "update_card.py"), str(folder)], check=True)
    return folder


@pytest.fixture
def better(tmp_path: Path) -> Path:
    """What a trainer leaves: the shipped weights as float32, and nothing else that is of use."""
    folder = tmp_path / "weights"
    folder.mkdir()
    tensors = load_file(bundled("models", "zh-en-small") / "model.safetensors")
    save_file({name: tensor.astype(np.float32) for name, tensor in tensors.items()}, folder / "model.safetensors")
    return folder


def test_better_weights_move_in_as_float16_and_the_card_follows(worse: Path, better: Path, valid: Path) -> None:
    before = (worse / "model.safetensors").read_bytes()
    rehearsed = finish("--weights", better, "--model", worse, "--valid", valid, "--dry-run")
    assert rehearsed.returncode == 0, rehearsed.stderr
    assert (worse / "model.safetensors").read_bytes() == before
    done = finish("--weights", better, "--model", worse, "--valid", valid)
    assert done.returncode == 0, done.stderr
    assert "chrF" in done.stdout
    made = load_file(worse / "model.safetensors")
    shipped = load_file(bundled("models", "zh-en-small") / "model.safetensors")
    assert all(
        np.array_equal(made[name], tensor) and made[name].dtype == np.float16 for name, tensor in shipped.items()
    )
    assert read_card(worse, thorough=True).max_source == read_card(bundled("models", "zh-en-small")).max_source


def test_weights_that_are_no_better_change_nothing_unless_forced(worse: Path, better: Path, valid: Path) -> None:
    good = valid.parent / "good"
    shutil.copytree(bundled("models", "zh-en-small"), good)
    before = {path.name: path.read_bytes() for path in good.iterdir()}
    refused = finish("--weights", worse, "--model", good, "--valid", valid)
    assert refused.returncode == 1, refused.stderr
    assert "nothing was changed" in refused.stdout
    assert {path.name: path.read_bytes() for path in good.iterdir()} == before
    forced = finish("--weights", worse, "--model", good, "--valid", valid, "--force")
    assert forced.returncode == 0, forced.stderr
    assert (good / "model.safetensors").read_bytes() != before["model.safetensors"]
    read_card(good, thorough=True)


def test_several_weights_are_averaged(worse: Path, better: Path, valid: Path) -> None:
    target = valid.parent / "target"
    shutil.copytree(worse, target)
    done = finish("--weights", better, worse, "--model", target, "--valid", valid, "--force")
    assert done.returncode == 0, done.stderr
    name = "model.encoder.layers.0.fc1.weight"
    parts = [load_file(f / "model.safetensors")[name].astype(np.float32) for f in (better, worse)]
    mean = load_file(target / "model.safetensors")[name].astype(np.float32)
    assert np.allclose(mean, (parts[0] + parts[1]) / 2, atol=1e-3)


def test_another_architecture_without_its_vocabulary_is_refused(worse: Path, better: Path, valid: Path) -> None:
    tensors = load_file(better / "model.safetensors")
    tensors["lm_head.weight"] = tensors["lm_head.weight"][:100]
    save_file(tensors, better / "model.safetensors")
    before = (worse / "model.safetensors").read_bytes()
    done = finish("--weights", better, "--model", worse, "--valid", valid)
    assert done.returncode == 2
    assert "lm_head.weight" in done.stderr
    assert (worse / "model.safetensors").read_bytes() == before
