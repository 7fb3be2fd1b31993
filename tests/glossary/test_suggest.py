"""Wrong renderings are foreseen from parts, sounds and dictionaries; what is right or known is left out."""

import pytest

from regloss.alignment.lexicon import Entry, Lexicon, build_lexicon, load_lexicon
from regloss.glossary.entry import Forbidden, Kind, TermEntry
from regloss.glossary.pinyin import garblings, joined, spaced
from regloss.glossary.suggest import suggest


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    table = {
        "快": [
            Entry("faster", 0.4, 0.5),
            Entry("fast", 0.3, 0.4),
            Entry("quick", 0.2, 0.4),
            Entry("kuaishou", 0.1, 0.9),
        ],
        "手": [Entry("hand", 0.6, 0.9), Entry("hands", 0.3, 0.9)],
        "带": [Entry("with", 0.5, 0.1), Entry("bring", 0.3, 0.3)],
        "货": [Entry("goods", 0.7, 0.7), Entry("good", 0.01, 0.01)],
        "滴": [Entry("drop", 0.5, 0.5), Entry("drip", 0.4, 0.5)],
        "头部": [Entry("head", 0.8, 0.5)],
        "主播": [Entry("host", 0.5, 0.5)],
    }
    readings = {"快": ["kuai"], "手": ["shou"], "带": ["dai"], "货": ["huo"], "滴": ["di"]}
    return build_lexicon(table, glosses={"主播": ["anchor"]}, readings=readings)


def forms(term: str, lexicon: Lexicon, entry: TermEntry | None = None, **options: int) -> list[str]:
    return [each.form for each in suggest(term, lexicon, entry, **options)]


def test_parts_sounds_and_slips(lexicon: Lexicon) -> None:
    found = {each.form: each for each in suggest("快手", lexicon, TermEntry("快手", "Kuaishou", kind=Kind.NAME))}
    assert {name: found[name].way for name in ("fast hand", "quick hand", "Kuai Shou", "Kaishou", "fast shou")} == {
        "fast hand": "literal", "quick hand": "literal", "Kuai Shou": "pinyin", "Kaishou": "garbled",
        "fast shou": "mixed",
    }  # fmt: skip
    assert "Kuaishou" not in found
    assert not any("kuaishou" in form.lower() for form in found)
    assert next(iter(found)) == "fast hand"
    assert all(0 < each.confidence <= 1 for each in found.values())


def test_what_is_known_is_left_out(lexicon: Lexicon) -> None:
    entry = TermEntry("快手", "Kuaishou", admitted=("Kuai Shou",), forbidden=(Forbidden("fast hands"),), kind=Kind.NAME)
    found = forms("快手", lexicon, entry)
    assert "quick hand" in found
    assert not {"fast hand", "fast hands", "Kuai Shou"} & set(found)


def test_a_verb_takes_its_object_with_and_without_the(lexicon: Lexicon) -> None:
    found = forms("带货", lexicon, TermEntry("带货", "sell", kind=Kind.VERB))
    assert found[0] == "bring goods"
    assert "bring the goods" in found


def test_a_doubled_sound_is_one_word_twice(lexicon: Lexicon) -> None:
    found = forms("滴滴", lexicon)
    assert "drop drop" in found
    assert "drop drip" not in found


def test_dictionary_and_other_terms_of_the_glossary(lexicon: Lexicon) -> None:
    assert forms("主播", lexicon, TermEntry("主播", "streamer"))[0] == "anchor"
    entry = TermEntry("头部主播", "top streamer")
    found = [each.form for each in suggest("头部主播", lexicon, entry, parts={"主播": ("main broadcaster",)})]
    assert found[0] == "head main broadcaster"


def test_the_limit_holds_and_nothing_is_known_of_some_terms(lexicon: Lexicon) -> None:
    assert len(forms("快手", lexicon, limit=3)) == 3
    assert forms("龘", lexicon) == []
    assert forms("abc", lexicon) == []
    assert forms("快手带货" * 20, lexicon) == []


def test_latin_letters_stay_in_one_piece(lexicon: Lexicon) -> None:
    assert forms("AB手", lexicon)[0] == "AB hand"
    assert "hand AB" in forms("手AB", lexicon)


def test_spellings() -> None:
    assert joined(["xi", "an"]) == "Xi'an"
    assert spaced(["xiao", "hong", "shu"]) == "Xiao Hong Shu"
    found = list(garblings(["zhi", "dian", "sheng"]))
    assert found[0] == "Zhidansheng"
    assert {"Zidiansheng", "Zhidianseng", "Zhidianshen", "Zhidiangsheng", "Zhidian"} <= set(found)
    assert len(found) == len(set(found))
    assert "Zhhidiansheng" not in found


def test_the_bundled_lexicon_foresees_enough() -> None:
    bundled = load_lexicon()
    for term, target, wrong in (
        ("小红书", "Xiaohongshu", "small red book"),
        ("西瓜视频", "Xigua Video", "watermelon video"),
        ("破圈", "go mainstream", "break the circle"),
    ):
        assert wrong in forms(
            term, bundled, TermEntry(term, target, kind=Kind.NAME if target[0].isupper() else Kind.VERB)
        )
