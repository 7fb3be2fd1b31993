"""Building a CTranslate2 model from a Marian checkpoint: what it makes, and how damaged checkpoints are refused."""

import json
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from regloss.errors import ModelError
from regloss.translation.ct2 import Ct2Translator
from regloss.translation.hf import HfTranslator
from regloss.translation.marian import build_model, is_checkpoint, vocabulary
from regloss.translation.protocol import DecodingOptions


@pytest.fixture
def checkpoint(shipped: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "checkpoint"
    shutil.copytree(shipped, copy)
    (copy / "card.toml").unlink()
    return copy


def build(checkpoint: Path, tmp_path: Path) -> Path:
    output = tmp_path / "built"
    output.mkdir()
    build_model(checkpoint, output)
    return output


def test_the_built_model_is_complete_and_small(checkpoint: Path, tmp_path: Path) -> None:
    built = build(checkpoint, tmp_path)
    assert {p.name for p in built.iterdir()} >= {"model.bin", "config.json"}
    assert (built / "model.bin").stat().st_size < (checkpoint / "model.safetensors").stat().st_size / 2
    assert json.loads((built / "config.json").read_text())["decoder_start_token"] == "<pad>"


def test_a_shared_embedding_is_found_under_its_own_name(checkpoint: Path, tmp_path: Path, shipped: Path) -> None:
    # OPUS-MT checkpoints store one matrix for both sides and the output.
    config = json.loads((checkpoint / "config.json").read_text())
    config["vocab_size"] = config["decoder_vocab_size"]
    (checkpoint / "config.json").write_text(json.dumps(config))
    weights = load_file(checkpoint / "model.safetensors")
    shared = weights["model.decoder.embed_tokens.weight"]
    for name in ("model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight"):
        del weights[name]
    del weights["final_logits_bias"]
    save_file({**weights, "model.shared.weight": shared}, checkpoint / "model.safetensors")
    shutil.copy(checkpoint / "target_vocab.json", checkpoint / "vocab.json")
    (checkpoint / "target_vocab.json").unlink()
    assert (build(checkpoint, tmp_path) / "model.bin").stat().st_size > 0


@pytest.mark.parametrize("name", ["config.json", "vocab.json"])
def test_damaged_json_is_named(checkpoint: Path, tmp_path: Path, name: str) -> None:
    (checkpoint / name).write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=rf"{name}: cannot be read as JSON"):
        build(checkpoint, tmp_path)


def test_cut_off_weights_are_named(checkpoint: Path, tmp_path: Path) -> None:
    weights = checkpoint / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100_000])
    with pytest.raises(ModelError, match=r"model\.safetensors: cannot be read as safetensors .* damaged"):
        build(checkpoint, tmp_path)


def test_a_lacking_tensor_is_named(checkpoint: Path, tmp_path: Path) -> None:
    weights = load_file(checkpoint / "model.safetensors")
    del weights["model.decoder.layers.1.fc2.weight"]
    save_file(weights, checkpoint / "model.safetensors")
    with pytest.raises(ModelError, match=r"lacks 'model\.decoder\.layers\.1\.fc2\.weight'"):
        build(checkpoint, tmp_path)


def test_weights_that_do_not_fit_their_config_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    weights = load_file(checkpoint / "model.safetensors")
    weights["model.encoder.layers.0.fc1.bias"] = np.zeros((2, 3), dtype=np.int8)
    save_file(weights, checkpoint / "model.safetensors")
    with pytest.raises(ModelError, match=r"shapes of model\.encoder\.layers\.0\.fc1 do not fit"):
        build(checkpoint, tmp_path)


def test_a_vocabulary_of_another_size_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    tokens = vocabulary(checkpoint, "target_vocab.json")[:-5]
    (checkpoint / "target_vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    with pytest.raises(ModelError, match="7995 tokens does not fit 8000 embeddings"):
        build(checkpoint, tmp_path)


def test_an_unknown_activation_is_refused_with_the_known_ones(checkpoint: Path, tmp_path: Path) -> None:
    config = json.loads((checkpoint / "config.json").read_text())
    (checkpoint / "config.json").write_text(json.dumps({**config, "activation_function": "sine"}))
    with pytest.raises(ModelError, match=r"activation sine is not known; known ones: relu"):
        build(checkpoint, tmp_path)


def test_a_vocabulary_with_a_gap_is_refused(checkpoint: Path) -> None:
    (checkpoint / "vocab.json").write_text(json.dumps({"<pad>": 0, "a": 2}), encoding="utf-8")
    with pytest.raises(ModelError, match="gaps or repeat"):
        vocabulary(checkpoint, "vocab.json")


def test_only_a_whole_marian_folder_is_a_checkpoint(checkpoint: Path, tmp_path: Path) -> None:
    assert is_checkpoint(checkpoint)
    (checkpoint / "source.spm").unlink()
    assert not is_checkpoint(checkpoint)
    assert not is_checkpoint(tmp_path)


SENTENCES = [
    "快手今年第一季度实现盈利。",
    "京东和快手将签战略合作，用户将可以通过快手购买京东自营商品。",
    "我们在 Douyin 上开了一个直播间。",
    "主播的销售额突破10亿元。",
    "公司去年的收入增长了27.6%。",
    "天气很好，我们去公园吧。",
    "请单击“确定”按钮保存更改。",
    "本法自公布之日起施行。",
    "他说他不知道这件事。",
    "Hello，世界！",
    "电商平台希望借助网红效应增加销售渠道。",
    "这家公司的股价在周一下跌了百分之五。",
]


@pytest.mark.parametrize("longest", [256, 7])
def test_transformers_and_ctranslate2_agree(shipped: Path, longest: int) -> None:
    pytest.importorskip("torch", reason="the transformers extra is not installed")
    pytest.importorskip("transformers", reason="the transformers extra is not installed")
    options = DecodingOptions(beam=1, no_repeat_ngram=0, max_length=longest)
    sources = [*SENTENCES, *(a[:-1] + "，" + b for a, b in pairwise(SENTENCES))]
    ours = Ct2Translator(shipped, compute_type="float32").translate(sources, options=options)
    theirs_engine = HfTranslator(shipped)
    theirs = theirs_engine.translate(sources, options=options)
    assert [c[0].text for c in ours] == [c[0].text for c in theirs]
    pairs = [(source, candidates[0].text) for source, candidates in zip(sources, ours, strict=True)]
    scores = Ct2Translator(shipped, compute_type="float32").score(pairs)
    assert scores == pytest.approx(theirs_engine.score(pairs), abs=1e-3)


@pytest.mark.parametrize("spare", [0, 5])
def test_both_engines_cut_a_sentence_at_the_same_length(shipped: Path, spare: int) -> None:
    pytest.importorskip("torch", reason="the transformers extra is not installed")
    pytest.importorskip("transformers", reason="the transformers extra is not installed")
    ours, theirs = Ct2Translator(shipped), HfTranslator(shipped)
    clauses = "，".join(sentence.rstrip("。") for sentence in SENTENCES)
    cut = [ours.split(clauses[:length], spare=spare) for length in range(10, 90)]
    assert {len(pieces) for pieces in cut} >= {1, 2, 3}
    assert cut == [theirs.split(clauses[:length], spare=spare) for length in range(10, 90)]
