"""The record: valid JSON, versioned, complete."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report_sample import sample

from regloss.document import Tier
from regloss.report import Direction, RunReport, ScoreRow, render_json

SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"


def faults(value: Any, schema: dict[str, Any], where: str = "$") -> list[str]:
    """Return where `value` departs from `schema`; knows the few JSON Schema words that our schema uses."""
    known = {
        "$schema", "$id", "title", "description", "type", "const", "enum", "properties", "required",
        "additionalProperties", "items", "minimum", "maximum",
    }  # fmt: skip
    found = [f"{where}: schema word {word} is not known here" for word in sorted(set(schema) - known)]
    types = schema.get("type", [])
    names = [types] if isinstance(types, str) else types
    classes: dict[str, Any] = {
        "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "null": type(None),
    }  # fmt: skip
    if names and not any(isinstance(value, classes[name]) and not isinstance(value, bool) for name in names):
        return [*found, f"{where}: {value!r} is not {names}"]
    if "const" in schema and value != schema["const"]:
        found.append(f"{where}: {value!r} is not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} is not one of {schema['enum']}")
    if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{where}: {value} is out of range")
    if isinstance(value, dict):
        inner, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
        found += [f"{where}.{key} is missing" for key in schema.get("required", []) if key not in value]
        for key, item in value.items():
            if key in inner:
                found += faults(item, inner[key], f"{where}.{key}")
            elif rest is False:
                found.append(f"{where}.{key} is not in the schema")
            elif isinstance(rest, dict):
                found += faults(item, rest, f"{where}.{key}")
    if isinstance(value, list):
        found += [f for at, item in enumerate(value) for f in faults(item, schema.get("items", {}), f"{where}[{at}]")]
    return found


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with every listed key required and no other allowed: what this version writes."""
    closed = {key: strict(value) if isinstance(value, dict) else value for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        closed["properties"] = {key: strict(value) for key, value in schema["properties"].items()}
        closed |= {"required": sorted(schema["properties"]), "additionalProperties": False}
    return closed


@pytest.mark.parametrize("report", [sample(), RunReport("t.txt", "")], ids=["full", "empty"])
def test_the_record_is_what_the_schema_says(report: RunReport, schema: dict[str, Any]) -> None:
    assert faults(json.loads(render_json(report)), strict(schema)) == []


def test_the_check_can_fail(schema: dict[str, Any]) -> None:
    record = json.loads(render_json(sample()))
    record["schema"] = "regloss.report/0"
    record["edits"][0]["tier"] = "perhaps"
    record["edits"][0]["confidence"] = 2
    del record["signature"]
    assert len(faults(record, schema)) == 4


def test_offsets_hold_in_the_original_text() -> None:
    report = sample()
    for one in json.loads(render_json(report))["edits"]:
        assert report.text[one["start"] : one["end"]] == one["before"]


def test_counts_agree_with_the_edits() -> None:
    record = json.loads(render_json(sample()))
    assert [record["summary"][fate] for fate in ("applied", "review", "left")] == [5, 1, 1]
    assert sum(term["count"] for term in record["summary"]["terms"]) == 5


def test_values_that_json_cannot_hold_become_null() -> None:
    row = ScoreRow("m", Direction.HIGHER, {"a": float("nan"), "b": float("inf"), "c": 1 / 3})
    (told,) = json.loads(render_json(RunReport("t", "x", scores=(row,))))["scores"]["rows"]
    assert told["values"] == {"a": None, "b": None, "c": 1 / 3}


def test_half_a_surrogate_pair_survives_utf8() -> None:
    text = "a\ud83d b"
    encoded = render_json(RunReport(text, text)).encode("utf-8")
    assert json.loads(encoded)["name"] == text


def test_applied_review_edits_are_told_as_applied() -> None:
    report = replace(sample(), applied=frozenset({Tier.AUTO, Tier.REVIEW}))
    record = json.loads(render_json(report))
    assert record["summary"]["applied"] == 6
    assert "mid-tier streamer" in record["fixed"]
