import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from regloss.alignment import Alignment, Lexicons, align
from regloss.alignment.lexicon import Entry, build_lexicon
from regloss.document import Relation, Segment
from regloss.segmentation import split

ROOT = Path(__file__).parents[2]
PAIRS = [
    ("3月5日，城北图书馆重新开放。", "On March 5, the North City Library reopened."),
    ("这座建于1987年的楼关闭了16个月。", "The building, put up in 1987, had been shut for 16 months."),
    ("翻修花了4200万元，比预算少300万元。", "The refit cost 42 million yuan, 3 million less than planned."),
    ("馆长周敏说，最难的是屋顶。", "The hardest part was the roof, said the director, Zhou Min."),
    ("雨水多年来一直渗进三楼的书库。", "For years rain had seeped into the stacks on the third floor."),
    ("现在有650个座位，其中90个靠窗。", "There are now 650 seats, 90 of them by a window."),
    ("读者可以用手机预约，也可以直接来。", "Readers can book by phone or simply walk in."),
    ("周末的开放时间延长到晚上10点。", "At weekends it stays open until 10 p.m."),
    ("地下一层新开了一家小咖啡馆。", "A small café has opened in the basement."),
    ("第一天来了2800人，其中一半是学生。", "On the first day 2,800 people came, half of them students."),
    ("有人在门口等了40分钟。", "Some waited at the door for 40 minutes."),
    ("全馆藏书约125万册，并接入CALIS系统。", "The library holds about 1.25 million volumes and is linked to CALIS."),
]
WORDS = {
    "图书馆": "library", "开放": "open", "屋顶": "roof", "馆长": "director", "读者": "readers", "手机": "phone",
    "雨水": "rain", "书库": "stacks", "座位": "seats", "周末": "weekends", "咖啡馆": "café", "学生": "students",
    "门口": "door", "预算": "planned", "翻修": "refit", "地下": "basement", "三楼": "third floor", "靠窗": "window",
    "预约": "book", "关闭": "shut", "晚上": "p.m.", "第一天": "first day", "藏书": "volumes", "系统": "linked",
}  # fmt: skip
SOURCE = [chinese for chinese, _ in PAIRS]
TARGET = [english for _, english in PAIRS]


@dataclass(frozen=True)
class Words:
    table: Mapping[str, str]

    def translations(self, source_word: str) -> Mapping[str, float]:
        return {self.table[source_word]: 1.0} if source_word in self.table else {}


def segments(text: str) -> list[Segment]:
    return [Segment(f"s{n}", s.start, s.end, text[s.start : s.end]) for n, s in enumerate(split(text, "en"), 1)]


def aligned(source: Sequence[str], target: Sequence[str], glue: str = " ", **options: object) -> Alignment:
    text = glue.join(target)
    return align(glue.join(source), segments(text), target_text=text, **options)  # type: ignore[arg-type]


def links(alignment: Alignment) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    return [(link.source, link.target) for link in alignment.links]


DIAGONAL = [((n,), (n,)) for n in range(len(PAIRS))]


@pytest.mark.parametrize("glue", [" ", "\n", "\r\n\r\n"])
@pytest.mark.parametrize("words", [None, Words(WORDS)])
def test_a_translation_is_parallel_sentence_by_sentence(glue: str, words: Words | None) -> None:
    alignment = aligned(SOURCE, TARGET, glue, lexicon=words)
    assert alignment.relation is Relation.PARALLEL
    assert alignment.source_sentences == tuple(SOURCE)
    assert links(alignment) == DIAGONAL
    assert all(0 < link.score <= 1 for link in alignment.links)
    assert alignment.score > 0.5


def test_the_evidence_is_in_words() -> None:
    evidence = " / ".join(aligned(SOURCE, TARGET, "\n", lexicon=Words(WORDS)).evidence)
    assert "numbers, 1 of 1 Latin words and" in evidence
    assert "read backwards, the target would fit" in evidence
    assert "times as long as the source; translations are 2.2 to 6.5" in evidence
    assert "both have 12 lines, line for line" in evidence


def test_sentences_in_another_order_are_not_parallel() -> None:
    mixed = random.Random(2).sample(TARGET, len(TARGET))
    for words in (None, Words(WORDS)):
        alignment = aligned(SOURCE, mixed, lexicon=words)
        assert alignment.relation is not Relation.PARALLEL
        assert alignment.links == ()


def test_another_text_is_unrelated() -> None:
    other = [
        "The ferry left at dawn with a hold full of onions.",
        "Nobody on deck had slept, and the cook was out of coffee.",
        "By noon the wind had turned and the captain made for the island.",
        "They unloaded in the dark.",
        "A dog barked at them from the pier the whole time.",
        "In the morning the harbour master asked for papers that they did not have.",
    ]
    for words in (None, Words(WORDS)):
        assert aligned(SOURCE, other, lexicon=words).relation is Relation.UNRELATED


def test_sentences_left_out_joined_and_cut_are_found() -> None:
    source = [*SOURCE[:3], *SOURCE[4:]]
    target = [
        *TARGET[:6],
        TARGET[6][:-1] + ", and " + TARGET[7][0].lower() + TARGET[7][1:],
        *TARGET[8:10],
        *TARGET[11:],
    ]
    found = links(aligned(source, target, lexicon=Words(WORDS)))
    assert ((), (3,)) in found
    assert ((5, 6), (6,)) in found
    assert ((9,), ()) in found
    assert sum(bool(s and t) for s, t in found) == 9


def test_a_sentence_without_counterpart_joins_its_line() -> None:
    source = [SOURCE[0], SOURCE[1], SOURCE[2]]
    target = [TARGET[0], TARGET[1] + " It is in the north of the town, near the old mill.", TARGET[2]]
    alignment = aligned(source, target, "\n", lexicon=Words(WORDS))
    assert links(alignment) == [((0,), (0,)), ((1,), (1, 2)), ((2,), (3,))]


def test_a_known_pair_is_only_linked() -> None:
    alignment = aligned(["好的。"], ["Fine."], assume_parallel=True)
    assert (alignment.relation, alignment.score) == (Relation.PARALLEL, 1.0)
    assert links(alignment) == [((0,), (0,))]


@pytest.mark.parametrize("parallel", [True, False])
@pytest.mark.parametrize(("source", "target"), [("", "One."), ("好。", ""), (" \n", " ")])
def test_an_empty_side_is_unrelated(source: str, target: str, parallel: bool) -> None:
    alignment = align(source, segments(target), assume_parallel=parallel)
    assert (alignment.relation, alignment.links) == (Relation.UNRELATED, ())


def test_one_sentence_needs_more_than_length() -> None:
    assert aligned(SOURCE[3:4], TARGET[3:4]).relation is not Relation.PARALLEL
    assert aligned(SOURCE[3:4], TARGET[3:4], lexicon=Words({"馆长": "director", "屋顶": "roof", "最难": "hardest"}))
    known = Words({"馆长": "director", "周敏": "zhou min", "最难": "hardest", "屋顶": "roof"})
    assert aligned(SOURCE[3:4], TARGET[3:4], lexicon=known).relation is Relation.PARALLEL
    assert aligned(SOURCE[3:4], TARGET[4:5], lexicon=known).relation is Relation.UNRELATED


def test_the_seed_articles_are_comparable_once_names_are_known() -> None:
    source = (ROOT / "seeds" / "article.zh.txt").read_text(encoding="utf-8")
    target = (ROOT / "seeds" / "article.en.txt").read_text(encoding="utf-8")
    names = Words({"京东": "jd.com", "快手": "kuaishou", "拼多多": "pinduoduo", "抖音": "douyin", "淘宝": "taobao"})
    assert align(source, segments(target), target_text=target).relation is not Relation.PARALLEL
    alignment = align(source, segments(target), target_text=target, lexicon=names)
    assert alignment.relation is Relation.COMPARABLE
    assert alignment.links == ()
    assert any("京东, 快手" in line for line in alignment.evidence)
    assert any("618 and MCN" in line for line in alignment.evidence)


def test_traditional_characters_are_read_as_simplified() -> None:
    known = Words({"经济": "economy", "增长": "growth", "银行": "banks", "稳定": "stable"})
    alignment = align("經濟增長。銀行穩定。", segments("Growth of the economy. Banks are stable."), lexicon=known)
    assert alignment.relation is Relation.PARALLEL


def test_of_several_lexicons_the_first_that_knows_a_word_answers() -> None:
    bundled = build_lexicon({"快手": [Entry("quick", 0.5, 0.5)], "平台": [Entry("platform", 0.9, 0.9)]})
    both = Lexicons((Words({"快手": "kuaishou"}), bundled))
    assert both.translations("快手") == {"kuaishou": 1.0}
    assert both.translations("平台") == pytest.approx({"platform": 0.9}, rel=0.1)
    assert both.translations("快手平台") == {}


def test_the_hash_seed_changes_nothing() -> None:
    script = (
        "from pathlib import Path; from regloss.alignment import align; from regloss.document import Segment\n"
        "t = Path('seeds/article.en.txt').read_text('utf-8').split('\\n')\n"
        "s = [Segment(str(n), 0, 0, line) for n, line in enumerate(t) if line]\n"
        "print(align(Path('seeds/article.zh.txt').read_text('utf-8'), s, assume_parallel=True))\n"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1
