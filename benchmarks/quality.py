"""Quality without a reference, against human judgements; and the fit of its weights.

    python benchmarks/quality.py [--fit] [--cache FOLDER] [--segments N]

Reads `testsets/mqm-ted` (MQM of 13 systems on 529 segments) and `testsets/wmt22.zh-en` (direct assessments of 12
systems) of the evaluation data beside the checkout, or of the folder that REGLOSS_SHARED names. Fitted on the first in
ten runs of neighbouring segments, each predicted by the other nine, and checked on the second, which the fit has not
seen. ``--fit`` writes the weights over all of the first to ``pipeline/regloss/scoring/quality.json``; do so whenever
the shipped translation model changes. ``--cache`` keeps the features, which take most of the time.
"""

import argparse
import itertools
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from regloss.alignment.lexicon import load_lexicon
from regloss.document import Hypothesis
from regloss.scoring import Material
from regloss.scoring.consensus import chrf_between
from regloss.scoring.quality import FEATURES, features
from regloss.scoring.reference import Bleu, ChrF
from regloss.translation.engines import load_translator
from regloss.translation.protocol import DecodingOptions, Translator

SHARED = Path(os.environ.get("REGLOSS_SHARED") or Path(__file__).resolve().parents[2] / "shared")
TED = SHARED / "testsets" / "mqm-ted"
WMT = SHARED / "testsets" / "wmt22.zh-en"
WEIGHTS = Path(__file__).resolve().parents[1] / "pipeline" / "regloss" / "scoring" / "quality.json"
FOLDS = 10
# Half of the weight lies on differences between translations of one source, half on differences between all segments.
WITHIN = 0.5
RIDGE = 200.0


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


@dataclass(frozen=True)
class Judged:
    """Systems on the same segments, with the human score of each segment (NaN where nobody judged it)."""

    name: str
    sources: list[str]
    reference: list[str]
    systems: dict[str, list[str]]
    human: dict[str, np.ndarray]

    def only(self, names: Iterable[str]) -> "Judged":
        """Return the same segments of these systems."""
        return replace(self, systems={name: self.systems[name] for name in names})


def ted() -> Judged:
    ids = lines(TED / "ids")
    place = {name: number for number, name in enumerate(ids)}
    # Sentences that the references translated as well: they are not systems.
    names = [p.name[8:-3] for p in sorted(TED.glob("ted.hyp.*.en")) if p.name[8:-3] not in ("ref", "refB")]
    human = {name: np.full(len(ids), np.nan) for name in names}
    for line in lines(TED / "scores.tsv")[1:]:
        system, score, segment = line.split()
        if system in human and segment in place and score != "None":
            human[system][place[segment]] = float(score)
    systems = {name: lines(TED / f"ted.hyp.{name}.en") for name in names}
    return Judged("MQM, TED", lines(TED / "ted.src.zh"), lines(TED / "ted.hyp.ref.en"), systems, human)


def wmt(segments: int) -> Judged:
    sources = lines(WMT / "generaltest2022.zh-en.src.zh")
    # Blocks of 25 neighbours spread over the test set.
    step = max(1, len(sources) // max(segments, 1))
    kept = [i for i in range(len(sources)) if (i // 25) % step == 0]
    place = {str(number + 1): position for position, number in enumerate(kept)}
    files = sorted((WMT / "systems").iterdir())
    names = [path.name.split(".hyp.")[1].removesuffix(".en") for path in files]
    human = {name: np.full(len(kept), np.nan) for name in names}
    for line in lines(WMT / "humaneval" / "humaneval_DA_newstest2022-toen_ad-seg-scores-zh-en.csv")[1:]:
        system, segment, _, score, *_ = line.split()
        name = system.rsplit(".", 1)[0]
        if name in human and segment in place:
            human[name][place[segment]] = float(score)
    reference = lines(WMT / "generaltest2022.zh-en.ref.A.en")
    systems = {name: [each[i] for i in kept] for name, path in zip(names, files, strict=True) for each in [lines(path)]}
    return Judged("DA, WMT22", [sources[i] for i in kept], [reference[i] for i in kept], systems, human)


class Remembering:
    """A translator that does nothing twice: the systems share their sources."""

    def __init__(self, translator: Translator) -> None:
        self.translator = translator
        self.translations: dict[str, tuple[Hypothesis, ...]] = {}
        self.scores: dict[tuple[str, str], float] = {}

    def signature(self) -> str:
        return self.translator.signature()

    def translate(self, sources: Sequence[str], *, options: DecodingOptions) -> list[tuple[Hypothesis, ...]]:
        new = [source for source in dict.fromkeys(sources) if source not in self.translations]
        self.translations |= zip(new, self.translator.translate(new, options=options), strict=True)
        return [self.translations[source] for source in sources]

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self.scores]
        self.scores |= zip(new, self.translator.score(new), strict=True)
        return [self.scores[pair] for pair in pairs]


def all_features(judged: Judged, translator: Remembering, cache: Path | None) -> dict[str, np.ndarray]:
    key = f"{judged.name} {len(judged.sources)} {translator.signature()}".replace(" ", "-").replace("/", "-")
    kept = None if cache is None else cache / f"{key}.npz"
    if kept is not None and kept.exists():
        loaded = np.load(kept)
        return {name: loaded[name] for name in judged.systems}
    lexicon = load_lexicon()
    found = {name: features(judged.sources, text, translator, lexicon) for name, text in judged.systems.items()}
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, **found)
    return found


def goal(human: np.ndarray) -> np.ndarray:
    """Return MQM on a scale on which the step from 0 to -1 counts more than that from -10 to -11."""
    return -np.log1p(-np.minimum(human, 0.0))


def fitted(rows: np.ndarray, wanted: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Return ridge weights over judged rows, part of them after the mean of each source is taken off."""
    scale = rows.std(axis=0) + 1e-9
    means = [np.bincount(segments, column) for column in (*rows.T, wanted)]
    counts = np.maximum(np.bincount(segments), 1)
    centred = rows - np.stack([mean / counts for mean in means[:-1]], axis=-1)[segments]
    wanted_centred = wanted - (means[-1] / counts)[segments]
    between, within = np.sqrt(1 - WITHIN), np.sqrt(WITHIN)
    design = np.vstack([between * (rows - rows.mean(axis=0)), within * centred]) / scale
    aim = np.concatenate([between * (wanted - wanted.mean()), within * wanted_centred])
    return np.linalg.solve(design.T @ design + RIDGE * np.eye(design.shape[1]), design.T @ aim) / scale


def stacked(judged: Judged, rows: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, human scores and segment numbers of all judged segments of all systems."""
    size = len(judged.sources)
    every = np.concatenate([rows[name] for name in judged.systems])
    human = np.concatenate([judged.human[name] for name in judged.systems])
    segments = np.tile(np.arange(size), len(judged.systems))
    known = ~np.isnan(human)
    return every[known], human[known], segments[known]


def cross_validated(judged: Judged, rows: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the prediction for each segment of each system from weights that never saw its neighbourhood."""
    every, human, segments = stacked(judged, rows)
    size = len(judged.sources)
    predicted = {name: np.zeros(size) for name in judged.systems}
    for fold in range(FOLDS):
        seen = segments * FOLDS // size != fold
        weights = fitted(every[seen], goal(human[seen]), segments[seen])
        mine = np.arange(size) * FOLDS // size == fold
        for name in judged.systems:
            predicted[name][mine] = rows[name][mine] @ weights
    return predicted


def kendall(judged: Judged, scores: Mapping[str, np.ndarray]) -> float:
    """Return Kendall's τ-b over all judged segments of all systems (4,000 of them at most)."""
    human = np.concatenate([judged.human[name] for name in judged.systems])
    found = np.concatenate([scores[name] for name in judged.systems])
    known = np.flatnonzero(~np.isnan(human))
    known = np.random.default_rng(1).permutation(known)[:4000]
    one = np.sign(human[known, None] - human[None, known])
    other = np.sign(found[known, None] - found[None, known])
    return float((one * other).sum() / np.sqrt((one != 0).sum() * (other != 0).sum()))


def within_sources(judged: Judged, scores: Mapping[str, np.ndarray]) -> float:
    """Return (agreements - disagreements) / both over pairs of different translations of one source."""
    balance = pairs = 0.0
    for one, other in itertools.combinations(judged.systems, 2):
        agreement = np.sign((judged.human[one] - judged.human[other]) * (scores[one] - scores[other]))
        balance, pairs = balance + np.nansum(agreement), pairs + np.nansum(np.abs(agreement))
    return float(balance / pairs)


def system_pairs(judged: Judged, totals: Mapping[str, float]) -> tuple[int, int]:
    """Return how many pairs of systems are ranked as people rank them, and how many there are."""
    human = {name: float(np.nanmean(judged.human[name])) for name in judged.systems}
    pairs = list(itertools.combinations(judged.systems, 2))
    return sum((human[a] - human[b]) * (totals[a] - totals[b]) > 0 for a, b in pairs), len(pairs)


def told(judged: Judged, name: str, scores: Mapping[str, np.ndarray], totals: Mapping[str, float]) -> None:
    right, pairs = system_pairs(judged, totals)
    figures = f"τ {kendall(judged, scores):+.3f}  within sources {within_sources(judged, scores):+.3f}"
    print(f"  {name:34s} {figures}  system pairs {right}/{pairs}")


def with_references(judged: Judged) -> None:
    for metric in (Bleu(), ChrF()):
        found = {
            name: metric.statistics(Material(tuple(text), None, (tuple(judged.reference),)))
            for name, text in judged.systems.items()
        }
        scores = {name: each.by_segment() for name, each in found.items()}
        told(judged, f"{metric.info.name} with reference", scores, {n: each.total() for n, each in found.items()})


def with_each_other(judged: Judged) -> None:
    """Print what the agreement of all systems is worth, and of a few of them drawn forty times."""
    names, between = list(judged.systems), chrf_between(list(judged.systems.values()))

    def consensus(of: Sequence[int]) -> dict[str, np.ndarray]:
        return {names[i]: between[i, list(of)].sum(axis=0) / (len(of) - 1) for i in of}

    scores = consensus(range(len(names)))
    told(judged, "consensus, no reference", scores, means(scores))
    rng = np.random.default_rng(1)
    for size in (3, 5):
        drawn = [consensus(sorted(rng.permutation(len(names))[:size].tolist())) for _ in range(40)]
        within = np.mean([within_sources(judged.only(scores), scores) for scores in drawn])
        print(f"  consensus of {size} of them{'':15s}          within sources {within:+.3f}")


def means(scores: Mapping[str, np.ndarray]) -> dict[str, float]:
    return {name: float(each.mean()) for name, each in scores.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="write the weights")
    parser.add_argument("--cache", type=Path, help="folder that keeps the features")
    parser.add_argument("--segments", type=int, default=600, help="segments of WMT22 to check on")
    options = parser.parse_args()
    if not TED.is_dir():
        sys.exit(f"skipped: no evaluation data in {SHARED}; name the folder in REGLOSS_SHARED")
    translator = Remembering(load_translator())
    judged, check = ted(), wmt(options.segments)
    rows = all_features(judged, translator, options.cache)
    predicted = cross_validated(judged, rows)
    print(f"{judged.name}: {len(judged.systems)} systems, cross-validated")
    told(judged, "quality, no reference", predicted, means(predicted))
    with_each_other(judged)
    with_references(judged)
    every, human, segments = stacked(judged, rows)
    weights = fitted(every, goal(human), segments)
    unseen = {name: each @ weights for name, each in all_features(check, translator, options.cache).items()}
    print(f"{check.name}: {len(check.systems)} systems, {len(check.sources)} segments, not seen by the fit")
    told(check, "quality, no reference", unseen, means(unseen))
    with_each_other(check)
    with_references(check)
    if options.fit:
        sums = every @ weights
        right, pairs = system_pairs(judged, means(predicted))
        record = {
            "weights": {name: float(weight) for name, weight in zip(FEATURES, weights, strict=True)},
            "centre": float(sums.mean()),
            "scale": float(sums.std()),
            "model": translator.signature(),
            "evidence": {
                "tau": round(kendall(judged, predicted), 3),
                "tau_within_sources": round(within_sources(judged, predicted), 3),
                "system_pairs_right": right,
                "system_pairs": pairs,
            },
        }
        WEIGHTS.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        print(f"wrote {WEIGHTS}")


if __name__ == "__main__":
    main()
