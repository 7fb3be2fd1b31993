"""Makes a corpus small enough to be carried to a machine without a network, and keeps what is worth most in it.

    python models/training/carry.py --corpus CORPUS --out SMALL --mebibytes 30 [--prepared OUT]

Groups of the recipe are taken whole, from the one with the greatest weight a pair downwards; of the first that does not
fit, as many pairs as do. `--prepared` adds the vocabulary and the terms that `train.py --until vocabulary` has written
to OUT, so that the other machine needs neither regloss nor lemminflect.
"""

import argparse
import lzma
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from trainer.corpus import Pair, draw, read_corpus
from trainer.recipe import Recipe, RecipeError, read_recipe

HERE = Path(__file__).resolve().parent
PREPARED = ("source.spm", "target.spm", "terms.tsv")


def main() -> int:
    """Read the command line, write the small corpus, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--mebibytes", type=float, required=True, metavar="N")
    parser.add_argument("--recipe", type=Path, default=HERE / "recipe.toml", metavar="FILE")
    parser.add_argument("--prepared", type=Path, metavar="DIR")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    try:
        carry(arguments)
    except RecipeError as exc:
        sys.stderr.write(f"error: {exc}\n")
        return 2
    return 0


def carry(arguments: argparse.Namespace) -> None:
    """Write the small corpus.

    Raises:
        RecipeError: a file cannot be read, or the limit is too small for the fixed files.
    """
    recipe = read_recipe(arguments.recipe)
    arguments.out.mkdir(parents=True, exist_ok=True)
    fixed = [arguments.corpus / name for name in recipe.validation.files.values()]
    fixed += [arguments.prepared / name for name in PREPARED] if arguments.prepared else []
    for path in fixed:
        if not path.is_file():
            raise RecipeError(f"{path} is missing")
        shutil.copyfile(path, arguments.out / path.name)
    room = int(arguments.mebibytes * 2**20) - sum(path.stat().st_size for path in fixed)
    if room <= 0:
        raise RecipeError(
            f"--mebibytes {arguments.mebibytes:g} is too small for the validation sets and vocabulary alone"
        )
    by_group: dict[str, list[Pair]] = {name: [] for name in recipe.groups}
    for pair in read_corpus(arguments.corpus, recipe, arguments.seed):
        by_group[recipe.group(pair.origin)].append(pair)
    for name in _by_worth(by_group, recipe):
        kept, content = _fitting(by_group[name], room, arguments.seed)
        if content:
            (arguments.out / f"zh-en.{name}.tsv.xz").write_bytes(content)
        room -= len(content)
        sys.stdout.write(f"{name}: {kept:,} of {len(by_group[name]):,} pairs, {len(content) / 2**20:.1f} MiB\n")


def _by_worth(by_group: dict[str, list[Pair]], recipe: Recipe) -> list[str]:
    worth = {
        name: sum(phase.weights.get(name, 0.0) for phase in recipe.phases) / len(pairs)
        for name, pairs in by_group.items()
        if pairs
    }
    return sorted(worth, key=lambda name: -worth[name])


def _fitting(pairs: Sequence[Pair], room: int, seed: int) -> tuple[int, bytes]:
    """Return as many pairs as fit, and their compressed lines; nothing where not even a fiftieth fits."""
    few = pairs[:: max(len(pairs) // 2000, 1)]
    # Small samples compress worse than the whole: the estimate is on the safe side.
    share = room / (len(_compressed(few)) * len(pairs) / len(few))
    while share > 0.02:
        # Another seed than that of the recipe's own thinning, or the same pairs would always be the ones to go.
        kept = [pair for pair in pairs if draw(pair, seed + 2) < share]
        content = _compressed(kept)
        if len(content) <= room:
            return len(kept), content
        share = min(share, 1.0) * 0.95 * room / len(content)
    return 0, b""


def _compressed(pairs: Sequence[Pair]) -> bytes:
    return lzma.compress("".join(f"{p.source}\t{p.target}\t{p.origin}\n" for p in pairs).encode())


if __name__ == "__main__":
    sys.exit(main())
