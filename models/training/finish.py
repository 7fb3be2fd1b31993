"""Puts trained weights into a shipped model folder, if they translate better than those that are there.

    python models/training/finish.py --weights OUT/model --model models/zh-en-small --corpus CORPUS
    python models/training/finish.py --weights STATE/weights --model models/zh-en-small --valid PAIRS.tsv

`--weights` is a folder with a `model.safetensors` in Marian's layout, any floating type: what `train.py` exports, or
what transformers' `save_pretrained` writes. Several folders are averaged, weight by weight. Where such a folder brings
vocabularies of its own, they and its `config.json` are taken as well, so that another architecture can move in; else
those of the shipped model stay.

Both models are built for CTranslate2 as at run time (int8, beam 4) and compared by chrF on the validation pairs. The
folder is changed only where the new weights win, or with `--force`; with `--dry-run` never. Then the checksums in its
card are renewed. torch is not needed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.corpus import Pair, read_pairs
from trainer.export import write_weights
from trainer.recipe import RecipeError
from trainer.vocabulary import VOCABULARY_FILES

UPDATE_CARD = Path(__file__).resolve().parents[1] / "update_card.py"
VALIDATION = "zh-en.authored-valid.tsv"
WEIGHTS = "model.safetensors"
OWN_FILES = (
    "config.json",
    "generation_config.json",
    "tokenizer_config.json",
    "vocab.json",
    "target_vocab.json",
    *VOCABULARY_FILES,
)


def main() -> int:
    """Read the command line, compare, replace, and return the exit code: 1 where the new weights did not win."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, nargs="+", required=True, metavar="FOLDER")
    parser.add_argument("--model", type=Path, required=True, metavar="FOLDER")
    pairs = parser.add_mutually_exclusive_group(required=True)
    pairs.add_argument("--corpus", type=Path, metavar="DIR", help=f"compare on its {VALIDATION}")
    pairs.add_argument("--valid", type=Path, metavar="FILE", help="compare on these pairs")
    parser.add_argument("--sentences", type=int, default=300, help="how many of the pairs, evenly spread")
    parser.add_argument("--force", action="store_true", help="replace, whatever the comparison says")
    parser.add_argument("--dry-run", action="store_true", help="compare only")
    arguments = parser.parse_args()
    try:
        return finish(arguments)
    except RecipeError as exc:
        sys.stderr.write(f"error: {exc}\n")
        return 2


def finish(arguments: argparse.Namespace) -> int:
    """Compare and, where the new weights win, replace.

    Raises:
        RecipeError: a file is missing, or the weights do not fit each other or the vocabularies.
    """
    pairs = list(read_pairs(arguments.valid or arguments.corpus / VALIDATION))
    pairs = pairs[:: max(len(pairs) // arguments.sentences, 1)][: arguments.sentences]
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        # The user's cache should not keep models that may never be used again.
        os.environ["REGLOSS_CACHE"] = str(scratch / "cache")
        candidate = _candidate(arguments.weights, arguments.model, scratch / "candidate")
        before = _quality(arguments.model, pairs) if (arguments.model / WEIGHTS).is_file() else (0.0, 0.0)
        after = _quality(candidate, pairs)
        change = ", ".join(f"{n} {b:.2f} → {a:.2f}" for n, b, a in zip(("chrF", "BLEU"), before, after, strict=True))
        sys.stdout.write(f"{len(pairs)} pairs, beam 4, int8: {change}\n")
        if after[0] <= before[0] and not arguments.force:
            sys.stdout.write("the new weights are no better; nothing was changed (--force replaces all the same)\n")
            return 1
        if not arguments.dry_run:
            _install(candidate, arguments.model)
    return 0


def _candidate(weights: Sequence[Path], model: Path, folder: Path) -> Path:
    """Make a complete model folder of the new weights."""
    folder.mkdir(parents=True)
    own_vocabulary = all((weights[0] / name).is_file() for name in ("config.json", *VOCABULARY_FILES))
    origin = weights[0] if own_vocabulary else model
    for name in OWN_FILES:
        if (origin / name).is_file():
            shutil.copyfile(origin / name, folder / name)
    for card in (model / "card.toml", weights[0] / "card.toml"):
        if card.is_file():
            # Without the checksums, which are of other files.
            head = card.read_text(encoding="utf-8").partition("\n[files]")[0]
            (folder / "card.toml").write_text(head + "\n", encoding="utf-8")
            break
    write_weights(_averaged(weights), folder / WEIGHTS)
    if not own_vocabulary and (model / WEIGHTS).is_file():
        _check_shapes(folder / WEIGHTS, model / WEIGHTS)
    return folder


def _averaged(folders: Sequence[Path]) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    total: dict[str, NDArray[Any]] = {}
    for folder in folders:
        try:
            tensors: Mapping[str, NDArray[Any]] = load_file(folder / WEIGHTS)
        except (OSError, SafetensorError) as exc:
            raise RecipeError(f"{folder / WEIGHTS}: cannot be read ({exc})") from exc
        if total and {n: t.shape for n, t in tensors.items()} != {n: t.shape for n, t in total.items()}:
            raise RecipeError(f"{folder}: has another architecture than {folders[0]}; only like weights are averaged")
        for name, tensor in tensors.items():
            total[name] = total.get(name, np.float32(0)) + tensor.astype(np.float32) / len(folders)
    return total


def _check_shapes(new: Path, old: Path) -> None:
    from safetensors.numpy import load_file

    shapes = [{name: tensor.shape for name, tensor in load_file(path).items()} for path in (new, old)]
    if shapes[0] != shapes[1]:
        odd = sorted(dict(shapes[0].items() ^ shapes[1].items()))[0]
        raise RecipeError(
            f"the new weights have another architecture than {old} (first difference: {odd}), and no vocabulary"
        )


def _quality(folder: Path, pairs: Sequence[Pair]) -> tuple[float, float]:
    """Return chrF and BLEU of a model folder, as regloss translates with it."""
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    from regloss.translation.ct2 import Ct2Translator

    translator = Ct2Translator(folder, workers=0)
    made = [found[0].text for found in translator.translate([pair.source for pair in pairs])]
    references = [[pair.target for pair in pairs]]
    return CHRF().corpus_score(made, references).score, BLEU(force=True).corpus_score(made, references).score


def _install(candidate: Path, model: Path) -> None:
    """Move the files in one by one, the weights last, and renew the card."""
    model.mkdir(parents=True, exist_ok=True)
    for name in (*OWN_FILES, *(() if (model / "card.toml").is_file() else ("card.toml",)), WEIGHTS):
        if (candidate / name).is_file():
            temporary = model / f".{name}.part"
            shutil.copyfile(candidate / name, temporary)
            temporary.replace(model / name)
    subprocess.run([sys.executable, str(UPDATE_CARD), str(model)], check=True)
    sys.stdout.write(f"{model}: replaced; bring the [training] table and the text of its card up to date\n")


if __name__ == "__main__":
    sys.exit(main())
