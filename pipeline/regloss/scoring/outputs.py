"""A score table in the formats that people and build servers read."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import regloss
from regloss.document import Finding, Severity, Span
from regloss.errors import UsageError
from regloss.scoring.checks import CHECKS
from regloss.scoring.gate import GateResult, Outcome
from regloss.scoring.metric import Direction
from regloss.scoring.significance import Verdict
from regloss.scoring.table import Cell, ScoreTable, System, Unit

__all__ = ["FORMATS", "render"]

_ARROW = {Direction.HIGHER: "↑", Direction.LOWER: "↓"}
_MARK = {Verdict.BETTER: "+", Verdict.WORSE: "−", Verdict.INCONCLUSIVE: "?", Verdict.SAME: "="}
_SHOWN_FINDINGS = 20
# So many figures with their intervals fit into the line of a terminal.
_COLUMNS = 4


def _figure(cell: Cell) -> str:
    if cell.value is None:
        return "–"
    mark = f" {_MARK[cell.against_baseline.verdict]}" if cell.against_baseline else ""
    if cell.low is None or cell.high is None or cell.low != cell.low:
        return f"{cell.value:.2f}{mark}"
    return f"{cell.value:.2f} [{cell.low:.2f}, {cell.high:.2f}]{mark}"


def _reasons(table: ScoreTable) -> list[str]:
    told: dict[tuple[str, str], list[str]] = {}
    for row in table.rows:
        for system, cell in zip(table.systems, row.cells, strict=True):
            if cell.value is None and cell.reason:
                told.setdefault((system.name, cell.reason), []).append(row.info.name)
    return [f"{system}: {', '.join(names)}: {reason}" for (system, reason), names in told.items()]


def _legend(table: ScoreTable) -> list[str]:
    lines = [*table.notes, *_reasons(table)]
    if any(cell.against_baseline for row in table.rows for cell in row.cells):
        lines.append(
            f"Against {table.baseline}: + better, − worse, ? no more than chance, = the same (Holm-corrected)."
        )
    return lines


def _matrix(table: ScoreTable) -> list[list[str]]:
    head = ["metric", "", *(system.name for system in table.systems)]
    rows = [[row.info.name, _ARROW[row.info.direction], *map(_figure, row.cells)] for row in table.rows]
    return [head, *rows]


def _bands(table: ScoreTable) -> list[list[list[str]]]:
    """Return the matrix in pieces that a terminal is wide enough for; many systems and few metrics change places."""
    matrix = _matrix(table)
    if len(table.systems) > max(_COLUMNS, len(table.rows)):
        names = ["system", *(f"{row.info.name} {_ARROW[row.info.direction]}" for row in table.rows)]
        columns = [(system.name, *(row[place] for row in matrix[1:])) for place, system in enumerate(table.systems, 2)]
        matrix, fixed = [names, *map(list, columns)], 1
    else:
        fixed = 2
    starts = range(fixed, len(matrix[0]), _COLUMNS)
    return [[row[:fixed] + row[start : start + _COLUMNS] for row in matrix] for start in starts]


def _aligned(matrix: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in matrix) for column in range(len(matrix[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in matrix]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return lines


def _as_table(table: ScoreTable, gate: GateResult | None) -> str:
    lines = "\n\n".join("\n".join(_aligned(band)) for band in _bands(table)).split("\n")
    lines += ["", *_legend(table)] if _legend(table) else []
    lines += ["", *_counts(table)] if _counts(table) else []
    if gate is not None and gate.conditions:
        lines += ["", *(f"{c.outcome}: {c.message}" for c in gate.conditions), f"gate: {gate.outcome}"]
    return "\n".join([*lines, "", table.signature])


def _as_json(table: ScoreTable, gate: GateResult | None, detail: Unit | None = None) -> str:
    record: dict[str, Any] = table.as_record()
    if detail is not None:
        record["units"] = table.units(detail)
    record["gate"] = gate.as_record() if gate is not None else None
    return json.dumps(record, ensure_ascii=False, indent=2)


def _cell_markdown(text: str) -> str:
    # Names and messages come from users; none may end a table cell or start markup.
    escaped = text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
    return escaped.replace("`", "\\`").replace("*", "\\*").replace("[", "\\[")


def _as_markdown(table: ScoreTable, gate: GateResult | None) -> str:
    head, *rows = _matrix(table)
    lines = ["### Translation scores", ""]
    if gate is not None and gate.conditions:
        lines += [
            f"**Gate: {gate.outcome}**",
            "",
            *(f"- {c.outcome}: {_cell_markdown(c.message)}" for c in gate.conditions),
            "",
        ]
    lines.append("| " + " | ".join(map(_cell_markdown, head)) + " |")
    lines.append("|---|---|" + "---:|" * len(table.systems))
    lines += ("| " + " | ".join(map(_cell_markdown, row)) + " |" for row in rows)
    lines += ["", *(f"- {_cell_markdown(line)}" for line in _legend(table))]
    lines += ["", *_markdown_findings(table), f"`{table.signature}`"]
    return "\n".join(lines)


def _markdown_findings(table: ScoreTable) -> list[str]:
    found = [(system, finding) for system in table.systems for finding in table.findings[system.name]]
    if not found:
        return []
    lines = [
        f"- {_cell_markdown(system.name)}, {_place(system, finding)}: {_cell_markdown(finding.message)}"
        for system, finding in found[:_SHOWN_FINDINGS]
    ]
    rest = [f"- and {len(found) - _SHOWN_FINDINGS} more"] if len(found) > _SHOWN_FINDINGS else []
    return ["<details><summary>Findings</summary>", "", *lines, *rest, "", "</details>", ""]


def _segments(found: Sequence[Finding], system: System) -> str:
    return f"{len({finding.segment for finding in found})} of {len(system.segments)} segments"


def _counts(table: ScoreTable) -> list[str]:
    """Return what was found in each system, and where the places can be read."""
    lines = [
        f"{system.name}: {', '.join(f'{name} {count}' for name, count in counts.most_common())}, "
        f"in {_segments(table.findings[system.name], system)}."
        for system in table.systems
        if (counts := Counter(finding.check for finding in table.findings[system.name]))
    ]
    return [*lines, "Every place: --format github, markdown, junit, sarif or json."] if lines else []


def _line(system: System, finding: Finding) -> int:
    index = int(finding.segment[1:]) - 1
    return system.lines[index] if system.lines else index + 1


def _columns(system: System, finding: Finding) -> Span | None:
    # Of a JSON line the span counts within the text of one field, which is not the column in the file.
    return None if system.path.endswith(".jsonl") else finding.span


def _place(system: System, finding: Finding) -> str:
    return f"line {_line(system, finding)}"


def _as_junit(table: ScoreTable, gate: GateResult | None) -> str:
    suites = ElementTree.Element("testsuites", name="regloss score")
    for system in table.systems:
        suite = ElementTree.SubElement(suites, "testsuite", name=system.name)
        failures = sum(_junit_checks(suite, table, system, gate))
        for condition in gate.conditions if gate else ():
            if condition.system == system.name:
                failures += _junit_condition(suite, condition.name, condition.outcome, condition.message)
        properties = ElementTree.SubElement(suite, "properties")
        ElementTree.SubElement(properties, "property", name="signature", value=table.signature)
        suite.insert(0, properties)
        suite.remove(suite[-1])
        suite.set("tests", str(len(suite.findall("testcase"))))
        suite.set("failures", str(failures))
        suite.set("errors", "0")
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True)


def _junit_checks(suite: ElementTree.Element, table: ScoreTable, system: System, gate: GateResult | None) -> list[int]:
    """Add one test case a check. Findings that the baseline knows, if there is one, do not fail it."""
    found = table.findings[system.name]
    if gate is not None and system.name in gate.new_violations:
        found = gate.new_violations[system.name]
    failures: list[int] = []
    for name in table.checks:
        mine = [finding for finding in found if finding.check == name]
        case = ElementTree.SubElement(suite, "testcase", name=name, classname=f"regloss.{system.name}")
        if mine:
            message = f"{len(mine)} in {_segments(mine, system)}"
            failure = ElementTree.SubElement(case, "failure", message=message, type=str(mine[0].severity))
            failure.text = _xml_text(
                "\n".join(f"{system.path or system.name}:{_line(system, f)}: {f.message}" for f in mine)
            )
        failures.append(bool(mine))
    return failures


def _junit_condition(suite: ElementTree.Element, name: str, outcome: Outcome, message: str) -> int:
    case = ElementTree.SubElement(suite, "testcase", name=name, classname="regloss.gate")
    if outcome is Outcome.FAILED:
        ElementTree.SubElement(case, "failure", message=_xml_text(message), type="gate")
    elif outcome is Outcome.INCONCLUSIVE:
        ElementTree.SubElement(case, "skipped", message=_xml_text(message))
    return int(outcome is Outcome.FAILED)


def _xml_text(text: str) -> str:
    # XML 1.0 has no way to write most control characters.
    return "".join(
        c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )


_SARIF_LEVEL = {Severity.CRITICAL: "error", Severity.MAJOR: "warning", Severity.MINOR: "note"}


def _as_sarif(table: ScoreTable, gate: GateResult | None) -> str:
    rules = [{"id": check.name, "shortDescription": {"text": check.title}} for check in CHECKS]
    rules.append({"id": "forbidden-term", "shortDescription": {"text": "Wrong renderings of terms"}})
    results = [_sarif_result(system, f) for system in table.systems for f in table.findings[system.name]]
    new = gate.new_violations if gate is not None else {}
    if new:
        states = [
            "new" if f in new.get(system.name, ()) else "unchanged"
            for system in table.systems
            for f in table.findings[system.name]
        ]
        results = [{**result, "baselineState": state} for result, state in zip(results, states, strict=True)]
    driver = {"name": "regloss", "version": regloss.__version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "properties": {"signature": table.signature},
        "results": results,
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _sarif_result(system: System, finding: Finding) -> dict[str, Any]:
    region: dict[str, int] = {"startLine": _line(system, finding)}
    if (span := _columns(system, finding)) is not None:
        region |= {"startColumn": span.start + 1, "endColumn": span.end + 1}
    location = {"artifactLocation": {"uri": quote(system.path or system.name)}, "region": region}
    return {
        "ruleId": finding.check,
        "level": _SARIF_LEVEL[finding.severity],
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": location}],
    }


def _github_escape(text: str, *, value: bool = False) -> str:
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace(":", "%3A").replace(",", "%2C") if value else escaped


def _as_github(table: ScoreTable, gate: GateResult | None) -> str:
    new = gate.new_violations if gate is not None and gate.new_violations else None
    lines: list[str] = []
    for system in table.systems:
        for finding in new.get(system.name, ()) if new is not None else table.findings[system.name]:
            level = {"error": "error", "warning": "warning", "note": "notice"}[_SARIF_LEVEL[finding.severity]]
            lines.append(_annotation(level, system, finding))
    for condition in gate.conditions if gate else ():
        if condition.outcome is not Outcome.PASSED:
            level = "error" if condition.outcome is Outcome.FAILED else "warning"
            title = _github_escape(f"gate: {condition.name}", value=True)
            lines.append(f"::{level} title={title}::{_github_escape(condition.message)}")
    lines.append(f"::notice title=signature::{_github_escape(table.signature)}")
    return "\n".join(lines)


def _annotation(level: str, system: System, finding: Finding) -> str:
    place = [f"file={_github_escape(system.path or system.name, value=True)}", f"line={_line(system, finding)}"]
    if (span := _columns(system, finding)) is not None:
        place += [f"col={span.start + 1}", f"endColumn={span.end + 1}"]
    return f"::{level} {','.join(place)},title={finding.check}::{_github_escape(finding.message)}"


FORMATS: dict[str, Callable[[ScoreTable, GateResult | None], str]] = {
    "table": _as_table,
    "json": _as_json,
    "markdown": _as_markdown,
    "junit": _as_junit,
    "sarif": _as_sarif,
    "github": _as_github,
}


def render(table: ScoreTable, name: str, gate: GateResult | None = None, detail: Unit | None = None) -> str:
    """Return the table in one of `FORMATS`, without a final newline. Every format holds the signature line.

    Args:
        detail: adds the scores of single segments or documents to JSON.

    Raises:
        UsageError: detail is asked of another format, or of documents that nobody named.
    """
    if detail is None:
        return FORMATS[name](table, gate)
    if name != "json":
        raise UsageError("--detail goes with --format json alone")
    return _as_json(table, gate, detail)
