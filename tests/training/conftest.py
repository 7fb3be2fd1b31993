"""The recipe's own modules, and one rehearsal that the tests of this folder look at from all sides."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

TRAINING = Path(__file__).resolve().parents[2] / "models" / "training"
sys.path.insert(0, str(TRAINING))

Train = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def train() -> Train:
    """Run `train.py` with the arguments given; skipped where torch or transformers is missing."""
    for name in ("torch", "transformers"):
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed (extra `training`)")

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        # Threads of a network this small only wait for each other.
        environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
        command = [sys.executable, str(TRAINING / "train.py"), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=600)

    return run


@pytest.fixture(scope="session")
def rehearsal(train: Train, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished rehearsal of 40 steps."""
    out = tmp_path_factory.mktemp("rehearsal")
    done = train("--tiny", "--out", out, "--steps", 40, "--pack-mib", 1)
    assert done.returncode == 0, done.stderr
    return out
