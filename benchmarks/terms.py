"""How far a glossary of a document's terms repairs what a system that never saw them wrote: WMT25, zh→en.

The documents are annual reports of a few thousand characters, with the terms of each; the systems' outputs are those of
the shared task. Printed for each system and year: term success and chrF2++ before and after `fix` with the terms alone
(automatic edits), whether a second run changes anything, and the seconds of one CPU that a document takes. After them,
the edits of the same rule on human translations with the bundled glossary, where hardly any is called for.

    python benchmarks/terms.py [--shared FOLDER] [--edits FILE] [--jobs N]
"""

import argparse
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from regloss.document import Document, Edit, Span, Tier
from regloss.formats.plain import line_blocks
from regloss.formats.protection import protected_spans
from regloss.glossary.store import Glossary, load_glossary, read_file
from regloss.repair import Repairer
from regloss.run import repair_document

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
    options = parser.parse_args()
    if not (options.shared / "testsets" / "wmt25-term").is_dir():
        sys.exit(f"the evaluation data is not at {options.shared}; set REGLOSS_SHARED")
    log: list[str] = []
    documents_with_terms(options.shared, options.jobs, log)
    human_translations(options.shared, log)
    if options.edits:
        options.edits.write_text("\n".join(log) + "\n", encoding="utf-8")


def documents_with_terms(shared: Path, jobs: int, log: list[str]) -> None:
    scorer = _scorer(shared)
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
            _print_row(system, year, rows[-1])
            log += [_line(f"{system} {year}", edit) for outcome in outcomes for edit in outcome.edits]
        _print_row(system, "mean", [sum(column) / len(rows) for column in zip(*rows, strict=True)])


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
