"""Trains the embedded Chinese-to-English model, from corpus to model folder, by `recipe.toml`.

    python models/training/train.py --corpus CORPUS --out OUT --minutes 20            a GPU is used where there is one
    python models/training/train.py --corpus CORPUS --out OUT --minutes 20 --resume   goes on after an interruption
    python models/training/train.py --tiny --out out/rehearsal                        every stage in a minute, on a CPU

Stages, each of which is left out if OUT already holds its result:

1. vocabulary: SentencePiece models and the terms to put inline (`source.spm`, `target.spm`, `terms.tsv`);
2. data: tokens as 16-bit integers (`data/`);
3. training: checkpoints (`state/`), a log with validation curves (`log.jsonl`) and the best model so far by chrF
   (`model/`, which is what is shipped).

CORPUS holds files of lines ``Chinese<TAB>English<TAB>source``; README.md beside this file says more.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.corpus import Pair, corpus_files, read_corpus, read_validation
from trainer.recipe import Recipe, RecipeError, fingerprint, read_recipe
from trainer.rehearsal import write_rehearsal_corpus

if TYPE_CHECKING:
    # torch takes seconds to import, and the first stages do without it.
    from trainer.loop import Trainer

HERE = Path(__file__).resolve().parent
STAGES = ("vocabulary", "data", "training")
TINY_STEPS = 60


@dataclass(frozen=True, slots=True)
class Job:
    """The command line with the recipe read."""

    arguments: argparse.Namespace
    recipe: Recipe
    corpus: Path
    out: Path

    @property
    def seed(self) -> int:
        """The seed of everything that is drawn."""
        return int(self.arguments.seed)


def main() -> int:
    """Read the command line, run the stages, and return the exit code."""
    arguments = _parser().parse_args()
    try:
        return _run(_job(arguments))
    except RecipeError as exc:
        sys.stderr.write(f"error: {exc}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="with --tiny one is made up where none is given")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--recipe", type=Path, default=HERE / "recipe.toml", metavar="FILE")
    parser.add_argument("--tiny", action="store_true", help="rehearse with a tiny network")
    parser.add_argument("--minutes", type=float, default=0.0, help="how long to train (default 20)")
    parser.add_argument("--steps", type=int, default=0, help="how long to train, in steps: exactly reproducible")
    parser.add_argument("--resume", action="store_true", help="go on from the saved state")
    parser.add_argument(
        "--continue-from",
        type=Path,
        metavar="MODEL",
        help="start with this model's weights and pieces, and heed [continued]",
    )
    parser.add_argument("--until", choices=STAGES, default=STAGES[-1], help="last stage to run")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--compile", action="store_true", help="compile the network: slow start, faster steps")
    parser.add_argument("--learning-rate", type=float, default=0.0, help="instead of the recipe's")
    parser.add_argument("--batch-tokens", type=int, default=0, help="instead of the recipe's")
    parser.add_argument("--checkpoint-minutes", type=float, default=5.0, metavar="N")
    parser.add_argument(
        "--part-mib", type=int, default=0, metavar="N", help="greatest size of a file of the checkpoint"
    )
    parser.add_argument(
        "--pack-mib", type=int, default=0, metavar="N", help="also write OUT/packed, files of this size"
    )
    parser.add_argument("--pause-at", type=int, default=0, metavar="STEP", help="save and stop after this step")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def _job(arguments: argparse.Namespace) -> Job:
    recipe = read_recipe(arguments.recipe, tiny=arguments.tiny, continued=bool(arguments.continue_from))
    corpus = arguments.corpus
    if corpus is None:
        if not arguments.tiny:
            raise RecipeError("--corpus is missing: name the folder with the training pairs")
        corpus = arguments.out / "corpus"
        if not corpus.is_dir():
            write_rehearsal_corpus(corpus, arguments.seed)
    if arguments.steps and arguments.minutes:
        raise RecipeError("--steps and --minutes exclude each other; give one of them")
    return Job(arguments, recipe, corpus, arguments.out)


def _run(job: Job) -> int:
    began = time.monotonic()
    job.out.mkdir(parents=True, exist_ok=True)
    _make_vocabulary(job)
    if job.arguments.until == STAGES[0]:
        return 0
    mark = _make_data(job)
    if job.arguments.until == STAGES[1]:
        return 0
    _say(f"prepared in {time.monotonic() - began:.0f} s")
    return _train(job, mark)


def _pairs(job: Job) -> list[Pair]:
    pairs = list(read_corpus(job.corpus, job.recipe, job.seed))
    _say(f"{len(pairs):,} pairs read from {len(corpus_files(job.corpus, job.recipe))} files")
    return pairs


def _make_vocabulary(job: Job) -> None:
    from trainer.terms import collect_terms, write_terms
    from trainer.vocabulary import VOCABULARY_FILES, copy_vocabulary, sample, train_vocabulary

    if all((job.out / name).is_file() for name in (*VOCABULARY_FILES, "terms.tsv")):
        return
    pairs = _pairs(job)
    terms = collect_terms(pairs, job.recipe.corpus.dictionaries)
    _say(f"{len(terms):,} terms to put inline, {sum(1 for t in terms if t.forms):,} with other forms")
    if job.arguments.continue_from:
        copy_vocabulary(job.arguments.continue_from, job.out)
    else:
        chosen = list(sample(pairs, job.recipe, job.seed))
        _say(f"training two vocabularies on {len(chosen):,} sentences")
        train_vocabulary(chosen, job.recipe.vocabulary, job.out, job.seed)
    write_terms(job.out / "terms.tsv", terms)


def _make_data(job: Job) -> str:
    from trainer.store import build_store, open_store, store_fits

    files = [(path.name, path.stat().st_size) for path in corpus_files(job.corpus, job.recipe)]
    pieces = [(job.out / name).stat().st_size for name in ("source.spm", "target.spm", "terms.tsv")]
    recipe = job.recipe
    mark = fingerprint(
        recipe.corpus, recipe.groups, recipe.terms, recipe.architecture.max_pieces, job.seed, files, pieces
    )
    if not store_fits(job.out / "data", mark):
        build_store(_pairs(job), recipe, job.out, job.out / "data", seed=job.seed, mark=mark)
    store = open_store(job.out / "data")
    sizes = ", ".join(f"{name} {high - low:,}" for name, (low, high) in store.groups.items())
    _say(f"{len(store.pairs):,} pairs ({sizes}), {len(store.rows) - len(store.pairs):,} versions with terms")
    return mark


def _train(job: Job, mark: str) -> int:
    import torch

    from trainer.checkpoint import has_state
    from trainer.export import pack_model

    state = job.out / "state"
    if has_state(state) and not job.arguments.resume:
        raise RecipeError(f"{state} holds a run that has begun; give --resume to go on with it, or another --out")
    if job.arguments.tiny:
        # On so little work threads do nothing but wait for each other.
        torch.set_num_threads(1)
    torch.manual_seed(job.seed)
    torch.set_float32_matmul_precision("high")
    trainer = _trainer(job, mark)
    if has_state(state):
        trainer.resume()
    if not trainer.train():
        return 0
    _say(f"done: {job.out / 'model'}, validation chrF {trainer.facts['validation_chrf']}")
    if job.arguments.pack_mib:
        parts = pack_model(job.out / "model", job.out / "packed", job.arguments.pack_mib << 20)
        _say(f"packed into {len(parts)} files: cat {job.out / 'packed'}/model.tar.* | tar x")
    return 0


def _trainer(job: Job, mark: str) -> "Trainer":
    from trainer.batches import Mixer
    from trainer.dropout import drop_in
    from trainer.loop import Budget, Run, Trainer
    from trainer.network import load_network, new_network, parameter_count
    from trainer.splitting import split_table
    from trainer.store import open_store
    from trainer.validation import Validator

    arguments, recipe = job.arguments, job.recipe
    device = _device(arguments.device)
    recipe = recipe.with_pace(device, arguments.learning_rate, arguments.batch_tokens)
    dropout = recipe.training.dropout if device == "cuda" else 0.0
    if arguments.continue_from:
        model = load_network(arguments.continue_from, dropout)
    else:
        sizes = [_pieces(job.out / name) for name in ("source.spm", "target.spm")]
        model = new_network(recipe.architecture, sizes[0], sizes[1], dropout)
    if device == "cpu" and recipe.training.dropout:
        drop_in(model, recipe.training.dropout)
    _say(f"{parameter_count(model):,} parameters, on {device}")
    pace = recipe.training.pace(device)
    splits = split_table(job.out / "source.spm")
    mixer = Mixer(open_store(job.out / "data"), recipe.phases, pace, recipe.terms, recipe.variety, splits, job.seed)
    for number, phase in enumerate(recipe.phases):
        _say(f"phase {phase.name}, until {phase.until:.0%}: {mixer.counts(number)}")
    steps = arguments.steps or (TINY_STEPS if arguments.tiny and not arguments.minutes else 0)
    run = Run(
        out=job.out,
        device=device,
        budget=Budget(steps=steps, minutes=0.0 if steps else arguments.minutes or 20.0),
        made_from=fingerprint(mark, recipe.phases, recipe.variety, recipe.architecture, recipe.training, job.seed),
        checkpoint_minutes=arguments.checkpoint_minutes,
        part_bytes=arguments.part_mib << 20,
        pause_at=arguments.pause_at,
        compiled=arguments.compile,
        stop=_stop_on_signal(),
    )
    validator = Validator(read_validation(job.corpus, recipe), job.out, recipe.architecture.max_pieces, device)
    return Trainer(recipe, mixer, model, validator, run)


def _device(asked: str) -> str:
    import torch

    if asked == "cuda" and not torch.cuda.is_available():
        raise RecipeError("--device cuda: torch sees no GPU; leave --device out to train on the CPU")
    return "cuda" if asked != "cpu" and torch.cuda.is_available() else "cpu"


def _pieces(model: Path) -> int:
    import sentencepiece

    return int(sentencepiece.SentencePieceProcessor(model_file=str(model)).get_piece_size())


def _stop_on_signal() -> Callable[[], bool]:
    """Return a function that tells whether the process was asked to end: a step is always finished first."""
    asked: list[int] = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, _: asked.append(number))
    return lambda: bool(asked)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
