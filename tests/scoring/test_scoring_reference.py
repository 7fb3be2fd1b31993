"""BLEU, chrF, chrF++ and TER against sacrebleu itself, on texts made to hit its corner cases."""

import json
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF, TER

from regloss.scoring.metric import Direction, Material, sum_by_document
from regloss.scoring.reference import Bleu, ChrF, Ter, tokenize_13a

WORDS = "the cat sat on a mat , and Kuaishou's (short-video) platform grew 27.6 % in 2020 . “ ” \" naïve 快手 !".split()


def corpus(seed: int, size: int = 60) -> tuple[tuple[str, ...], ...]:
    """Return hypotheses and two references: noisy copies of one another, some empty, some a single word."""
    rng = random.Random(seed)
    base = [" ".join(rng.choice(WORDS) for _ in range(rng.choice((0, 1, 2, 3, 4, 9, 30)))) for _ in range(size)]

    def noisy(text: str) -> str:
        words = [w for w in text.split() if rng.random() > 0.15]
        if words and rng.random() < 0.3:
            words.insert(rng.randrange(len(words)), rng.choice(WORDS))
        return " ".join(words)

    return tuple(tuple(map(noisy, base)) for _ in range(3))


SYSTEMS = {
    "BLEU": (Bleu, BLEU, {}),
    "chrF": (ChrF, CHRF, {}),
    "chrF++": (lambda n: ChrF(n, 2), CHRF, {"word_order": 2}),
    "TER": (lambda n: Ter(n, jobs=1), TER, {}),
}


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("count", [1, 2])
def test_corpus_score_and_signature_are_those_of_sacrebleu(name, count):
    ours, theirs, options = SYSTEMS[name]
    hypotheses, *references = corpus(1)
    metric = theirs(**options)
    expected = metric.corpus_score(hypotheses, references[:count])
    got = ours(count)
    statistics = got.statistics(Material(hypotheses, None, tuple(references[:count])))
    assert statistics.total() == pytest.approx(expected.score, abs=1e-10)
    assert got.info.signature == metric.get_signature().format()
    assert (got.info.direction is Direction.LOWER) == (name == "TER")


@pytest.mark.parametrize("name", SYSTEMS)
def test_segment_scores_are_those_of_sacrebleu(name):
    ours, theirs, options = SYSTEMS[name]
    hypotheses, *references = corpus(2)
    if name == "BLEU":
        options = {"effective_order": True}
    metric = theirs(**options)
    expected = [metric.sentence_score(h, list(r)).score for h, *r in zip(hypotheses, *references, strict=True)]
    statistics = ours(2).statistics(Material(hypotheses, None, tuple(references)))
    np.testing.assert_allclose(statistics.by_segment(), expected, atol=1e-9)


@given(st.lists(st.tuples(*[st.text("ab .,“(é快\u00a0\u3000", max_size=9)] * 3), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_statistics_agree_on_any_text(rows):
    hypotheses, one, other = (tuple(column) for column in zip(*rows, strict=True))
    material = Material(hypotheses, None, (one, other))
    for ours, theirs in ((Bleu(2), BLEU()), (ChrF(2), CHRF()), (ChrF(2, 2), CHRF(word_order=2))):
        expected = theirs.corpus_score(hypotheses, [one, other]).score
        assert ours.statistics(material).total() == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.text("a1.,-&;lt g'\"\n快<skiped>%", max_size=30), max_size=4))
@settings(max_examples=500, deadline=None)
def test_tokens_are_those_of_sacrebleu(texts):
    tokenizer = BLEU().tokenizer
    assert tokenize_13a(texts) == [tokenizer(text.rstrip()).split() for text in texts]


def test_a_large_alphabet_is_numbered_afresh_and_still_counts_right():
    rng = random.Random(3)
    characters = [chr(c) for c in range(0x4E00, 0x6E00)]
    hypotheses = tuple("".join(rng.choice(characters[: 40 + 200 * i]) for _ in range(50)) for i in range(40))
    reference = tuple(text[:30] + text[10:25] for text in hypotheses)
    expected = CHRF().corpus_score(hypotheses, [reference]).score
    assert ChrF().statistics(Material(hypotheses, None, (reference,))).total() == pytest.approx(expected, abs=1e-10)


def test_the_command_line_of_sacrebleu_prints_the_same(tmp_path):
    hypotheses, reference, _ = corpus(4, 30)
    files = {"hyp": hypotheses, "ref": reference}
    for name, lines in files.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "sacrebleu", "ref", "-i", "hyp", "-m", "bleu", "chrf", "ter", "-w", "6"]
    printed = json.loads(subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout)
    material = Material(hypotheses, None, (reference,))
    for metric, record in zip((Bleu(), ChrF(), Ter()), printed, strict=True):
        assert metric.statistics(material).total() == pytest.approx(record["score"], abs=1e-6)
        assert metric.info.signature == record["signature"]


def test_ter_gives_the_same_rows_from_a_pool_of_processes():
    hypotheses, reference, _ = corpus(5, 220)
    material = Material(hypotheses, None, (reference,))
    np.testing.assert_array_equal(Ter(jobs=2).statistics(material).rows, Ter(jobs=1).statistics(material).rows)


def test_document_scores_are_corpus_scores_of_the_documents():
    hypotheses, reference, _ = corpus(6, 40)
    documents = tuple("ab"[i % 2] for i in range(40))
    statistics = sum_by_document(Bleu().statistics(Material(hypotheses, None, (reference,))), documents)
    expected = [BLEU().corpus_score(hypotheses[i::2], [reference[i::2]]).score for i in (0, 1)]
    np.testing.assert_allclose(statistics.by_segment(), expected, atol=1e-10)


def test_material_of_unequal_sizes_is_refused():
    with pytest.raises(ValueError, match="one item for each"):
        Material(("a", "b"), ("甲",))
