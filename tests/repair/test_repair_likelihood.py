"""A translation model's doubt about an unlisted repair, with a model that anybody can see through."""

from collections.abc import Sequence
from dataclasses import replace

from regloss.document import Edit, Segment, Tier
from regloss.repair.likelihood import doubted

TEXT = "The bank is sound. The industry grows."
SEGMENTS = (Segment("s1", 0, 18, TEXT[:18], "银行稳健。"), Segment("s2", 19, 38, TEXT[19:], None))
EDIT = Edit(
    4,
    8,
    "bank",
    "lender",
    "银行",
    Tier.AUTO,
    "unlisted",
    "bank → lender",
    0.7,
    evidence=(("linked", 0.5), ("alike", 0.2)),
)


class _Scorer:
    """Likes some words, and remembers what it was asked."""

    def __init__(self, liked: str) -> None:
        self.liked = liked
        self.asked: list[tuple[str, str]] = []

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.asked += pairs
        return [-1.0 if self.liked in target else -1.5 for _, target in pairs]


def test_a_repair_that_the_model_likes_better_stands() -> None:
    scorer = _Scorer("lender")
    assert doubted([EDIT], SEGMENTS, scorer, margin=0.1) == (EDIT,)
    assert scorer.asked == [("银行稳健。", "The bank is sound."), ("银行稳健。", "The lender is sound.")]


def test_one_that_it_likes_less_is_proposed_and_says_so() -> None:
    (edit,) = doubted([EDIT], SEGMENTS, _Scorer("bank"), margin=0.1)
    assert edit.tier is Tier.REVIEW
    assert round(sum(weight for _, weight in edit.evidence), 2) == edit.confidence == 0.59
    assert "less likely, by 0.50 a token" in edit.evidence[-1][0]


def test_a_little_doubt_is_allowed() -> None:
    assert doubted([EDIT], SEGMENTS, _Scorer("bank"), margin=0.5) == (EDIT,)


def test_what_is_not_made_or_has_no_source_is_not_asked_about() -> None:
    scorer = _Scorer("bank")
    proposed = replace(EDIT, tier=Tier.REVIEW)
    alone = replace(EDIT, start=23, end=31, before="industry")
    assert doubted([proposed, alone], SEGMENTS, scorer, margin=0.1) == (proposed, alone)
    assert scorer.asked == []


def test_all_of_a_text_is_asked_at_once() -> None:
    other = replace(EDIT, start=12, end=17, before="sound", after="robust")
    kept, doubtful = doubted([EDIT, other], SEGMENTS, _Scorer("sound"), margin=0.1)
    assert kept == EDIT
    assert doubtful.tier is Tier.REVIEW
