"""One cache folder and one loaded model for all tests of this folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from regloss.resources import bundled
from regloss.translation.ct2 import Ct2Translator


@pytest.fixture(scope="session", autouse=True)
def private_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests away from the user's own cache and models."""
    before = {name: os.environ.get(name) for name in ("REGLOSS_CACHE", "REGLOSS_MODELS")}
    os.environ["REGLOSS_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    os.environ["REGLOSS_MODELS"] = str(tmp_path_factory.mktemp("models") / "absent")
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The folder of the shipped model."""
    return bundled("models", "zh-en-small")


@pytest.fixture(scope="session")
def model(shipped: Path, private_folders: None) -> Ct2Translator:
    """The shipped model, int8."""
    return Ct2Translator(shipped, workers=2)
