"""Metrics, significance, sanity checks, choice among hypotheses, and the gate of a build.

`build_metrics` gives metrics by name, `compare` scores systems into a `ScoreTable`, `judge` holds a table against
conditions, `Chooser` picks among candidates for a segment, `run_checks` looks for faults that no score shows.
"""

from regloss.scoring.baseline import Baseline, load_baseline, save_baseline
from regloss.scoring.checks import CHECKS, Check, run_checks
from regloss.scoring.choice import Choice, ChoiceOptions, Chooser, Estimator, Rating, decide
from regloss.scoring.comparison import SignificanceOptions, compare
from regloss.scoring.coverage import Coverage
from regloss.scoring.gate import Condition, GateResult, Outcome, Threshold, judge, parse_threshold
from regloss.scoring.mentions import GuardedMentionFinder, Mention, MentionFinder
from regloss.scoring.metric import Direction, Material, Metric, MetricInfo, Need, Statistics
from regloss.scoring.registry import build_metrics, canonical_name, metric_names
from regloss.scoring.signature import signature_line
from regloss.scoring.significance import Comparison, SignificanceTest, Verdict
from regloss.scoring.table import SCHEMA, Cell, ScoreRow, ScoreTable, System

__all__ = [
    "CHECKS",
    "SCHEMA",
    "Baseline",
    "Cell",
    "Check",
    "Choice",
    "ChoiceOptions",
    "Chooser",
    "Comparison",
    "Condition",
    "Coverage",
    "Direction",
    "Estimator",
    "GateResult",
    "GuardedMentionFinder",
    "Material",
    "Mention",
    "MentionFinder",
    "Metric",
    "MetricInfo",
    "Need",
    "Outcome",
    "Rating",
    "ScoreRow",
    "ScoreTable",
    "SignificanceOptions",
    "SignificanceTest",
    "Statistics",
    "System",
    "Threshold",
    "Verdict",
    "build_metrics",
    "canonical_name",
    "compare",
    "decide",
    "judge",
    "load_baseline",
    "metric_names",
    "parse_threshold",
    "run_checks",
    "save_baseline",
    "signature_line",
]
