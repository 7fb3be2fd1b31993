"""Translation: quality, terms, engines compared, speed and memory of a model.

    python benchmarks/translation.py                     samples, a few minutes
    python benchmarks/translation.py --lines 0           whole test sets
    python benchmarks/translation.py --model FOLDER --only terms

Reads the test sets that stand beside a developer's checkout (REGLOSS_SHARED, or ../shared); what is absent is skipped
with a reason. Quality is BLEU and chrF of sacrebleu, with their signatures. Term success is the share of source-term
occurrences in a document that an accepted target answers (case-insensitive, whole word), the longest source term
first, as in the WMT25 terminology task. Speed and memory are measured in a process of their own, which is why heavy
imports stand where they are used.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from regloss.glossary.entry import Kind, TermEntry
from regloss.glossary.store import Glossary
from regloss.translation import (
    DecodingOptions,
    EngineOptions,
    Translator,
    load_translator,
    translate_with_terms,
)
from regloss.translation.ct2 import Ct2Translator
from regloss.translation.engines import resolve_model

SHARED = Path(os.environ.get("REGLOSS_SHARED", Path(__file__).resolve().parents[1].parent / "shared"))
SETS = {
    "FLORES devtest": ("flores/devtest.zh", ["flores/devtest.en"]),
    "WMT20": ("wmt20.zh-en/newstest2020.src.zh", ["wmt20.zh-en/newstest2020.ref.en"]),
    "WMT22": ("wmt22.zh-en/generaltest2022.zh-en.src.zh", ["wmt22.zh-en/generaltest2022.zh-en.ref.A.en"]),
    "NTREX": ("ntrex/newstest2019-ref.zho-CN.txt", ["ntrex/newstest2019-src.eng.txt"]),
}
# As many sentences as transformers translates in a minute or two.
UNLIKE_LINES = 100
YEARS = ("2016", "2018", "2020")


def lines_of(path: Path, limit: int) -> list[str]:
    """Return the first `limit` lines of a file, all for 0."""
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return [line.removesuffix("\r") for line in lines[: limit or None]]


def skipped(path: Path) -> bool:
    """Say so if a test set is absent."""
    if not path.exists():
        print(f"skipped: {path.name} is not in {path.parent}; set REGLOSS_SHARED to the folder of the test sets")
    return not path.exists()


def measure_quality(translator: Translator, options: DecodingOptions, limit: int) -> None:
    """Print BLEU and chrF on each test set."""
    from sacrebleu.metrics import BLEU, CHRF

    print(f"\n## Quality, {f'first {limit} lines' if limit else 'whole sets'}, beam {options.beam}\n")
    print("| set | lines | BLEU | chrF | sentences/s |\n|---|---|---|---|---|")
    signatures = ""
    for name, (source, references) in SETS.items():
        if skipped(SHARED / "testsets" / source):
            continue
        sources = lines_of(SHARED / "testsets" / source, limit)
        wanted = [lines_of(SHARED / "testsets" / reference, limit) for reference in references]
        began = time.perf_counter()
        made = [candidates[0].text for candidates in translator.translate(sources, options=options)]
        pace = len(sources) / (time.perf_counter() - began)
        bleu, chrf = BLEU(), CHRF()
        figures = [metric.corpus_score(made, wanted).score for metric in (bleu, chrf)]
        signatures = f"{bleu.get_signature()}  {chrf.get_signature()}"
        print(f"| {name} | {len(sources)} | {figures[0]:.1f} | {figures[1]:.1f} | {pace:.1f} |", flush=True)
    print(f"\nsacrebleu: {signatures}")


def term_success(source: str, output: str, terms: dict[str, list[str]]) -> tuple[int, int]:
    """Return (answered, all) occurrences of source terms; what one term has used up no other can use."""
    answered = total = 0
    for term in sorted(terms, key=len, reverse=True):
        count = source.count(term)
        if not count:
            continue
        source = source.replace(term, "\0")
        matched = 0
        for target in sorted(terms[term], key=len, reverse=True):
            pattern = re.compile(rf"(?<!\w){re.escape(target)}(?!\w)", re.IGNORECASE)
            output, replaced = pattern.subn("\0", output)
            matched += replaced
        answered += min(count, matched)
        total += count
    return answered, total


def glossary_of(terms: dict[str, list[str]]) -> Glossary:
    """Return the terms of a document as a glossary."""
    return Glossary.of(
        TermEntry(source, targets[0], tuple(targets[1:]), kind=Kind.NAME if targets[0][:1].isupper() else Kind.NOUN)
        for source, targets in terms.items()
    )


def measure_terms(translator: Translator, options: DecodingOptions, documents: int) -> None:
    """Print term success and chrF2++ without and with terms, and what the ladder did."""
    from sacrebleu.metrics import CHRF

    print(f"\n## Terms: WMT25 terminology, zh→en, first {documents or 'all'} documents of each year\n")
    print("| system | term success | chrF2++ | s |\n|---|---|---|---|")
    paths = [SHARED / "testsets" / "wmt25-term" / year / "docs.jsonl" for year in YEARS]
    docs = [
        json.loads(line) for path in paths if not skipped(path) for line in lines_of(path, documents) if line.strip()
    ]
    outcomes: Counter[str] = Counter()

    def plain(doc: dict[str, object]) -> list[str]:
        return [c[0].text for c in translator.translate(str(doc["zh"]).split("\n"), options=options)]

    def with_terms(doc: dict[str, object]) -> list[str]:
        glossary = glossary_of(doc["terms"])  # type: ignore[arg-type]
        made = translate_with_terms(str(doc["zh"]).split("\n"), translator, glossary, options=options)
        outcomes.update(o.outcome for o in made.outcomes)
        return [h.text for h in made.hypotheses]

    metric = CHRF(word_order=2)
    ways: dict[str, Callable[[dict[str, object]], list[str]]] = {"without terms": plain, "with terms": with_terms}
    for name, way in ways.items() if docs else ():
        began = time.perf_counter()
        texts = ["\n".join(way(doc)) for doc in docs]
        seconds = time.perf_counter() - began
        pairs = [term_success(d["zh"], text, d["terms"]) for d, text in zip(docs, texts, strict=True)]
        rate = sum(a for a, _ in pairs) / sum(n for _, n in pairs)
        chrf = metric.corpus_score(texts, [[d["ref"] for d in docs]]).score
        print(f"| {name} | {rate:.3f} | {chrf:.1f} | {seconds:.0f} |", flush=True)
    print("\nterm outcomes:", ", ".join(f"{name} {count}" for name, count in outcomes.most_common()))


def measure_agreement(given: argparse.Namespace) -> None:
    """Print what int8 weights cost in BLEU, and how many translations differ between the engines with float32."""
    from sacrebleu.metrics import BLEU

    source, references = SETS["FLORES devtest"]
    if skipped(SHARED / "testsets" / source):
        return
    sources = lines_of(SHARED / "testsets" / source, given.lines)
    wanted = [lines_of(SHARED / "testsets" / reference, given.lines) for reference in references]
    print(f"\n## Engines with the same weights, {len(sources)} FLORES sentences\n")
    print("| beam | BLEU int8 | BLEU float32 | int8 − float32 | unlike transformers, float32 |\n|---|---|---|---|---|")
    for beam in (1, given.beam):
        options = DecodingOptions(beam=beam, no_repeat_ngram=0)
        made = {
            kind: [
                c[0].text
                for c in Ct2Translator(resolve_model(given.model), compute_type=kind).translate(
                    sources, options=options
                )
            ]
            for kind in ("int8", "float32")
        }
        figures = {kind: BLEU().corpus_score(texts, wanted).score for kind, texts in made.items()}
        cost = figures["int8"] - figures["float32"]
        unlike = unlike_transformers(given, sources[:UNLIKE_LINES], made["float32"], beam)
        print(f"| {beam} | {figures['int8']:.2f} | {figures['float32']:.2f} | {cost:+.2f} | {unlike} |", flush=True)


def unlike_transformers(given: argparse.Namespace, sources: Sequence[str], texts: Sequence[str], beam: int) -> str:
    """Return how many of the first texts transformers translates otherwise, in a process that has torch."""
    task = [given.python, __file__, "--translate-with", "transformers", "--model", given.model, "--beam", str(beam)]
    done = subprocess.run(task, input=json.dumps(sources), capture_output=True, text=True, check=False)
    if done.returncode:
        return f"skipped: {(done.stderr.strip().splitlines() or ['failed'])[-1]}"
    others = json.loads(done.stdout.splitlines()[-1])
    return f"{sum(a != b for a, b in zip(others, texts, strict=False))} of {len(others)}"


def translate_input(model: str, engine: str, beam: int) -> None:
    """Translate the JSON list on standard input and print the translations as JSON."""
    translator = load_translator(model, EngineOptions(engine=engine))
    options = DecodingOptions(beam=beam, no_repeat_ngram=0)
    print(json.dumps([c[0].text for c in translator.translate(json.load(sys.stdin), options=options)]))


def worker(model: str, engine: str, workers: int, beam: int) -> None:
    """Translate 60 sentences; print the figures and the peak memory as JSON."""
    sources = lines_of(SHARED / "testsets" / SETS["FLORES devtest"][0], 60)
    translator = load_translator(model, EngineOptions(engine=engine, workers=workers))
    options = DecodingOptions(beam=beam, no_repeat_ngram=0)
    translator.translate(sources[:8], options=options)
    wall, cpu = time.perf_counter(), time.process_time()
    translator.translate(sources, options=options)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": len(sources) / wall, "cpu": len(sources) / cpu, "peak": peak}))


def measure_speed(model: str, python: str) -> None:
    """Print sentences per second and peak memory of both engines with the same weights."""
    print("\n## Speed and memory, 60 FLORES sentences\n")
    if skipped(SHARED / "testsets" / SETS["FLORES devtest"][0]):
        return
    print("| engine | beam | sentences/s | sentences/CPU-s | peak MB |\n|---|---|---|---|---|")
    for name, engine, workers in (("CTranslate2 int8", "ctranslate2", 0), ("transformers", "transformers", 0)):
        for beam in (1, 4):
            task = [python if engine == "transformers" else sys.executable, __file__, "--worker", engine]
            done = subprocess.run(
                [*task, "--model", model, "--beam", str(beam), "--workers", str(workers)],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                print(f"skipped: {name}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
                break
            found = json.loads(done.stdout.splitlines()[-1])
            print(f"| {name} | {beam} | {found['wall']:.1f} | {found['cpu']:.1f} | {found['peak']:.0f} |", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and measure what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="zh-en-small")
    parser.add_argument("--lines", type=int, default=200, help="lines of each test set; 0: all")
    parser.add_argument("--documents", type=int, default=2, help="documents of each year; 0: all")
    parser.add_argument("--beam", type=int, default=4)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--only", choices=["quality", "terms", "agreement", "speed"])
    parser.add_argument("--python", default=sys.executable, help="interpreter that has torch and transformers")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--translate-with", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        worker(given.model, given.worker, given.workers, given.beam)
        return
    if given.translate_with:
        translate_input(given.model, given.translate_with, given.beam)
        return
    translator = load_translator(given.model, EngineOptions(workers=given.workers))
    options = DecodingOptions(beam=given.beam)
    print(f"# {translator.signature()}")
    if given.only in (None, "quality"):
        measure_quality(translator, options, given.lines)
    if given.only in (None, "terms"):
        measure_terms(translator, options, given.documents)
    if given.only in (None, "agreement"):
        measure_agreement(given)
    if given.only in (None, "speed"):
        measure_speed(given.model, given.python)


if __name__ == "__main__":
    main()
