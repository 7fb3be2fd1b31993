"""How fast repair is and how much memory it takes: beside find-and-replace, at 100,000 entries, on long JSONL files.

    python benchmarks/repair_speed.py [--size MB] [--entries N] [--large N] [--jsonl MB …]

All speeds are megabytes of UTF-8 per CPU second of one process, taken one after another in this one run, so that the
ratios hold on a machine that is busy with other work. Two kinds of English are timed, since the places that repair
has to weigh cost most of its time: news in human translation, where they are few (the references of the public test
sets, 1.7 MB), and business texts where they are many: the same news, the business sentences written for the training of
the model, and among them, two hundredths of it all, the paragraphs of the machine-translated seed article (3.8 MB).
Each is repeated up to the size asked for: no result outlives its document, so that the repetition saves repair no work.
What each rival looks for is the same forms, inflections included, that repair looks for; all of them but repair replace
blindly.

The data folder is ``../shared`` beside the checkout, or `REGLOSS_SHARED`.
"""

import argparse
import gc
import importlib.util
import json
import lzma
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import TypeVar

from regloss.document import Document
from regloss.formats.plain import line_blocks
from regloss.formats.protection import protected_spans
from regloss.glossary.entry import Forbidden, Kind, TermEntry
from regloss.glossary.forms import derive_forms
from regloss.glossary.store import Glossary, load_glossary
from regloss.repair import Repairer
from regloss.run import repair_document

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("REGLOSS_SHARED", ROOT.parent / "shared"))
REFERENCES = (
    "flores/devtest.en",
    "ntrex/newstest2019-ref.eng-US.txt",
    "wmt20.zh-en/newstest2020.ref.en",
    "wmt20.zh-en/newstest2020.refB.en",
    "wmt22.zh-en/generaltest2022.zh-en.ref.A.en",
    "wmt22.zh-en/generaltest2022.zh-en.ref.B.en",
)
Result = TypeVar("Result")
DOCUMENT = 100_000  # characters of a document
MACHINE = 0.02  # share of machine translation in the text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=float, default=20.0, help="megabytes of English")
    parser.add_argument("--entries", type=int, default=1000, help="entries of the bundled glossary to use")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed; the best counts")
    parser.add_argument("--large", type=int, default=100_000, help="entries of the synthesised glossary; 0 to skip")
    parser.add_argument("--jsonl", type=int, nargs="*", default=[], help="also repair JSONL files of so many megabytes")
    options = parser.parse_args()
    if not (SHARED / "testsets").is_dir():
        sys.exit(f"the evaluation data is not at {SHARED}; set REGLOSS_SHARED")
    bundled = load_glossary()
    glossary = Glossary.of(bundled.entries[: options.entries], bundled.contexts)
    for name, lines in (("news", news), ("business", business)):
        beside_replacement(name, glossary, list(documents(options.size, lines())), options.rounds)
    if options.large:
        large_glossary(bundled, options.large, list(documents(options.size / 4, business())))
    for megabytes in options.jsonl:
        long_jsonl(megabytes)


def news() -> Iterator[str]:
    """Yield the lines of the human translations."""
    for name in REFERENCES:
        yield from filter(str.strip, (SHARED / "testsets" / name).read_text("utf-8").split("\n"))


def business() -> Iterator[str]:
    """Yield news and business sentences, with the paragraphs of the machine-translated article spread among them."""
    pairs = (SHARED / "corpus" / "zh-en.authored.tsv").read_text("utf-8").split("\n")
    sentences = [pair.split("\t")[1] for pair in pairs if "\t" in pair]
    machine = cycle(filter(str.strip, (ROOT / "seeds" / "article.en.txt").read_text("utf-8").split("\n")))
    seen = made = 0
    for line in (*news(), *sentences):
        yield line
        seen += len(line)
        while made < MACHINE * seen:
            paragraph = next(machine)
            made += len(paragraph)
            yield paragraph


def documents(megabytes: float, lines: Iterable[str]) -> Iterator[str]:
    """Yield documents of `DOCUMENT` characters made of the lines, which are repeated to so many megabytes in all."""
    wanted = int(megabytes * 1e6)
    piece: list[str] = []
    size = 0
    # flashtext fails on the one letter whose small form is longer than itself, so nobody gets it.
    for line in cycle([line.replace("\u0130", "I") for line in lines]):
        piece.append(line)
        size += len(line) + 1
        wanted -= len(line.encode()) + 1
        if size >= DOCUMENT or wanted <= 0:
            yield "\n".join(piece) + "\n"
            piece, size = [], 0
        if wanted <= 0:
            return


def beside_replacement(name: str, glossary: Glossary, texts: Sequence[str], rounds: int) -> None:
    forms = sorted({form.text for entry in glossary.entries for form in derive_forms(entry)}, key=len, reverse=True)
    repairer, build = timed(lambda: Repairer(glossary))
    read, reading = timed(lambda: [_document(text) for text in texts])
    joined = [_document("".join(texts))]
    print(f"{name}: {size_of(texts):.1f} MB in {len(texts)} documents; {len(glossary)} entries", end="")
    print(f", {len(forms)} forms", end="")
    print(f"; build {build:.2f} s, reading {size_of(texts) / reading:.1f} MB/s")
    print(f"edits {tiers(repairer, read)}, best of {rounds} rounds:")
    ways = [
        ("repair", texts, lambda: [repair_document(document, repairer) for document in read]),
        ("repair, all as one document", texts, lambda: [repair_document(document, repairer) for document in joined]),
    ]
    for way, share, replace in replacements(forms):
        part = texts[: max(1, int(len(texts) * share))]
        ways.append((way, part, lambda part=part, replace=replace: [replace(text) for text in part]))
    # What was loaded so far is kept to the end; nobody's time goes into looking for garbage in it.
    gc.collect()
    gc.freeze()
    speeds = [max(speed(part, work) for _ in range(rounds)) for _, part, work in ways]
    for (way, part, _), reached in zip(ways, speeds, strict=True):
        print(f"  {way:28s} {reached:6.2f} MB/s, repair is {speeds[0] / reached:6.2f} times as fast", end="")
        print(f" (over {size_of(part):.1f} MB)")


def tiers(repairer: Repairer, read: Sequence[Document]) -> str:
    """Return how many edits of each tier repair finds, in words."""
    counts = Counter(str(edit.tier) for document in read for edit in repair_document(document, repairer).edits)
    return ", ".join(f"{tier} {counts[tier]}" for tier in ("auto", "review", "leave"))


def speed(texts: Sequence[str], work: Callable[[], object]) -> float:
    """Return the megabytes a CPU second of one round."""
    return size_of(texts) / timed(work)[1]


def replacements(forms: Sequence[str]) -> list[tuple[str, float, Callable[[str], str]]]:
    """Return the rivals: what each is, the share of the text that is enough to time it, and its replacement."""
    alternation = r"(?<!\w)(?:" + "|".join(map(re.escape, forms)) + r")(?!\w)"
    found: list[tuple[str, float, Callable[[str], str]]] = []
    found.append(("re alternation", 0.005, _substitution(re.compile(alternation, re.IGNORECASE))))
    if importlib.util.find_spec("regex"):
        import regex

        found.append(("regex alternation", 0.005, _substitution(regex.compile(alternation, regex.IGNORECASE))))
    found.append(("str.replace, form by form", 0.05, lambda text: _replaced(text, forms)))
    if importlib.util.find_spec("flashtext"):
        from flashtext import KeywordProcessor

        processor = KeywordProcessor()
        for form in forms:
            processor.add_keyword(form, "x")
        found.append(("flashtext", 1.0, processor.replace_keywords))
    else:
        print("flashtext is left out: it is not installed (pip install flashtext)")
    return found


def _substitution(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda text: pattern.sub("x", text)


def _replaced(text: str, forms: Sequence[str]) -> str:
    for form in forms:
        text = text.replace(form, "x")
    return text


def large_glossary(bundled: Glossary, count: int, texts: Sequence[str]) -> None:
    glossary = Glossary.of(synthesised(bundled, count), bundled.contexts)
    repairer, build = timed(lambda: Repairer(glossary))
    read = [_document(text) for text in texts]
    gc.collect()
    gc.freeze()
    reached = speed(texts, lambda: [repair_document(document, repairer) for document in read])
    print(f"{len(glossary)} entries: build {build:.2f} s, repair {reached:.2f} MB/s", end="")
    print(f" (over {size_of(texts):.1f} MB; edits {tiers(repairer, read)})")


def synthesised(bundled: Glossary, count: int) -> Iterator[TermEntry]:
    """Yield the bundled entries, and made-up ones of CC-CEDICT up to `count`.

    Their wrong forms are glosses of three words or more that are no grammar words, first as they stand and then with
    the last word of another one behind them: names and phrases that news seldom hold, as is the rule with the entries
    of a large glossary.
    """
    yield from bundled.entries
    count -= len(bundled)
    glosses = list(_glosses())
    for number in range(count):
        term, gloss = glosses[number % len(glosses)]
        if number >= len(glosses):
            other, words = glosses[(number * 7 + number // len(glosses)) % len(glosses)]
            term, gloss = term + other, f"{gloss} {words.split(' ')[-1]}"
        kind = Kind.VERB if gloss.startswith("to ") else Kind.NOUN
        form = gloss.removeprefix("to ")
        yield TermEntry(term, " ".join(reversed(form.split(" "))), (), (Forbidden(form),), kind)


def _glosses() -> Iterator[tuple[str, str]]:
    from regloss.alignment.words import FUNCTION_WORDS

    seen = set()
    with lzma.open(SHARED / "corpus" / "zh-en.core.tsv.xz", "rt", encoding="utf-8") as rows:
        for term, gloss, origin in (row.rstrip("\n").split("\t") for row in rows):
            words = [word for word in gloss.lower().split(" ") if word not in FUNCTION_WORDS]
            if origin == "cedict" and len(words) > 2 and term not in seen:
                seen.add(term)
                yield term, gloss


def long_jsonl(megabytes: int) -> None:
    """Repair a JSONL file in a process of its own, and print its speed and the most memory that it held."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.jsonl"
        records = _write_jsonl(path, megabytes)
        command = [sys.executable, "-m", "regloss", "fix", str(path), "-o", str(Path(folder) / "out")]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        reached = path.stat().st_size / 1e6 / (usage.ru_utime + usage.ru_stime)
        print(f"JSONL of {megabytes} MB, {records} records: {reached:.2f} MB/s", end="")
        print(f", peak memory {usage.ru_maxrss / 1e3:.0f} MB" + (f"; exit status {status}" if status else ""))


def _write_jsonl(path: Path, megabytes: int) -> int:
    """Write records of a paragraph each, without source; return how many."""
    count = size = 0
    paragraph: list[str] = []
    with path.open("w", encoding="utf-8") as out:
        for line in cycle(list(business())):
            paragraph.append(line)
            if sum(map(len, paragraph)) > 800:
                count += 1
                record = json.dumps({"id": count, "target": " ".join(paragraph)}, ensure_ascii=False) + "\n"
                size += len(record.encode())
                out.write(record)
                paragraph = []
            if size >= megabytes * 1e6:
                return count
    return count


def _document(text: str) -> Document:
    return Document("speed", text, line_blocks(text), protected_spans(text))


def size_of(texts: Sequence[str]) -> float:
    return sum(len(text.encode()) for text in texts) / 1e6


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


if __name__ == "__main__":
    main()
