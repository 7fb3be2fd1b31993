"""How good repair is: the gold sets, and clean English; `repair_speed.py` says how fast it is.

    python benchmarks/repair.py [--clean] [--misses N] [--write]

Gold figures use the scorer that stands with the shared evaluation data (`tools/evaluate_repair.py`); the data folder is
``../shared`` beside the checkout, or `REGLOSS_SHARED`.
"""

import argparse
import difflib
import importlib.util
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from regloss.document import Document, Edit, Span, Tier
from regloss.formats import read_document
from regloss.glossary.store import load_glossary
from regloss.repair import Repairer
from regloss.repair.families import family
from regloss.run import Repaired, repair_document

ROOT = Path(__file__).resolve().parents[1]
GOLD = ROOT / "tests" / "gold"
PRECISION = ROOT / "pipeline" / "regloss" / "repair" / "precision.json"
SHARED = Path(os.environ.get("REGLOSS_SHARED", ROOT.parent / "shared"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clean", action="store_true", help="list every edit in clean English")
    parser.add_argument("--misses", type=int, default=0, help="show so many misses of each gold set")
    parser.add_argument("--write", action="store_true", help="publish the precision of each rule family")
    options = parser.parse_args()
    if not (SHARED / "tools" / "evaluate_repair.py").exists():
        sys.exit(f"the evaluation data is not at {SHARED}; set REGLOSS_SHARED")
    repairer = Repairer(load_glossary())
    print(f"glossary {repairer.glossary.content_hash}, {len(repairer.glossary)} entries")
    tally = gold_figures(repairer, options.misses)
    print_families(tally)
    if options.write:
        publish_families(tally, repairer)
    clean_english(repairer, options.clean)


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SHARED / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Tally = dict[str, list[int]]
"""Family of rules → edits that were right, edits in all."""


def gold_figures(repairer: Repairer, misses: int) -> Tally:
    scorer = _module("evaluate_repair")
    tally: Tally = {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.jsonl"
        _sentences(repairer, scorer, "dev", out, misses, tally)
        _sentences(repairer, scorer, "second", out, misses, {})
        applied = [e for e in _seed(repairer).edits if e.tier is Tier.AUTO]
        edits = Path(folder) / "edits.jsonl"
        edits.write_text("".join(json.dumps(e.as_record(), ensure_ascii=False) + "\n" for e in applied), "utf-8")
        article = ROOT / "seeds" / "article.en.txt"
        print("seed", scorer.seed(article, GOLD / "seed-article.gold.jsonl", GOLD / "seed-article.keep.jsonl", edits))
        gold = scorer.load(GOLD / "seed-article.gold.jsonl")
        follow = [f for g in gold for f in g.get("follow_on") or [] if isinstance(f, dict) and "start" in f]
        errors = [(Span(g["start"], g["end"]), [g["right"], *g.get("also_ok", [])]) for g in [*gold, *follow]]
        _count(tally, applied, errors)
    return tally


def _sentences(repairer: Repairer, scorer: ModuleType, half: str, out: Path, misses: int, tally: Tally) -> None:
    wrong, right = GOLD / f"positives.{half}.jsonl", GOLD / f"negatives.{half}.jsonl"
    for with_source in (True, False):
        _repair_gold(repairer, wrong, out, tally, with_source=with_source)
        exact, term, missed = scorer.positives(wrong, out)
        label = "with source   " if with_source else "without source"
        print(f"{half:6s} positives {label}  exact {exact:.3f}  term {term:.3f}")
        for case in missed[:misses]:
            print("   ", *case, sep="\n      ")
    _repair_gold(repairer, right, out, tally, with_source=False)
    kept, broken = scorer.negatives(right, out)
    hard, _ = scorer.negatives(right, out, True)
    print(f"{half:6s} negatives                 kept {kept:.3f}  hard kept {hard:.3f}")
    for case in broken[:misses]:
        print("   ", *case, sep="\n      ")


def _repair_gold(repairer: Repairer, gold: Path, out: Path, tally: Tally, *, with_source: bool) -> None:
    lines = []
    for row in map(json.loads, gold.read_text(encoding="utf-8").splitlines()):
        text = row["text"]
        source = row.get("source_zh") if with_source else None
        document = Document(row["id"], text, (Span(0, len(text)),), source=source)
        repaired = repair_document(document, repairer, parallel=True)
        lines.append(json.dumps({"id": row["id"], "target": repaired.text}, ensure_ascii=False))
        applied = [edit for edit in repaired.edits if edit.tier is Tier.AUTO]
        if "gold" in row:
            rights = [row["gold"], *row["alt_gold"]]
            _count(tally, applied, [(span, [right]) for right in rights for span in _changed(text, right)])
        else:
            kept = [Span(m.start(), m.end()) for keep in row["must_keep"] for m in re.finditer(re.escape(keep), text)]
            # What a look-alike stands beside may be wrong or right: only what must stay counts.
            _count(tally, [e for e in applied if any(e.span.overlaps(span) for span in kept)], [])
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _changed(text: str, right: str) -> Iterator[Span]:
    """Yield the stretches of a text, whole words and what stands between, that are otherwise in the right one."""
    ours, theirs = (list(re.finditer(r"\w+|\W", each)) for each in (text, right))
    matcher = difflib.SequenceMatcher(None, [m.group() for m in ours], [m.group() for m in theirs], autojunk=False)
    for tag, first, last, _, _ in matcher.get_opcodes():
        if tag != "equal":
            start = ours[first].start() if first < len(ours) else len(text)
            yield Span(start, max(ours[last - 1].end() if last > first else start, start + 1))


def _count(tally: Tally, edits: list[Edit], errors: list[tuple[Span, list[str]]]) -> None:
    """Count the edits by family, and those that touch an error and put what one of its right texts holds."""
    for edit in edits:
        counts = tally.setdefault(family(edit), [0, 0])
        rights = [
            right
            for span, rights in errors
            if edit.start < span.end and span.start < max(edit.end, edit.start + 1)
            for right in rights
        ]
        counts[0] += any(_says(edit.after, right) for right in rights)
        counts[1] += 1


def _says(after: str, right: str) -> bool:
    ours, theirs = (re.sub(r"^(the|a|an|these|this) ", "", text.strip().lower()) for text in (after, right))
    return ours in theirs or (bool(theirs) and theirs in ours)


def print_families(tally: Tally) -> None:
    """Print, for each family of rules, how many of its edits in all the gold sets are right."""
    print("right edits, by family of rules:")
    for name, (right, total) in sorted(tally.items()):
        print(f"    {name:36s} {right:4d} of {total:4d}")


def publish_families(tally: Tally, repairer: Repairer) -> None:
    record = {
        "about": "right edits and edits in all: benchmarks/repair.py --write on the development gold;"
        " unlisted ones: benchmarks/terms.py --write on the WMT25 terminology documents",
        "glossary": repairer.glossary.content_hash,
        "families": dict(sorted({**_published("unlisted"), **tally}.items())),
    }
    text = json.dumps(record, ensure_ascii=False, indent=2)
    PRECISION.write_text(re.sub(r"\[\s+(\d+),\s+(\d+)\s+\]", r"[\1, \2]", text) + "\n", encoding="utf-8")


def _published(name: str) -> Tally:
    families = json.loads(PRECISION.read_text(encoding="utf-8"))["families"] if PRECISION.exists() else {}
    return {name: families[name]} if name in families else {}


def _seed(repairer: Repairer) -> Repaired:
    document = read_document(ROOT / "seeds" / "article.en.txt")
    source = read_document(ROOT / "seeds" / "article.zh.txt").text
    return repair_document(
        Document(document.name, document.text, document.blocks, document.protected, source, document.encoding), repairer
    )


def clean_english(repairer: Repairer, show: bool) -> None:
    """Count, and on request list, the edits in human English, without its source and with it."""
    for label, with_source in (("without source", False), ("with source   ", True)):
        rules: Counter[str] = Counter()
        sentences = 0
        for name, line, source in _clean_lines():
            if with_source and source is None:
                continue
            sentences += 1
            document = Document(name, line, (Span(0, len(line)),), source=source if with_source else None)
            for edit in repair_document(document, repairer, parallel=True).edits:
                if edit.tier is Tier.AUTO:
                    rules[edit.rule.split(".")[0]] += 1
                    if show:
                        print(f"    {edit.before!r} → {edit.after!r} [{edit.term or edit.rule}] {line} {source or ''}")
        edits, shown = rules.total(), ", ".join(f"{count} {rule}" for rule, count in sorted(rules.items()))
        print(f"clean English {label} {edits} edits in {sentences} sentences ({shown})", end="")
        print(f", {1000 * edits / sentences:.2f} per 1,000")


def _clean_lines() -> Iterator[tuple[str, str, str | None]]:
    sets = SHARED / "testsets"
    for name, source in (
        ("flores/devtest.en", "flores/devtest.zh"),
        ("ntrex/newstest2019-ref.eng-US.txt", "ntrex/newstest2019-ref.zho-CN.txt"),
        ("ntrex/newstest2019-ref.eng-GB.txt", None),
        ("wmt20.zh-en/newstest2020.ref.en", "wmt20.zh-en/newstest2020.src.zh"),
        ("wmt20.zh-en/newstest2020.refB.en", "wmt20.zh-en/newstest2020.src.zh"),
        ("wmt22.zh-en/generaltest2022.zh-en.ref.A.en", "wmt22.zh-en/generaltest2022.zh-en.src.zh"),
        ("wmt22.zh-en/generaltest2022.zh-en.ref.B.en", "wmt22.zh-en/generaltest2022.zh-en.src.zh"),
    ):
        lines = (sets / name).read_text(encoding="utf-8").split("\n")
        sources = (sets / source).read_text(encoding="utf-8").split("\n") if source else [None] * len(lines)
        for line, text in zip(lines, sources, strict=False):
            if line.strip():
                yield name, line, text


if __name__ == "__main__":
    main()
