"""Quality of a translation without a reference, from 0 to 100.

What is known without one: how likely the translation model finds the text given the source, and given nothing (forced
decoding, as in Prism-src, Thompson and Post 2020); how far it agrees with the model's own translation (a
pseudo-reference); how much of each side the bilingual lexicon finds on the other; its length. `quality.json` holds the
weights of a linear model over these features, fitted to human judgements by ``benchmarks/quality.py``, with the
translation model it was fitted for and how well it did on neighbourhoods that it had not seen. What the sanity checks
find is taken off, by severity.

The figure is 50 for the average of the judged systems and 15 points a standard deviation, cut off at 0 and 100. It says
which segments are likely to be bad; between two translations of one source it is hardly better than chance. The
translation model likes its own words best, so the figure must not choose between its output and another's.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from regloss.alignment.lexicon import Lexicon
from regloss.document import Hypothesis, Severity
from regloss.errors import ModelError
from regloss.scoring.checks import run_checks
from regloss.scoring.checks.shape import length_ratio
from regloss.scoring.coverage import coverage
from regloss.scoring.metric import Array, Direction, Material, MetricInfo, Need, Statistics, averaged, ratio
from regloss.scoring.reference import ChrF
from regloss.translation.protocol import DecodingOptions

__all__ = ["FEATURES", "Quality", "QualityEstimator", "QualityWeights", "features", "load_weights"]

# A source that says nothing: what the model then thinks of a text is how fluent it finds it.
_NOTHING = "。"
_TYPICAL_RATIO = 3.75
_LIKELIHOODS = ("likelihood", "fluency", "own-likelihood", "agreement")
_LEXICAL = ("source-coverage", "target-coverage", "length", "length-deviation")
FEATURES = (*_LIKELIHOODS, *_LEXICAL)
_MIDDLE, _SPREAD = 50.0, 15.0
_TAKEN_OFF = {Severity.CRITICAL: 100.0, Severity.MAJOR: 15.0, Severity.MINOR: 3.0}


class ForcedDecoder(Protocol):
    """The part of a translator that quality needs."""

    def signature(self) -> str:
        """Return what the scores depend on."""
        ...

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the mean log-probability of each (source, forced target)."""
        ...

    def translate(self, sources: Sequence[str], *, options: DecodingOptions = ...) -> list[tuple[Hypothesis, ...]]:
        """Return the candidates of each source, best first."""
        ...


def features(sources: Sequence[str], targets: Sequence[str], translator: ForcedDecoder, lexicon: Lexicon) -> Array:
    """Return the features of n pairs, shape (n, len(FEATURES))."""
    likelihoods = _likelihoods(sources, targets, translator)
    lexical = np.array([_lexical(s, t, lexicon) for s, t in zip(sources, targets, strict=True)]).reshape(-1, 4)
    return np.hstack([likelihoods, lexical])


def _likelihoods(sources: Sequence[str], targets: Sequence[str], translator: ForcedDecoder) -> Array:
    unique = list(dict.fromkeys(sources))
    found = translator.translate(unique, options=DecodingOptions(beam=1))
    own = {source: best[0].text for source, best in zip(unique, found, strict=True)}
    own_scores = dict(zip(unique, translator.score([(s, own[s]) for s in unique]), strict=True))
    given = translator.score(list(zip(sources, targets, strict=True)))
    alone = translator.score([(_NOTHING, target) for target in targets])
    references = tuple(own[source] for source in sources)
    agreement = ChrF().statistics(Material(tuple(targets), None, (references,))).by_segment() / 100
    return np.stack([given, alone, [own_scores[s] for s in sources], agreement], axis=-1).reshape(-1, 4)


def _lexical(source: str, target: str, lexicon: Lexicon) -> tuple[float, float, float, float]:
    length = math.log(max(length_ratio(target, source), 0.01) / _TYPICAL_RATIO)
    return *coverage(source, target, lexicon), length, abs(length)


@dataclass(frozen=True, slots=True)
class QualityWeights:
    """A fitted linear model.

    Attributes:
        weights: by feature, for the feature as it is.
        centre, scale: mean and standard deviation of the sum over the judged translations.
        model: signature of the translation model that the features came from.
        evidence: what the fit achieved on documents that it had not seen; for reports.
    """

    weights: Mapping[str, float]
    centre: float
    scale: float
    model: str
    evidence: Mapping[str, float]

    def points(self, rows: Array) -> Array:
        """Return the quality, 0 to 100, of rows of features, shape (n,)."""
        summed = rows @ np.array([self.weights[name] for name in FEATURES])
        scores: Array = np.clip(_MIDDLE + _SPREAD * (summed - self.centre) / self.scale, 0.0, 100.0)
        return scores


def load_weights(path: Path | None = None) -> QualityWeights:
    """Return the weights that come with regloss, or those of a file.

    Raises:
        ModelError: the file is missing or is no weights file of this version.
    """
    place = path or Path(__file__).with_name("quality.json")
    try:
        record = json.loads(place.read_text(encoding="utf-8"))
        weights = {name: float(record["weights"][name]) for name in FEATURES}
        numbers = float(record["centre"]), float(record["scale"])
        return QualityWeights(weights, *numbers, str(record["model"]), record["evidence"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        message = f"{place}: no quality weights of this version ({exc}); fit them with benchmarks/quality.py"
        raise ModelError(message) from exc


def _weights_of(signature: str) -> str:
    # Engine and number format change a score in the third digit; other weights change what it means.
    return signature.partition("+")[0]


class QualityEstimator:
    """Rates translations without a reference. Build it once, use it for any number of segments."""

    def __init__(self, translator: ForcedDecoder, lexicon: Lexicon, weights: QualityWeights | None = None) -> None:
        self._translator = translator
        self._lexicon = lexicon
        self._weights = weights or load_weights()

    @property
    def fits(self) -> bool:
        """Tell whether the weights were fitted for this translation model; for another the figures are rough."""
        return _weights_of(self._weights.model) == _weights_of(self._translator.signature())

    def signature(self) -> str:
        """Return what the figures depend on."""
        return f"quality:1|model:{self._translator.signature()}|fitted:{'yes' if self.fits else self._weights.model}"

    def estimate(self, sources: Sequence[str], targets: Sequence[str]) -> list[float]:
        """Return the quality of each pair, 0 to 100; 0 where a critical check objects."""
        if not targets:
            return []
        rows = features(sources, targets, self._translator, self._lexicon)
        points = self._weights.points(rows).tolist()
        found = [run_checks([target], [source]) for source, target in zip(sources, targets, strict=True)]
        return [max(0.0, p - sum(_TAKEN_OFF[f.severity] for f in each)) for p, each in zip(points, found, strict=True)]


@dataclass(frozen=True, slots=True)
class Quality:
    """Mean estimated quality of the segments, as a metric."""

    estimator: QualityEstimator

    @property
    def info(self) -> MetricInfo:
        """The declaration."""
        signature, title = self.estimator.signature(), "Estimated quality, without a reference"
        return MetricInfo("quality", title, Direction.HIGHER, 0, 100, "points", signature, ratio(), (Need.SOURCE,))

    def statistics(self, material: Material) -> Statistics:
        """Return rows of (quality, 1)."""
        return averaged(self.estimator.estimate(material.sources or (), material.hypotheses))
