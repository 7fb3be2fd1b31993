import json
from pathlib import Path

import pytest

from regloss.glossary.store import Glossary
from regloss.repair import repair_text
from regloss.repair.grammar import article_for, starts_with_vowel_sound

CASES = json.loads((Path(__file__).parent / "grammar_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["explanation"] for case in CASES])
def test_replacement_is_one_grammatical_unit(case: dict[str, str], glossary: Glossary) -> None:
    assert repair_text(case["wrong"], glossary) == case["right"]


@pytest.mark.parametrize(
    ("word", "vowel"),
    [
        ("anchor", True), ("streamer", False), ("hour", True), ("honest", True), ("house", False), ("user", False),
        ("unicorn", False), ("uninvited", True), ("umbrella", True), ("MCN", True), ("UGC", False), ("VC", False),
        ("one-off", False), ("European", False), ("8-hour", True), ("NASA", False), ("", False),
    ],
)  # fmt: skip
def test_articles_go_by_sound(word: str, vowel: bool) -> None:
    assert starts_with_vowel_sound(word) is vowel


def test_an_article_keeps_its_capital() -> None:
    assert article_for("independent blogger", like="A") == "An"
