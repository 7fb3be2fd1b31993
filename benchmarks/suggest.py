"""How often `regloss glossary suggest` foresees a wrong rendering, on the seed glossary with its variants hidden.

    python benchmarks/suggest.py [--first N] [--misses]

A term counts where one of its listed variants is among the first N suggestions; a leading article, hyphens, letter case
and regular inflections make no difference, as they make none to repair. Names are the rows whose kind is an entity.
"""

import argparse
import time
from pathlib import Path

from regloss.alignment.lexicon import load_lexicon
from regloss.glossary.entry import Forbidden, Kind, TermEntry
from regloss.glossary.forms import derive_forms, surface_key
from regloss.glossary.suggest import suggest
from regloss.glossary.tabular import kind_of

SEEDS = Path(__file__).resolve().parents[1] / "tests" / "gold" / "seed-glossary.tsv"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=10, help="how many suggestions count")
    parser.add_argument("--misses", action="store_true", help="show the terms that were missed")
    options = parser.parse_args()
    lexicon = load_lexicon()
    hits: dict[str, list[bool]] = {"names": [], "all": []}
    start = time.process_time()
    for source, target, variants, also_ok, kind in read_rows(SEEDS):
        entry = TermEntry(source, target, admitted=also_ok, kind=kind or Kind.NOUN)
        found = [each.form for each in suggest(source, lexicon, entry, options.first)]
        hit = any(same(form, variants, entry.kind) for form in found)
        hits["all"].append(hit)
        if kind is Kind.NAME:
            hits["names"].append(hit)
        if options.misses and not hit:
            print(f"{source} {entry.kind}: {' | '.join(variants[:4])}   ==> {' | '.join(found)}")
    spent = time.process_time() - start
    for name, outcomes in hits.items():
        print(f"{name:6} {sum(outcomes):3} of {len(outcomes):3} in the first {options.first}: {mean(outcomes):.1%}")
    print(f"{1000 * spent / len(hits['all']):.1f} ms CPU a term")


def read_rows(path: Path) -> list[tuple[str, str, list[str], tuple[str, ...], Kind | None]]:
    header, *lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    return [
        (
            row["source_term"],
            row["target"],
            [part.strip() for part in row["wrong_variants"].split("|")],
            tuple(filter(None, (part.strip() for part in row["also_ok"].split("|")))),
            kind_of(row["pos_or_entity_type"]),
        )
        for row in rows
    ]


def same(form: str, variants: list[str], kind: Kind) -> bool:
    entry = TermEntry("x", "y", forbidden=(Forbidden(form),), kind=kind)
    surfaces = {bare(surface.text) for surface in derive_forms(entry)} | {bare(surface_key(form))}
    return not surfaces.isdisjoint(bare(surface_key(variant)) for variant in variants)


def bare(text: str) -> str:
    first, _, rest = text.partition(" ")
    return rest if first in ("a", "an", "the") else text


def mean(outcomes: list[bool]) -> float:
    return sum(outcomes) / max(1, len(outcomes))


if __name__ == "__main__":
    main()
