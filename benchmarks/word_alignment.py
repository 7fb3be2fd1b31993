"""Precision and recall of the word aligners on the hand-made gold and on mistranslated terms.

    python benchmarks/word_alignment.py [--part test|dev|all] [--aligner lexicon attention combined] [--model M]
        [--errors]

Gold: `tests/alignment/word_gold.tsv`. The best span of each aligner is compared with the marked one: words shared
(precision, recall, F1 over all pairs), spans that touch (hit) and that agree exactly. Where nothing is marked, the
right answer is none. `wrong renderings` takes the mistranslated terms of `tests/gold/positives.dev.jsonl`: is the wrong
rendering found as what stands for the source term?
"""

import argparse
import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from regloss.alignment.lexicon import load_lexicon, target_words
from regloss.alignment.words import LexiconAligner, WordAligner
from regloss.document import Span
from regloss.translation.attention import AttentionAligner, CombinedAligner
from regloss.translation.engines import DEFAULT_MODEL, load_translator

ROOT = Path(__file__).resolve().parents[1]
ALIGNERS = ("lexicon", "attention", "combined")
MARKS = re.compile("[⟦⟧]")


@dataclass(frozen=True)
class Item:
    """One gold pair: where the term stands in `source` and its translation in `target`."""

    kind: str
    source: str
    term: Span
    target: str
    spans: tuple[Span, ...]


@dataclass
class Tally:
    """Counts over the pairs of one aligner."""

    pairs: int = 0
    hit: int = 0
    exact: int = 0
    proposed: int = 0
    shared: int = 0
    wanted: int = 0
    found: int = 0
    seconds: float = 0.0

    def row(self) -> str:
        precision = self.shared / max(self.proposed, 1)
        recall = self.shared / max(self.wanted, 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        return (
            f"{precision:9.3f} {recall:7.3f} {f1:7.3f} {self.hit / self.pairs:7.3f} {self.exact / self.pairs:7.3f}"
            f" {self.pairs:6d} {1000 * self.seconds / self.pairs:8.1f}"
        )


def unmark(text: str) -> tuple[str, tuple[Span, ...]]:
    """Return the text without ⟦ and ⟧, and the stretches that they enclosed."""
    places = [match.start() - number for number, match in enumerate(MARKS.finditer(text))]
    return MARKS.sub("", text), tuple(Span(a, b) for a, b in zip(places[::2], places[1::2], strict=True))


def read_gold(path: Path, part: str) -> Iterator[Item]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        of, kind, marked_source, marked_target, _ = line.split("\t")
        if part in {of, "all"}:
            source, (term,) = unmark(marked_source)
            target, spans = unmark(marked_target)
            yield Item(kind, source, term, target, spans)


def read_wrong_renderings(path: Path) -> Iterator[Item]:
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        for term in record["terms"]:
            start = record["source_zh"].find(term["source_term"])
            if start >= 0:
                place = Span(start, start + len(term["source_term"]))
                spans = tuple(Span(*span) for span in term["spans"])
                yield Item("wrong", record["source_zh"], place, record["text"], spans)


def words_in(text: str, spans: Iterable[Span]) -> set[int]:
    """Return the numbers of the words inside the spans, articles left out."""
    chosen = tuple(spans)
    return {
        number
        for number, word in enumerate(target_words(text))
        if word.form not in {"a", "an", "the"} and any(word.span.overlaps(span) for span in chosen)
    }


def score(aligner: WordAligner, items: Iterable[Item], errors: bool) -> Tally:
    tally = Tally()
    for item in items:
        began = time.perf_counter()
        answers = aligner.align_term(item.source, item.term, item.target)
        tally.seconds += time.perf_counter() - began
        proposed = words_in(item.target, (a.span for a in answers[:1]))
        wanted = words_in(item.target, item.spans)
        tally.pairs += 1
        tally.proposed += len(proposed)
        tally.wanted += len(wanted)
        tally.shared += len(proposed & wanted)
        tally.hit += bool(proposed & wanted) or not (proposed or wanted)
        tally.exact += proposed == wanted
        if errors and proposed != wanted:
            show(item, [(item.target[a.span.start : a.span.end], round(a.probability, 2)) for a in answers[:3]])
    return tally


def show(item: Item, answers: list[tuple[str, float]]) -> None:
    wanted = [item.target[s.start : s.end] for s in item.spans]
    print(f"  {item.source[item.term.start : item.term.end]} {wanted} <> {answers} | {item.source} | {item.target}")


def make_aligner(name: str, model: str) -> WordAligner:
    if name == "lexicon":
        return LexiconAligner(load_lexicon())
    attention = AttentionAligner(load_translator(model))
    if name == "attention":
        return attention
    return CombinedAligner(LexiconAligner(load_lexicon()), attention)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--part", choices=["test", "dev", "all"], default="test")
    parser.add_argument("--aligner", nargs="+", choices=ALIGNERS, default=list(ALIGNERS))
    parser.add_argument("--model", default=DEFAULT_MODEL, help="translation model whose attention is read")
    parser.add_argument("--errors", action="store_true", help="print every pair that is not right")
    options = parser.parse_args()
    gold = list(read_gold(ROOT / "tests/alignment/word_gold.tsv", options.part))
    wrong = list(read_wrong_renderings(ROOT / "tests/gold/positives.dev.jsonl"))
    print(f"{'':28}{'precision':>9} {'recall':>7} {'F1':>7} {'hit':>7} {'exact':>7} {'pairs':>6} {'ms/pair':>8}")
    for name in options.aligner:
        aligner = make_aligner(name, options.model)
        print(f"{name + ', gold ' + options.part:28}{score(aligner, gold, options.errors).row()}")
        print(f"{name + ', wrong renderings':28}{score(aligner, wrong, False).row()}")


if __name__ == "__main__":
    main()
