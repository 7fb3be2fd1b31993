"""The report as JSON, for programs.

The object carries ``"schema": "regloss.report/1"``; `docs/report.schema.json` describes it. Later versions may add
keys; a key that changes its meaning or goes away raises the number.
"""

import json
import math
import re
from typing import Any

from regloss.report.marking import Fate, Marked, mark_edits
from regloss.report.record import Choice, ModelFacts, RunReport, ScoreRow
from regloss.report.summary import (
    FORMAT_VERSION,
    FamilySummary,
    choice_counts,
    comparison,
    families,
    headline,
    relation_sentence,
    terms,
)

__all__ = ["render_json", "report_record"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def _number(value: float | None) -> float | None:
    """JSON has no NaN and no infinity; such a value is as good as none."""
    return value if value is not None and math.isfinite(value) else None


def _edit(mark: Marked) -> dict[str, Any]:
    evidence = [{"what": what, "weight": weight} for what, weight in mark.edit.evidence]
    return {"label": mark.label, "fate": str(mark.fate), **mark.edit.as_record(), "evidence": evidence}


def _score(row: ScoreRow) -> dict[str, Any]:
    return {
        "metric": row.metric,
        "direction": str(row.direction),
        "values": {name: _number(value) for name, value in row.values.items()},
        "comparable": list(row.comparable or row.values),
        "note": row.note,
    }


def _choice(choice: Choice) -> dict[str, Any]:
    return {
        "segment": choice.segment,
        "system": choice.system,
        "text": choice.text,
        "margin": _number(choice.margin),
        "reason": choice.reason,
        "source": choice.source,
        "candidates": [
            {"system": c.system, "text": c.text, "model_score": _number(c.model_score)} for c in choice.candidates
        ],
    }


def _model(model: ModelFacts | None) -> dict[str, str] | None:
    if model is None:
        return None
    return {
        "name": model.name,
        "about": model.about,
        "quality": model.quality,
        "licence": model.licence,
        "hash": model.hash,
    }


def _family(each: FamilySummary) -> dict[str, Any]:
    measured = each.measured
    return {
        "rule": each.name,
        "about": each.about,
        "applied": each.applied,
        "review": each.review,
        "measured": None if measured is None else {"right": measured.right, "edits": measured.edits},
    }


def _summary(report: RunReport, marked: tuple[Marked, ...]) -> dict[str, Any]:
    return {
        "headline": headline(marked),
        **{str(fate): sum(mark.fate is fate for mark in marked) for fate in Fate},
        "terms": [
            {
                "term": summary.term,
                "rule": summary.rule,
                "count": summary.count,
                "forms": [{"before": b, "after": a, "count": n} for b, a, n in summary.forms],
            }
            for summary in terms(marked)
        ],
        "rules": [_family(each) for each in families(marked)],
        "chosen": dict(choice_counts(report)),
    }


def _source(report: RunReport) -> dict[str, Any] | None:
    if report.source_text is None and report.source_name is None:
        return None
    return {
        "name": report.source_name,
        "language": report.source_language,
        "relation": None if report.relation is None else str(report.relation),
        "meaning": relation_sentence(report),
        "evidence": list(report.relation_evidence),
    }


def report_record(report: RunReport) -> dict[str, Any]:
    """Return the report as a JSON-serialisable object; its keys are those of `docs/report.schema.json`."""
    marked = mark_edits(report)
    return {
        "schema": f"regloss.report/{FORMAT_VERSION}",
        "name": report.name,
        "language": report.target_language,
        "made": report.made,
        "signature": report.signature,
        "summary": _summary(report, marked),
        "source": _source(report),
        "glossary": {"hash": report.glossary_hash, "entries": report.glossary_size},
        "model": _model(report.model),
        "edits": [_edit(mark) for mark in marked],
        "scores": {"comparison": list(comparison(report)), "rows": [_score(row) for row in report.scores]},
        "choices": [_choice(choice) for choice in report.choices],
        "term_outcomes": [
            {"term": t.term, "target": t.target, "outcome": t.outcome, "count": t.count} for t in report.term_outcomes
        ],
        "retranslation": [{"source": r.source, "translation": r.translation} for r in report.retranslation],
        "fixed": report.fixed,
        "warnings": list(report.warnings),
        "timings": {stage: round(seconds, 3) for stage, seconds in report.timings.items()},
    }


def render_json(report: RunReport) -> str:
    """Return the report as indented JSON with a final newline; lone surrogates are escaped, so UTF-8 can hold it."""
    text = json.dumps(report_record(report), ensure_ascii=False, indent=2, allow_nan=False)
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"
