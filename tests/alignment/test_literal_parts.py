"""What the parts of a name mean, from a lexicon of a few words."""

from regloss.alignment.lexicon import Entry, Lexicon, build_lexicon
from regloss.alignment.literal import literal_parts


def _lexicon() -> Lexicon:
    table = {"软": "soft softly", "银": "silver", "荣": "honour", "耀": "shine", "荣耀": "glory", "快手": "kuaishou",
             "快": "fast quick", "手": "hands"}  # fmt: skip
    return build_lexicon(
        {zh: [Entry(word, 0.9 / len(en.split()), 0.9) for word in en.split()] for zh, en in table.items()}
    )


def test_each_part_in_order() -> None:
    soft, silver = literal_parts(_lexicon(), "软银", "SoftBank")
    assert "soft" in soft
    assert silver == {"silver"}


def test_traditional_characters_are_read_alike() -> None:
    assert literal_parts(_lexicon(), "軟銀", "SoftBank") == literal_parts(_lexicon(), "软银", "SoftBank")


def test_a_name_that_the_lexicon_knows_as_the_name_has_parts() -> None:
    assert [sorted(part) for part in literal_parts(_lexicon(), "快手", "Kuaishou")] == [["fast", "quick"], ["hand"]]


def test_a_name_that_is_a_word_too_has_none() -> None:
    assert literal_parts(_lexicon(), "荣耀", "Honor") == ()


def test_unknown_and_single_parts_have_none() -> None:
    assert literal_parts(_lexicon(), "软鹅", "Ruan'e") == ()
    assert literal_parts(_lexicon(), "银", "Yin") == ()
    assert literal_parts(_lexicon(), "B银", "BYin") == ()
