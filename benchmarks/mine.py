"""How often `regloss glossary mine` finds the true wrong rendering of a term, on the development positives.

    python benchmarks/mine.py [--misses] [--no-foresight]

Every term has its sentences with their sources, and an entry whose forbidden list is emptied. A term counts where the
first proposal (the first three) is the wrong rendering that the sentences are known to hold; inflection, hyphens and
function words at the ends make no difference.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

from regloss.alignment.lexicon import load_lexicon
from regloss.alignment.words import LexiconAligner
from regloss.glossary import Glossary, TermEntry, load_glossary
from regloss.glossary.mining import find_renderings, rendering_key
from regloss.glossary.parallel import Pair
from regloss.glossary.suggest import suggest

POSITIVES = Path(__file__).resolve().parents[1] / "tests" / "gold" / "positives.dev.jsonl"
FORESEEN = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", action="store_true", help="show the terms whose first proposal is another one")
    parser.add_argument("--no-foresight", action="store_true", help="let the aligner vote alone")
    options = parser.parse_args()
    records = [json.loads(line) for line in POSITIVES.read_text(encoding="utf-8").splitlines()]
    pairs = [Pair(record["id"], record["source_zh"], record["text"]) for record in records]
    wrong = true_renderings(records)
    lexicon = load_lexicon()
    bundled = load_glossary(["zh-en"])
    glossary = Glossary.of(emptied(bundled.find(term), term, right) for term, (right, _) in wrong.items())
    start = time.process_time()
    proposals = find_renderings(
        glossary,
        pairs,
        LexiconAligner(lexicon),
        (lambda _entry: ())
        if options.no_foresight
        else (lambda entry: [each.form for each in suggest(entry.source, lexicon, entry, FORESEEN)]),
    )
    spent = time.process_time() - start
    first = third = 0
    for term, (_, renderings) in wrong.items():
        found = [rendering_key(each.rendering) for each in proposals if each.source == term]
        first += bool(found) and found[0] in renderings
        third += not renderings.isdisjoint(found[:3])
        if options.misses and (not found or found[0] not in renderings):
            print(f"{term}: {sorted(renderings)}   ==> {found[:4]}")
    print(f"first proposal right   {first:3} of {len(wrong):3}: {first / len(wrong):.1%}")
    print(f"among the first three  {third:3} of {len(wrong):3}: {third / len(wrong):.1%}")
    print(f"{1000 * spent / len(pairs):.0f} ms CPU a pair")


def true_renderings(records: list[dict]) -> dict[str, tuple[str, set[str]]]:
    found: dict[str, tuple[str, set[str]]] = {}
    for record in records:
        for term in record["terms"]:
            _, renderings = found.setdefault(term["source_term"], (term["right"], set()))
            renderings.add(rendering_key(term["wrong"]))
    return found


def emptied(entry: TermEntry | None, term: str, right: str) -> TermEntry:
    return TermEntry(term, right) if entry is None else replace(entry, forbidden=())


if __name__ == "__main__":
    main()
