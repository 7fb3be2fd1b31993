"""Quality without a reference, with a model and a lexicon small enough to see through."""

import json

import numpy as np
import pytest
from scoring_data import GLOSSARY

from regloss.alignment.lexicon import Entry, build_lexicon
from regloss.document import Hypothesis
from regloss.errors import ModelError, UsageError
from regloss.scoring import System, build_metrics, compare
from regloss.scoring.quality import FEATURES, QualityEstimator, QualityWeights, features, load_weights

SOURCE = "快手有用户。"
OWN = "Kuaishou has users."


class Model:
    """Translates everything alike, and finds a text the likelier the more letters it shares with its own."""

    name = "fake"

    def signature(self):
        return "fake@1+test"

    def translate(self, sources, *, options):
        return [(Hypothesis("fake", OWN, -0.5),) for _ in sources]

    def score(self, pairs):
        return [-1.0 if target == OWN else -4.0 - (source == "。") for source, target in pairs]


@pytest.fixture(scope="module")
def lexicon():
    table = {
        "快手": [Entry("kuaishou", 0.9, 0.9)],
        "有": [Entry("has", 0.5, 0.5)],
        "用户": [Entry("users", 0.8, 0.8), Entry("user", 0.1, 0.5)],
    }
    return build_lexicon(table, {"快手": 5, "有": 9, "用户": 7})


def row(target, lexicon, source=SOURCE):
    return dict(zip(FEATURES, features([source], [target], Model(), lexicon)[0], strict=True))


def test_features_say_what_their_names_promise(lexicon):
    good, bad = row(OWN, lexicon), row("It rained.", lexicon)
    assert good["likelihood"] == -1.0
    assert bad["likelihood"] == -4.0
    assert bad["fluency"] == -5.0
    assert good["own-likelihood"] == bad["own-likelihood"] == -1.0
    assert good["agreement"] == pytest.approx(1)
    assert good["source-coverage"] == pytest.approx(np.mean(np.log([0.9, 0.5, 0.8])), abs=0.05)
    assert bad["source-coverage"] == pytest.approx(np.log(1e-3))
    assert good["target-coverage"] > bad["target-coverage"]
    assert bad["length-deviation"] == abs(bad["length"])


def weights(**given):
    return QualityWeights({name: given.get(name.replace("-", "_"), 0.0) for name in FEATURES}, -2.5, 1.5, "fake@1", {})


def test_points_are_fifty_for_the_average_and_fifteen_a_deviation(lexicon):
    estimator = QualityEstimator(Model(), lexicon, weights(likelihood=1.0))
    assert estimator.estimate([SOURCE, SOURCE], [OWN, "It rained."]) == pytest.approx([65.0, 35.0])
    assert estimator.estimate([], []) == []


def test_checks_are_taken_off(lexicon):
    estimator = QualityEstimator(Model(), lexicon, weights())
    plain = estimator.estimate([SOURCE], ["It is so."])[0]
    assert estimator.estimate([SOURCE], ["It is 主播 so."])[0] == pytest.approx(plain - 15)
    assert estimator.estimate([SOURCE], [""]) == [0.0]
    assert estimator.estimate([SOURCE], [SOURCE]) == [0.0]


def test_weights_of_another_model_are_told_apart(lexicon):
    assert QualityEstimator(Model(), lexicon, weights()).fits
    other = QualityWeights(weights().weights, 0.0, 1.0, "opus@2+test", {})
    assert not QualityEstimator(Model(), lexicon, other).fits
    assert "fitted:opus@2" in QualityEstimator(Model(), lexicon, other).signature()


def test_it_is_a_metric_on_request(lexicon):
    estimator = QualityEstimator(Model(), lexicon, weights(likelihood=1.0))
    metrics = build_metrics(["quality"], glossary=GLOSSARY, estimator=estimator)
    table = compare([System("a", (OWN,), (SOURCE,)), System("b", ("It rained.",), (SOURCE,))], metrics)
    assert table.value("a", "quality") == pytest.approx(65.0)
    assert table.value("b", "quality") == pytest.approx(35.0)
    assert "quality" not in [metric.info.name for metric in build_metrics(references=1, glossary=GLOSSARY)]
    with pytest.raises(UsageError, match="translation model"):
        build_metrics(["quality"])


def test_the_published_weights_load_and_say_how_good_they_are():
    loaded = load_weights()
    assert set(loaded.weights) == set(FEATURES)
    assert loaded.scale > 0
    assert set(loaded.evidence) == {"tau", "tau_within_sources", "system_pairs_right", "system_pairs"}


@pytest.mark.parametrize("content", ["", "{}", json.dumps({"weights": {}})])
def test_broken_weights_are_one_clear_line(tmp_path, content):
    path = tmp_path / "w.json"
    path.write_text(content, "utf-8")
    with pytest.raises(ModelError, match="no quality weights"):
        load_weights(path)
