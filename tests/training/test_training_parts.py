"""The parts of the recipe that need no torch: recipe, corpus, terms, batches, states, the small corpus, finishing."""

import dataclasses
import lzma
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from regloss.alignment.lexicon import Entry, build_lexicon
from trainer.batches import Mixer, Position, Prefetcher, gather
from trainer.corpus import Pair, read_corpus, read_validation
from trainer.export import halved
from trainer.recipe import Phase, Recipe, RecipeError, read_recipe
from trainer.rehearsal import write_rehearsal_corpus
from trainer.splitting import split_pieces, split_table
from trainer.store import PairStore, build_store, open_store, store_fits
from trainer.terms import Term, TermBook, collect_terms, inline_versions, read_terms, write_terms
from trainer.vocabulary import sample, token_ids, train_vocabulary

TRAINING = Path(__file__).resolve().parents[2] / "models" / "training"


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return read_recipe(TRAINING / "recipe.toml", tiny=True)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    write_rehearsal_corpus(folder, seed=1)
    return folder


@pytest.fixture(scope="module")
def prepared(recipe: Recipe, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    pairs = list(read_corpus(corpus, recipe, 1))
    train_vocabulary(list(sample(pairs, recipe, 1)), recipe.vocabulary, folder, 1)
    write_terms(folder / "terms.tsv", collect_terms(pairs, recipe.corpus.dictionaries))
    build_store(pairs, recipe, folder, folder / "data", seed=1, mark="x", processes=1)
    return folder


def a_store(sizes: dict[str, int]) -> PairStore:
    """Pairs of one row each: source [n, 1], target of length 2 to 6."""
    rows, tokens, groups, first = [], [], {}, 0
    for name, size in sizes.items():
        for n in range(size):
            target = [3] * (1 + n % 5) + [1]
            rows.append((len(tokens), 2, len(target)))
            tokens += [first + n + 10, 1, *target]
        groups[name] = (first, first + size)
        first += size
    pairs = np.stack([np.arange(first), np.ones(first, dtype=np.int64)], axis=1)
    return PairStore(np.array(tokens, dtype=np.uint16), np.array(rows, dtype=np.int64), pairs, groups)


def a_mixer(recipe: Recipe, store: PairStore, weights: dict[str, float], pool: int, budget: int = 64) -> Mixer:
    pace = dataclasses.replace(recipe.training.cpu, batch_tokens=budget, pool=pool, pad_to=4)
    plain = dataclasses.replace(recipe.variety, joined=0.0, split=0.0)
    return Mixer(store, (Phase("only", 1.0, weights),), pace, recipe.terms, plain, np.full((5000, 2), -1), 7)


def first_of_pool(mixer: Mixer, pool: int) -> list[int]:
    """The first source token of every pair of one pool."""
    seen: list[int] = []
    for batch in mixer.batches(Position(0, pool, 0)):
        seen += batch.source[:, 0].tolist()
        if batch.after.pool != pool:
            return seen
    raise AssertionError


def test_the_real_recipe_and_its_rehearsal_can_be_read() -> None:
    real = read_recipe(TRAINING / "recipe.toml")
    shape = real.architecture
    vocabulary = real.vocabulary.source_pieces + real.vocabulary.target_pieces
    layer = 4 * shape.width**2 + 2 * shape.width * shape.feed_forward
    cross = 4 * shape.width**2
    size = vocabulary * shape.width + layer * (shape.encoder_layers + shape.decoder_layers)
    assert size + cross * shape.decoder_layers < 30e6
    assert shape.width % shape.heads == 0
    for phase in real.phases:
        manuals = phase.weights["manuals"]
        assert manuals <= phase.weights["general"]
        assert manuals <= phase.weights["business"]


def test_a_model_that_is_trained_on_has_a_mix_of_its_own() -> None:
    fresh, continued = (read_recipe(TRAINING / "recipe.toml", continued=each) for each in (False, True))
    assert continued.training.dropout > fresh.training.dropout
    assert continued.phases[0].weights["authored"] > fresh.phases[0].weights["authored"]
    assert continued.training.cpu == fresh.training.cpu
    assert continued.architecture == fresh.architecture


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("warmup = 4000", "warm_up = 4000", "warm_up, warmup"),
        ("until = 0.9", "until = 1.0", "until"),
        ('name = "final"', "nome = 1", "phases"),
        ("authored = 0.05", "authord = 0.05", "weights"),
        ("[groups]", "[groups", "cannot be read"),
        ("general = 0.3 }", "genral = 0.3 }", "select"),
    ],
)
def test_a_faulty_recipe_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    text = (TRAINING / "recipe.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "r.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RecipeError, match=fault):
        read_recipe(tmp_path / "r.toml")


def test_sources_find_their_group_and_share(recipe: Recipe) -> None:
    assert recipe.group("ms_Dynamics-365-Operations") == "business"
    assert recipe.group("ms_docs") == "manuals"
    assert recipe.group("something new") == "manuals"
    assert recipe.corpus.share("ms_partner-center-pr-zhtw") == 0.2
    assert recipe.corpus.share("tatoeba") == 1.0


def test_pairs_of_the_validation_sets_are_never_trained_on(recipe: Recipe, corpus: Path, tmp_path: Path) -> None:
    held_out = read_validation(corpus, recipe)["general"]
    for path in corpus.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    leaked = [
        f"{held_out[0].source}\tOther words.\tx\n",
        f"别的话。\t{held_out[1].target}\tx\n",
        "新的\tnew words\tx\n",
    ]
    (tmp_path / "zh-en.leak.tsv").write_text("".join(leaked), encoding="utf-8")
    assert [p.source for p in read_corpus(tmp_path, recipe, 1) if p.origin == "x"] == ["新的"]


def test_what_is_kept_depends_on_text_and_seed_alone(recipe: Recipe, corpus: Path, tmp_path: Path) -> None:
    thin = dataclasses.replace(recipe, corpus=dataclasses.replace(recipe.corpus, keep={"*": 0.5}))
    whole, half = list(read_corpus(corpus, recipe, 1)), list(read_corpus(corpus, thin, 1))
    assert 0.4 < len(half) / len(whole) < 0.6
    assert half == list(read_corpus(corpus, thin, 1))
    assert half != list(read_corpus(corpus, thin, 2))
    assert [p for p in whole if p in set(half)] == half


def test_smaller_groups_are_repeated_for_the_vocabulary(recipe: Recipe) -> None:
    pairs = [Pair(f"句{i}", "x", "tatoeba") for i in range(10)] + [Pair(f"段{i}", "x", "ms_docs") for i in range(1000)]
    times = Counter(pair.origin for pair in sample(pairs, recipe, 1))
    assert times["tatoeba"] == 80
    assert 150 < times["ms_docs"] < 350


def test_the_vocabulary_has_the_shipped_ids_and_every_byte(prepared: Path) -> None:
    import json

    ids = json.loads(token_ids(prepared / "source.spm"))
    assert (ids["<pad>"], ids["</s>"], ids["<unk>"]) == (0, 1, 2)
    assert {f"<0x{byte:02X}>" for byte in range(256)} <= set(ids)
    assert sorted(ids.values()) == list(range(len(ids)))


BOOK = TermBook(
    {
        "老铁": (Term("老铁", "loyal fan", ("loyal fans",)),),
        "快手": (Term("快手", "Kuaishou"),),
        "北京": (Term("北京", "Beijing"),),
        "提高": (Term("提高", "raise", ("raised", "raising", "raises")),),
    },
    ("Kuaishou", "Beijing", "Nanjing"),
)
PAIR = Pair("快手提高了老铁的佣金。", "Kuaishou raised the commission of loyal fans.", "authored")


def versions(pair: Pair, recipe: Recipe, **changes: Any) -> set[tuple[str, str]]:
    plan = dataclasses.replace(recipe.terms, **changes)
    return {found for n in range(60) for found in inline_versions(pair, BOOK, plan, random.Random(n))}


def test_base_forms_stand_inline_though_the_sentence_needs_another(recipe: Recipe) -> None:
    found = versions(PAIR, recipe, dictionary_form=1.0, exchange=0.0)
    assert ("快手提高了 loyal fan 的佣金。", PAIR.target) in found
    assert ("Kuaishou raise 了 loyal fan 的佣金。", PAIR.target) in found
    assert {target for _, target in found} == {PAIR.target}
    assert not any("loyal fans" in source for source, _ in found)


def test_forms_of_the_sentence_stand_inline_to_be_copied(recipe: Recipe) -> None:
    found = versions(PAIR, recipe, dictionary_form=0.0, exchange=0.0, most=1)
    assert {source for source, _ in found} == {
        "Kuaishou 提高了老铁的佣金。",
        "快手 raised 了老铁的佣金。",
        "快手提高了 loyal fans 的佣金。",
    }


def test_within_a_sentence_the_text_says_how_a_word_is_written(recipe: Recipe) -> None:
    book = TermBook({"阿克拉": (Term("阿克拉", "accra"),)})
    plan = dataclasses.replace(recipe.terms, dictionary_form=1.0)
    for target, inline in (("He lives in Accra.", "Accra"), ("Accra is large.", "accra")):
        found = inline_versions(Pair("阿克拉很大。", target, "x"), book, plan, random.Random(1))
        assert found == [(f"{inline} 很大。", target)]


def test_a_part_of_a_longer_name_is_no_term(recipe: Recipe) -> None:
    book = TermBook({"香港": (Term("香港", "hong"), Term("香港", "kong")), "市场": (Term("市场", "market"),)})
    found = inline_versions(Pair("香港市场", "the Hong Kong market", "x"), book, recipe.terms, random.Random(1))
    assert found == [("香港 market", "the Hong Kong market")]


def test_words_of_the_lexicon_become_terms_in_their_base_form(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"母鸡": [Entry("hens", 0.6, 0.5), Entry("farm", 0.2, 0.9)], "饲养": [Entry("raised", 0.5, 0.05)]}
    monkeypatch.setattr("regloss.alignment.lexicon.load_lexicon", lambda: build_lexicon(table))
    terms = collect_terms([Pair("农民饲养母鸡。", "Farmers raised hens.", "authored")], [])
    assert [(term.source, term.base, term.forms) for term in terms] == [("母鸡", "hen", ("hens",))]


def test_names_are_exchanged_on_both_sides(recipe: Recipe) -> None:
    found = versions(PAIR, recipe, exchange=1.0, most=1)
    swapped = [(source, target) for source, target in found if "Nanjing" in source]
    assert swapped == [("Nanjing 提高了老铁的佣金。", "Nanjing raised the commission of loyal fans.")]


@pytest.mark.parametrize(
    "pair",
    [
        Pair("天气很好。", "The weather is fine.", "x"),
        Pair("快手上线。", "It goes online.", "x"),
        Pair("快手上线。", "Kuaishouish things go online.", "x"),
        Pair("老铁们很热情。", "They are loyal", "x"),
    ],
)
def test_nothing_stands_inline_that_the_translation_lacks(recipe: Recipe, pair: Pair) -> None:
    assert versions(pair, recipe) == set()


def test_terms_survive_their_file(tmp_path: Path) -> None:
    terms = collect_terms(
        [Pair("经销商", "the dealer", "cedict"), Pair("的", "of", "cedict"), Pair("提出", "to raise", "cedict")],
        ["cedict"],
    )
    assert [(t.source, t.base) for t in terms] == [("经销商", "dealer"), ("提出", "raise")]
    assert "dealers" in terms[0].forms
    assert {"raised", "raising", "raises"} <= set(terms[1].forms)
    write_terms(tmp_path / "terms.tsv", terms)
    assert read_terms(tmp_path / "terms.tsv").by_source["提出"] == (terms[1],)


def test_the_store_gives_back_the_text(prepared: Path, recipe: Recipe, corpus: Path) -> None:
    import sentencepiece

    store = open_store(prepared / "data")
    decode = sentencepiece.SentencePieceProcessor(model_file=str(prepared / "target.spm")).decode
    assert sum(high - low for low, high in store.groups.values()) == len(store.pairs)
    texts = set()
    for start, source, target in store.rows[store.pairs[:, 0]]:
        row = store.tokens[start : start + source + target].tolist()
        assert row[source - 1] == row[-1] == 1
        texts.add(decode(row[source:-1]))
    assert texts == {pair.target for pair in read_corpus(corpus, recipe, 1)}
    assert len(store.rows) > 1.5 * len(store.pairs)
    assert store_fits(prepared / "data", "x")
    assert not store_fits(prepared / "data", "y")


def test_processes_do_not_change_the_data(prepared: Path, recipe: Recipe, corpus: Path, tmp_path: Path) -> None:
    pairs = list(read_corpus(corpus, recipe, 1))
    # More than one chunk, or there would be nothing to share out.
    many = [dataclasses.replace(pair, origin="authored") for pair in pairs] * 9
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        build_store(many, recipe, prepared, folder, seed=1, mark="x", processes=processes)
    assert (tmp_path / "1" / "tokens.u16").read_bytes() == (tmp_path / "2" / "tokens.u16").read_bytes()
    assert len(open_store(tmp_path / "2").pairs) == len(many)


def test_an_unfinished_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no finished data"):
        open_store(tmp_path)


def test_pools_hold_groups_by_weight_and_every_pair_in_turn(recipe: Recipe) -> None:
    mixer = a_mixer(recipe, a_store({"authored": 10, "manuals": 90}), {"authored": 0.5, "manuals": 0.5}, pool=20)
    pools = [first_of_pool(mixer, n) for n in range(9)]
    for pool in pools:
        assert sorted(n for n in pool if n < 20) == list(range(10, 20))
    assert sorted(n for pool in pools for n in pool if n >= 20) == list(range(20, 110))
    assert pools[0] != first_of_pool(a_mixer(recipe, mixer.store, {"authored": 1.0}, pool=20), 0)


def test_a_group_without_pairs_leaves_its_share_to_the_others(recipe: Recipe) -> None:
    mixer = a_mixer(recipe, a_store({"authored": 10, "law": 0}), {"authored": 0.5, "law": 0.5}, pool=20)
    assert mixer.counts(0) == {"authored": 20}
    with pytest.raises(RecipeError, match="none of its groups"):
        a_mixer(recipe, mixer.store, {"law": 1.0}, pool=20).counts(0)


def test_batches_keep_the_budget_and_can_be_taken_up_anywhere(recipe: Recipe) -> None:
    mixer = a_mixer(recipe, a_store({"manuals": 200}), {"manuals": 1.0}, pool=100, budget=64)
    straight = []
    for batch in mixer.batches(Position(0, 0, 0)):
        straight.append(batch)
        if len(straight) == 40:
            break
    for batch in straight:
        assert max(batch.source.size, batch.target.size) <= 64
        assert batch.tokens == (batch.target != 0).sum()
        assert batch.target.shape[1] % 4 == 0
    assert len({batch.after for batch in straight}) == 40
    taken_up = mixer.batches(straight[24].after)
    for batch in straight[25:]:
        again = next(taken_up)
        assert np.array_equal(batch.source, again.source)
        assert np.array_equal(batch.target, again.target)


def test_versions_with_terms_are_drawn_as_often_as_asked(recipe: Recipe) -> None:
    store = a_store({"manuals": 3000})
    # Every pair owns three rows: row 3n as it is, then two with terms.
    pairs = np.stack([np.arange(0, 3000, 3), np.full(1000, 3)], axis=1)
    mixer = a_mixer(
        recipe, dataclasses.replace(store, pairs=pairs, groups={"manuals": (0, 1000)}), {"manuals": 1.0}, 1000
    )
    kinds = Counter((token - 10) % 3 for token in first_of_pool(mixer, 0))
    assert 0.2 < (kinds[1] + kinds[2]) / 1000 < 0.3
    assert min(kinds[1], kinds[2]) > 80


def test_gather_pads_on_the_right() -> None:
    tokens = np.arange(10, 30, dtype=np.uint16)
    out = gather(tokens, np.array([[5, 2], [0, 0], [9, 0]]), np.array([[2, 1], [1, 0], [5, 0]]), pad_to=4)
    assert out.tolist() == [
        [15, 16, 12, 0, 0, 0, 0, 0],
        [10, 0, 0, 0, 0, 0, 0, 0],
        [19, 20, 21, 22, 23, 0, 0, 0],
    ]


def test_the_prefetcher_keeps_the_order_and_passes_faults_on(recipe: Recipe) -> None:
    mixer = a_mixer(recipe, a_store({"manuals": 200}), {"manuals": 1.0}, pool=100)
    with Prefetcher(mixer.batches(Position(0, 0, 0)), ahead=2) as ahead:
        made = [batch.after for batch, _ in zip(ahead, range(10), strict=False)]
    plain = [batch.after for batch, _ in zip(mixer.batches(Position(0, 0, 0)), range(10), strict=False)]
    assert made == plain

    def broken() -> Any:
        yield from ()
        raise RecipeError("no more")

    with Prefetcher(broken()) as ahead, pytest.raises(RecipeError, match="no more"):
        next(iter(ahead))


def test_values_beyond_float16_are_refused() -> None:
    assert halved({"a": np.array([1.5])})["a"].dtype == np.float16
    for value in (1e6, float("nan")):
        with pytest.raises(RecipeError, match="b holds"):
            halved({"b": np.array([value])})


def test_the_small_corpus_keeps_the_limit_and_what_is_worth_most(corpus: Path, tmp_path: Path) -> None:
    many = "".join(f"第{i}条{i * 7919}\tItem {i} says {i * 104729}\tms_docs\n" for i in range(9000))
    large = tmp_path / "large"
    large.mkdir()
    for path in corpus.iterdir():
        (large / path.name).write_bytes(path.read_bytes())
    (large / "zh-en.docs-1.tsv").write_text(many, encoding="utf-8")
    out = tmp_path / "small"
    command = [
        sys.executable,
        str(TRAINING / "carry.py"),
        "--corpus",
        str(large),
        "--out",
        str(out),
        "--mebibytes",
        "0.04",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert sum(path.stat().st_size for path in out.iterdir()) <= 0.04 * 2**20
    manuals = lzma.decompress((out / "zh-en.manuals.tsv.xz").read_bytes()).decode().splitlines()
    assert 100 < len(manuals) < 9000
    authored = lzma.decompress((out / "zh-en.authored.tsv.xz").read_bytes()).decode()
    assert sorted(authored.splitlines()) == sorted((corpus / "zh-en.authored.tsv").read_text("utf-8").splitlines())


def test_pairs_are_joined_two_by_two_where_they_fit(recipe: Recipe) -> None:
    single = a_mixer(recipe, a_store({"manuals": 1000}), {"manuals": 1.0}, pool=1000)
    variety = dataclasses.replace(recipe.variety, joined=0.4, longest=9)
    mixer = dataclasses.replace(single, variety=variety)
    sources, targets = [], []
    for batch in mixer.batches(Position(0, 0, 0)):
        sources += [row[row != 0].tolist() for row in batch.source]
        targets += [row[row != 0].tolist() for row in batch.target]
        assert batch.tokens == (batch.target != 0).sum()
        if batch.after.pool:
            break
    joined = [n for n, source in enumerate(sources) if len(source) == 3]
    # Of the pairs of targets two to six pieces long, end included, those of more than nine when joined stay apart.
    assert 130 < len(joined) < 200
    assert sorted(token for source in sources for token in source if token != 1) == list(range(10, 1010))
    for number, (source, target) in enumerate(zip(sources, targets, strict=True)):
        assert source[-1] == target[-1] == 1
        assert source.count(1) == target.count(1) == 1
        assert len(target) == 1 + sum(1 + (token - 10) % 5 for token in source[:-1])
        assert len(target) <= 9 or number not in joined


def test_pieces_are_split_as_often_as_asked() -> None:
    table = np.full((20, 2), -1)
    table[10], table[11] = (12, 13), (14, 10)
    rows = np.array([[10, 15, 11, 1, 0, 0], [16, 1, 0, 0, 0, 0], [10, 10, 10, 10, 10, 1]])
    always = split_pieces(rows, table, 1.0, 4, np.random.default_rng(1))
    assert [[token for token in row if token] for row in always.tolist()] == [
        [12, 13, 15, 14, 10, 1],
        [16, 1],
        [12, 13] * 5 + [1],
    ]
    assert always.shape == (3, 12)
    assert np.array_equal(split_pieces(rows, table, 0.0, 2, np.random.default_rng(1)), rows)
    many = split_pieces(np.full((50, 100), 10), table, 0.1, 1, np.random.default_rng(1))
    assert 400 < (many == 12).sum() < 600


def test_the_table_splits_pieces_into_pieces_with_the_same_text(prepared: Path) -> None:
    import sentencepiece

    pieces = sentencepiece.SentencePieceProcessor(model_file=str(prepared / "source.spm"))
    table = split_table(prepared / "source.spm")
    found = [(number, *both) for number, both in enumerate(table.tolist()) if both[0] >= 0]
    assert len(found) > 20
    for whole, left, right in found:
        text = [pieces.id_to_piece(i) for i in (whole, left, right)]
        assert text[0] == text[1] + text[2]
        assert text[1] != "▁"
    assert (table[:259] == -1).all()
