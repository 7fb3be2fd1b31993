"""The project works as a checkout and as a wheel, and says the same in both."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import regloss
import regloss.errors
from regloss.resources import bundled

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (ROOT / "pyproject.toml").exists():
        pytest.skip("the tests run from an installed copy, and there is no checkout to build from")
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (made,) = out.glob("*.whl")
    return made


def test_the_wheel_holds_code_data_and_licence_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"regloss", f"regloss-{regloss.__version__}.dist-info"}
    for needed in (
        "regloss/py.typed",
        "regloss/data/glossary/zh-en/short-video.yaml",
        "regloss/data/glossary/contexts/zh-en.yaml",
        "regloss/data/models/zh-en-small/model.safetensors",
        "regloss/data/models/zh-en-small/card.toml",
        "regloss/data/models/catalogue.toml",
        f"regloss-{regloss.__version__}.dist-info/licenses/LICENSE",
    ):
        assert needed in names
    assert not [name for name in names if "training" in name or name.endswith((".pyc", ".pt"))]


def test_the_installed_wheel_finds_its_data_and_repairs(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    (tmp_path / "a.txt").write_text("The waist anchors sold two yuan of oranges on Taobao.\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "XDG_CONFIG_HOME": str(tmp_path)}
    where = subprocess.run(
        [sys.executable, "-c", "import regloss.resources as r; print(r.bundled('glossary'))"],
        capture_output=True, check=True, cwd=tmp_path, env=environment, text=True,
    )  # fmt: skip
    assert Path(where.stdout.strip()) == tmp_path / "site" / "regloss" / "data" / "glossary"
    done = subprocess.run(
        [sys.executable, "-m", "regloss", "fix", "a.txt"],
        capture_output=True, check=True, cwd=tmp_path, env=environment, text=True, encoding="utf-8",
    )  # fmt: skip
    assert done.stdout == "The mid-tier streamers sold two yuan of oranges on Taobao.\n"


def test_the_checkout_finds_its_data() -> None:
    assert bundled("glossary", "zh-en").is_dir()
    assert (bundled("models", "zh-en-small") / "model.safetensors").is_file()


def test_what_is_missing_is_said() -> None:
    with pytest.raises(regloss.errors.ReglossError, match="reinstall regloss"):
        bundled("nothing", "here")
