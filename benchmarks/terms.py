"""How far a glossary of a document's terms repairs what a system that never saw them wrote: WMT25, zh→en.

The documents are annual reports of a few thousand characters, with the terms of each; the systems' outputs are those of
the shared task. Printed for each system and year: term success and chrF2++ before and after `fix` with the terms alone
(automatic edits), whether a second run changes anything, and the seconds of one CPU that a document takes. After them,
the edits of the same rule on human translations with the bundled glossary, where hardly any is called for.

    python benchmarks/terms.py [--shared FOLDER] [--edits FILE] [--jobs N] [--write] [--likelihood MODEL]

With ``--likelihood`` a translation model is asked about each edit of the first year, and what `fix --check-likelihood`
would hold back is printed for several margins, instead of all that.
"""

import argparse
import importlib.util
import json
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from regloss.document import Document, Edit, Span, Tier
from regloss.formats.plain import line_blocks
from regloss.formats.protection import protected_spans
from regloss.glossary.store import Glossary, load_glossary, read_file
from regloss.repair import Repairer
from regloss.repair.likelihood import sentences
from regloss.run import repair_document
from regloss.translation.engines import load_translator

ROOT = Path(__file__).parent.parent
YEARS = ("2016", "2018", "2020")
SYSTEMS = ("NLLB", "gpt-4.1-nano", "CommandA_MT")
CLEAN = (
    ("flores/devtest.en", "flores/devtest.zh"),
    ("ntrex/newstest2019-ref.eng-GB.txt", "ntrex/newstest2019-ref.zho-CN.txt"),
    ("ntrex/newstest2019-ref.eng-US.txt", "ntrex/newstest2019-ref.zho-TW.txt"),
    ("wmt20.zh-en/newstest2020.ref.en", "wmt20.zh-en/newstest2020.src.zh"),
    ("wmt20.zh-en/newstest2020.refB.en", "wmt20.zh-en/newstest2020.src.zh"),
    ("wmt22.zh-en/generaltest2022.zh-en.ref.A.en", "wmt22.zh-en/generaltest2022.zh-en.src.zh"),
    ("wmt22.zh-en/generaltest2022.zh-en.ref.B.en", "wmt22.zh-en/generaltest2022.zh-en.src.zh"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One document after repair."""

    text: str
    edits: tuple[Edit, ...]
    stable: bool
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("REGLOSS_SHARED", ROOT.parent / "shared")))
    parser.add_argument("--edits", type=Path, help="write every edit to this file, to be read")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="publish the precision of unlisted repair")
    parser.add_argument("--likelihood", metavar="MODEL", help="ask this model about each edit, and nothing else")
    options = parser.parse_args()
    if not (options.shared / "testsets" / "wmt25-term").is_dir():
        sys.exit(f"the evaluation data is not at {options.shared}; set REGLOSS_SHARED")
    if options.likelihood:
        likelihood(options.shared, options.likelihood)
        return
    log: list[str] = []
    right, total = documents_with_terms(options.shared, options.jobs, log)
    print(f"\nwords put in that the reference holds as often: {right} of {total}, {right / total:.3f}")
    if options.write:
        publish(right, total)
    human_translations(options.shared, log)
    if options.edits:
        options.edits.write_text("\n".join(log) + "\n", encoding="utf-8")


def documents_with_terms(shared: Path, jobs: int, log: list[str]) -> tuple[int, int]:
    scorer = _scorer(shared)
    right = total = 0
    print(f"{'system':14s} year  success         chrF2++        edits  second run  cpu s/document")
    for system in SYSTEMS:
        rows = []
        for year in YEARS:
            folder = shared / "testsets" / "wmt25-term" / year
            documents = scorer.load(folder / "docs.jsonl")
            before = [row["hyp"] for row in scorer.load(folder / "systems" / f"{system}.noterm.jsonl")]
            with ProcessPoolExecutor(jobs) as pool:
                outcomes = list(pool.map(_repaired, documents, before))
            rows.append(_figures(scorer, documents, before, outcomes))
            for document, outcome in zip(documents, outcomes, strict=True):
                right, total = right + _confirmed(document["ref"], outcome), total + len(_applied(outcome))
            _print_row(system, year, rows[-1])
            log += [_line(f"{system} {year}", edit) for outcome in outcomes for edit in outcome.edits]
        _print_row(system, "mean", [sum(column) / len(rows) for column in zip(*rows, strict=True)])
    return right, total


def _applied(outcome: Outcome) -> list[Edit]:
    return [edit for edit in outcome.edits if edit.rule == "unlisted" and edit.tier is Tier.AUTO]


def _confirmed(reference: str, outcome: Outcome) -> int:
    """Return how many renderings put in are in the reference, none oftener than the reference has it."""
    reference, result = reference.lower(), outcome.text.lower()
    right = 0
    for words, times in Counter(_bare(edit.after) for edit in _applied(outcome)).items():
        right += min(times, max(0, reference.count(words) - (result.count(words) - times)))
    return right


def _bare(after: str) -> str:
    return re.sub(r"^(the|a|an) ", "", after.lower())


def likelihood(shared: Path, model: str) -> None:
    """Print which share of the right and of the other edits a model doubts, by margin."""
    scorer, translator = _scorer(shared), load_translator(model)
    gains: dict[bool, list[float]] = {True: [], False: []}
    folder = shared / "testsets" / "wmt25-term" / YEARS[0]
    documents = scorer.load(folder / "docs.jsonl")
    for system in SYSTEMS:
        for document, row in zip(documents, scorer.load(folder / "systems" / f"{system}.noterm.jsonl"), strict=True):
            repairer = Repairer(_glossary(document["terms"]))
            text = row["hyp"]
            record = Document("", text, line_blocks(text), protected_spans(text), document["zh"])
            repaired = repair_document(record, repairer, parallel=True)
            outcome = Outcome(repaired.text, repaired.edits, stable=True, seconds=0.0)
            asked = [(edit, pair) for edit in _applied(outcome) if (pair := sentences(edit, repaired.segments))]
            scores = translator.score([each for _, pair in asked for each in pair])
            for place, (edit, _) in enumerate(asked):
                alike = [other for other in _applied(outcome) if _bare(other.after) == _bare(edit.after)]
                confirmed = _confirmed(document["ref"], replace(outcome, edits=tuple(alike)))
                gains[2 * confirmed >= len(alike)].append(scores[2 * place + 1] - scores[2 * place])
    print(f"{len(gains[True])} edits that the reference confirms, {len(gains[False])} others; {translator.signature()}")
    for margin in (0.0, 0.05, 0.1, 0.2, 0.3, 0.5):
        right, other = (sum(gain < -margin for gain in found) / len(found) for found in gains.values())
        print(f"margin {margin:.2f}: held back {right:.3f} of the confirmed, {other:.3f} of the others")


def publish(right: int, total: int) -> None:
    place = ROOT / "pipeline" / "regloss" / "repair" / "precision.json"
    record = json.loads(place.read_text(encoding="utf-8"))
    record["families"] = dict(sorted({**record["families"], "unlisted": [right, total]}.items()))
    text = json.dumps(record, ensure_ascii=False, indent=2)
    place.write_text(re.sub(r"\[\s+(\d+),\s+(\d+)\s+\]", r"[\1, \2]", text) + "\n", encoding="utf-8")


def _repaired(document: dict[str, Any], hypothesis: str) -> Outcome:
    repairer = Repairer(_glossary(document["terms"]))
    started = time.process_time()
    once = _repair(repairer, document, hypothesis)
    seconds = time.process_time() - started
    twice = _repair(repairer, document, once[0])
    return Outcome(*once, twice[0] == once[0], seconds)


def _repair(repairer: Repairer, document: dict[str, Any], text: str) -> tuple[str, tuple[Edit, ...]]:
    record = Document(str(document["doc"]), text, line_blocks(text), protected_spans(text), document["zh"])
    repaired = repair_document(record, repairer, parallel=True)
    return repaired.text, repaired.edits


def _glossary(terms: dict[str, list[str]]) -> Glossary:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "terms.tsv"
        rows = (f"{source}\t{'|'.join(targets)}\n" for source, targets in terms.items())
        path.write_text("source_term\ttarget\n" + "".join(rows), encoding="utf-8")
        return Glossary.of(read_file(path))


def _figures(
    scorer: ModuleType, documents: list[dict[str, Any]], before: Sequence[str], outcomes: Sequence[Outcome]
) -> list[float]:
    was = scorer.row(documents, [{"hyp": text} for text in before])
    now = scorer.row(documents, [{"hyp": outcome.text} for outcome in outcomes])
    applied = sum(edit.tier is Tier.AUTO for outcome in outcomes for edit in outcome.edits)
    changed = sum(not outcome.stable for outcome in outcomes)
    return [was[0], now[0], was[2], now[2], applied, changed, sum(o.seconds for o in outcomes) / len(outcomes)]


def _print_row(system: str, year: str, row: Sequence[float]) -> None:
    print(
        f"{system:14s} {year}  {row[0]:.3f} → {row[1]:.3f}   {row[2]:.2f} → {row[3]:.2f}"
        f"  {row[4]:5.0f}  {row[5]:10.0f}  {row[6]:14.2f}",
        flush=True,
    )


def human_translations(shared: Path, log: list[str]) -> None:
    """Print how many edits of this rule the bundled glossary makes in human translations, and each of them."""
    repairer = Repairer(load_glossary())
    sentences, found = 0, []
    for name, source, target in _clean_pairs(shared / "testsets"):
        sentences += 1
        document = Document(name, target, (Span(0, len(target)),), source=source)
        edits = repair_document(document, repairer, parallel=True).edits
        found += [(name, edit) for edit in edits if edit.rule == "unlisted"]
    applied = [(name, edit) for name, edit in found if edit.tier is Tier.AUTO]
    rate = 1000 * len(applied) / sentences
    print(f"\nhuman translations: {len(applied)} edits in {sentences} sentences, {rate:.2f} per 1,000")
    for name, edit in applied:
        print("   ", _line(name, edit))
    log += [_line(name, edit) for name, edit in found]


def _clean_pairs(sets: Path) -> Iterator[tuple[str, str, str]]:
    for target, source in CLEAN:
        lines = ((sets / name).read_text(encoding="utf-8").split("\n") for name in (source, target))
        for number, (zh, en) in enumerate(zip(*lines, strict=False), 1):
            if en.strip():
                yield f"{target}:{number}", zh, en


def _line(where: str, edit: Edit) -> str:
    return f"{where} {edit.tier} {edit.confidence:.2f} [{edit.term}] {edit.before!r} → {edit.after!r}"


def _scorer(shared: Path) -> ModuleType:
    path = shared / "tools" / "evaluate_terms.py"
    spec = importlib.util.spec_from_file_location("evaluate_terms", path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path} cannot be read")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
