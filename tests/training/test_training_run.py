"""The recipe from end to end, on a corpus that it makes up: stages, resuming, export, and refusals."""

import json
import math
import shutil
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from regloss.translation.cards import read_card
from regloss.translation.ct2 import Ct2Translator
from regloss.translation.protocol import DecodingOptions


def events(out: Path, kind: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line["event"] == kind]


def test_the_loss_falls_and_the_curves_are_logged(rehearsal: Path) -> None:
    losses = [line["loss"] for line in events(rehearsal, "train")]
    assert losses[-1] < 0.7 * losses[0]
    curve = events(rehearsal, "validation")
    assert {line["set"] for line in curve} == {"authored", "general"}
    assert [line["step"] for line in curve if line["set"] == "general"] == [30, 40]
    assert all(0 <= line["chrf"] <= 100 and line["loss"] > 0 for line in curve)
    assert all(line["tokens_per_second"] > 0 and 0.5 < line["filled"] <= 1 for line in events(rehearsal, "train"))


def test_the_best_model_by_chrf_is_the_one_exported(rehearsal: Path) -> None:
    assert events(rehearsal, "best")[-1]["chrf"] == pytest.approx(
        max(0.7 * a["chrf"] + 0.3 * g["chrf"] for a, g in _curves(rehearsal))
    )


def _curves(out: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    curve = events(out, "validation")
    return list(zip(curve[::2], curve[1::2], strict=True))


def test_an_interrupted_run_ends_like_one_that_was_not(rehearsal: Path, train: Any, tmp_path: Path) -> None:
    for name in ("corpus", "data"):
        shutil.copytree(rehearsal / name, tmp_path / name)
    for name in ("source.spm", "target.spm", "terms.tsv"):
        shutil.copyfile(rehearsal / name, tmp_path / name)
    first = train("--tiny", "--out", tmp_path, "--steps", 40, "--pause-at", 23, "--part-mib", 1)
    assert first.returncode == 0, first.stderr
    assert "stopped at step 23" in first.stdout
    refused = train("--tiny", "--out", tmp_path, "--steps", 40)
    assert refused.returncode == 2
    assert "--resume" in refused.stderr
    second = train("--tiny", "--out", tmp_path, "--steps", 40, "--resume", "--part-mib", 1)
    assert second.returncode == 0, second.stderr
    for kind in ("train", "validation"):
        straight, broken = ([(x["step"], x["loss"]) for x in events(out, kind)][-2:] for out in (rehearsal, tmp_path))
        assert straight == broken
    state, weights = tmp_path / "state", "model/model.safetensors"
    assert (tmp_path / weights).read_bytes() == (rehearsal / weights).read_bytes()
    assert all(path.stat().st_size <= 1 << 20 for path in state.iterdir())


def test_a_state_of_another_recipe_is_refused(rehearsal: Path, train: Any) -> None:
    done = train("--tiny", "--out", rehearsal, "--steps", 40, "--resume", "--learning-rate", 0.001)
    assert done.returncode == 2
    assert "another recipe" in done.stderr


def test_regloss_translates_with_the_export(rehearsal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGLOSS_CACHE", str(tmp_path))
    assert read_card(rehearsal / "model").max_source == 40
    translator = Ct2Translator(rehearsal / "model", workers=1)
    (found,) = translator.translate(["北京的主播周一降低了价格。"], options=DecodingOptions(beam=2))
    assert len(found[0].text.split()) > 2


def test_transformers_and_ctranslate2_read_the_export_alike(
    rehearsal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from transformers import MarianMTModel

    monkeypatch.setenv("REGLOSS_CACHE", str(tmp_path))
    model = MarianMTModel.from_pretrained(rehearsal / "model", dtype=torch.float32).eval()
    assert torch.equal(model.lm_head.weight, model.model.decoder.embed_tokens.weight)
    pair = ("北京的主播周一降低了价格。", "The streamer in Beijing lowered the price on Monday.")
    translator = Ct2Translator(rehearsal / "model", compute_type="float32", workers=1)
    import sentencepiece

    pieces = [
        [*sentencepiece.SentencePieceProcessor(model_file=str(rehearsal / "model" / name)).encode(text), 1]
        for name, text in zip(("source.spm", "target.spm"), pair, strict=True)
    ]
    source, target = (torch.tensor([ids]) for ids in pieces)
    with torch.no_grad():
        loss = float(model(input_ids=source, labels=target).loss)
    assert translator.score([pair]) == [pytest.approx(-loss, abs=2e-3)]


def test_the_packed_model_unpacks_to_the_model(rehearsal: Path, tmp_path: Path) -> None:
    parts = sorted((rehearsal / "packed").iterdir())
    assert all(part.stat().st_size <= 1 << 20 for part in parts)
    archive = tmp_path / "model.tar"
    archive.write_bytes(b"".join(part.read_bytes() for part in parts))
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    for path in (rehearsal / "model").iterdir():
        assert (tmp_path / "model" / path.name).read_bytes() == path.read_bytes()


def test_training_goes_on_from_a_model(rehearsal: Path, train: Any, tmp_path: Path) -> None:
    out, model = tmp_path / "continued", tmp_path / "model"
    shutil.copytree(rehearsal / "model", model)
    for name in ("config.json", "generation_config.json"):
        # As the first shipped model has it: the last token is forced to be padding.
        text = (model / name).read_text(encoding="utf-8")
        assert '"forced_eos_token_id": 1' in text
        (model / name).write_text(text.replace('"forced_eos_token_id": 1', '"forced_eos_token_id": 0'), "utf-8")
    done = train(
        *("--tiny", "--out", out, "--corpus", rehearsal / "corpus", "--steps", 5),
        *("--continue-from", model, "--learning-rate", 0.0001),
    )
    assert done.returncode == 0, done.stderr
    assert (out / "source.spm").read_bytes() == (rehearsal / "source.spm").read_bytes()
    before, after = events(rehearsal, "validation")[-1]["loss"], events(out, "validation")[-1]["loss"]
    assert math.isclose(before, after, rel_tol=0.2)


def test_float16_weights_have_the_names_of_the_shipped_model(rehearsal: Path) -> None:
    from safetensors.numpy import load_file

    from regloss.resources import bundled

    def kinds(tensors: dict[str, np.ndarray]) -> set[str]:
        return {".".join(part for part in name.split(".") if not part.isdigit()) for name in tensors}

    made = load_file(rehearsal / "model" / "model.safetensors")
    shipped = load_file(bundled("models", "zh-en-small") / "model.safetensors")
    assert kinds(made) == kinds(shipped) - {"lm_head.weight"}
    assert {str(tensor.dtype) for tensor in made.values()} == {"float16"}


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ((), "--corpus is missing"),
        (("--tiny", "--steps", 3, "--minutes", 1), "exclude each other"),
        (("--corpus", "nowhere"), "nowhere"),
    ],
)
def test_bad_arguments_are_named_in_one_line(train: Any, tmp_path: Path, arguments: Any, fault: str) -> None:
    done = train("--out", tmp_path, *arguments)
    assert done.returncode == 2
    assert fault in done.stderr
    assert done.stderr.count("\n") == 1
