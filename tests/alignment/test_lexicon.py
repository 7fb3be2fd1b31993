"""The bilingual lexicon: words, look-ups, its file, and the rehearsal of its training."""

import hashlib
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from regloss.alignment.lexicon import (
    FILE_NAME,
    Entry,
    Lexicon,
    build_lexicon,
    load_lexicon,
    pack,
    segment,
    stem,
    target_words,
    write_lexicon,
)
from regloss.document import Span
from regloss.errors import ModelError
from regloss.resources import bundled

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shipped() -> Lexicon:
    return load_lexicon()


@pytest.fixture
def small() -> Lexicon:
    return build_lexicon(
        {
            "直播": [Entry("livestream", 0.5, 0.6), Entry("live", 0.2, 0.1)],
            "电商": [Entry("e-commerce", 0.9, 0.8)],
            "快": [Entry("fast", 0.6, 0.4), Entry("quick", 0.3, 0.4)],
            "手": [Entry("hand", 0.8, 0.7)],
        },
        frequencies={"直播": 10, "电商": 10, "快": 50, "手": 50, "的": 100},
        glosses={"直播电商": ["live commerce", "livestream shopping"]},
        readings={"快": ["kuai"], "行": ["xing", "hang"]},
    )


def write(folder: Path, arrays: dict[str, np.ndarray]) -> None:
    digest = write_lexicon(arrays, folder / FILE_NAME)
    (folder / "card.toml").write_text(f'sha256 = "{digest}"\n', encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("JD.com sold 3.5 million.", ["jd.com", "sold", "3.5", "million"]),
        ("The U.S. e-commerce boom", ["the", "u.s.", "e-commerce", "boom"]),
        ("a quick-hand anchor", ["a", "quick", "hand", "anchor"]),
        ("Kuaishou's and merchants' fees", ["kuaishou", "and", "merchants", "fees"]),
        ("the end.Next one", ["the", "end", "next", "one"]),
        ("AT&T don\u2019t", ["at&t", "don't"]),
        ("left 直播 untranslated", ["left", "直播", "untranslated"]),
        ("Champs-Élysées", ["champs", "élysées"]),
        ("… — !", []),
        ("", []),
    ],
)
def test_english_words_are_those_that_a_term_is_made_of(text: str, forms: list[str]) -> None:
    assert [word.form for word in target_words(text)] == forms


def test_words_know_where_they_stand_in_code_points() -> None:
    text = "😀 a quick-hand's İstanbul"
    spans = [text[w.span.start : w.span.end] for w in target_words(text)]
    assert spans == ["a", "quick", "hand", "İstanbul"]


@pytest.mark.parametrize(
    "group",
    [
        ("store", "stores", "stored", "storing"),
        ("company", "companies"),
        ("ship", "shipped", "shipping"),
        ("box", "boxes"),
    ],
)
def test_inflections_share_a_stem(group: tuple[str, ...]) -> None:
    assert len({stem(word) for word in group}) == 1


@pytest.mark.parametrize("word", ["gas", "red", "boss", "was"])
def test_short_words_and_double_s_keep_their_ending(word: str) -> None:
    assert stem(word) == word


def test_translations_come_best_first_as_probabilities(small: Lexicon) -> None:
    found = small.translations("直播")
    assert list(found) == ["livestream", "live"]
    assert found["livestream"] == pytest.approx(0.5, rel=0.03)
    assert small.entries("直播")[0].backward == pytest.approx(0.6, rel=0.03)


def test_a_word_without_a_row_is_looked_up_by_its_parts(small: Lexicon) -> None:
    assert "快手" not in small
    found = small.translations("快手")
    assert list(found) == ["hand", "fast", "quick"]
    assert found["hand"] == pytest.approx(0.4, rel=0.03)


def test_an_unknown_word_has_no_translation(small: Lexicon) -> None:
    assert small.translations("火") == {}
    assert small.translations("") == {}
    assert small.sources("zebra") == {}
    assert small.glosses("火") == ()
    assert small.readings("火") == ()


def test_sources_are_the_other_direction_and_case_does_not_matter(small: Lexicon) -> None:
    assert small.sources("LIVESTREAM") == {"直播": pytest.approx(0.6, rel=0.03)}
    assert small.knows_target("Livestream")
    assert not small.knows_target("zebra")


def test_glosses_keep_the_order_of_the_dictionary(small: Lexicon) -> None:
    assert small.glosses("直播电商") == ("live commerce", "livestream shopping")
    assert small.readings("行") == ("xing", "hang")


def test_source_words_are_the_most_probable_segmentation(small: Lexicon) -> None:
    words = small.source_words("快手的直播，JD.com电商5次！")
    assert [w.form for w in words] == ["快", "手", "的", "直播", "jd.com", "电商", "5", "次"]
    assert words[3].span == Span(3, 5)
    assert [w.span.start for w in words] == sorted(w.span.start for w in words)


def test_segmentation_prefers_the_word_that_is_likelier_than_its_parts() -> None:
    logs = {"中": -3.0, "国": -3.0, "中国": -5.0, "": -9.0}
    assert segment("中国中", logs) == ["中国", "中"]
    assert segment("中国", logs | {"中国": -7.0}) == ["中", "国"]
    assert segment("", logs) == []


def test_the_file_gives_back_what_was_written(small: Lexicon, tmp_path: Path) -> None:
    table = {word: list(small.entries(word)) for word in ("直播", "电商", "快", "手")}
    write(tmp_path, pack(table, {"直播": 3.0}, {"直播": ["live broadcast"]}, {"直": ["zhi"]}))
    again = load_lexicon(tmp_path)
    assert {word: list(again.entries(word)) for word in table} == table
    assert again.glosses("直播") == ("live broadcast",)
    assert not list(tmp_path.glob("*.part"))


def test_a_damaged_file_is_refused_by_its_checksum(tmp_path: Path) -> None:
    write(tmp_path, pack({"快": [Entry("fast", 0.6, 0.4)]}))
    content = bytearray((tmp_path / FILE_NAME).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(ModelError, match="checksum"):
        load_lexicon(tmp_path)


def test_a_file_that_is_no_lexicon_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a lexicon")
    digest = hashlib.sha256(b"not a lexicon").hexdigest()
    (tmp_path / "card.toml").write_text(f'sha256 = "{digest}"\n', encoding="utf-8")
    with pytest.raises(ModelError, match="not a lexicon file"):
        load_lexicon(tmp_path)


def test_a_lexicon_of_another_version_is_refused(tmp_path: Path) -> None:
    arrays = pack({"快": [Entry("fast", 0.6, 0.4)]})
    header = np.frombuffer(b'{"format": "regloss-lexicon", "version": 99}', dtype=np.uint8)
    write(tmp_path, arrays | {"header": header})
    with pytest.raises(ModelError, match="another version"):
        load_lexicon(tmp_path)


def test_a_lexicon_with_a_member_missing_is_refused(tmp_path: Path) -> None:
    arrays = pack({"快": [Entry("fast", 0.6, 0.4)]})
    del arrays["columns"]
    write(tmp_path, arrays)
    with pytest.raises(ModelError, match="columns"):
        load_lexicon(tmp_path)


@pytest.mark.parametrize("card", [None, "sha256 = ", "name = 'x'"])
def test_a_missing_or_broken_card_is_one_clear_error(tmp_path: Path, card: str | None) -> None:
    write(tmp_path, pack({"快": [Entry("fast", 0.6, 0.4)]}))
    if card is None:
        (tmp_path / "card.toml").unlink()
    else:
        (tmp_path / "card.toml").write_text(card, encoding="utf-8")
    with pytest.raises(ModelError, match="reinstall") as caught:
        load_lexicon(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_shipped_lexicon_is_small_and_says_where_it_comes_from() -> None:
    folder = bundled("models", "zh-en-lexicon")
    card = tomllib.loads((folder / "card.toml").read_text(encoding="utf-8"))
    assert (folder / FILE_NAME).stat().st_size == card["bytes"] <= 12_000_000
    assert card["licence"] == "CC-BY-SA-4.0"
    assert any("CC-CEDICT" in data["name"] for data in card["data"])
    assert all(data["licence"] for data in card["data"])


@pytest.mark.parametrize(
    ("source", "target"),
    [("公司", "company"), ("消费者", "consumers"), ("电商", "e-commerce"), ("特斯拉", "tesla"), ("主播", "streamer")],
)
def test_the_shipped_lexicon_knows_the_words_of_its_domain(shipped: Lexicon, source: str, target: str) -> None:
    assert target in list(shipped.translations(source))[:3]
    assert source in list(shipped.sources(target))[:3]


def test_the_shipped_probabilities_are_probabilities(shipped: Lexicon) -> None:
    for word in ("公司", "的", "增长", "快", "直播"):
        values = [entry.forward for entry in shipped.entries(word)]
        assert values == sorted(values, reverse=True)
        assert 0.3 < sum(values) < 1.06  # rounding to 4 % steps


def test_the_training_rehearses_in_seconds_and_repeats_itself(tmp_path: Path) -> None:
    for name in ("one", "two"):
        subprocess.run(
            [sys.executable, str(ROOT / "models/training/lexicon.py"), "--tiny", "--out", str(tmp_path / name)],
            check=True,
            capture_output=True,
        )
    one, two = ((tmp_path / name / FILE_NAME).read_bytes() for name in ("one", "two"))
    assert one == two
    learnt = load_lexicon(tmp_path / "one")
    for source, target in (("收入", "revenue"), ("库存", "inventory"), ("商家", "merchant"), ("公布", "announced")):
        assert learnt.translations(source).get(target, 0.0) > 0.8
