"""Model cards, and the script that writes their checksums."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from regloss.errors import ModelError
from regloss.translation import cards
from regloss.translation.cards import read_card
from regloss.translation.ct2 import Ct2Translator

SCRIPT = Path(__file__).resolve().parents[2] / "models" / "update_card.py"


@pytest.fixture
def copy(shipped: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "zh-en-small"
    shutil.copytree(shipped, folder)
    return folder


def update(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)


def test_the_shipped_card_is_true_and_complete(shipped: Path) -> None:
    content = tomllib.loads((shipped / "card.toml").read_text(encoding="utf-8"))
    card = read_card(shipped, thorough=True)
    assert (card.name, card.licence, card.max_source) == ("zh-en-small", "CC-BY-SA-4.0", 32)
    assert set(card.files) == {p.name for p in shipped.iterdir() if p.suffix in (".json", ".safetensors", ".spm")}
    assert "_name_or_path" not in (shipped / "config.json").read_text(encoding="utf-8")
    parameters = sum(tensor.size for tensor in load_file(shipped / "model.safetensors").values())
    assert content["weights"]["parameters"] == parameters < 30_000_000
    assert content["weights"]["bytes"] == (shipped / "model.safetensors").stat().st_size < 60_000_000
    assert (shipped / content["attribution"]).is_file()


def test_the_script_changes_nothing_where_nothing_has_changed(copy: Path) -> None:
    before = (copy / "card.toml").read_bytes()
    assert update(copy).returncode == 0
    assert (copy / "card.toml").read_bytes() == before


def test_new_weights_of_the_same_architecture_can_be_put_in(copy: Path, tmp_path: Path) -> None:
    weights = {name: tensor.astype(np.float32) for name, tensor in load_file(copy / "model.safetensors").items()}
    weights["final_logits_bias"][0, 5] += 1
    save_file(weights, tmp_path / "model.safetensors")
    old = read_card(copy).digest
    done = update(copy, "--weights", tmp_path)
    assert done.returncode == 0, done.stderr
    assert read_card(copy).digest != old
    assert next(iter(load_file(copy / "model.safetensors").values())).dtype == np.float16
    assert Ct2Translator(copy).translate(["你好。"])[0][0].text


@pytest.mark.parametrize("fault", ["shape", "infinity"])
def test_weights_that_cannot_be_are_refused_and_nothing_changes(copy: Path, tmp_path: Path, fault: str) -> None:
    weights = load_file(copy / "model.safetensors")
    shape = (3, 3) if fault == "shape" else weights["lm_head.weight"].shape
    weights["lm_head.weight"] = np.full(shape, 1e6, np.float32)
    save_file(weights, tmp_path / "model.safetensors")
    before = {p.name: p.read_bytes() for p in copy.iterdir()}
    done = update(copy, "--weights", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert {p.name: p.read_bytes() for p in copy.iterdir()} == before


@pytest.mark.parametrize(
    ("card", "message"),
    [
        ("name = ", r"card\.toml: cannot be read as TOML"),
        ('max_source = "many"', r"card\.toml: a value has the wrong type"),
        ("files = 3", r"\[files\] must give a checksum"),
        ('[files]\n"../x" = "00"', r"file '\.\./x' lies outside"),
        ('[files]\n"absent.spm" = "00"', r"absent\.spm: cannot be read"),
    ],
)
def test_a_wrong_card_is_named(copy: Path, card: str, message: str) -> None:
    (copy / "card.toml").write_text(card, encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        read_card(copy)


def test_a_folder_that_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model folder"):
        read_card(tmp_path / "absent")
    with pytest.raises(ModelError, match="holds no model"):
        read_card(tmp_path)


def test_large_files_are_read_only_for_a_thorough_check(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "_LARGE", 1_000_000)
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    assert read_card(copy).files["model.safetensors"]
    with pytest.raises(ModelError, match="its checksum"):
        read_card(copy, thorough=True)
    # A small file is checked in any case.
    (copy / "source.spm").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"source\.spm: its checksum"):
        read_card(copy)


def test_what_changes_the_output_changes_the_digest(copy: Path) -> None:
    before = read_card(copy).digest
    text = (copy / "card.toml").read_text(encoding="utf-8")
    (copy / "card.toml").write_text(text.replace("CC-BY-SA-4.0", "MIT"), encoding="utf-8")
    assert read_card(copy).digest == before
    for more in ("max_source = 60", "max_source = 32\ncoverage_penalty = 0.7"):
        changed = text.replace("coverage_penalty", "# before:").replace("max_source = 32", more)
        (copy / "card.toml").write_text(changed, encoding="utf-8")
        assert read_card(copy).digest != before
