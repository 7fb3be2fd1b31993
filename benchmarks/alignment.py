"""Figures about sentence alignment: how often the verdict is right, how well sentences are paired, how fast.

    python benchmarks/alignment.py [verdict] [pairs] [speed]

Reads the evaluation data beside the checkout (or the folder that REGLOSS_SHARED names); nothing of it is kept here.
Each figure is given without any lexicon, with the bundled glossary as anchors, and with the bundled lexicon too.
"""

import json
import os
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from regloss.alignment import Alignment, Lexicons, WordTranslations, align
from regloss.alignment.lexicon import load_lexicon
from regloss.document import Relation, Segment
from regloss.formats.files import parse_document
from regloss.glossary.store import Glossary, load_glossary
from regloss.segmentation import segment_document, split

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("REGLOSS_SHARED") or ROOT.parent / "shared")
SETS = SHARED / "testsets"
LINE_SETS = {
    "FLORES": ("flores/devtest.zh", "flores/devtest.en"),
    "WMT20": ("wmt20.zh-en/newstest2020.src.zh", "wmt20.zh-en/newstest2020.ref.en"),
    "WMT22": ("wmt22.zh-en/generaltest2022.zh-en.src.zh", "wmt22.zh-en/generaltest2022.zh-en.ref.A.en"),
}
NTREX = ("ntrex/newstest2019-ref.zho-CN.txt", "ntrex/newstest2019-src.eng.txt")
SYSTEMS = ("NLLB.noterm", "gpt-4.1-nano.noterm", "stitch.noterm", "CommandA_MT.noterm")


@dataclass(frozen=True)
class GlossaryAnchors:
    glossary: Glossary

    def translations(self, source_word: str) -> Mapping[str, float]:
        entry = self.glossary.find(source_word)
        if entry is None:
            return {}
        return {form.lower(): 1.0 for form in (entry.target, *entry.admitted, *(f.form for f in entry.forbidden))}


@dataclass(frozen=True)
class Pair:
    kind: str
    relation: Relation
    source: str
    target: str


def lexicons() -> Mapping[str, WordTranslations | None]:
    glossary = GlossaryAnchors(load_glossary())
    return {"none": None, "glossary": glossary, "glossary + lexicon": Lexicons((glossary, load_lexicon()))}


def align_texts(source: str, target: str, lexicon: WordTranslations | None) -> Alignment:
    segments = segment_document(parse_document(target.encode(), "target.txt"))
    return align(source, segments, target_text=target, lexicon=lexicon)


def lines(name: str) -> list[str]:
    return [line.strip() for line in (SETS / name).read_text(encoding="utf-8").splitlines()]


def ntrex_documents() -> list[tuple[list[str], list[str]]]:
    source, target = map(lines, NTREX)
    members: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(lines("ntrex/DOCUMENT_IDS.tsv")):
        members[name].append(number)
    return [([source[i] for i in own], [target[i] for i in own]) for own in members.values()]


def pairs() -> Iterator[Pair]:
    """Documents and their translations; the same shuffled, mismatched, and against another year's like chapter."""
    shuffle = random.Random(20)
    documents = [("NTREX", *each) for each in ntrex_documents()]
    for name, files in LINE_SETS.items():
        source, target = map(lines, files)
        for size in (5, 10, 20, 40):
            starts = range(0, len(source) - size, len(source) // 20)
            documents += [(f"{name}, {size} lines", source[a : a + size], target[a : a + size]) for a in starts]
    for number, (kind, source, target) in enumerate(documents):
        glue = "\n" if number % 2 else " "
        yield Pair(f"{kind}: translation", Relation.PARALLEL, glue.join(source), glue.join(target))
        mixed = shuffle.sample(target, len(target))
        if len(target) >= 5:
            yield Pair(f"{kind}: sentences shuffled", Relation.COMPARABLE, glue.join(source), glue.join(mixed))
        other = documents[(number + 7) % len(documents)][2]
        yield Pair(f"{kind}: another document", Relation.UNRELATED, glue.join(source), glue.join(other))
    yield from reports()
    seeds = ROOT / "seeds"
    texts = [(seeds / f"article.{language}.txt").read_text(encoding="utf-8") for language in ("zh", "en")]
    yield Pair("seed articles", Relation.COMPARABLE, *texts)


def reports() -> Iterator[Pair]:
    years = ("2016", "2018", "2020")
    chapters = {year: json_lines(f"wmt25-term/{year}/docs.jsonl") for year in years}
    for year, other in zip(years, (*years[1:], years[0]), strict=True):
        for number, chapter in enumerate(chapters[year]):
            yield Pair("reports: translation", Relation.PARALLEL, chapter["zh"], chapter["ref"])
            one_line = (text.replace("\n", " ") for text in (chapter["zh"], chapter["ref"]))
            yield Pair("reports: translation on one line", Relation.PARALLEL, *one_line)
            if number < len(chapters[other]):
                yield Pair("reports: another year", Relation.COMPARABLE, chapter["zh"], chapters[other][number]["ref"])
        for system in SYSTEMS:
            outputs = {row["doc"]: row["hyp"] for row in json_lines(f"wmt25-term/{year}/systems/{system}.jsonl")}
            for chapter in chapters[year]:
                yield Pair(f"reports: {system}", Relation.PARALLEL, chapter["zh"], outputs[chapter["doc"]])


def json_lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (SETS / name).read_text(encoding="utf-8").splitlines()]


def verdict() -> None:
    """Print how often parallel texts are found parallel, and other texts not; and what the others are called."""
    everything = list(pairs())
    for name, lexicon in lexicons().items():
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for pair in everything:
            found[pair.kind][str(align_texts(pair.source, pair.target, lexicon).relation)] += 1
        wanted = {pair.kind: pair.relation for pair in everything}
        print(f"\nverdict with lexicon: {name}\n{'':44}{'parallel':>10}{'comparable':>12}{'unrelated':>11}")
        right = 0
        for kind, counts in found.items():
            is_right = sum(n for r, n in counts.items() if (r == "parallel") == (wanted[kind] is Relation.PARALLEL))
            right += is_right
            print(f"{kind:44}{counts['parallel']:10}{counts['comparable']:12}{counts['unrelated']:11}")
        print(f"parallel or not, right: {right} of {len(everything)} = {right / len(everything):.3f}")


def pairs_of(alignment: Alignment, source: Sequence[int], target: Sequence[int]) -> set[tuple[int, int]]:
    """Return the pairs of original lines that the links join."""
    return {(source[i], target[j]) for link in alignment.links for i in link.source for j in link.target}


def damaged(rows: list[str], dice: random.Random) -> list[tuple[int, str]]:
    """Return the lines with their numbers, a tenth of them deleted."""
    return [(number, row) for number, row in enumerate(rows) if dice.random() >= 0.1]


def numbered(rows: list[tuple[int, str]], language: str) -> tuple[str, list[int], list[Segment]]:
    """Return the lines as a text, the line that each sentence comes from, and the sentences as segments."""
    text = "\n".join(row for _, row in rows)
    ends, position = [], 0
    for number, row in rows:
        position += len(row) + 1
        ends.append((position, number))
    owners, segments, place = [], [], 0
    for k, span in enumerate(split(text, language)):
        while ends[place][0] <= span.start:
            place += 1
        owners.append(ends[place][1])
        segments.append(Segment(f"s{k + 1}", span.start, span.end, text[span.start : span.end]))
    return text, owners, segments


def sentence_pairs() -> None:
    """Print precision, recall and F1 of sentence pairs where a tenth of the lines is deleted on either side."""
    sets = {name: tuple(map(lines, files)) for name, files in (*LINE_SETS.items(), ("NTREX", NTREX))}
    for name, lexicon in lexicons().items():
        print(f"\nsentence pairs with lexicon: {name}\n{'':10}{'precision':>10}{'recall':>8}{'F1':>8}")
        for kind, (source, target) in sets.items():
            dice = random.Random(7)
            hit = proposed = wanted = 0
            for start in range(0, len(source), 100):
                left = damaged(source[start : start + 100], dice)
                right = damaged(target[start : start + 100], dice)
                text, owners, _ = numbered(left, "zh")
                _, target_owners, segments = numbered(right, "en")
                links = pairs_of(align(text, segments, lexicon=lexicon, assume_parallel=True), owners, target_owners)
                gold = {(n, n) for n in {n for n, _ in left} & {n for n, _ in right}}
                hit, proposed, wanted = hit + len(links & gold), proposed + len(links), wanted + len(gold)
            precision, recall = hit / proposed, hit / wanted
            f1 = 2 * precision * recall / (precision + recall)
            print(f"{kind:10}{precision:10.3f}{recall:8.3f}{f1:8.3f}")


def speed() -> None:
    """Print the time and memory that one document of many sentences takes."""
    source, target = map(lines, NTREX)
    for count in (500, 5000):
        zh, en = ("\n".join((rows * 3)[:count]) for rows in (source, target))
        for name, lexicon in lexicons().items():
            begin = time.process_time()
            alignment = align_texts(zh, en, lexicon)
            seconds = time.process_time() - begin
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{count} lines, lexicon {name}: {alignment.relation}, {seconds:.1f} CPU s, peak {peak:.0f} MiB")


def main() -> None:
    if not SETS.is_dir():
        sys.exit(f"skipped: no evaluation data at {SHARED}; set REGLOSS_SHARED to its folder")
    parts = {"verdict": verdict, "pairs": sentence_pairs, "speed": speed}
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    main()
