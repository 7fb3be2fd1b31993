"""Glossary tests stand in an empty folder, with no user's glossary in sight."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast inputs are made says more about what else the machine does than about the tests.
settings.register_profile("glossary", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("glossary")


@pytest.fixture(autouse=True)
def _alone(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
    monkeypatch.chdir(tmp_path_factory.mktemp("project"))


@pytest.fixture
def user_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the user's layer, which exists and is empty."""
    config = tmp_path_factory.mktemp("config")
    monkeypatch.setattr("platformdirs.user_config_dir", lambda name, **_: str(config / name))
    folder = config / "regloss" / "glossary"
    folder.mkdir(parents=True)
    return folder
