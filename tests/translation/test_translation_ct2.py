"""The CTranslate2 engine: counts, order, batches, length, faults."""

import shutil
from pathlib import Path

import pytest

from regloss.errors import ModelError, UsageError
from regloss.translation.ct2 import Ct2Translator
from regloss.translation.protocol import DecodingOptions

SENTENCES = [
    "快手今年第一季度实现盈利。",
    "你好。",
    "京东和快手将签战略合作，用户将可以通过快手购买京东自营商品，无需跳转。",
    "主播的销售额突破10亿元。",
    "公司去年的收入增长了27.6%，但是利润下降了一半以上，股价也随之下跌。",
    "请单击“确定”按钮。",
    "本法自公布之日起施行。",
]
LONG = "去年公司在全国各地开设了新的门店，" * 40 + "今年还会继续。"


def texts(model: Ct2Translator, sources: list[str], **options: int) -> list[str]:
    return [c[0].text for c in model.translate(sources, options=DecodingOptions(**options))]


def test_one_by_one_is_the_same_as_all_at_once(model: Ct2Translator) -> None:
    together = texts(model, SENTENCES * 3)
    assert together == [texts(model, [sentence])[0] for sentence in SENTENCES] * 3


def test_order_follows_the_sources(model: Ct2Translator) -> None:
    assert texts(model, SENTENCES[::-1]) == texts(model, SENTENCES)[::-1]


def test_blank_sources_give_empty_translations_in_their_places(model: Ct2Translator) -> None:
    made = texts(model, ["", SENTENCES[0], "  \n", SENTENCES[1]])
    assert (made[0], made[2]) == ("", "")
    assert made[1] == texts(model, [SENTENCES[0]])[0]
    assert texts(model, []) == []


def test_a_long_source_is_cut_and_nothing_of_it_dropped(model: Ct2Translator) -> None:
    pieces = model.split(LONG)
    assert len(pieces) > 3
    assert "".join(pieces) == LONG
    # Every piece shows in the translation; a truncated source would give the translation of its beginning only.
    assert len(texts(model, [LONG])[0]) > 5 * len(texts(model, [pieces[0]])[0]) / 2


def test_a_source_without_any_place_to_cut_is_translated_too(model: Ct2Translator) -> None:
    source = "公司" * 400
    assert "".join(model.split(source)) == source
    assert texts(model, [source])[0]


def test_broken_unicode_and_control_characters_do_not_stop_the_work(model: Ct2Translator) -> None:
    assert len(texts(model, ["坏\ud800字", "\x00\x07", "\u202e右", "𠮷野家"])) == 4


def test_candidates_come_best_first(model: Ct2Translator) -> None:
    (candidates,) = model.translate([SENTENCES[2]], options=DecodingOptions(beam=4, n_best=4))
    scores = [c.model_score for c in candidates]
    assert len({c.text for c in candidates}) == 4
    assert scores == sorted(scores, reverse=True)
    assert all(score is not None and score <= 0 for score in scores)


def test_a_forced_prefix_begins_the_translation(model: Ct2Translator) -> None:
    made = model.translate(SENTENCES[:2], prefixes=["Kuaishou made", ""])
    assert made[0][0].text.startswith("Kuaishou made ")
    assert made[1][0].text == texts(model, SENTENCES[1:2])[0]


def repeats(text: str, size: int) -> int:
    words = text.split()
    runs = [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]
    return len(runs) - len(set(runs))


def test_no_repeat_stops_loops(model: Ct2Translator) -> None:
    looping = "非常" * 14
    assert len(model.split(looping)) == 1
    assert repeats(*texts(model, [looping], no_repeat_ngram=0), 4) > 0
    assert repeats(*texts(model, [looping], no_repeat_ngram=3), 4) == 0


def test_a_fitting_translation_scores_higher_than_a_foreign_one(model: Ct2Translator) -> None:
    good, bad = model.score(
        [
            ("公司去年的收入增长了。", "The company's revenue grew last year."),
            ("公司去年的收入增长了。", "Cats sleep under old trees."),
        ]
    )
    assert bad < good < 0


def test_scores_do_not_depend_on_the_batch(model: Ct2Translator) -> None:
    pairs = [(s, t) for s, t in zip(SENTENCES, texts(model, SENTENCES), strict=True)]
    assert model.score(pairs) == pytest.approx([model.score([pair])[0] for pair in pairs], abs=1e-4)
    assert model.score([]) == []
    assert all(score < 0 for score in model.score([("", "a"), ("你好", ""), (LONG, "x " * 500)]))


def test_attention_is_a_distribution_for_each_target_token(model: Ct2Translator) -> None:
    (attention,) = model.attend([("我们在 Douyin 上开了直播。", "We open a livestream in Douyin.")])
    assert len(attention.weights) == len(attention.target)
    assert all(len(row) == len(attention.source) for row in attention.weights)
    assert all(0 <= weight <= 1 for row in attention.weights for weight in row)
    # "Do" of the target looks at "Do" of the source more than at anything else.
    row = attention.weights[attention.target.index("▁Do")]
    assert max(range(len(row)), key=row.__getitem__) == attention.source.index("▁Do")


def test_attention_does_not_depend_on_the_batch(model: Ct2Translator) -> None:
    pairs = [("快手盈利。", "Kuaishou is profitable."), (SENTENCES[2], "JD.com and Kuaishou will sign.")]
    together = model.attend(pairs)
    for one, pair in zip(together, pairs, strict=True):
        (alone,) = model.attend([pair])
        assert (one.source, one.target) == (alone.source, alone.target)
        for row, row_alone in zip(one.weights, alone.weights, strict=True):
            assert row == pytest.approx(row_alone, abs=1e-3)
    assert model.attend([]) == []


def test_the_signature_names_model_hash_and_engine(model: Ct2Translator, shipped: Path) -> None:
    name, rest = model.signature().split("@")
    assert name == model.name == "zh-en-small"
    digest, engine = rest.split("+")
    assert len(digest) == 12
    assert engine.startswith("ctranslate2-")
    assert Ct2Translator(shipped, compute_type="float32").signature() != model.signature()


def test_int8_says_mostly_what_float32_says(model: Ct2Translator, shipped: Path) -> None:
    exact = texts(Ct2Translator(shipped, compute_type="float32"), SENTENCES)
    assert sum(a == b for a, b in zip(exact, texts(model, SENTENCES), strict=True)) >= len(SENTENCES) // 2


def test_a_penalty_of_the_card_keeps_the_search_from_leaving_words_out(shipped: Path, tmp_path: Path) -> None:
    made = {}
    for penalty in ("0.0", "0.5"):
        copy = tmp_path / penalty
        shutil.copytree(shipped, copy)
        card = (copy / "card.toml").read_text(encoding="utf-8").replace("coverage_penalty", "# before:")
        (copy / "card.toml").write_text(f"coverage_penalty = {penalty}\n{card}", encoding="utf-8")
        made[penalty] = texts(Ct2Translator(copy), [*SENTENCES, LONG])
        if penalty == "0.5":
            assert len(texts(Ct2Translator(copy), SENTENCES, beam=1)) == len(SENTENCES)
    assert made["0.0"] != made["0.5"]
    assert sum(map(len, made["0.0"])) < sum(map(len, made["0.5"]))


def test_a_changed_file_is_refused_by_its_checksum(shipped: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(shipped, copy)
    data = bytearray((copy / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (copy / "model.safetensors").write_bytes(data)
    with pytest.raises(ModelError, match=r"model\.safetensors: its checksum .* damaged"):
        Ct2Translator(copy)


def test_a_missing_file_is_named(shipped: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(shipped, copy)
    (copy / "source.spm").unlink()
    with pytest.raises(ModelError, match=r"source\.spm: cannot be read"):
        Ct2Translator(copy)


def test_a_damaged_tokeniser_is_named(shipped: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(shipped, copy)
    (copy / "card.toml").unlink()
    (copy / "source.spm").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"source\.spm: cannot be read as a SentencePiece model"):
        Ct2Translator(copy)


@pytest.mark.parametrize("options", [{"beam": 0}, {"beam": 2, "n_best": 3}, {"n_best": 0}, {"max_length": 0}])
def test_impossible_options_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        DecodingOptions(**options)
